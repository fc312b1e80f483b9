/**
 * The stretches of all items of a subscription within its lifetime (metrics.md B.6 step 2).
 *
 * @module
 */
import { type HistoryLine, type ItemStretch, itemStretches } from "./history_item.ts";
import { endOf, type Lifetime } from "./lifetime.ts";
import type { MrrOptions } from "./options.ts";
import type { Rational } from "./rational.ts";
import type { SegmentLine } from "./segments.ts";

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

/** Whether drafts after the last invoice that counts are of failed payments, not of a pause. */
function failed({ status, cancelReason }: Lifetime): boolean {
  return status === "unpaid" || cancelReason === "payment_failed";
}

/** The stretches with the time that drafts after them cover: as before, for all that is known. */
function withDrafts(
  stretches: readonly ItemStretch[],
  lines: readonly HistoryLine[],
): readonly ItemStretch[] {
  const last = stretches.at(-1);
  const to = lines.filter(({ invoiceStatus }) => invoiceStatus === "draft")
    .reduce((latest, { period }) => Math.max(latest, period.to), 0);
  if (!last || last.held.length === 0 || to <= last.to) return stretches;
  return [...stretches, { ...last, from: last.to, to, quality: "inferred" }];
}

/** The stretches of every item, cut to the lifetime. */
export function lifeStretches(
  life: Lifetime,
  begin: number,
  lines: readonly HistoryLine[],
  live: LiveValue,
  options: MrrOptions,
  now: number,
): readonly ItemStretch[] {
  const latestStart = lines.reduce((latest, { period }) => Math.max(latest, period.from), 0);
  const byItem = Map.groupBy(lines, ({ item }) => item);
  const items = [...byItem.keys()].sort().map((item) => {
    const ofItem = byItem.get(item)!;
    const stretches = itemStretches(ofItem);
    const ends = endOf(life, item, ofItem, options) !== null;
    return ends && !failed(life) ? withDrafts(stretches, ofItem) : stretches;
  });
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
