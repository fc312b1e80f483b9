/**
 * The past of a subscription from its invoices (metrics.md B.6 step 2): lifetime, lines, holes,
 * and the live object that wins at the end. Pure: the same inputs, in any order, give the same
 * segments.
 *
 * @module
 */
import {
  COUNTED,
  type HistoryLine,
  type ItemStretch,
  itemStretches,
  lineOf,
  valueByAmounts,
  type Valuer,
} from "./history_item.ts";
import type { MrrOptions } from "./options.ts";
import { equal, type Rational, sum, ZERO } from "./rational.ts";
import { joinKnown, type Segment, type SegmentLine } from "./segments.ts";
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
  /** It ended while the collection of its invoices was paused; since when, nothing says. */
  readonly endedPaused: boolean;
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

/** The start of the last period that the lines tell of, 0 for none. Unix seconds. */
function lastStart(lines: readonly HistoryLine[]): number {
  return lines.reduce(
    (latest, { proration, period }) => proration ? latest : Math.max(latest, period.from),
    0,
  );
}

/** When an item stopped counting, or `null` while nothing known ends it (B.6 step 2.1). */
function endOf(
  life: Lifetime,
  item: string,
  lines: readonly HistoryLine[],
  options: MrrOptions,
): number | null {
  const { canceledAt, endedAt, cancelReason, status } = life;
  const retriedTo = () => {
    const last = lastStart(lines.filter(({ invoiceStatus }) => COUNTED.has(invoiceStatus)));
    const { uncollectibleAt } = life;
    // One of an older failure, which was overcome, ends nothing.
    return uncollectibleAt !== null && uncollectibleAt >= last ? uncollectibleAt : null;
  };
  if (status === "unpaid" && endedAt === null) return retriedTo();
  if (endedAt === null && !life.endingItems.has(item)) return null;
  if (cancelReason === "payment_failed") {
    return endedAt === null ? null : Math.min(retriedTo() ?? endedAt, endedAt);
  }
  const requested = cancelReason === null || cancelReason === "cancellation_requested";
  if (options.cancellation === "at_request" && canceledAt !== null && requested) {
    return Math.min(Math.max(canceledAt, lastStart(lines)), endedAt ?? Infinity);
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

/**
 * Items that come or go at a renewal, without a proration, did so some time in the period
 * before: that one is `inferred`.
 */
function doubtUnprorated(items: readonly (readonly ItemStretch[])[], begin: number) {
  const coming = new Set<number>();
  const renewing = new Set<number>();
  for (const stretches of items) {
    const [first] = stretches;
    const regular = first!.held.some(({ proration }) => !proration);
    if (first!.from > begin && regular) coming.add(first!.from);
    for (const { from } of stretches) renewing.add(from);
  }
  return items.map((stretches) =>
    stretches.map((stretch, index): ItemStretch => {
      const left = index === stretches.length - 1 && renewing.has(stretch.to);
      const doubted = stretch.held.length > 0 && (left || coming.has(stretch.to));
      return doubted ? { ...stretch, quality: "inferred" } : stretch;
    })
  );
}

/** The stretches of every item, cut to the lifetime. */
function lifeStretches(
  life: Lifetime,
  begin: number,
  lines: readonly HistoryLine[],
  live: LiveValue,
  options: MrrOptions,
  now: number,
): readonly ItemStretch[] {
  const latestStart = lines.reduce((latest, { period }) => Math.max(latest, period.from), 0);
  const byItem = Map.groupBy(lines, ({ item }) => item);
  const items = [...byItem.keys()].sort().map((item) => itemStretches(byItem.get(item)!));
  return doubtUnprorated(items.filter((stretches) => stretches.length > 0), begin).flatMap(
    (stretches) => {
      const { item } = stretches[0]!;
      const end = endOf(life, item, byItem.get(item)!, options);
      const open = end === null && lasts(stretches, item, live, latestStart);
      const until = Math.min(end ?? now, now);
      const billed = stretches.findLastIndex((stretch) => stretch.held.length > 0);
      return stretches.map((stretch, index): ItemStretch => ({
        ...stretch,
        quality: life.endedPaused && index === billed ? "inferred" : stretch.quality,
        from: Math.max(stretch.from, begin),
        to: open && index === stretches.length - 1 ? until : Math.min(stretch.to, until),
      })).filter(({ from, to }) => from < to);
    },
  );
}

/** What ran from `from` to `to`, as a segment; `null` where that is known to be worth nothing. */
function segmentOf(
  life: Lifetime,
  running: readonly ItemStretch[],
  valuer: Valuer,
  options: MrrOptions,
  from: number,
  to: number,
): Segment | null {
  const held = running.filter((stretch) => stretch.held.length > 0).map((stretch) => stretch.held);
  const worth = held.length === 0 ? [] : valuer.worth(held, from);
  const lines = held.map((each, index) =>
    lineOf(each, worth[index] ?? valueByAmounts(each, options))
  ).filter(({ exact }) => exact.n > 0n);
  const doubted = held.length > 0 && valuer.doubtful(from);
  const quality = doubted ? "inferred" : worstQuality(running.map((stretch) => stretch.quality));
  if (lines.length === 0 && quality !== "inferred") return null;
  return {
    subscription: life.subscription,
    customer: life.customer,
    from,
    to,
    currency: life.currency,
    exact: sum(lines.map(({ exact }) => exact)),
    quality,
    lines,
  };
}

/** The sum of stretches as segments, equal neighbours joined. */
function compose(
  life: Lifetime,
  stretches: readonly ItemStretch[],
  valuer: Valuer,
  options: MrrOptions,
): readonly Segment[] {
  const bounds = new Set(stretches.flatMap(({ from, to }) => [from, to]));
  const times = [...new Set([...bounds, ...valuer.turns])].sort((a, b) => a - b);
  let segments: readonly Segment[] = [];
  times.slice(0, -1).forEach((from, index) => {
    const running = stretches.filter((one) => one.from <= from && one.to > from);
    if (running.length === 0) return;
    segments = joinKnown(
      segments,
      segmentOf(life, running, valuer, options, from, times[index + 1]!),
    );
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

/** The segments up to `at`; what lies between the last statement on an invoice and it is doubted. */
function doubtedUpTo(
  segments: readonly Segment[],
  statedAt: number,
  at: number,
  life: Lifetime,
): readonly Segment[] {
  let kept: readonly Segment[] = [];
  for (const segment of segments) {
    if (segment.from >= at) break;
    const to = Math.min(segment.to ?? at, at);
    if (segment.from < statedAt) kept = joinKnown(kept, { ...segment, to: Math.min(to, statedAt) });
    if (to <= statedAt) continue;
    kept = joinKnown(kept, {
      ...segment,
      from: Math.max(segment.from, statedAt),
      to,
      quality: "inferred",
    });
  }
  const last = kept.at(-1);
  const from = Math.max(last?.to ?? 0, statedAt);
  if (from >= at || statedAt === 0) return kept;
  const { subscription, customer, currency } = life;
  const quality = "inferred";
  return joinKnown(kept, {
    subscription,
    customer,
    from,
    to: at,
    currency,
    exact: ZERO,
    quality,
    lines: [],
  });
}

/** Sets the live value from `at` on, whatever the invoices say. */
function correct(
  life: Lifetime,
  segments: readonly Segment[],
  live: LiveValue,
  statedAt: number,
  at: number,
): readonly Segment[] {
  const before = doubtedUpTo(segments, statedAt, at, life);
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
 * nothing yet; a void period is a hole; trial lines lie before the lifetime. Segments worth 0 mark
 * where it is not known whether it was a hole.
 *
 * @param valuer Values lines by the price mirror; where it knows no price, amounts are used.
 */
export function historyOf(
  life: Lifetime,
  lines: readonly HistoryLine[],
  live: LiveValue,
  valuer: Valuer,
  options: MrrOptions,
  { now, newestEvent }: HistoryTimes,
): History {
  const begin = beginOf(life, options);
  if (begin === null) return { segments: [], corrections: [] };
  const stretches = lifeStretches(life, begin, lines, live, options, now);
  const segments = compose(life, stretches, valuer, options);
  const last = segments.at(-1);
  const running = last && last.to === now && last.exact.n > 0n ? last : null;
  const before = running?.exact ?? ZERO;
  if (equal(before, live.exact) && (!running || sameLines(running.lines, live.lines))) {
    if (!running || live.exact.n === 0n) return { segments, corrections: [] };
    return { segments: [...segments.slice(0, -1), { ...running, to: null }], corrections: [] };
  }
  const stated = stretches.reduce((latest, { from }) => Math.max(latest, from), 0);
  const dated = Math.max(Math.min(newestEvent ?? now, now), begin, stated);
  return {
    segments: correct(life, segments, live, stated, dated),
    corrections: [{ subscription: life.subscription, at: dated, before, after: live.exact }],
  };
}
