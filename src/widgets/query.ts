/**
 * What a visitor chose, kept in the URL: period, currency, filters, and the source.
 *
 * @module
 */

import type { LineFilter } from "../metrics/filter.ts";

export const PERIODS = ["month", "30d", "quarter", "12m", "all"] as const;
export type Period = typeof PERIODS[number];

/** A period in a few words, beside the name of a figure. */
export const PERIOD_NAMES: Readonly<Record<Period, string>> = {
  month: "this month",
  "30d": "30 days",
  quarter: "this quarter",
  "12m": "12 months",
  all: "all time",
};

export interface CohortChoice {
  readonly unit: "month" | "quarter";
  /** What of each cohort is left: its MRR or its customers. */
  readonly of: "revenue" | "customers";
  /** The price of the first payment; `null` for any. */
  readonly first: string | null;
}

export const ALL_COHORTS: CohortChoice = { unit: "month", of: "revenue", first: null };

export interface ViewQuery {
  /** The account that links name; `null` where there is only one. */
  readonly source: string | null;
  readonly period: Period;
  /** Lower case; `null` leaves it to the account. */
  readonly currency: string | null;
  /** A price's id; `null` for all plans. */
  readonly plan: string | null;
  /** A product's id; `null` for all. */
  readonly product: string | null;
  /** A billing interval as `billingOf` names it; `null` for all. */
  readonly billing: string | null;
  /** How the cohort map is cut. */
  readonly cohorts: CohortChoice;
  /** Only what is billed in the currency, where it is the reporting one too. */
  readonly native: boolean;
  /** Dates on a page's address that its figures do not follow: `from`, `to`, `at`. */
  readonly dates: readonly string[];
}

export const NO_QUERY: ViewQuery = {
  source: null,
  period: "month",
  currency: null,
  plan: null,
  product: null,
  billing: null,
  cohorts: ALL_COHORTS,
  native: false,
  dates: [],
};

/** An id such as a price's or a product's; older plans have free names. */
export const ID_SHAPE = /^[\w.:-]{1,255}$/;

/** `month`, `half-year`, `2-week`: names that `billingOf` gives. */
export const BILLING_SHAPE = /^(quarter|half-year|([1-9]\d{0,2}-)?(day|week|month|year))$/;

/** The filters among the choices. */
export function filterOf({ plan, product, billing }: ViewQuery): LineFilter {
  return { price: plan, product, billing };
}

/**
 * Reads the choices of a URL; what is not understood is as if it were not there. The source is no
 * choice: a page or a widget knows its own.
 */
export function readQuery(search: URLSearchParams): ViewQuery {
  const period = PERIODS.find((known) => known === search.get("period")) ?? "month";
  const currency = search.get("currency");
  const shaped = (text: string | null, shape: RegExp) => text && shape.test(text) ? text : null;
  return {
    source: null,
    period,
    currency: currency && /^[a-z]{3}$/.test(currency) ? currency : null,
    plan: shaped(search.get("plan") ?? search.get("price"), ID_SHAPE),
    product: shaped(search.get("product"), ID_SHAPE),
    billing: shaped(search.get("billing"), BILLING_SHAPE),
    cohorts: {
      unit: search.get("cohorts") === "quarter" ? "quarter" : "month",
      of: search.get("left") === "customers" ? "customers" : "revenue",
      first: shaped(search.get("first"), ID_SHAPE),
    },
    native: search.get("native") === "1",
    dates: ["from", "to", "at"].filter((name) => search.has(name)),
  };
}

/** The query text of choices, without what is the default; `""` or `"?…"`. */
export function queryText(query: ViewQuery, extra: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams();
  if (query.source) search.set("source", query.source);
  if (query.period !== "month") search.set("period", query.period);
  if (query.currency) search.set("currency", query.currency);
  for (const name of ["plan", "product", "billing"] as const) {
    const value = query[name];
    if (value) search.set(name, value);
  }
  const { unit, of, first } = query.cohorts;
  if (unit !== ALL_COHORTS.unit) search.set("cohorts", unit);
  if (of !== ALL_COHORTS.of) search.set("left", of);
  if (first) search.set("first", first);
  if (query.native) search.set("native", "1");
  for (const [key, value] of Object.entries(extra)) search.set(key, value);
  return search.size === 0 ? "" : `?${search}`;
}

/** The same for the JSON interface, which takes the source, the currency and the filters. */
export function apiText(query: ViewQuery, asked: Readonly<Record<string, string>> = {}): string {
  const { source, currency, plan, product, billing } = query;
  return queryText({ ...NO_QUERY, source, currency, plan, product, billing }, asked);
}
