/**
 * Ranges and round ticks of axes.
 *
 * @module
 */
import { nice, ticks } from "d3-array";
import { type Domain, extent } from "./path.ts";

/** Below this part of its top a movement is small: an axis cut around it would exaggerate. */
const SMALL_SHARE = 0.05;

/**
 * A line's axis: from zero, but cut where the line stays far above zero and its movement would
 * otherwise be lost. Never cut around a movement below 5 %: one customer's small change must not
 * look like a rise.
 */
export function lineDomain(values: readonly (number | null)[]): Domain & { readonly cut: boolean } {
  const range = extent(values);
  if (range === null || range.to <= 0) return { from: 0, to: 1, cut: false };
  const spread = range.to - range.from;
  const cut = range.from > range.to / 3 && spread >= range.to * SMALL_SHARE;
  const from = cut ? range.from - spread * 0.12 : Math.min(0, range.from);
  return { from, to: range.to + (range.to - from) * 0.06, cut };
}

/** Round ticks of a bar axis, zero among them: "$5k, $0, −$5k" whatever the tallest bar is. */
export function barTicks({ from, to }: Domain): number[] {
  const found = ticks(from, to, 3);
  return found.includes(0) ? found : [0, ...found];
}

/** A round number at or above the greatest value: the top of an axis from zero. */
export function roundTop(highest: number): number {
  return highest <= 0 ? 1 : nice(0, highest, 4)[1];
}
