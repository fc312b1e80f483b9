/**
 * Rows are rounded one by one to be shown, their total once: what lies between the two is a line
 * of its own, so that whoever adds the rows up arrives at the total.
 *
 * @module
 */
import { type Rational, rational, round, subtract } from "../src/metrics/rational.ts";
import { formatMoney } from "../src/widgets/format.ts";
import type { Cell, ExplainModel } from "../src/widgets/models.ts";

const TEXT = "Rounding: each row is rounded to be shown, the total only once";

/** What the rounded total has more or less than its rounded rows; `null` where it is nothing. */
export function roundingOf(
  shares: readonly Rational[],
  total: Rational,
  currency: string,
): ExplainModel["rounding"] {
  const shown = shares.reduce((all, share) => all + round(share), 0n);
  const { n } = subtract(rational(round(total)), rational(shown));
  return n === 0n ? null : { text: TEXT, amount: formatMoney(n, currency, { signed: true }) };
}

/** The same as a row of a table whose last two of `columns` are the amount and its exact value. */
export function roundingRows(
  shares: readonly Rational[],
  total: Rational,
  currency: string,
  columns: number,
): Cell[][] {
  const rounding = roundingOf(shares, total, currency);
  if (!rounding) return [];
  const between = Array<Cell>(columns - 3).fill("");
  return [[rounding.text, ...between, rounding.amount, ""]];
}
