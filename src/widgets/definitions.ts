/**
 * What every figure means, in words and as a formula, with the options in force. Shown under each
 * figure, on the definitions page and by the JSON interface.
 *
 * @module
 */
import { filters } from "../metrics/filter.ts";
import { describeOptions, PRESET_LABELS } from "../metrics/options.ts";
import type { SourceInfo } from "../store/port.ts";
import type { Definition } from "./models.ts";
import { MONEY_MEANINGS } from "./money_definitions.ts";

/** Raised whenever a definition changes its meaning, so that programs can tell. */
export const DEFINITIONS_VERSION = "1";

export interface Meaning {
  readonly name: string;
  readonly text: string;
  readonly formula?: string;
  /** Where the rule comes from. */
  readonly source: string;
  /** Whether it is counted under the options of the MRR. */
  readonly counted?: boolean;
}

export const MEANINGS = {
  mrr: {
    name: "MRR",
    text: "Monthly recurring revenue: what the subscriptions that count now bring in a month, " +
      "after discounts and without tax.",
    formula: "Σ over items of price × quantity − discounts − inclusive tax, per month; " +
      "summed exactly, rounded once",
    source: "Stripe, Billing analytics",
    counted: true,
  },
  arr: {
    name: "ARR",
    text: "Annual recurring revenue: a year of the MRR of this moment, not the revenue of the " +
      "last twelve months.",
    formula: "12 × MRR",
    source: "Stripe, Billing analytics glossary",
    counted: true,
  },
  pastDueMrr: {
    name: "Past-due MRR",
    text: "The part of MRR whose last payment failed and is still being retried.",
    formula: "Σ MRR of subscriptions with status past_due",
    source: "Stripe, Billing analytics",
    counted: true,
  },
  scheduledToCancelMrr: {
    name: "Scheduled to cancel",
    text: "What leaves when the paid periods of cancelled subscriptions end.",
    formula: "MRR counted to the end of the period − MRR counted to the request",
    source: "Stripe support, cancel at period end and MRR",
    counted: true,
  },
  trialingMrr: {
    name: "MRR in trial",
    text: "What running trials would add if each of them converted at its present price.",
    formula: "Σ MRR of subscriptions with status trialing, were they active",
    source: "Stripe, Billing analytics",
    counted: true,
  },
  pausedMrr: {
    name: "Paused MRR",
    text: "What paused subscriptions would add if they were resumed.",
    formula: "Σ MRR of paused subscriptions, were they resumed",
    source: "Stripe, pausing subscriptions",
    counted: true,
  },
  excludedMrr: {
    name: "Excluded MRR",
    text: "What the configuration leaves out of every figure, such as staff and test customers.",
    formula: "Σ MRR of subscriptions that `exclude` names",
    source: "your configuration",
    counted: true,
  },
  arpa: {
    name: "ARPA",
    text: "Average revenue per account: what an active customer brings in a month.",
    formula: "MRR / active customers",
    source: "ChartMogul",
    counted: true,
  },
  growth: {
    name: "MRR growth",
    text: "How much MRR has changed since the close of the month before.",
    formula: "(MRR now − MRR at the close of last month) / MRR at the close of last month",
    source: "this program",
    counted: true,
  },
  active: {
    name: "Active customers",
    text: "Customers whose subscriptions bring in more than nothing; free and fully discounted " +
      "ones are not counted.",
    formula: "number of customers with exact MRR > 0",
    source: "Stripe, Billing analytics glossary",
    counted: true,
  },
  total: {
    name: "All customers",
    text: "Customers with a subscription of any status, ended ones too.",
    source: "this program",
  },
  trialing: {
    name: "Trials",
    text: "Subscriptions in their trial.",
    source: "Stripe, subscription status",
  },
  unresolved: {
    name: "Not valued",
    text: "Subscriptions for which no exact value can be given; they are left out and named " +
      "rather than guessed.",
    source: "this program",
  },
  newMrr: {
    name: "New MRR",
    text: "First MRR of customers who never had any.",
    source: "Stripe, Billing analytics",
  },
  churnedMrr: {
    name: "Churned MRR",
    text: "MRR of customers who fell to nothing.",
    source: "Stripe, Billing analytics",
  },
  customersLost: {
    name: "Customers lost",
    text: "Customers who fell to nothing, each once, however often they came back and left: the " +
      "bridge and the list of movements count each time that one left.",
    source: "Stripe, Billing analytics",
  },
  customerChurn: {
    name: "Customer churn, 30 days",
    text: "Share of customers lost in the last 30 days, each once. Who came back within them and " +
      "left again stands in both parts.",
    formula: "customers lost in 30 days / (active 30 days ago + new in 30 days)",
    source: "Stripe, Billing analytics",
  },
  revenueChurn: {
    name: "Gross MRR churn, 30 days",
    text: "Share of MRR lost by cancellation and contraction.",
    formula: "(churn + contraction) / start MRR",
    source: "ChartMogul",
  },
  nrr: {
    name: "NRR, 12 months",
    text: "Net revenue retention: what the customers of a year ago bring in now.",
    formula: "Σ end / Σ start, over customers with MRR at the start",
    source: "ChartMogul",
  },
  grr: {
    name: "GRR",
    text:
      "Gross revenue retention: what is left of the MRR of a window's start, without counting " +
      "what customers have added.",
    formula: "Σ min(start, end) / Σ start, over customers with MRR at the start",
    source: "ChartMogul",
  },
  netChurn: {
    name: "Net MRR churn",
    text: "Share of MRR lost, less what customers have added; below 0 where they added more.",
    formula: "(churn + contraction − expansion − reactivation) / start MRR",
    source: "ChartMogul",
  },
  quickRatio: {
    name: "Quick ratio",
    text: "How much MRR comes for each unit that goes.",
    formula: "(new + reactivation + expansion) / (contraction + churn)",
    source: "Social Capital",
  },
  trialConversion: {
    name: "Trial conversion",
    text: "Of the trials that ended in the last 30 days and are decided, the share that pays " +
      "within 7 days.",
    formula: "converted / decided, by subscription",
    source: "this program",
  },
  ltv: {
    name: "LTV",
    text: "Lifetime value: what a customer brings in until leaving. With a gross margin in the " +
      "configuration, what is left of it after costs; the label says so.",
    formula: "ARPA (× gross margin) / mean monthly customer churn of six months",
    source: "ChartMogul",
  },
  ltvStripe: {
    name: "LTV as Stripe counts it",
    text: "Lifetime value by the churn of the last 30 days, which moves more than that of months.",
    formula: "ARPA / customer churn of 30 days",
    source: "Stripe, Billing analytics",
  },
  cac: {
    name: "CAC",
    text: "Cost of winning a customer: as configured, or the marketing spend of a month divided " +
      "by the customers who were new in the last complete month.",
    formula: "spend / new customers",
    source: "your configuration",
  },
  ltvToCac: {
    name: "LTV : CAC",
    text: "How many times over a customer pays back what winning it has cost.",
    formula: "LTV / CAC",
    source: "your configuration",
  },
  payback: {
    name: "CAC payback",
    text: "Months until the gross margin of a customer has paid for winning it.",
    formula: "CAC / (ARPA × gross margin)",
    source: "your configuration",
  },
  ruleOf40: {
    name: "Rule of 40",
    text: "Growth and profit together; 40 % or more is held to be healthy.",
    formula: "ARR growth year on year + profit margin",
    source: "your configuration",
  },
  concentration: {
    name: "Concentration",
    text: "The share of MRR that the largest customers have.",
    formula: "Σ MRR of the largest / MRR",
    source: "this program",
  },
  yearOnYear: {
    name: "Year on year",
    text: "How much MRR has changed since the same day a year before.",
    formula: "(MRR now − MRR a year ago) / MRR a year ago",
    source: "this program",
    counted: true,
  },
  cmgr: {
    name: "Compound monthly growth",
    text: "The growth of each month that would have led to the same end, over complete months.",
    formula: "(end / start)^(1 / months) − 1",
    source: "this program",
    counted: true,
  },
  movements: {
    name: "Movements",
    text: "What made MRR change: new, reactivated, expanded, contracted and churned customers.",
    formula: "start + new + reactivation + expansion − contraction − churn + FX = end",
    source: "Stripe, Billing analytics; ChartMogul",
  },
  fx: {
    name: "FX",
    text: "What changed rates alone have made of MRR in the reporting currency; nobody did " +
      "anything. Movements are worth the rate of their day, retention the rates of the window's " +
      "end, cohorts today's rates throughout.",
    formula: "Σ over days and currencies of MRR the day before × (rate − rate the day before)",
    source: "Stripe, Billing analytics; rates as configured, of the European Central Bank, or of " +
      "payments",
  },
  restated: {
    name: "Restated",
    text:
      "A month is closed three days after its end, as it was first reported. What changed its " +
      "closing MRR later, a repair or another definition, stands here customer by customer.",
    formula: "Σ (MRR at the close as known now − as first reported)",
    source: "this program",
  },
  ...MONEY_MEANINGS,
} as const satisfies Record<string, Meaning>;

