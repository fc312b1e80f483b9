/**
 * The rows behind a figure.
 *
 * @module
 */
import type { Hono } from "hono";
import { format, ZERO } from "../src/metrics/rational.ts";
import { FIGURES } from "../src/metrics/tally.ts";
import { countText, momentOf, moneyText, type WidgetContext } from "../src/widgets/context.ts";
import { definitionOf, type MeaningKey } from "../src/widgets/definitions.ts";
import { formatInteger } from "../src/widgets/format.ts";
import { isMovement } from "../src/widgets/bridge.ts";
import type { Choices, Definition, ExplainModel } from "../src/widgets/models.ts";
import { severalCurrencies, sideBySide, soleCurrency } from "../src/widgets/native_amounts.ts";
import { unlessRateMissing } from "../src/widgets/movement_view.ts";
import { queryText, readQuery } from "../src/widgets/query.ts";
import { type Row, ROW_FIGURES, type RowFigure, rowsOf, totalsOf } from "../src/widgets/rows.ts";
import { noRateText } from "../src/widgets/why.ts";
import { renderExplain } from "../views/explain.ts";
import { type Body, cached, HTML, themeOf } from "./cached.ts";
import { chromeOf, contextOf } from "./chrome.ts";
import { hasLabels, labelledRows } from "./customer_names.ts";
import { allowedDownloads, rowDownloads } from "./download_links.ts";
import type { AppDeps } from "./deps.ts";
import { explainDifference } from "./explain_difference.ts";
import { explainRetention } from "./explain_retention.ts";
import { explainMovement, type MovementExplanation } from "./explain_movements.ts";
import { explainRestated } from "./explain_restated.ts";
import { sourceOf, subscriptionRoutes } from "./explain_subscription.ts";
import { explainRow, unreadableRows } from "./explain_rows.ts";
import { notFoundPage } from "./message_page.ts";
import { pageOf, pageRows, pagingOf } from "./paging.ts";
import { roundingOf } from "./rounding.ts";
import { statusOf } from "./status_line.ts";

const TITLES: Readonly<Record<RowFigure, string>> = {
  mrr: "MRR",
  arr: "ARR",
  active: "Active customers",
  pastDueMrr: "Past-due MRR",
  scheduledToCancelMrr: "Scheduled to cancel",
  trialingMrr: "MRR in trial",
  pausedMrr: "Paused MRR",
  excludedMrr: "Excluded MRR",
  top1: "MRR of the largest customer",
  top10: "MRR of the ten largest customers",
  unresolved: "Subscriptions that could not be valued",
};

/** What a figure means, where it is not called as its definition. */
const MEANING_OF: Partial<Record<RowFigure, MeaningKey>> = {
  top1: "concentration",
  top10: "concentration",
};

function figureChoices(context: WidgetContext, current: RowFigure): Choices {
  const shown: RowFigure[] = ROW_FIGURES.filter((figure) =>
    figure === current || figure === "mrr" || figure === "unresolved" ||
    context.view.tally.currencies().some((currency) =>
      FIGURES.some((known) => known === figure && context.view.tally.count(currency, known) > 0)
    )
  );
  return {
    label: "Figure",
    choices: shown.map((figure) => ({
      text: TITLES[figure],
      href: `/explain/${figure}${queryText(context.query)}`,
      current: figure === current,
    })),
  };
}

function totalText(rows: readonly Row[], figure: RowFigure, currency: string | null): string {
  if (figure === "active") return formatInteger(new Set(rows.map(({ customer }) => customer)).size);
  if (figure === "unresolved") return formatInteger(rows.length);
  const totals = totalsOf(rows);
  return currency
    ? moneyText(totals.get(currency) ?? ZERO, currency)
    : sideBySide(totals, totals.size) || "–";
}

/** The definition with what limits the figure on this page. */
function withNote(definition: Definition, note: string | null): Definition {
  if (note === null) return definition;
  const sentence = `${note[0]!.toUpperCase()}${note.slice(1)}`;
  return { ...definition, text: `${definition.text} ${sentence}.` };
}

