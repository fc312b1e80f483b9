/**
 * What the figures of money mean: cash, failed payments, renewals, usage, forecast
 * (metrics.md C.7, C.9 to C.11).
 *
 * @module
 */
import type { Meaning } from "./definitions.ts";

const REPORTING = "Stripe, balance transactions by reporting category";
const SPEC = "this program";

export const MONEY_MEANINGS = {
  cash: {
    name: "Cash",
    text:
      "What moved the balance at Stripe, in the currency it is settled in, by the day of each " +
      "transaction; not to be confused with MRR.",
    formula: "net = gross − refunds − disputes − fees − transfers",
    source: REPORTING,
  },
  cashGross: {
    name: "Gross volume",
    text: "Payments, less those that failed after they were made.",
    formula: "charge − charge_failure − partial_capture_reversal",
    source: REPORTING,
  },
  cashRefunds: {
    name: "Refunds",
    text: "What went back to customers.",
    formula: "refund − refund_failure",
    source: REPORTING,
  },
  cashDisputes: {
    name: "Disputes",
    text: "What customers' banks took back, less what they returned.",
    formula: "dispute − dispute_reversal",
    source: REPORTING,
  },
  cashFees: {
    name: "Fees",
    text: "What Stripe and the card networks took.",
    formula: "Σ fee over every transaction + fee + network_cost",
    source: REPORTING,
  },
  cashTransfers: {
    name: "Transfers",
    text: "What was passed on to connected accounts.",
    formula: "transfer − transfer_reversal",
    source: REPORTING,
  },
  cashNet: {
    name: "Net volume",
    text: "What is left of the payments.",
    formula: "gross − refunds − disputes − fees − transfers",
    source: REPORTING,
  },
  cashPayouts: {
    name: "Payouts",
    text: "What was sent to the bank, less what came back.",
    formula: "payout − payout_reversal",
    source: REPORTING,
  },
  cashOther: {
    name: "Other",
    text: "Every category that is none of the named ones; nothing is dropped.",
    source: REPORTING,
  },
  nextPayout: {
    name: "Next payout",
    text: "The payout that arrives at the bank next, among those announced or under way.",
    source: "Stripe, payouts",
  },
  expectedCash: {
    name: "Expected cash",
    text: "What is pending at Stripe, by the day on which it becomes available.",
    formula: "Σ net of pending transactions, by available_on",
    source: REPORTING,
  },
  balanceCheck: {
    name: "Check",
    text: "All transactions together must be the change of the balance.",
    formula: "Σ net over every category = balance now − balance before",
    source: "Stripe, balance",
  },
  refundRate: {
    name: "Refund rate",
    text: "Share of the gross volume that went back in the same period, by amount.",
    formula: "refunds / gross volume",
    source: SPEC,
  },
  disputeRate: {
    name: "Dispute rate",
    text: "Disputes created in the period for each payment, by count. Inquiries and prevented " +
      "disputes are disputes, but no losses.",
    formula: "disputes created / charges",
    source: "Stripe, disputes",
  },
  failedPayments: {
    name: "Failed payments",
    text: "Invoices of subscriptions whose first payment failed in the period, with what was due " +
      "then, and what has become of them by now.",
    formula: "failed = recovered + paid off Stripe + lost + open",
    source: SPEC,
  },
  recoveredPayments: {
    name: "Recovered",
    text: "Paid after at least one failure, without what was paid off Stripe.",
    source: SPEC,
  },
  paidOffStripe: {
    name: "Paid off Stripe",
    text: "Paid after a failure, but outside of Stripe: not recovered by its retries.",
    formula: "amount_paid_off_stripe",
    source: "Stripe, invoices",
  },
  lostPayments: {
    name: "Lost",
    text: "Uncollectible or void, or its subscription ended or is unpaid with the invoice open.",
    source: SPEC,
  },
  openPayments: {
    name: "Open",
    text: "Neither paid nor given up: Stripe tries again, or somebody must.",
    source: SPEC,
  },
  recoveryRate: {
    name: "Recovery rate",
    text: "Share of the failed payments that are decided which were recovered; open ones are in " +
      "neither part.",
    formula: "recovered / (recovered + lost)",
    source: SPEC,
  },
  renewals: {
    name: "Renewals",
    text: "Invoices that active and past-due subscriptions will make, at today's prices, " +
      "quantities and discounts. Without trials, paused ones, metered items and exclusive tax; " +
      "nothing after a cancellation.",
    formula: "Σ over periods that end: Σ items due − discounts",
    source: SPEC,
  },
  collectionRate: {
    name: "Collection rate",
    text: "Share of what subscription invoices of the last 6 complete months came to that was " +
      "paid; at least 3 months are needed.",
    formula: "paid / due",
    source: SPEC,
  },
  expectedCollections: {
    name: "Cash from renewals",
    text: "A projection: what of the renewals will be paid, if it is as much as in the last 6 " +
      "months.",
    formula: "renewals × collection rate",
    source: SPEC,
  },
  usageBilled: {
    name: "Usage billed",
    text: "Metered lines of this month's invoices, after discounts and without inclusive tax. " +
      "Beside MRR, never in it.",
    source: SPEC,
  },
  forecast: {
    name: "Forecast",
    text: "A projection, not a plan: MRR if the last complete months continue (at most 6, at " +
      "least 3). The band is the lowest and highest that each single month's rates would give.",
    formula: "M′ = max(0, M × (1 + expansion − contraction − churn) + new and reactivated)",
    source: SPEC,
  },
  knownChanges: {
    name: "Known changes",
    text: "MRR now with what is already agreed: scheduled cancellations of what still counts on " +
      "their end dates, schedules that start, phases to come, repeating discounts that end.",
    formula: "MRR now + Σ known changes",
    source: SPEC,
    counted: true,
  },
  trialForecast: {
    name: "Trials, if they convert as before",
    text: "A projection on a line of its own, in no other: what running trials would add at the " +
      "conversion of the last 30 days.",
    formula: "MRR in trial × trial conversion",
    source: SPEC,
  },
  trialConversionStripe30: {
    name: "Trial conversion, as Stripe counts it",
    text: "Conversions of the last 30 days for each trial that ended in them; may pass 100 %.",
    formula: "converted in 30 days / ended in 30 days, by subscription",
    source: "Stripe, Billing analytics",
  },
  newTrials: {
    name: "New trials",
    text: "Subscriptions whose trial began in the period.",
    source: "Stripe, Billing analytics",
  },
} as const satisfies Record<string, Meaning>;
