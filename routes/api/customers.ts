/**
 * `/api/v1/customers`. Figures that need the history of movements are `null` with the reason.
 *
 * @module
 */
import type { SourceView } from "../../src/store/port.ts";
import { checkNames } from "./params.ts";
import { ratio } from "./values.ts";

const NOT_YET = "history_missing";

export function customers(view: SourceView, search: URLSearchParams) {
  checkNames(search, []);
  const { tally } = view;
  const unknown = ratio(null, NOT_YET);
  const windows = { month: unknown, trailing12: unknown };
  return {
    active: tally.active(),
    total: tally.customers(),
    byStatus: Object.fromEntries([...tally.byStatus()].sort(([a], [b]) => a < b ? -1 : 1)),
    trialing: tally.byStatus().get("trialing") ?? 0,
    new: null,
    churned: null,
    churn: { stripe30: unknown, calendar: unknown },
    revenueChurn: { gross: unknown, net: unknown },
    nrr: windows,
    grr: windows,
    quickRatio: unknown,
    ltv: null,
    ltvExact: null,
    trialConversion: unknown,
    cac: null,
    cacExact: null,
    ltvToCac: unknown,
    paybackMonths: unknown,
    concentration: { top1: unknown, top10: unknown },
    unknown: Object.fromEntries(
      ["new", "churned", "ltv", "cac"].map((figure) => [figure, NOT_YET]),
    ),
  };
}
