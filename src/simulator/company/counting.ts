/**
 * The ways of counting of metrics.md A.1 and the presets of its section 0, in the words of the
 * books: the product has its own, and neither knows the other.
 */
import type { PriceSpec } from "./catalogue.ts";
import * as exact from "./fraction.ts";
import type { Fraction } from "./fraction.ts";

export interface Counting {
  readonly pastDue: "count" | "exclude" | { readonly maxDays: number };
  readonly trialing: "exclude" | "count";
  readonly cancellation: "at_request" | "at_end";
  readonly pauseCollection: "by_behavior" | "count" | "exclude";
  readonly trialOffers: "exclude" | "count_trial_price";
  readonly subtractRepeating: boolean;
  readonly subtractOnce: boolean;
  /** A fraction as text: `13/3`. */
  readonly weeksPerMonth: string;
  readonly daysPerMonth: string;
  readonly inclusiveTax: "deduct" | "ignore";
}

const STRIPE: Counting = {
  pastDue: "count",
  trialing: "exclude",
  cancellation: "at_request",
  pauseCollection: "by_behavior",
  trialOffers: "exclude",
  subtractRepeating: false,
  subtractOnce: false,
  weeksPerMonth: "13/3",
  daysPerMonth: "365/12",
  inclusiveTax: "deduct",
};

const AT_END = {
  ...STRIPE,
  cancellation: "at_end",
  subtractRepeating: true,
  subtractOnce: true,
} as const;

/** How Stripe and four others count. */
export const COUNTINGS = {
  stripe: STRIPE,
  chartmogul: { ...AT_END, pauseCollection: "count" },
  baremetrics: { ...AT_END, pastDue: { maxDays: 30 } },
  profitwell: {
    ...AT_END,
    pauseCollection: "exclude",
    weeksPerMonth: "433/100",
    daysPerMonth: "30",
  },
  recurly: { ...AT_END, pauseCollection: "exclude", daysPerMonth: "30" },
} as const satisfies Record<string, Counting>;

function fractionOf(text: string): Fraction {
  const [n = "0", d = "1"] = text.split("/");
  return exact.divide(exact.parse(n), exact.parse(d));
}

/** An amount an interval as an amount a month (A.3). */
export function monthly(amount: Fraction, price: PriceSpec, counting: Counting): Fraction {
  const { every, months } = price;
  if (!every) return exact.divide(amount, exact.parse(months));
  const weeks = every.unit === "week" ? every.count : every.count / 7;
  const times = Number.isInteger(weeks)
    ? exact.divide(fractionOf(counting.weeksPerMonth), exact.parse(weeks))
    : exact.divide(fractionOf(counting.daysPerMonth), exact.parse(every.count));
  return exact.multiply(amount, times);
}
