/**
 * Every route of `/api/v1` with its parameters and the schema of its answer. A new route is
 * described here; a test parses its real answer with the schema.
 *
 * @module
 */
import type * as z from "zod";
import { EXPORT_FORMATS } from "../export.ts";
import { audit } from "./audit.ts";
import {
  cohorts,
  customers,
  customersMonthly,
  definitions,
  events,
  history,
  movements,
  revenue,
  subscriptions,
} from "./figures.ts";
import { cash, failedPayments, forecast, renewals, trials } from "./money.ts";
import { sources } from "./sources.ts";

/** What a parameter means; its words where it takes only some. */
export const PARAMETERS = {
  source: { text: "Key under accounts:, or acct_…:live; needed where there are several" },
  format: { text: "CSV has the same rows", words: ["json", "csv"] },
  currency: { text: "A native currency, or the reporting one for everything converted" },
  at: { text: "A time, or a day, month, quarter or year: its close" },
  from: { text: "First day, month or time, inclusive" },
  to: { text: "Day, month or time, exclusive" },
  interval: { text: "How periods are cut", words: ["day", "month", "quarter", "year"] },
  grain: { text: "How movements are netted", words: ["event", "day", "period"] },
  plan: { text: "Only a plan, which is a price" },
  price: { text: "Only a price" },
  product: { text: "Only a product" },
  billing: { text: "Only what is billed by the month, quarter, half-year, year, 2-week and so on" },
  first: { text: "Only customers whose first payment was for this price" },
  detail: { text: "Sums, or the rows that they are made of" },
  figure: { text: "The figure or movement whose rows are wanted" },
  limit: { text: "Rows at once" },
  after: { text: "The `next` of the page before" },
} as const satisfies Record<string, { readonly text: string; readonly words?: readonly string[] }>;

export type ParameterName = keyof typeof PARAMETERS;

export interface ApiRoute {
  /** Under `/api/v1`. */
  readonly path: string;
  readonly summary: string;
  readonly parameters: readonly ParameterName[];
  readonly answer: z.ZodType;
}

const COMMON = ["source", "format"] as const;
const FILTERS = ["plan", "price", "product", "billing"] as const;
const RANGE = ["from", "to"] as const;

/** The one route whose answer is neither JSON nor CSV. */
export const EXPORT = {
  path: "/export",
  summary: "MRR, customers and movements of each day and currency, in InfluxDB's line protocol",
  formats: EXPORT_FORMATS,
  parameters: ["source", "currency", ...RANGE, ...FILTERS],
} as const;

export const API_ROUTES: readonly ApiRoute[] = [
  {
    path: "/sources",
    summary: "The accounts and how far their synchronisation is",
    parameters: [...COMMON],
    answer: sources,
  },
  {
    path: "/revenue",
    summary: "MRR and what stands beside it, by currency and converted",
    parameters: [...COMMON, "currency", "at", ...FILTERS],
    answer: revenue,
  },
  {
    path: "/revenue/history",
    summary: "MRR at the close of each period",
    parameters: [...COMMON, "currency", ...RANGE, "interval", ...FILTERS],
    answer: history,
  },
  {
    path: "/movements",
    summary: "What made MRR change, in whole units that lead from start to end",
    parameters: [...COMMON, "currency", ...RANGE, "interval", "grain", ...FILTERS],
    answer: movements,
  },
  {
    path: "/events",
    summary: "The feed of movements, newest first",
    parameters: [...COMMON, "currency", "limit", ...FILTERS],
    answer: events,
  },
  {
    path: "/customers",
    summary: "Customers, churn, retention, lifetime value, concentration",
    parameters: [...COMMON, "currency", ...FILTERS],
    answer: customers,
  },
  {
    path: "/customers/monthly",
    summary: "MRR of each customer at the close of each month",
    parameters: [...COMMON, "currency", ...RANGE, ...FILTERS],
    answer: customersMonthly,
  },
  {
    path: "/cohorts",
    summary: "Customers who joined together, and what is left of them",
    parameters: [...COMMON, "currency", ...RANGE, "interval", "first", ...FILTERS],
    answer: cohorts,
  },
  {
    path: "/failed-payments",
    summary: "Payments that failed, and how they came out, by the period of the first failure",
    parameters: [...COMMON, "currency", ...RANGE, "interval", "detail"],
    answer: failedPayments,
  },
  {
    path: "/trials",
    summary: "Trials, what they are worth, and how they convert",
    parameters: [...COMMON, "currency", "detail", ...FILTERS],
    answer: trials,
  },
  {
    path: "/cash",
    summary: "Balance transactions by period and settlement currency; not MRR",
    parameters: [...COMMON, "currency", ...RANGE, "interval"],
    answer: cash,
  },
  {
    path: "/renewals",
    summary: "Renewals of the next 90 days, by day",
    parameters: [...COMMON, "currency", "detail"],
    answer: renewals,
  },
  {
    path: "/forecast",
    summary: "What is known to come, and what follows if the last months continue",
    parameters: [...COMMON, "currency"],
    answer: forecast,
  },
  {
    path: "/subscriptions",
    summary: "The rows behind a figure, which add up to it exactly",
    parameters: [
      ...COMMON,
      "figure",
      "currency",
      "at",
      ...RANGE,
      "grain",
      "limit",
      "after",
      ...FILTERS,
    ],
    answer: subscriptions,
  },
  {
    path: "/definitions",
    summary: "Every figure: text, formula, options in force, source",
    parameters: [...COMMON],
    answer: definitions,
  },
  {
    path: "/audit",
    summary: "Who did what, from where, newest first; for admins",
    parameters: ["format", "limit", "after"],
    answer: audit,
  },
];
