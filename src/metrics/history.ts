/**
 * The past of a subscription from its invoices (metrics.md B.6 step 2): lifetime, lines, holes,
 * and the live object that wins at the end. Pure: the same inputs, in any order, give the same
 * segments.
 *
 * @module
 */
import {
  type HistoryLine,
  type ItemStretch,
  itemStretches,
  type ValueOfLines,
} from "./history_item.ts";
import type { MrrOptions } from "./options.ts";
import { equal, type Rational, sum, ZERO } from "./rational.ts";
import { join, type Segment, type SegmentLine } from "./segments.ts";
import { worstQuality } from "./daily.ts";

/** What the subscription's object says of its life. Times are Unix seconds. */
export interface Lifetime {
  readonly subscription: string;
  readonly customer: string;
  readonly currency: string;
  readonly status: string;
  readonly created: number;
  readonly trialEnd: number | null;
  /** The newest request to cancel. */
  readonly canceledAt: number | null;
  readonly endedAt: number | null;
  /** `cancellation_details.reason`; none counts as a request. */
  readonly cancelReason: string | null;
  /** Items that still run and are going to end with their period (A.2, per item). */
  readonly endingItems: ReadonlySet<string>;
  /** `status_transitions.marked_uncollectible_at` of the invoice that was retried to the end. */
  readonly uncollectibleAt: number | null;
}

/** The value of the live object; `lines` is `null` where only the total is known. */
export interface LiveValue {
  readonly exact: Rational;
  readonly lines: readonly SegmentLine[] | null;
}

export interface HistoryTimes {
  /** When the objects were read. */
  readonly now: number;
  /** The newest event of the subscription in the 30 days; dates the correction if known. */
  readonly newestEvent: number | null;
}

/** Where the invoices lead elsewhere than the live object: what they say, and what is true. */
export interface Correction {
  readonly subscription: string;
  readonly at: number;
  readonly before: Rational;
  readonly after: Rational;
}

export interface History {
  readonly segments: readonly Segment[];
  readonly corrections: readonly Correction[];
}

function beginOf(life: Lifetime, options: MrrOptions): number | null {
  if (life.status === "incomplete" || life.status === "incomplete_expired") return null;
  return options.trialing === "count" ? life.created : Math.max(life.created, life.trialEnd ?? 0);
}

/** When an item stopped counting, or `null` while nothing known ends it (B.6 step 2.1). */
function endOf(
  life: Lifetime,
  item: string,
  lastPeriodStart: number,
  options: MrrOptions,
): number | null {
  const { canceledAt, endedAt, cancelReason } = life;
  if (endedAt === null && !life.endingItems.has(item)) return null;
  if (cancelReason === "payment_failed") {
    return endedAt === null ? null : Math.min(life.uncollectibleAt ?? endedAt, endedAt);
  }
  const requested = cancelReason === null || cancelReason === "cancellation_requested";
  if (options.cancellation === "at_request" && canceledAt !== null && requested) {
    return Math.min(Math.max(canceledAt, lastPeriodStart), endedAt ?? Infinity);
  }
  return endedAt;
}

/** Whether an item whose lines are used up is still there at the end. */
function lasts(
  stretches: readonly ItemStretch[],
  item: string,
  live: LiveValue,
  latestStart: number,
): boolean {
  if (live.exact.n === 0n) return false;
  if (live.lines) return live.lines.some((line) => line.item === item);
  return stretches.at(-1)!.to > latestStart;
}

