/**
 * The options of counting, and how a change of each is called.
 *
 * @module
 */
import type { MrrOptions } from "../metrics/options.ts";

/** What options mean, in words. */
type Change = (options: MrrOptions) => string;

/** Options in the order in which they are changed, and how a change is called. */
export const OPTION_CHANGES: readonly (readonly [keyof MrrOptions, Change])[] = [
  [
    "cancellation",
    ({ cancellation }) =>
      cancellation === "at_end"
        ? "cancelled subscriptions count to the end of their period"
        : "cancelled subscriptions count to the request",
  ],
  [
    "pastDue",
    ({ pastDue }) =>
      typeof pastDue === "object"
        ? `past-due subscriptions count for ${pastDue.maxDays} days`
        : pastDue === "count"
        ? "past-due subscriptions count"
        : "past-due subscriptions do not count",
  ],
  ["trialing", ({ trialing }) => trialing === "count" ? "trials count" : "trials do not count"],
  [
    "pauseCollection",
    ({ pauseCollection }) =>
      pauseCollection === "count"
        ? "paused collection counts"
        : pauseCollection === "exclude"
        ? "paused collection does not count"
        : "paused collection counts only while invoices are drafts",
  ],
  [
    "trialOffers",
    ({ trialOffers }) =>
      trialOffers === "exclude" ? "introductory offers do not count" : "introductory offers count",
  ],
  [
    "subtractRepeating",
    ({ subtractRepeating }) =>
      `discounts for some months are ${subtractRepeating ? "" : "not "}subtracted`,
  ],
  [
    "subtractOnce",
    ({ subtractOnce }) => `one-time discounts are ${subtractOnce ? "" : "not "}subtracted`,
  ],
  ["weeksPerMonth", () => "another number of weeks in a month"],
  ["daysPerMonth", () => "another number of days in a month"],
  [
    "inclusiveTax",
    ({ inclusiveTax }) =>
      inclusiveTax === "deduct" ? "inclusive tax is taken out" : "inclusive tax is left in",
  ],
  [
    "testClocks",
    ({ testClocks }) => testClocks === "include" ? "test clocks count" : "test clocks do not count",
  ],
];
