/**
 * Growth over months (metrics.md C.1, C.2): month to date, the last complete month, year on year.
 *
 * @module
 */
import { monthStart, sameDayOf } from "../metrics/calendar.ts";
import { compoundMonthlyGrowth } from "../metrics/ratios.ts";
import { type Rational, subtract } from "../metrics/rational.ts";
import { growth, type Slice } from "./slice.ts";

export interface Growth {
  /** Against the close of the previous month. */
  readonly monthToDate: Rational | null;
  /** Exact minor units. */
  readonly monthToDateAmount: Rational | null;
  /** What the previous month had gained by the same day; exact minor units. */
  readonly lastMonthByNow: Rational | null;
  /** The last complete month. */
  readonly lastMonth: Rational | null;
  /** Against the close of the same day one year before. */
  readonly yearOnYear: Rational | null;
  /** Compound monthly growth of the complete months, at most 12; `null` for fewer than 2. */
  readonly compound: { readonly months: number; readonly rate: Rational } | null;
}

function difference(end: Rational | null, start: Rational | null): Rational | null {
  return end && start ? subtract(end, start) : null;
}

const COMPOUND_MONTHS = 12;

/** Growth a month over as many complete months as are known (C.2). */
function compoundOf(
  closeOf: (day: number) => Rational | null,
  today: number,
  firstDay: number | null,
): Growth["compound"] {
  if (firstDay === null) return null;
  let months = COMPOUND_MONTHS;
  while (months > 1 && monthStart(today, -months) - 1 < firstDay) months--;
  const [start, end] = [closeOf(monthStart(today, -months) - 1), closeOf(monthStart(today) - 1)];
  if (months < 2 || !start || !end) return null;
  const rate = compoundMonthlyGrowth(start, end, months).value;
  return rate && { months, rate };
}

/** @param today The local day. @param firstDay The first day with any MRR, or `null`. */
export function growthOf(slice: Slice, today: number, firstDay: number | null): Growth {
  const closeOf = (day: number): Rational | null =>
    firstDay === null || day < firstDay ? null : slice.closes(day, day + 1)[0] ?? null;
  const thisMonth = monthStart(today);
  const lastMonth = monthStart(today, -1);
  const now = slice.total("mrr");
  const before = closeOf(thisMonth - 1);
  const beforeLast = closeOf(lastMonth - 1);
  const sameDay = Math.min(sameDayOf(today, -1), thisMonth - 1);
  return {
    monthToDate: growth(before, now),
    monthToDateAmount: difference(now, before),
    lastMonthByNow: difference(closeOf(sameDay), beforeLast),
    lastMonth: growth(beforeLast, before),
    yearOnYear: growth(closeOf(sameDayOf(today, -12)), now),
    compound: compoundOf(closeOf, today, firstDay),
  };
}
