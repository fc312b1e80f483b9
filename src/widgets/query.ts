/**
 * What a visitor chose, kept in the URL: period, currency, plan, and the source.
 *
 * @module
 */

export const PERIODS = ["month", "30d", "quarter", "12m", "all"] as const;
export type Period = typeof PERIODS[number];

export interface ViewQuery {
  readonly period: Period;
  /** Lower case; `null` leaves it to the account. */
  readonly currency: string | null;
  /** A price id; `null` for all plans. */
  readonly plan: string | null;
  /** Only what is billed in the currency, where it is the reporting one too. */
  readonly native: boolean;
}

export const NO_QUERY: ViewQuery = { period: "month", currency: null, plan: null, native: false };

/** Reads the choices of a URL; what is not understood is as if it were not there. */
export function readQuery(search: URLSearchParams): ViewQuery {
  const period = PERIODS.find((known) => known === search.get("period")) ?? "month";
  const currency = search.get("currency");
  const plan = search.get("plan");
  return {
    period,
    currency: currency && /^[a-z]{3}$/.test(currency) ? currency : null,
    plan: plan && /^[\w.:-]{1,255}$/.test(plan) ? plan : null,
    native: search.get("native") === "1",
  };
}

/** The query text of choices, without what is the default; `""` or `"?…"`. */
export function queryText(query: ViewQuery, extra: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams();
  if (query.period !== "month") search.set("period", query.period);
  if (query.currency) search.set("currency", query.currency);
  if (query.plan) search.set("plan", query.plan);
  if (query.native) search.set("native", "1");
  for (const [key, value] of Object.entries(extra)) search.set(key, value);
  return search.size === 0 ? "" : `?${search}`;
}
