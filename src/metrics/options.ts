/**
 * The options that change what MRR means, and the presets that set them together
 * (metrics.md sections 0 and A.1). A figure is always shown with the options in force.
 *
 * @module
 */
import { format, parse, type Rational, rational } from "./rational.ts";

export const PRESET_NAMES = [
  "stripe",
  "chartmogul",
  "baremetrics",
  "profitwell",
  "recurly",
] as const;

export type PresetName = typeof PRESET_NAMES[number];

export interface MrrOptions {
  readonly pastDue: "count" | "exclude" | { readonly maxDays: number };
  readonly trialing: "exclude" | "count";
  readonly cancellation: "at_request" | "at_end";
  readonly pauseCollection: "by_behavior" | "count" | "exclude";
  readonly trialOffers: "exclude" | "count_trial_price";
  readonly subtractRepeating: boolean;
  readonly subtractOnce: boolean;
  readonly weeksPerMonth: Rational;
  readonly daysPerMonth: Rational;
  readonly inclusiveTax: "deduct" | "ignore";
  readonly testClocks: "exclude" | "include";
  /** `first_payment`: MRR begins with the first paid invoice above 0 (metrics.md A.2). */
  readonly activation: "start" | "first_payment";
}

const STRIPE: MrrOptions = {
  pastDue: "count",
  trialing: "exclude",
  cancellation: "at_request",
  pauseCollection: "by_behavior",
  trialOffers: "exclude",
  subtractRepeating: false,
  subtractOnce: false,
  weeksPerMonth: rational(13, 3),
  daysPerMonth: rational(365, 12),
  inclusiveTax: "deduct",
  testClocks: "exclude",
  activation: "start",
};

const OTHERS: MrrOptions = {
  ...STRIPE,
  cancellation: "at_end",
  subtractRepeating: true,
  subtractOnce: true,
};

/** The presets of metrics.md section 0. `stripe` is the default. */
export const PRESETS: Readonly<Record<PresetName, MrrOptions>> = {
  stripe: STRIPE,
  chartmogul: { ...OTHERS, pauseCollection: "count" },
  baremetrics: { ...OTHERS, pastDue: { maxDays: 30 } },
  profitwell: {
    ...OTHERS,
    pauseCollection: "exclude",
    weeksPerMonth: parse("433/100"),
    daysPerMonth: rational(30),
  },
  recurly: { ...OTHERS, pauseCollection: "exclude", daysPerMonth: rational(30) },
};

/** How a preset's way of counting is named on the page. */
export const PRESET_LABELS: Readonly<Record<PresetName, string>> = {
  stripe: "as Stripe counts it",
  chartmogul: "as ChartMogul counts it",
  baremetrics: "as Baremetrics counts it",
  profitwell: "as ProfitWell counts it",
  recurly: "as Recurly counts it",
};

/** Says in words what the options do, one clause each, for the definition under a figure. */
export function describeOptions(options: MrrOptions): string[] {
  const { pastDue } = options;
  return [
    typeof pastDue === "object"
      ? `past-due subscriptions count for ${pastDue.maxDays} days`
      : pastDue === "count"
      ? "past-due subscriptions count"
      : "past-due subscriptions do not count",
    options.trialing === "count" ? "trials count" : "trials do not count",
    options.cancellation === "at_request"
      ? "a cancellation counts from its request"
      : "a cancellation counts from the end of the paid period",
    options.pauseCollection === "count"
      ? "paused collection counts"
      : options.pauseCollection === "exclude"
      ? "paused collection does not count"
      : "paused collection counts only where invoices are kept as drafts",
    options.trialOffers === "exclude"
      ? "introductory trial offers do not count"
      : "introductory trial offers count at their price",
    "discounts without an end are subtracted",
    options.subtractRepeating
      ? "repeating discounts are subtracted while they run"
      : "repeating discounts are not subtracted",
    options.subtractOnce
      ? "one-time discounts are subtracted while they are attached"
      : "one-time discounts are not subtracted",
    options.inclusiveTax === "deduct" ? "inclusive tax is taken out" : "inclusive tax is left in",
    `a month has ${format(options.weeksPerMonth)} weeks and ${format(options.daysPerMonth)} days`,
    ...(options.testClocks === "include" ? ["test clocks are included"] : []),
    ...(options.activation === "first_payment" ? ["MRR begins with the first payment"] : []),
  ];
}
