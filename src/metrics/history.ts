/**
 * The past of a subscription from its invoices (metrics.md B.6 step 2): lifetime, lines, holes,
 * and the live object that wins at the end. Pure: the same inputs, in any order, give the same
 * segments.
 *
 * @module
 */
import { type ItemGaps, type ItemStretch, lineOf, type Valuer } from "./history_item.ts";
import { type HistoryLine, withLength } from "./history_line.ts";
import { lifeStretches, type LiveValue } from "./life_stretches.ts";
import { valueByAmounts } from "./line_amounts.ts";
import { beginOf, type Lifetime } from "./lifetime.ts";
import type { MrrOptions } from "./options.ts";
import { equal, type Rational, sum, ZERO } from "./rational.ts";
import { joinKnown, sameLines, type Segment } from "./segments.ts";
import { worstQuality } from "./daily.ts";

export interface HistoryTimes {
  /**
   * The moment up to which invoices are to tell, Unix seconds: where events begin to, else when
   * the objects were read.
   */
  readonly now: number;
  /**
   * Up to when a change may have happened without being seen: from here on events would tell it.
   * Unix seconds; `now` where it is left out.
   */
  readonly unseenTo?: number;
  /** The newest event of the subscription in the 30 days; dates the correction if known. */
  readonly newestEvent: number | null;
  /** When a live item was created, where its object says; Unix seconds. */
  itemCreated?(item: string): number | undefined;
  /** When phases of its schedule began, Unix seconds. */
  readonly phaseStarts?: readonly number[];
  /** The first second of the local day of a moment, Unix seconds. */
  dayStart(at: number): number;
}

/** Where the invoices lead elsewhere than the live object: what they say, and what is true. */
export interface Correction {
  readonly subscription: string;
  /** When the object's value was first known to hold, Unix seconds. */
  readonly at: number;
  readonly currency: string;
  /** Minor units a month by the invoices. */
  readonly before: Rational;
  /** By the object, which wins. */
  readonly after: Rational;
}

export interface History {
  readonly segments: readonly Segment[];
  readonly corrections: readonly Correction[];
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
  const lines = held.map((each, index) => {
    const { exact, quantity } = worth[index]!;
    return lineOf(each, exact ?? valueByAmounts(each, options), quantity);
  }).filter(({ exact }) => exact.n > 0n);
  const doubted = held.length > 0 &&
    (valuer.doubtful(from) || worth.some((each) => each.doubted));
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

/** Sets the live value from `at` on, whatever the invoices say: that much is inferred. */
function correct(
  life: Lifetime,
  segments: readonly Segment[],
  live: LiveValue,
  { stated, at, certainFrom }: Dated,
): readonly Segment[] {
  const before = doubtedUpTo(segments, stated, at, life);
  const { subscription, customer, currency } = life;
  const { exact } = live;
  const lines = live.lines ?? [];
  const after = { subscription, customer, currency, exact, lines };
  const doubted: Segment[] = at < certainFrom
    ? [{ ...after, from: at, to: certainFrom, quality: "inferred" }]
    : [];
  const known: Segment[] = exact.n === 0n
    ? []
    : [{ ...after, from: certainFrom, to: null, quality: "event" }];
  return [...before, ...doubted, ...known];
}

/** When the only difference is items that came, when the newest of them came; else `null`. */
function addedAt(
  before: Segment | null,
  { lines }: LiveValue,
  { itemCreated }: HistoryTimes,
): number | null {
  const known = before?.lines ?? [];
  const added = (lines ?? []).filter(({ item }) => !known.some((line) => line.item === item));
  const kept = (lines ?? []).filter((line) => !added.includes(line));
  if (added.length === 0 || !sameLines(known, kept)) return null;
  const times = added.map(({ item }) => itemCreated?.(item));
  return times.every((time) => time !== undefined) ? Math.max(...times) : null;
}

/** A correction in time, Unix seconds. */
interface Dated {
  /** The newest line that shows the old state. */
  readonly stated: number;
  /** When the object's value begins to hold. */
  readonly at: number;
  /** From here on the object's value is known to have held. */
  readonly certainFrom: number;
}

/**
 * When the object's value began to hold (metrics.md B.6 step 2.8): by an event, by what the object
 * dates itself, else in the middle of the time in which it must have happened.
 */
function dated(
  times: HistoryTimes,
  stated: number,
  begin: number,
  running: Segment | null,
  live: LiveValue,
): Dated {
  const { now, newestEvent, dayStart, unseenTo = now } = times;
  const least = Math.max(begin, stated);
  const most = unseenTo > least ? unseenTo : now;
  const within = (at: number) => Math.min(Math.max(at, least), now);
  const phases = (times.phaseStarts ?? []).filter((at) => at > least && at <= most);
  const known = newestEvent === null
    ? addedAt(running, live, times) ?? phases.at(-1) ?? null
    : within(newestEvent);
  if (known !== null && known >= least && known <= now) {
    return { stated, at: known, certainFrom: known };
  }
  return { stated, at: within(dayStart(Math.floor((least + most) / 2))), certainFrom: most };
}

/**
 * What a subscription was worth, from the lines of its invoices in any order. Lines of drafts say
 * nothing yet; a paused period is a hole, and so is a free trial. Segments worth 0 mark where it is
 * not known whether it was a hole.
 *
 * @param valuer Values lines by the price mirror; where it knows no price, amounts are used.
 */
export function historyOf(
  life: Lifetime,
  all: readonly HistoryLine[],
  live: LiveValue,
  valuer: Valuer,
  options: MrrOptions,
  times: HistoryTimes,
  gaps: ItemGaps = { unread: [] },
): History {
  const { now } = times;
  const lines = withLength(all);
  const begin = beginOf(life, lines, options);
  if (begin === null) return { segments: [], corrections: [] };
  const stretches = lifeStretches(life, begin, lines, gaps, live, valuer, options, now);
  const segments = compose(life, stretches, valuer, options);
  const last = segments.at(-1);
  const ended = life.endedAt !== null && life.endedAt <= now;
  const running = last && last.to === now && last.exact.n > 0n && !ended ? last : null;
  const before = running?.exact ?? ZERO;
  if (
    equal(before, live.exact) &&
    (!running || live.lines === null || sameLines(running.lines, live.lines))
  ) {
    if (!running || live.exact.n === 0n) return { segments, corrections: [] };
    return { segments: [...segments.slice(0, -1), { ...running, to: null }], corrections: [] };
  }
  const stated = stretches.reduce((latest, { from }) => Math.max(latest, from), 0);
  const when = dated(times, stated, begin, running, live);
  return {
    segments: correct(life, segments, live, when),
    corrections: [{
      subscription: life.subscription,
      at: when.at,
      currency: life.currency,
      before,
      after: live.exact,
    }],
  };
}
