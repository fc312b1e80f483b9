/**
 * `figures:` — what MRR means (metrics.md sections 0 and A.1) and how currencies are added up.
 *
 * @module
 */
import * as z from "zod";
import { GRAINS } from "../src/metrics/movements.ts";
import { PRESET_NAMES } from "../src/metrics/options.ts";
import { compare, parse, type Rational, ZERO } from "../src/metrics/rational.ts";

/** A number, or a text such as "1.0834" or "13/3", read exactly. */
const exact = z.union([z.number(), z.string().max(60)]).transform((value, context): Rational => {
  try {
    return parse(String(value).trim());
  } catch {
    context.addIssue({ code: "custom", message: 'must be a number such as "1.0834" or "13/3"' });
    return z.NEVER;
  }
});

const positive = exact.refine((value) => compare(value, ZERO) > 0, "must be above 0");

const currency = z.string().regex(/^[a-z]{3}$/i, "must be a currency's three letters, such as eur")
  .transform((text) => text.toLowerCase());

const LATER = "needs invoices, which are not read yet: use start";

export const figuresSchema = z.strictObject({
  preset: z.enum(PRESET_NAMES).optional().describe("As which tool MRR is counted; stripe"),
  "past-due": z.union([
    z.enum(["count", "exclude"]),
    z.strictObject({ "max-days": z.int().min(0).max(365) }),
  ]).optional(),
  trialing: z.enum(["exclude", "count"]).optional(),
  cancellation: z.enum(["at_request", "at_end"]).optional(),
  "pause-collection": z.enum(["by_behavior", "count", "exclude"]).optional(),
  "trial-offers": z.enum(["exclude", "count_trial_price"]).optional(),
  "subtract-repeating": z.boolean().optional(),
  "subtract-once": z.boolean().optional(),
  "weeks-per-month": positive.optional().describe('"13/3"'),
  "days-per-month": positive.optional().describe('"365/12"'),
  "inclusive-tax": z.enum(["deduct", "ignore"]).optional(),
  "test-clocks": z.enum(["exclude", "include"]).optional(),
  activation: z.enum(["start", "first_payment"])
    .refine((value) => value === "start", LATER).optional(),
  "reporting-currency": currency.optional(),
  rates: z.record(currency, positive).optional()
    .describe("What one unit of a currency is worth in the reporting currency"),
  "rates-file": z.string().min(1).max(1000).optional()
    .describe("Daily rates, written by glance rates:import; data/rates.csv"),
  "gross-margin": exact
    .refine(
      (value) => compare(value, ZERO) > 0 && value.n <= value.d,
      "must be above 0 and at most 1, such as 0.8 for 80 %",
    ).optional(),
  "acquisition-cost": positive.optional()
    .describe("What winning a customer costs, in the reporting currency; BUSINESS_CAC wins"),
  "marketing-spend": z.union([
    positive,
    z.record(z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, "must be a month such as 2026-01"), exact),
  ]).optional().describe("In the reporting currency: one for every month, or by month"),
  "acquisition-lag": z.int().min(0).max(24).optional()
    .describe("Months from marketing spend to the customers it wins; 0"),
  "profit-margin": exact.refine(
    (value) => value.n <= value.d && value.n >= -value.d,
    "must be from -1 to 1, such as 0.15 for 15 %",
  ).optional().describe("For the Rule of 40"),
  grain: z.enum(GRAINS).optional()
    .describe("How a customer's movements are netted; day"),
  "pause-is-churn": z.boolean().optional()
    .describe("Whether paused customers count in churn rates; true"),
});

export type FiguresConfig = z.output<typeof figuresSchema>;