async function explainBody(deps: AppDeps, request: Request, figure: RowFigure): Promise<Body> {
  const url = new URL(request.url);
  const view = sourceOf(deps, url.searchParams);
  if (!view) return notFoundPage(deps, themeOf(request), url.pathname);
  const context = contextOf(deps, view, readQuery(url.searchParams));
  const { query } = context;
  const several = severalCurrencies(context);
  const currency = figure === "unresolved" || several ? null : context.slice?.currency ?? null;
  const { reporting } = context;
  const missing = context.slice?.missingRates ?? [];
  let note: string | null = null;
  const rows = unlessRateMissing(
    () => rowsOf(context.view, { figure, currency }, query.native ? null : reporting),
    (reason) => {
      note = reason;
      return [];
    },
  );
  const definition = definitionOf(
    MEANING_OF[figure] ?? figure as MeaningKey,
    context.view.info,
  );
  const totals = totalsOf(rows);
  // The interface has no currency's own share of the reporting currency: it gives all that is billed.
  const native = query.native && currency === reporting?.currency;
  const downloaded = { ...query, currency: native ? null : currency };
  const page = pageOf(url.searchParams, rows.length);
  const suffix = queryText(query);
  const path = `/explain/${figure}${suffix}`;
  const shown = pageRows(rows, page);
  const customers = new Set(rows.map(({ customer }) => customer)).size;
  const total = currency ? totals.get(currency) ?? ZERO : ZERO;
  const unreadable = figure === "unresolved" && page === 1 ? unreadableRows(view) : [];
  const status = statusOf(deps, context, `/explain/${figure}`);
  const model: ExplainModel = {
    chrome: await chromeOf(deps, themeOf(request), null, status),
    title: TITLES[figure],
    definition: withNote(definition, note ?? (missing.length > 0 ? noRateText(missing) : null)),
    total: note ? "–" : totalText(rows, figure, currency),
    totalExact: currency && !note && figure !== "active"
      ? `${format(total)} minor units of ${currency.toUpperCase()}`
      : "",
    countText: `${countText(rows.length + unreadable.length, "subscription")} of ${
      countText(customers, "customer")
    }`,
    asOf: momentOf(context, view.status.asOf ?? context.now),
    filters: [figureChoices(context, figure)],
    subtotals: [...totals].map(([code, amount]) => ({
      currency: code.toUpperCase(),
      amount: moneyText(amount, code),
      exact: format(amount),
      rows: countText(rows.filter((row) => row.currency === code).length, "subscription"),
    })),
    columns: { standing: "Status", plan: "Plan", quantity: "Quantity" },
    amountLabel: figure === "active" ? "MRR" : TITLES[figure],
    rows: [
      ...unreadable,
      ...await labelledRows(
        deps,
        view.info.name,
        shown.map((row) => explainRow(view, row, suffix)),
      ),
    ],
    rounding: currency && !note && figure !== "active"
      ? roundingOf(rows.flatMap(({ share }) => share ?? []), total, currency)
      : null,
    paging: pagingOf(path, page, rows.length),
    downloads: allowedDownloads(
      rowDownloads("subscriptions", downloaded, rows.length, { figure }),
      deps.access,
    ),
  };
  return {
    body: renderExplain(model),
    contentType: HTML,
    passing: hasLabels(deps, view.info.name),
  };
}

async function movementBody(
  deps: AppDeps,
  request: Request,
  asked: string,
  explain: (context: WidgetContext) => MovementExplanation | null,
  /** What of the address the rows depend on besides the visitor's choices. */
  extra: Readonly<Record<string, string>> = {},
): Promise<Body> {
  const url = new URL(request.url);
  const view = sourceOf(deps, url.searchParams);
  if (!view) return notFoundPage(deps, themeOf(request), url.pathname);
  const context = contextOf(deps, view, readQuery(url.searchParams));
  const found = explain(context);
  if (!found) return notFoundPage(deps, themeOf(request), url.pathname);
  const { rows, ...explanation } = found;
  const sole = soleCurrency(context);
  const page = pageOf(url.searchParams, rows.length);
  const path = `/explain/${asked}`;
  const status = statusOf(deps, context, path);
  const model: ExplainModel = {
    ...explanation,
    ...(sole ? { title: `${explanation.title}, ${sole}` } : {}),
    chrome: await chromeOf(deps, themeOf(request), null, status),
    asOf: momentOf(context, view.status.asOf ?? context.now),
    downloads: allowedDownloads(explanation.downloads, deps.access),
    rows: await labelledRows(
      deps,
      view.info.name,
      pageRows(rows, page),
    ),
    paging: pagingOf(`${path}${queryText(context.query, extra)}`, page, rows.length),
  };
  return {
    body: renderExplain(model),
    contentType: HTML,
    passing: hasLabels(deps, view.info.name),
  };
}

export function explainRoutes(app: Hono, deps: AppDeps): void {
  subscriptionRoutes(app, deps);
  app.get("/explain/:figure", (c) =>
    cached(deps, c.req.raw, "/explain/{figure}", () => {
      const asked = c.req.param("figure");
      if (asked === "restated") return movementBody(deps, c.req.raw, asked, explainRestated);
      if (asked === "difference") {
        const { searchParams } = new URL(c.req.url);
        const [as, option] = [searchParams.get("as"), searchParams.get("option")];
        return movementBody(
          deps,
          c.req.raw,
          asked,
          (context) => explainDifference(context, as, option),
          { ...(as ? { as } : {}), ...(option ? { option } : {}) },
        );
      }
      if (asked === "retention") {
        const window = new URL(c.req.url).searchParams.get("window");
        return movementBody(
          deps,
          c.req.raw,
          asked,
          (context) => explainRetention(context, window),
          window ? { window } : {},
        );
      }
      if (isMovement(asked) || asked === "movements") {
        return movementBody(deps, c.req.raw, asked, (context) => explainMovement(context, asked));
      }
      const figure = ROW_FIGURES.find((known) => known === asked);
      return figure
        ? explainBody(deps, c.req.raw, figure)
        : notFoundPage(deps, themeOf(c.req.raw), new URL(c.req.url).pathname);
    }));
}