export type MeaningKey = keyof typeof MEANINGS;

/** "as Stripe counts it", or that with a word on what the configuration changes. */
export function presetLabel(info: SourceInfo): string {
  return PRESET_LABELS[info.preset];
}

/** What a filter does to every figure; nothing where none is on. */
export function filterNotes({ filter }: SourceInfo): readonly string[] {
  if (!filter || !filters(filter)) return [];
  const parts = [
    ...(filter.price === null ? [] : [`price ${filter.price}`]),
    ...(filter.product === null ? [] : [`product ${filter.product}`]),
    ...(filter.billing === null ? [] : [`what is billed by the ${filter.billing}`]),
  ];
  return [
    `Only ${parts.join(", ")}.`,
    "A customer is new with the first MRR within it, and churns when nothing is left within it.",
  ];
}

/** A figure's definition as it is shown. */
export function definitionOf(key: MeaningKey, info: SourceInfo): Definition {
  const meaning: Meaning = MEANINGS[key];
  const options = [
    ...filterNotes(info),
    ...(meaning.counted ? [`Counted ${presetLabel(info)}`, ...describeOptions(info.options)] : []),
  ];
  return {
    name: meaning.name,
    text: meaning.text,
    ...(meaning.formula ? { formula: meaning.formula } : {}),
    ...(options.length > 0 ? { options } : {}),
  };
}
