/**
 * Answers about money: cash, failed payments, renewals, trials, forecast.
 *
 * @module
 */
import * as z from "zod";
import { FAILURE_OUTCOMES, FAILURE_PARTS } from "../../../src/metrics/failed_payments.ts";
import { TRIAL_OUTCOMES } from "../../../src/metrics/ratios.ts";
import {
  amount,
  answer,
  count,
  currency,
  day,
  period,
  quality,
  ratio,
  time,
  view,
} from "./parts.ts";

const reason = z.string().optional().describe("Why there is no value, or why there are no rows");
/** What cannot be read, in words, and the resource whose permission is missing. */
const unread = { reason, detail: z.string().optional(), resource: z.string().optional() };

function amounts(names: readonly string[]): z.core.$ZodLooseShape {
  return Object.assign({}, ...names.map((name) => amount(name)));
}

const byCurrency = z.record(z.string(), z.strictObject(amount("amount")));

const cashRow = z.strictObject({
  period,
  currency,
  ...amounts([
    "gross",
    "refunds",
    "disputes",
    "fees",
    "transfers",
    "net",
    "payouts",
    "balanceChange",
  ]),
  other: z.array(z.strictObject({ category: z.string(), ...amount("amount") })),
  charges: count,
  refundRate: ratio,
  disputeRate: ratio,
  disputesCreated: count.nullable(),
  disputesLost: count.nullable(),
  categories: z.array(z.strictObject({
    category: z.string(),
    count,
    ...amounts(["amount", "fee", "net"]),
  })),
  quality,
});

const payout = z.strictObject({
  id: z.string(),
  currency,
  ...amount("amount"),
  status: z.string(),
  arrivalDate: time.nullable(),
});

export const cash = answer({
  data: z.array(cashRow),
  ...unread,
  readFrom: day.nullable().optional(),
  expected: z.array(z.strictObject({ availableOn: time.nullable(), currency, ...amount("net") }))
    .optional(),
  payouts: z.union([
    z.strictObject({ next: z.array(payout) }),
    z.strictObject({ reason: z.string() }),
  ]).optional(),
  balance: z.strictObject({
    at: time.nullable(),
    available: byCurrency,
    pending: byCurrency,
    opening: byCurrency.nullable(),
    difference: byCurrency.nullable(),
  }).nullable().optional(),
});

const failuresByPeriod = z.strictObject({
  period,
  currency,
  view: z.enum(["native", "converted"]),
  ...amounts(FAILURE_PARTS),
  counts: z.strictObject(Object.fromEntries(FAILURE_PARTS.map((part) => [part, count]))),
  recoveryRate: z.strictObject({ amount: ratio, count: ratio }),
});

const failedInvoice = z.strictObject({
  invoice: z.string(),
  subscription: z.string().nullable(),
  customer: z.string().nullable(),
  currency,
  view,
  firstFailedAt: time.nullable(),
  outcome: z.enum(FAILURE_OUTCOMES),
  ...amount("amount"),
  ...amounts(FAILURE_OUTCOMES),
  nextAttemptAt: time.nullable(),
  paidAt: time.nullable(),
  lostAt: time.nullable(),
  lossReason: z.string().nullable(),
});

export const failedPayments = answer({
  data: z.union([z.array(failuresByPeriod), z.array(failedInvoice)]),
  ...unread,
  atRisk: z.record(z.string(), z.strictObject({ ...amount("mrr"), reason })),
});

const renewalDay = z.strictObject({
  day,
  currency,
  view,
  ...amount("amount"),
  invoices: count,
});
const renewal = z.strictObject({
  day,
  at: time.nullable(),
  subscription: z.string(),
  customer: z.string(),
  status: z.string(),
  currency,
  view,
  ...amount("amount"),
});

export const renewals = answer({
  projection: z.literal(true),
  days: count,
  totals: z.record(
    z.string(),
    z.strictObject({
      view,
      ...amount("total"),
      invoices: count,
      collectionRate: ratio,
      ...amount("expectedCash"),
    }),
  ),
  data: z.union([z.array(renewalDay), z.array(renewal)]),
});

const trial = z.strictObject({
  subscription: z.string(),
  customer: z.string(),
  status: z.string(),
  currency,
  beganAt: time.nullable(),
  endsAt: time.nullable(),
  outcome: z.enum(TRIAL_OUTCOMES),
  convertedAt: time.nullable(),
  ...amount("mrrInTrial"),
  ...amount("mrr"),
});

/** Figures, or with `detail=subscriptions` the trials themselves. */
export const trials = z.union([
  answer({
    running: count,
    endingIn7Days: count,
    newThisMonth: count,
    ended30Days: count,
    converted30Days: count,
    conversion: z.strictObject({ cohort: ratio, stripe30: ratio }),
    approximate: z.boolean(),
    currencies: z.record(z.string(), z.strictObject({ view, ...amount("mrrInTrial"), reason })),
  }),
  answer({ data: z.array(trial) }),
]);

const change = z.strictObject({
  kind: z.string(),
  at: time.nullable(),
  day,
  subscription: z.string().nullable(),
  customer: z.string().nullable(),
  currency,
  ...amount("delta"),
});

export const forecast = z.union([
  answer({
    projection: z.literal(true),
    currency,
    view,
    ...amount("mrr"),
    basedOnMonths: count.nullable(),
    reason: z.string().nullable(),
    missing: z.array(z.string()).optional(),
    ...amount("trials"),
    changes: z.array(change),
    data: z.array(z.strictObject({
      day,
      currency,
      ...amounts(["known", "projected", "low", "high"]),
    })),
  }),
  answer({ projection: z.literal(true), data: z.array(z.never()), reason: z.string() }),
]);
