/**
 * The stretches of all items of a subscription within its lifetime (metrics.md B.6 step 2).
 *
 * @module
 */
import { type ItemGaps, type ItemStretch, itemStretches, type Valuer } from "./history_item.ts";
import { type Held, type HistoryLine, isDraft } from "./history_line.ts";
import { endOf, type Hole, holesOf, type Lifetime } from "./lifetime.ts";
import type { MrrOptions } from "./options.ts";
import type { Rational } from "./rational.ts";
import type { SegmentLine } from "./segments.ts";
import type { Reading } from "./statement.ts";

/** The value of the live object; `lines` is `null` where only the total is known. */
export interface LiveValue {
  readonly exact: Rational;
  readonly lines: readonly SegmentLine[] | null;
}

/** Whether an item whose lines are used up is still there at the end. */
function lasts(
  stretches: readonly ItemStretch[],
  item: string,
  live: LiveValue,
  latestStart: number,
  status: string,
): boolean {
  // That nobody pays ends it on a day that no invoice tells.
  if (status === "unpaid") return stretches.at(-1)!.held.length > 0;
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

/** Whether drafts after the last invoice that counts are of failed payments, not of a pause. */
function failed({ status, cancelReason }: Lifetime): boolean {
  return status === "unpaid" || cancelReason === "payment_failed";
}

/** Stripe finalises a draft after an hour, or after this long where a webhook fails. */
const DRAFT_SECONDS_MAX = 72 * 3600;

/** How lines are read under the options, at the moment up to which they tell. */
function readingOf(valuer: Valuer, options: MrrOptions, now: number): Reading {
  return {
    pausesCount: options.pauseCollection === "count",
    // Only an invoice of a paused collection stays a draft.
    draftsPause: ({ period }) =>
      options.pauseCollection === "exclude" && period.from < now - DRAFT_SECONDS_MAX,
    trialsCount: options.trialing === "count",
    isTrial: (held: Held) =>
      held.every(({ amount, proration }) => amount.n === 0n && !proration) &&
      valuer.isFree(held) === false,
  };
}

/** The stretches with the time that drafts, or invoices that cannot be read, cover after them. */
function withDrafts(
  stretches: readonly ItemStretch[],
  lines: readonly HistoryLine[],
  { unread }: ItemGaps,
): readonly ItemStretch[] {
  const last = stretches.at(-1);
  if (!last || last.held.length === 0) return stretches;
  const covered = lines.filter(isDraft).map(({ period }) => period.to);
  // One that cannot be read is of a period as long as the last.
  if (unread.some((at) => at >= last.to)) covered.push(2 * last.to - last.from);
  const to = Math.max(0, ...covered);
  if (to <= last.to) return stretches;
  return [...stretches, { ...last, from: last.to, to, quality: "inferred" }];
}

/** What is left of a stretch outside the holes. */
function outside(stretch: ItemStretch, holes: readonly Hole[]): readonly ItemStretch[] {
  return holes.reduce<readonly ItemStretch[]>(
    (left, hole) =>
      left.flatMap((part) => {
        if (hole.to <= part.from || hole.from >= part.to) return [part];
        return [
          { ...part, to: hole.from },
          {
            ...part,
            from: Math.max(part.from, hole.from),
            to: Math.min(part.to, hole.to),
            held: [],
          },
          { ...part, from: hole.to },
        ].filter(({ from, to }) => from < to);
      }),
    [stretch],
  );
}

/** A first invoice so soon after the beginning tells of it without a doubt. */
const AT_ONCE_SECONDS = 3600;

/**
 * Items that are on the first invoice were there from the beginning, also where that invoice came
 * later, as the billing anchor lay ahead (metrics.md B.4: a start is dated at `created`).
 */
function fromBegin(
  items: readonly (readonly ItemStretch[])[],
  begin: number,
  { created }: Lifetime,
): readonly (readonly ItemStretch[])[] {
  const first = Math.min(...items.map((stretches) => stretches[0]!.from));
  if (first <= begin || begin !== created) return items;
  return items.map((stretches) => {
    const [own, ...rest] = stretches;
    if (own!.from > first || own!.held.length === 0) return stretches;
    if (first - begin <= AT_ONCE_SECONDS) return [{ ...own!, from: begin }, ...rest];
    return [{ ...own!, from: begin, to: first, quality: "inferred" as const }, ...stretches];
  });
}

/**
 * The stretches of every item, cut to the lifetime.
 *
 * @param lines None of zero length.
 * @param now The moment up to which they are to tell, Unix seconds.
 */
export function lifeStretches(
  life: Lifetime,
  begin: number,
  lines: readonly HistoryLine[],
  gaps: ItemGaps,
  live: LiveValue,
  valuer: Valuer,
  options: MrrOptions,
  now: number,
): readonly ItemStretch[] {
  const latestStart = lines.reduce((latest, { period }) => Math.max(latest, period.from), 0);
  const byItem = Map.groupBy(lines, ({ item }) => item);
  const reading = readingOf(valuer, options, now);
  const holes = holesOf(life, begin, lines, options);
  const items = [...byItem.keys()].sort().map((item) => {
    const ofItem = byItem.get(item)!;
    const stretches = itemStretches(ofItem, reading, gaps);
    const ends = endOf(life, item, ofItem, options) !== null;
    const kept = ends && !failed(life) && options.pauseCollection !== "exclude";
    return kept ? withDrafts(stretches, ofItem, gaps) : stretches;
  }).filter((stretches) => stretches.length > 0);
  if (items.length === 0) return [];
  return fromBegin(doubtUnprorated(items, begin), begin, life).flatMap((stretches) => {
    const { item } = stretches[0]!;
    const end = endOf(life, item, byItem.get(item)!, options);
    const open = end === null && lasts(stretches, item, live, latestStart, life.status);
    const until = Math.min(end ?? now, now);
    const billed = stretches.findLastIndex((stretch) => stretch.held.length > 0);
    return stretches.map((stretch, index): ItemStretch => ({
      ...stretch,
      quality: life.endedPaused && index === billed ? "inferred" : stretch.quality,
      from: Math.max(stretch.from, begin),
      to: open && index === stretches.length - 1 ? until : Math.min(stretch.to, until),
    })).filter(({ from, to }) => from < to).flatMap((stretch) => outside(stretch, holes));
  });
}
