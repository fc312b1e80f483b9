/**
 * Segments: what a subscription was worth from when to when. The one table of facts from which
 * every past figure follows (metrics.md B.6).
 *
 * @module
 */
import { causeOf, type ChurnCause } from "./causes.ts";
import { collectionPaused, mrr, type MrrFacts, type MrrResult } from "./mrr.ts";
import { nextChangeAt } from "./next_change.ts";
import type { MrrOptions } from "./options.ts";
import { equal, type Rational } from "./rational.ts";
import type { Item, Subscription } from "./types.ts";

/** How a segment is known, worst first. */
export const QUALITIES = ["inferred", "invoice", "event", "live"] as const;
export type Quality = typeof QUALITIES[number];

export interface SegmentLine {
  readonly item: string;
  readonly price: string;
  readonly product: string;
  readonly interval: string;
  readonly intervalCount: number;
  readonly quantity: bigint;
  readonly exact: Rational;
}

/**
 * A stretch [from, to) in Unix seconds, `to` null while it lasts. One worth 0 is `inferred`: it
 * is not known since when or until when the subscription was worth nothing.
 */
export interface Segment {
  readonly subscription: string;
  readonly customer: string;
  readonly from: number;
  readonly to: number | null;
  readonly currency: string;
  /** Minor units a month. */
  readonly exact: Rational;
  readonly quality: Quality;
  /** They add up to `exact`. */
  readonly lines: readonly SegmentLine[];
  /** Why nothing followed it, where that was seen as it happened. */
  readonly cause?: ChurnCause;
}

const NO_LINES: readonly SegmentLine[] = [];

/** The lines of a value as a segment keeps them. */
export function segmentLines(result: MrrResult): readonly SegmentLine[] {
  if (result.kind === "unresolved" || result.lines.length === 0) return NO_LINES;
  return result.lines.map((line) => ({
    item: line.itemId,
    price: line.priceId,
    product: line.productId,
    interval: line.interval,
    intervalCount: line.intervalCount,
    quantity: line.quantity,
    exact: line.amount,
  }));
}

/** When MRR began, or `null` when it never did (B.6 step 2.1, B.4). */
function beginOf(sub: Subscription, options: MrrOptions): number | null {
  if (sub.status === "incomplete" || sub.status === "incomplete_expired") return null;
  if (options.trialing === "count") return sub.created;
  return Math.max(sub.created, sub.trialEnd ?? 0);
}

function wasRequested(sub: Subscription): boolean {
  return sub.cancelReason === null || sub.cancelReason === "cancellation_requested";
}

/** When an item stopped counting, or `null` while nothing known ends it (B.6 step 2.1). */
function endOf(
  sub: Subscription,
  item: Item,
  now: number,
  options: MrrOptions,
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

function segmentOf(
  sub: Subscription,
  result: MrrResult,
  from: number,
  to: number | null,
  quality: Quality,
  lines = segmentLines(result),
): Segment | null {
  if (result.kind === "unresolved" || result.amount.n === 0n) return null;
  return {
    subscription: sub.id,
    customer: sub.customer,
    from,
    to,
    currency: sub.currency,
    exact: result.amount,
    quality,
    lines,
  };
}

/** Whether two values have the same lines, in whatever order. */
export function sameLines(a: readonly SegmentLine[], b: readonly SegmentLine[]): boolean {
  return a.length === b.length && a.every((line, index) => {
    const at = b[index]!;
    const other = at.item === line.item ? at : b.find(({ item }) => item === line.item);
    return other !== undefined && line.price === other.price &&
      line.quantity === other.quantity && equal(line.exact, other.exact);
  });
}

function sameValue(a: Segment, b: Segment): boolean {
  return a.currency === b.currency && equal(a.exact, b.exact) && sameLines(a.lines, b.lines);
}

/** Appends a segment, joined with an equal neighbour, whose quality stays. */
export function join(segments: readonly Segment[], next: Segment | null): readonly Segment[] {
  const last = segments.at(-1);
  if (!next) return segments;
  // Not spread: an array that grows keeps room for sixteen more, and there may be 100,000.
  if (!last || last.to !== next.from || !sameValue(last, next)) return segments.concat(next);
  return [...segments.slice(0, -1), { ...last, to: next.to }];
}

/** The same, but what is inferred is kept apart from what is known, so that the mark stays true. */
export function joinKnown(segments: readonly Segment[], next: Segment | null): readonly Segment[] {
  const last = segments.at(-1);
  const apart = last && next && (last.quality === "inferred") !== (next.quality === "inferred");
  return apart ? segments.concat(next) : join(segments, next);
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
  for (const item of sub.items) {
    const end = endOf(sub, item, now, options);
    if (end !== null && end > begin && end < now) times.add(end);
  }
  return [...times].sort((a, b) => a - b);
}

/**
 * What a subscription was worth, from its object alone (B.6 step 1, quality `inferred`): its
 * items as they are now, from activation to end. The last segment is the live value; where the
 * past leads elsewhere, the live object wins and the correction is dated `now`.
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
    times.forEach((from, index) => {
      const items = sub.items.filter((item) => {
        const end = endOf(sub, item, now, options);
        return end === null || end > from;
      });
      const result = mrr(asItRan(sub, items), from, options, facts);
      segments = join(segments, segmentOf(sub, result, from, times[index + 1] ?? now, "inferred"));
    });
  }
  const from = Math.max(begin ?? now, now);
  return join(segments, segmentOf(sub, live, from, null, "inferred", lines));
}

/** A past known up to `at`, and the live value from there on. */
export function liveAfter(
  past: readonly Segment[],
  sub: Subscription,
  live: MrrResult,
  at: number,
  lines = segmentLines(live),
): readonly Segment[] {
  const closed = past.flatMap((segment) =>
    segment.from >= at ? [] : [{ ...segment, to: Math.min(segment.to ?? at, at) }]
  );
  return joinKnown(closed, segmentOf(sub, live, at, null, "live", lines));
}

/**
 * The segments after a change seen at `at`: what ran is closed there, the new value begins.
 * A change in the same second as an earlier one replaces it.
 */
export function changeSegments(
  segments: readonly Segment[],
  sub: Subscription,
  live: MrrResult,
  at: number,
  lines = segmentLines(live),
): readonly Segment[] {
  const last = segments.at(-1);
  const from = Math.max(at, last?.from ?? at, last?.to ?? at);
  const gone = live.kind === "value" && live.amount.n === 0n;
  const end = gone ? { to: from, cause: causeOf(sub) } : { to: from };
  const closed = segments.flatMap((segment) =>
    segment.to !== null ? [segment] : segment.from >= from ? [] : [{ ...segment, ...end }]
  );
  return join(closed, segmentOf(sub, live, from, null, "live", lines));
}
