/**
 * Renewals of the next 90 days in the currency that is shown, and what of them is likely to be
 * paid (metrics.md C.11).
 *
 * @module
 */
import { monthStart } from "../metrics/calendar.ts";
import { collectionRate, type Derived } from "../metrics/ratios.ts";
import { add, multiply, type Rational, rational, ZERO } from "../metrics/rational.ts";
import { RENEWAL_DAYS } from "../metrics/renewals.ts";
import type { WidgetContext } from "./context.ts";
import { factorsIn, sumIn } from "./money.ts";

export { RENEWAL_DAYS };

/** Renewals of one local day, in the shown currency. */
export interface RenewalOn {
  readonly day: number;
  readonly amount: Rational;
  readonly count: number;
}

/** The days on which something renews, in order; `null` while a rate is missing. */
export function renewalsByDay(context: WidgetContext): readonly RenewalOn[] | null {
  const { whole, now } = context;
  const all = whole.renewalDays(now);
  const factors = factorsIn(context, [...new Set(all.map(({ currency }) => currency))]);
  if (!factors) return null;
  const days = new Map<number, RenewalOn>();
  for (const { day, currency, amount, count } of all) {
    const factor = factors.get(currency);
    if (!factor) continue;
    const before = days.get(day) ?? { day, amount: ZERO, count: 0 };
    const shown = multiply(amount, factor);
    days.set(day, {
      day,
      amount: add(before.amount, shown),
      count: before.count + count,
    });
  }
  return [...days.values()].sort((a, b) => a.day - b.day);
}

export interface RenewalSum {
  readonly amount: Rational;
  readonly count: number;
}

/** The renewals of the first `days` days. */
export function renewalSum(
  context: WidgetContext,
  days: readonly RenewalOn[],
  within: number,
): RenewalSum {
  const end = context.whole.calendar.dayOf(context.now) + within;
  const coming = days.filter(({ day }) => day < end);
  return {
    amount: coming.reduce((total, { amount }) => add(total, amount), ZERO),
    count: coming.reduce((total, { count }) => total + count, 0),
  };
}

const RATE_MONTHS = 6;
const RATE_MONTHS_MIN = 3;

/**
 * Paid / billed of the subscription invoices of the last 6 complete months; fewer than 3 give
 * none. Invoices that are still open count as billed.
 */
export function collectionRateOf(context: WidgetContext): Derived {
  const { whole, now } = context;
  const { payments } = whole.money;
  const to = monthStart(whole.calendar.dayOf(now));
  const first = whole.daily.firstDay() ?? to;
  const earliest = monthStart(first) === first ? first : monthStart(first, 1);
  let months = 0;
  while (months < RATE_MONTHS && monthStart(to, -months - 1) >= earliest) months++;
  if (months < RATE_MONTHS_MIN) return { value: null, reason: "fewer_than_3_months" };
  const from = monthStart(to, -months);
  const billed = payments.currencies().map((currency) => ({
    currency,
    ...payments.billed(currency, from, to),
  }));
  const total = (name: "paid" | "due") =>
    sumIn(context, billed.map((each) => ({ ...each, amount: rational(each[name]) }))) ?? ZERO;
  return collectionRate(total("paid"), total("due"));
}
