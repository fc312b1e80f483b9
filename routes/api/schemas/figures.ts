/**
 * Answers about revenue, movements and customers.
 *
 * @module
 */
import * as z from "zod";
import {
  amount,
  amountOrReason,
  answer,
  count,
  currency,
  day,
  fraction,
  minorUnits,
  optionalReason,
  period,
  quality,
  ratio,
  time,
  view,
} from "./parts.ts";

const growth = z.strictObject({ ...ratio.shape, approximate: z.boolean().optional() });

const plan = z.strictObject({
  product: z.string(),
  price: z.string(),
  currency: currency.optional(),
  ...amount("mrr"),
  customers: count,
});

const figuresNow = {
  ...amount("mrr"),
  ...amount("pastDueMrr"),
  ...amount("scheduledToCancelMrr"),
  ...amount("trialingMrr"),
  ...amount("pausedMrr"),
  ...amount("excludedMrr"),
  ...amount("arr"),
  ...amount("arpa"),
  customers: count,
  growth: z.strictObject({
    monthToDate: growth,
    lastMonth: growth,
    yearOnYear: growth,
    compoundMonthly: z.strictObject({ ...growth.shape, months: count.optional() }),
  }),
  byPlan: z.array(plan),
};

/** With `at`: what has a past. */
const figuresAt = { ...amount("mrr"), ...amount("arr"), customers: count, quality };

const figures = z.union([z.strictObject(figuresNow), z.strictObject(figuresAt)]);
const converted = { currency, view: z.literal("converted") };

export const revenue = answer({
  currencies: z.record(z.string(), figures),
  reporting: z.union([
    z.strictObject({ ...converted, ...figuresNow }),
    z.strictObject({ ...converted, ...figuresAt }),
  ]).nullable(),
  reason: z.string().optional(),
  missingRates: z.array(currency).optional(),
  unresolved: z.array(z.strictObject({
    subscription: z.string(),
    issues: z.array(z.string()),
    detail: z.string().optional(),
  })),
});

export const history = answer({
  data: z.array(z.strictObject({
    day: day.optional(),
    month: period.optional(),
    quarter: period.optional(),
    year: period.optional(),
    currency,
    view,
    ...amount("mrr"),
    reason: optionalReason,
    quality,
  })),
});

const causePart = z.strictObject({ ...amount("mrr"), customers: count });
const cause = z.enum(["voluntary", "involuntary", "disputed", "paused", "other"]);

export const movements = answer({
  grain: z.enum(["event", "day", "period"]),
  data: z.array(z.strictObject({
    period,
    currency,
    view: z.enum(["native", "converted"]),
    ...amount("start"),
    ...amount("new"),
    ...amount("reactivation"),
    ...amount("expansion"),
    ...amount("contraction"),
    ...amount("churn"),
    ...amount("fx"),
    ...amount("end"),
    customers: z.strictObject({
      start: count,
      new: count,
      reactivation: count,
      expansion: count,
      contraction: count,
      churn: count,
      end: count,
    }),
    churnCauses: z.strictObject({
      voluntary: causePart,
      involuntary: causePart,
      disputed: causePart,
      paused: causePart,
      other: causePart,
    }),
    quality,
    closed: z.boolean().describe("Frozen as first reported"),
    ...amount("restatedBy"),
  })),
});

const movementKind = z.enum(["new", "reactivation", "expansion", "contraction", "churn"]);

export const events = answer({
  data: z.array(z.strictObject({
    at: time,
    day,
    customer: z.string(),
    currency,
    view,
    kind: movementKind,
    ...amount("delta"),
    cause: cause.optional(),
  })),
});

const windows = z.strictObject({ month: ratio, trailing12: ratio });

export const customers = answer({
  active: count,
  total: count,
  byStatus: z.record(z.string(), count),
  trialing: count,
  new: count,
  reactivated: count,
  churned: count,
  currency: currency.optional(),
  view,
  churn: z.strictObject({ stripe30: ratio, calendar: ratio }),
  revenueChurn: z.strictObject({ gross: ratio, net: ratio }),
  nrr: windows,
  grr: windows,
  quickRatio: ratio,
  ...amountOrReason("ltv"),
  ...amountOrReason("ltvStripe30"),
  ltvWithMargin: z.boolean(),
  ...amountOrReason("cac"),
  ltvToCac: ratio,
  paybackMonths: ratio,
  concentration: z.strictObject({ top1: ratio, top10: ratio }),
  trialConversion: ratio,
  approximate: z.boolean(),
});

export const customersMonthly = answer({
  asOfDay: day,
  reason: optionalReason,
  data: z.array(
    z.object({ customer: z.string(), currency, view }).catchall(z.union([minorUnits, fraction])),
  ).describe("MRR at the close of each month, by its name: `2026-10` and `2026-10Exact`"),
});

export const cohorts = answer({
  currency: currency.optional(),
  view,
  reason: optionalReason,
  data: z.array(z.strictObject({
    month: period.optional(),
    quarter: period.optional(),
    size: count,
    ...amount("baseMrr"),
    customers: z.array(ratio),
    revenue: z.array(ratio),
  })),
});

const line = z.strictObject({
  item: z.string(),
  price: z.string(),
  product: z.string(),
  interval: z.string(),
  intervalCount: count,
  quantity: z.number(),
  exact: fraction,
});

const subscriptionRow = z.strictObject({
  subscription: z.string(),
  customer: z.string(),
  status: z.string(),
  currency,
  view,
  ...amount("mrr"),
  reason: z.string().nullable(),
  issues: z.array(z.string()).optional(),
  lines: z.array(line),
  quality,
  url: z.url(),
});

const movementRow = z.strictObject({
  subscription: z.string(),
  customer: z.string(),
  status: z.string(),
  day,
  currency,
  view,
  ...amount("delta"),
  cause: cause.optional(),
  url: z.url(),
});

/** What was held at the close before, in `currency`, and what the change of its rate made of it. */
const fxRow = z.strictObject({
  day,
  currency,
  ...amount("mrr"),
  rateBefore: fraction,
  rateAfter: fraction,
  origin: z.enum(["fixed", "quoted", "payments"]).nullable(),
  ...amount("delta"),
});

export const subscriptions = answer({
  figure: z.string(),
  total: amount("total").total.optional(),
  totalExact: fraction.optional(),
  totals: z.record(z.string(), z.strictObject(amount("total"))),
  count,
  data: z.union([z.array(subscriptionRow), z.array(movementRow), z.array(fxRow)]),
  next: z.string().nullable().describe("Give it as `after` for the next page"),
});

export const definitions = answer({
  data: z.array(z.strictObject({
    figure: z.string(),
    name: z.string(),
    text: z.string(),
    formula: z.string().nullable(),
    options: z.array(z.string()),
    source: z.string(),
  })),
});
