/**
 * The pages of rows behind FX and the figures of money.
 *
 * @module
 */
import type { Hono } from "hono";
import { momentOf, type WidgetContext } from "../src/widgets/context.ts";
import { formatInteger } from "../src/widgets/format.ts";
import type { Link, TableModel, TablesContent, TablesModel } from "../src/widgets/models.ts";
import { readQuery } from "../src/widgets/query.ts";
import { renderTables } from "../views/tables.ts";
import { type Body, cached, HTML, themeOf } from "./cached.ts";
import { chromeOf, contextOf } from "./chrome.ts";
import type { AppDeps } from "./deps.ts";
import { explainCash } from "./explain_cash.ts";
import { explainFailures } from "./explain_failures.ts";
import { explainKnownChanges, explainRenewals } from "./explain_forecast.ts";
import { explainFx } from "./explain_fx.ts";
import { explainTrials } from "./explain_trials.ts";
import { notFoundPage } from "./message_page.ts";
import { statusOf } from "./status_line.ts";

type Explain = (context: WidgetContext, search: URLSearchParams) => TablesContent;

const PAGES: Readonly<Record<string, Explain>> = {
  cash: explainCash,
  fx: explainFx,
  "failed-payments": explainFailures,
  renewals: explainRenewals,
  "known-changes": explainKnownChanges,
  trials: explainTrials,
};

const PAGE_ROWS = 100;

function pagingOf(url: URL, page: number, rows: number): TablesModel["paging"] {
  if (rows <= PAGE_ROWS) return null;
  const last = Math.ceil(rows / PAGE_ROWS);
  const link = (to: number, text: string): Link | null => {
    if (to < 1 || to > last) return null;
    const search = new URLSearchParams(url.searchParams);
    search.set("page", String(to));
    return { text, href: `${url.pathname}?${search}` };
  };
  const from = (page - 1) * PAGE_ROWS + 1;
  return {
    text: `${formatInteger(from)} to ${formatInteger(Math.min(rows, page * PAGE_ROWS))} of ${
      formatInteger(rows)
    }`,
    previous: link(page - 1, "Previous"),
    next: link(page + 1, "Next"),
  };
}

function pageOf(search: URLSearchParams, rows: number): number {
  const page = Number(search.get("page") ?? "1");
  const last = Math.max(1, Math.ceil(rows / PAGE_ROWS));
  return Number.isSafeInteger(page) && page >= 1 ? Math.min(page, last) : 1;
}

/** The first table in pages; sums stay below every page. */
function paged([first, ...others]: readonly TableModel[], page: number): readonly TableModel[] {
  if (!first) return [];
  const rows = first.rows.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS);
  return [{ ...first, rows }, ...others];
}

async function tablesBody(
  deps: AppDeps,
  request: Request,
  name: string,
  explain: Explain,
): Promise<Body> {
  const url = new URL(request.url);
  const { sources } = deps.live();
  const asked = url.searchParams.get("source");
  const view = asked === null ? sources.values().next().value : sources.get(asked);
  if (!view) return notFoundPage(deps, themeOf(request), url.pathname);
  const context = contextOf(deps, view, readQuery(url.searchParams));
  const content = explain(context, url.searchParams);
  const count = content.tables[0]?.rows.length ?? 0;
  const page = pageOf(url.searchParams, count);
  const status = statusOf(deps, context, `/explain/${name}`);
  const model: TablesModel = {
    ...content,
    chrome: await chromeOf(deps, themeOf(request), null, status),
    asOf: momentOf(context, view.status.asOf ?? context.now),
    tables: paged(content.tables, page),
    paging: pagingOf(url, page, count),
  };
  return { body: renderTables(model), contentType: HTML };
}

export function moneyExplainRoutes(app: Hono, deps: AppDeps): void {
  for (const [name, explain] of Object.entries(PAGES)) {
    app.get(`/explain/${name}`, (c) =>
      cached(
        deps,
        c.req.raw,
        "/explain/{figure}",
        () => tablesBody(deps, c.req.raw, name, explain),
      ));
  }
}
