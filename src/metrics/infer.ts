/**
 * What a subscription was worth, from its object alone: the first chart, before invoices are read
 * (metrics.md B.6 step 1).
 *
 * @module
 */
import { beganWithTrial, lateFrom } from "./lifetime.ts";
import { collectionPaused, mrr, type MrrFacts, type MrrResult } from "./mrr.ts";
import { nextChangeAt } from "./next_change.ts";
import type { MrrOptions } from "./options.ts";
import { cutAt, join, sameValue, type Segment, segmentLines, segmentOf } from "./segments.ts";
import type { Item, Subscription } from "./types.ts";

/** When MRR began, or `null` when it never did (B.6 step 2.1, B.4). */
function beginOf(sub: Subscription, options: MrrOptions): number | null {
  if (sub.status === "incomplete" || sub.status === "incomplete_expired") return null;
  const counts = options.trialing === "count" || !beganWithTrial(sub, null);
  return counts ? sub.created : Math.max(sub.created, sub.trialEnd!);
}

/** A trial in mid-life, which is a hole; `null` where there is none. */
function midLifeTrial(sub: Subscription, options: MrrOptions) {
  const { trialStart, trialEnd } = sub;
  if (options.trialing === "count" || trialStart === null || trialEnd === null) return null;
  return beganWithTrial(sub, null) ? null : { from: trialStart, to: trialEnd };
}

function wasRequested(sub: Subscription): boolean {
  return sub.cancelReason === null || sub.cancelReason === "cancellation_requested";
}

/** When a subscription that is past due stopped counting: payments fail as a period begins. */
function lateEnd(
  { currentPeriodStart }: Item,
  options: MrrOptions,
  { pastDueSince }: MrrFacts,
): number | null {
  if (options.pastDue === "exclude") return pastDueSince ?? currentPeriodStart;
  return pastDueSince === undefined ? null : lateFrom(pastDueSince, options);
}

/** When an item stopped counting, or `null` while nothing known ends it (B.6 step 2.1). */
function endOf(
  sub: Subscription,
  item: Item,
  now: number,
  options: MrrOptions,
  facts: MrrFacts,
): number | null {
  const atRequest = options.cancellation === "at_request" && sub.canceledAt !== null;
  const requested = () => Math.max(sub.canceledAt!, item.currentPeriodStart);
  if (sub.endedAt !== null) {
    return atRequest && wasRequested(sub) ? Math.min(requested(), sub.endedAt) : sub.endedAt;
  }
  const ends = sub.cancelAtPeriodEnd ||
    (sub.cancelAt !== null && sub.cancelAt <= item.currentPeriodEnd);
  if (ends && atRequest) return requested();
  // Since when it is unpaid or paused Stripe's object does not tell: the period it is in is
  // the nearest that can be known from it.
  if (sub.status === "paused") return item.currentPeriodEnd;
  if (sub.status === "past_due") return lateEnd(item, options, facts);
  const stopped = sub.status === "unpaid" || collectionPaused(sub, now, options);
  return stopped ? item.currentPeriodStart : null;
}

const NO_SEGMENTS: readonly Segment[] = [];

/** The subscription as it was while it ran, with only the items that had not ended yet. */
function asItRan(sub: Subscription, items: readonly Item[]): Subscription {
  return {
    ...sub,
    status: "active",
    cancelAtPeriodEnd: false,
    cancelAt: null,
    pause: null,
    items,
  };
}

/** Whether everything counts that is on it, and will: its past differs by time alone. */
function runsPlainly(sub: Subscription): boolean {
  return sub.status === "active" && !sub.cancelAtPeriodEnd && sub.cancelAt === null &&
    sub.pause === null;
}

/** Moments in (begin, now) at which a past value may have changed, in order. */
function turningPoints(
  sub: Subscription,
  begin: number,
  now: number,
  options: MrrOptions,
  facts: MrrFacts,
): number[] {
  const times = new Set<number>();
  for (let at: number | null = begin; at !== null && at < now;) {
    times.add(at);
    at = nextChangeAt(sub, at, options, facts);
  }
  const trial = midLifeTrial(sub, options);
  for (const at of trial ? [trial.from, trial.to] : []) if (at > begin && at < now) times.add(at);
  for (const item of sub.items) {
    const end = endOf(sub, item, now, options, facts);
    if (end !== null && end > begin && end < now) times.add(end);
  }
  return [...times].sort((a, b) => a - b);
}

/**
 * What a subscription was worth, from its object alone (B.6 step 1, quality `inferred`): its
 * items as they are now, from activation to end. The last segment is the live value; where the
 * past leads elsewhere, the live object wins, from the middle of its running period up to `now` on
 * (metrics.md B.6 step 2.8: never from the moment of the reading as such).
 *
 * @param now Unix seconds: when the object was read.
 * @param live The value of the subscription at `now`.
 * @param lines The lines of `live`, where they are there already: most segments share them.
 */
export function inferSegments(
  sub: Subscription,
  now: number,
  options: MrrOptions,
  facts: MrrFacts,
  live: MrrResult,
  lines = segmentLines(live),
): readonly Segment[] {
  const begin = beginOf(sub, options);
  let segments = NO_SEGMENTS;
  if (begin !== null && begin < now && !(sub.testClock && options.testClocks === "exclude")) {
    const times = turningPoints(sub, begin, now, options, facts);
    if (times.length === 1 && runsPlainly(sub)) {
      const only = segmentOf(sub, live, begin, null, "inferred", lines);
      return only ? [only] : NO_SEGMENTS;
    }
    const trial = midLifeTrial(sub, options);
    times.forEach((from, index) => {
      if (trial && from >= trial.from && from < trial.to) return;
      const items = sub.items.filter((item) => {
        const end = endOf(sub, item, now, options, facts);
        return end === null || end > from;
      });
      const result = mrr(asItRan(sub, items), from, options, facts);
      segments = join(segments, segmentOf(sub, result, from, times[index + 1] ?? now, "inferred"));
    });
  }
  const from = Math.max(begin ?? now, now);
  const after = segmentOf(sub, live, from, null, "inferred", lines);
  const last = segments.at(-1);
  const running = last?.to === now ? last : null;
  const agrees = after && running ? sameValue(running, after) : !after && !running;
  if (agrees || begin === null || begin >= now) return join(segments, after);
  const at = changedAt(sub, segments, begin, now);
  return join(cutAt(segments, at), after && { ...after, from: at });
}

/** The middle of the time in which a value can have changed unseen: its running period. */
function changedAt(
  sub: Subscription,
  segments: readonly Segment[],
  begin: number,
  now: number,
): number {
  const periods = sub.items.map(({ currentPeriodStart }) => currentPeriodStart)
    .filter((at) => at < now);
  const least = Math.max(begin, segments.at(-1)?.from ?? begin, ...periods);
  return Math.floor((least + now) / 2);
}
