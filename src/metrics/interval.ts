/**
 * Billing intervals and their share of a month (metrics.md A.3).
 *
 * @module
 */
import type { MrrOptions } from "./options.ts";
import { divide, type Rational, rational } from "./rational.ts";

/** An interval as a whole number of one base unit: 12 months and 1 year are the same. */
export interface Span {
  readonly base: "month" | "day";
  readonly length: number;
}

type Factors = Pick<MrrOptions, "weeksPerMonth" | "daysPerMonth">;

/** The span of `count` intervals, or `null` for an interval this program does not know. */
export function spanOf(interval: string, count: number): Span | null {
  if (!Number.isSafeInteger(count) || count < 1) return null;
  switch (interval) {
    case "month":
      return { base: "month", length: count };
    case "year":
      return { base: "month", length: 12 * count };
    case "week":
      return { base: "day", length: 7 * count };
    case "day":
      return { base: "day", length: count };
    default:
      return null;
  }
}

/** What an amount per span is multiplied with to give an amount per month. */
export function monthlyFactor(span: Span, factors: Factors): Rational {
  if (span.base === "month") return rational(1, span.length);
  return span.length % 7 === 0
    ? divide(factors.weeksPerMonth, rational(span.length / 7))
    : divide(factors.daysPerMonth, rational(span.length));
}

/** Whether two spans end together always. */
export function sameSpan(a: Span, b: Span): boolean {
  return a.base === b.base && a.length === b.length;
}
