/**
 * `/api/v1/subscriptions`: the rows behind a figure, which add up to it exactly.
 *
 * @module
 */
import { format, type Rational } from "../../src/metrics/rational.ts";
import type { SourceView } from "../../src/store/port.ts";
import { type Row, ROW_FIGURES, type RowFigure, rowsOf, totalsOf } from "../../src/widgets/rows.ts";
import type { Reporting } from "../../src/widgets/slice.ts";
import { dashboardUrl } from "../dashboard_url.ts";
import { checkNames, readCurrency, readDay, readId, readWhole } from "./params.ts";
import { Problem } from "./problem.ts";
import { amount } from "./values.ts";

/** Figures of movements, which open into rows once the history is there. */
const LATER = ["new", "reactivation", "expansion", "contraction", "churn", "fx"];

function readFigure(search: URLSearchParams): RowFigure {
  const text = search.get("figure") ?? "mrr";
  const found = ROW_FIGURES.find((figure) => figure === text);
  if (found) return found;
  if (LATER.includes(text)) throw new Problem("figure_not_yet", "figure");
  throw new Problem("parameter_invalid", "figure", `one of ${ROW_FIGURES.join(", ")}`);
}

function rowJson(view: SourceView, row: Row) {
  return {
    subscription: row.subscription,
    customer: row.customer,
    status: row.status,
    currency: row.currency,
    ...amount("mrr", row.share),
    reason: row.reason,
    ...(row.issues.length > 0 ? { issues: row.issues } : {}),
    lines: row.lines.map((line) => ({
      item: line.item,
      price: line.price,
      product: line.product,
      interval: line.interval,
      intervalCount: line.intervalCount,
      quantity: Number(line.quantity),
      exact: format(line.exact),
    })),
    quality: row.quality,
    url: dashboardUrl(view, "subscriptions", row.subscription),
  };
}

/** The totals of all rows, by currency, and flat where there is one. */
function totalsJson(totals: ReadonlyMap<string, Rational>) {
  const byCurrency = [...totals].map(([currency, total]) => [currency, amount("total", total)]);
  const [only] = totals.values();
  return {
    ...(totals.size === 1 ? amount("total", only!) : {}),
    totals: Object.fromEntries(byCurrency),
  };
}

export function subscriptions(
  view: SourceView,
  search: URLSearchParams,
  reporting: Reporting | null,
) {
  checkNames(search, ["figure", "currency", "at", "plan", "price", "limit", "after"]);
  const figure = readFigure(search);
  const day = readDay(search, "at", view);
  if (day !== null && !["mrr", "arr", "active"].includes(figure)) {
    throw new Problem("parameter_invalid", "at", "only mrr, arr and active have a past yet");
  }
  const rows = rowsOf(view, {
    figure,
    currency: readCurrency(search, view, reporting),
    plan: readId(search, "plan") ?? readId(search, "price"),
    ...(day === null ? {} : { atDay: day }),
  }, reporting);
  const limit = readWhole(search, "limit", { min: 1, max: 500, fallback: 100 });
  const after = readId(search, "after");
  const start = after === null
    ? 0
    : rows.findIndex(({ subscription }) => subscription === after) + 1;
  if (after !== null && start === 0) {
    throw new Problem("parameter_invalid", "after", "it is not among the rows: begin anew");
  }
  const page = rows.slice(start, start + limit);
  const more = start + limit < rows.length;
  return {
    figure,
    ...totalsJson(totalsOf(rows)),
    count: rows.length,
    data: page.map((row) => rowJson(view, row)),
    next: more ? page.at(-1)!.subscription : null,
  };
}