/** The stretches of every item, cut to the lifetime. */
function lifeStretches(
  life: Lifetime,
  begin: number,
  lines: readonly HistoryLine[],
  live: LiveValue,
  valueOf: ValueOfLines,
  options: MrrOptions,
  now: number,
): readonly ItemStretch[] {
  const latestStart = lines.reduce((latest, { period }) => Math.max(latest, period.from), 0);
  const items = [...Map.groupBy(lines, ({ item }) => item)].sort(([a], [b]) => a < b ? -1 : 1);
  return items.flatMap(([item, ofItem]) => {
    const stretches = itemStretches(ofItem, valueOf, options);
    if (stretches.length === 0) return [];
    const periods = ofItem.filter(({ proration }) => !proration).map(({ period }) => period.from);
    const end = endOf(life, item, Math.max(...periods, 0), options);
    const open = end === null && lasts(stretches, item, live, latestStart);
    const until = Math.min(end ?? now, now);
    return stretches.map((stretch, index) => ({
      ...stretch,
      from: Math.max(stretch.from, begin),
      to: open && index === stretches.length - 1 ? until : Math.min(stretch.to, until),
    })).filter(({ from, to }) => from < to);
  });
}

/** The sum of stretches as segments, equal neighbours joined. */
function compose(life: Lifetime, stretches: readonly ItemStretch[]): readonly Segment[] {
  const times = [...new Set(stretches.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  let segments: readonly Segment[] = [];
  times.slice(0, -1).forEach((from, index) => {
    const running = stretches.filter((one) => one.line && one.from <= from && one.to > from);
    if (running.length === 0) return;
    segments = join(segments, {
      subscription: life.subscription,
      customer: life.customer,
      from,
      to: times[index + 1]!,
      currency: life.currency,
      exact: sum(running.map(({ line }) => line!.exact)),
      quality: worstQuality(running.map(({ quality }) => quality)),
      lines: running.map(({ line }) => line!),
    });
  });
  return segments;
}

function sameLines(a: readonly SegmentLine[], b: readonly SegmentLine[] | null): boolean {
  if (b === null) return true;
  return a.length === b.length &&
    a.every((line) =>
      b.some((other) =>
        other.item === line.item && other.price === line.price &&
        other.quantity === line.quantity && equal(other.exact, line.exact)
      )
    );
}

/** Sets the live value from `at` on, whatever the invoices say. */
function correct(
  life: Lifetime,
  segments: readonly Segment[],
  live: LiveValue,
  at: number,
): readonly Segment[] {
  const before = segments.filter(({ from }) => from < at)
    .map((segment) => ({ ...segment, to: Math.min(segment.to ?? at, at) }));
  if (live.exact.n === 0n) return before;
  return [...before, {
    subscription: life.subscription,
    customer: life.customer,
    from: at,
    to: null,
    currency: life.currency,
    exact: live.exact,
    quality: "live",
    lines: live.lines ?? [],
  }];
}

/**
 * What a subscription was worth, from the lines of its invoices in any order. Lines of drafts say
 * nothing yet; a void period is a hole; trial lines lie before the lifetime.
 *
 * @param valueOf Values lines by the price mirror; where it knows no price, amounts are used.
 */
export function historyOf(
  life: Lifetime,
  lines: readonly HistoryLine[],
  live: LiveValue,
  valueOf: ValueOfLines,
  options: MrrOptions,
  { now, newestEvent }: HistoryTimes,
): History {
  const begin = beginOf(life, options);
  if (begin === null) return { segments: [], corrections: [] };
  const segments = compose(
    life,
    lifeStretches(life, begin, lines, live, valueOf, options, now),
  );
  const last = segments.at(-1);
  const running = last && last.to === now ? last : null;
  const before = running?.exact ?? ZERO;
  if (equal(before, live.exact) && (!running || sameLines(running.lines, live.lines))) {
    if (!running || live.exact.n === 0n) return { segments, corrections: [] };
    return { segments: [...segments.slice(0, -1), { ...running, to: null }], corrections: [] };
  }
  const dated = Math.max(Math.min(newestEvent ?? now, now), begin, running?.from ?? last?.to ?? 0);
  return {
    segments: correct(life, segments, live, dated),
    corrections: [{ subscription: life.subscription, at: dated, before, after: live.exact }],
  };
}
