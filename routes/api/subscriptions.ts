/**
 * `/api/v1/subscriptions`: the rows behind a figure, which add up to it exactly.
 *
 * @module
 */
import { dayKey, monthStart } from "../../src/metrics/calendar.ts";
import {
  GRAINS,
  type Movement,
  MOVEMENT_KINDS,
  type MovementKind,
} from "../../src/metrics/movements.ts";
import { add, format, type Rational, sum, ZERO } from "../../src/metrics/rational.ts";
import type { SourceView } from "../../src/store/port.ts";
import type { MeaningKey } from "../../src/widgets/definitions.ts";
import type { FigureInputs } from "../../src/widgets/inputs.ts";
import { type MovementShare, sharesOf } from "../../src/widgets/movement_shares.ts";
import { movementsOf } from "../../src/widgets/movement_view.ts";
import { type Row, ROW_FIGURES, type RowFigure, rowsOf, totalsOf } from "../../src/widgets/rows.ts";
import { type Reporting, reportingAt } from "../../src/widgets/slice.ts";
import { dashboardUrl } from "../dashboard_url.ts";
import { booksFor } from "./movements.ts";
import { checkNames, FILTERS, readCurrency, readId, readWhole, readWord } from "./params.ts";
import { Problem } from "./problem.ts";
import { readAt, readRange } from "./times.ts";
import { amount, viewOf } from "./values.ts";

function readFigure(search: URLSearchParams): RowFigure {
  const text = search.get("figure") ?? "mrr";
  const found = ROW_FIGURES.find((figure) => figure === text);
  if (found) return found;
  const known = [...ROW_FIGURES, ...MOVEMENT_KINDS, "fx"];
  throw new Problem("parameter_invalid", "figure", `one of ${known.join(", ")}`);
}

/** Whether the rows of a currency that is asked for are of everything, converted to it. */
function isConverted(currency: string | null, reporting: Reporting | null): boolean {
  return currency !== null && currency === reporting?.currency;
}

function rowJson(view: SourceView, row: Row, converted: boolean) {
  return {
    subscription: row.subscription,
    customer: row.customer,
    status: row.status,
    currency: row.currency,
    ...viewOf(converted),
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

/** What a subscription adds to a movement, with its sign. */
function movementJson(
  view: SourceView,
  movement: Movement,
  share: MovementShare,
  converted: boolean,
) {
  const { subscription, delta } = share;
  return {
    subscription,
    customer: movement.customer,
    status: view.standing(subscription)?.sub.status ?? "unknown",
    day: dayKey(movement.day),
    currency: movement.currency,
    ...viewOf(converted),
    ...amount("delta", delta),
    ...(movement.kind === "churn" ? { cause: movement.cause ?? "other" } : {}),
    url: dashboardUrl(view, "subscriptions", subscription),
  };
}

/** The rows behind a movement figure: one for each customer, day and subscription. */
function movementRows(
  view: SourceView,
  search: URLSearchParams,
  reporting: Reporting | null,
  kind: MovementKind,
  inputs: FigureInputs,
  now: number,
) {
  checkNames(search, ["figure", "currency", "from", "to", "grain", "limit", "after", ...FILTERS]);
  const grain = readWord(search, "grain", GRAINS, inputs.grain);
  const range = readRange({ view, search, now }, monthStart);
  const currency = readCurrency(search, view, reporting);
  const converted = isConverted(currency, reporting);
  const rows = booksFor(view, currency, reporting)
    .flatMap((asked) =>
      movementsOf({ inputs }, asked, range, kind, grain).flatMap((movement) =>
        sharesOf({ view, grain, range }, asked, movement).map((share) => ({ movement, share }))
      )
    );
  // Of a currency that was asked for, no rows are a total of 0.
  const totals = new Map<string, Rational>(currency === null ? [] : [[currency, ZERO]]);
  for (const { movement: { currency }, share: { delta } } of rows) {
    totals.set(currency, add(totals.get(currency) ?? ZERO, delta));
  }
  const limit = readWhole(search, "limit", { min: 1, max: 500, fallback: 100 });
  const start = readWhole(search, "after", { min: 0, max: 100_000_000, fallback: 0 });
  return {
    figure: kind,
    ...totalsJson(totals),
    count: rows.length,
    data: rows.slice(start, start + limit)
      .map(({ movement, share }) => movementJson(view, movement, share, converted)),
    next: start + limit < rows.length ? String(start + limit) : null,
  };
}

/** The rows behind FX: one for each day and currency, at the rates of the converted view. */
function fxRows(
  view: SourceView,
  search: URLSearchParams,
  inputs: FigureInputs,
  now: number,
) {
  checkNames(search, ["figure", "currency", "from", "to", "grain", "limit", "after", ...FILTERS]);
  const grain = readWord(search, "grain", GRAINS, inputs.grain);
  const { from, to } = readRange({ view, search, now }, monthStart);
  const { convertedMovements: book, rates } = view;
  if (
    !book || !rates || (readCurrency(search, view, reportingAt(view, now)) ?? rates.to) !== rates.to
  ) {
    throw new Problem("parameter_invalid", "currency", "FX is of the reporting currency alone");
  }
  const parts = book.fxIn(from, to, grain);
  const limit = readWhole(search, "limit", { min: 1, max: 500, fallback: 100 });
  const start = readWhole(search, "after", { min: 0, max: 100_000_000, fallback: 0 });
  return {
    figure: "fx",
    ...totalsJson(new Map([[rates.to, sum(parts.map((part) => part.amount))]])),
    count: parts.length,
    data: parts.slice(start, start + limit).map((part) => ({
      day: dayKey(part.day),
      currency: part.currency,
      ...amount("mrr", part.level),
      rateBefore: format(part.before),
      rateAfter: format(part.after),
      origin: rates.rateOn(part.currency, part.day)?.origin ?? null,
      ...amount("delta", part.amount),
    })),
    next: start + limit < parts.length ? String(start + limit) : null,
  };
}

const MEANING_OF = { top1: "concentration", top10: "concentration", fx: "fx" } as const;

/** What the figure that was asked for means; the figure is known. */
export function meaningOf(search: URLSearchParams): readonly MeaningKey[] {
  const figure = search.get("figure") ?? "mrr";
  if (Object.hasOwn(MEANING_OF, figure)) return [MEANING_OF[figure as keyof typeof MEANING_OF]];
  return MOVEMENT_KINDS.some((kind) => kind === figure) ? ["movements"] : [figure as MeaningKey];
}

/** @param now Unix seconds. */
export function subscriptions(
  view: SourceView,
  search: URLSearchParams,
  reporting: Reporting | null,
  inputs: FigureInputs,
  now: number,
) {
  if (search.get("figure") === "fx") return fxRows(view, search, inputs, now);
  const movement = MOVEMENT_KINDS.find((kind) => kind === search.get("figure"));
  if (movement) return movementRows(view, search, reporting, movement, inputs, now);
  checkNames(search, ["figure", "currency", "at", "limit", "after", ...FILTERS]);
  const figure = readFigure(search);
  const at = readAt({ view, search, now });
  if (at !== null && !["mrr", "arr", "active"].includes(figure)) {
    throw new Problem("parameter_invalid", "at", "only mrr, arr and active have a past yet");
  }
  const currency = readCurrency(search, view, reporting);
  const rows = rowsOf(view, {
    figure,
    currency,
    ...(at === null ? {} : { atDay: at.day, before: at.before }),
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
  const none: Iterable<[string, Rational]> = currency === null ? [] : [[currency, ZERO]];
  return {
    figure,
    ...totalsJson(new Map([...none, ...totalsOf(rows)])),
    count: rows.length,
    data: page.map((row) => rowJson(view, row, isConverted(currency, reporting))),
    next: more ? page.at(-1)!.subscription : null,
  };
}
