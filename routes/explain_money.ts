/**
 * The pages of rows behind FX and the figures of money.
 *
 * @module
 */
import type { Hono } from "hono";
import { momentOf, type WidgetContext } from "../src/widgets/context.ts";
import type { TableModel, TablesContent, TablesModel } from "../src/widgets/models.ts";
import { readQuery } from "../src/widgets/query.ts";
import { renderTables } from "../views/tables.ts";
import { type Body, cached, HTML, themeOf } from "./cached.ts";
import { chromeOf, contextOf } from "./chrome.ts";
import type { AppDeps } from "./deps.ts";
import { allowedDownloads } from "./download_links.ts";
import { explainCash } from "./explain_cash.ts";
import { explainFailures } from "./explain_failures.ts";
import { explainKnownChanges, explainRenewals } from "./explain_forecast.ts";
import { explainFx } from "./explain_fx.ts";
import { explainTrials } from "./explain_trials.ts";
import { notFoundPage } from "./message_page.ts";
import { PAGE_ROWS, pageOf, pageRows, pagingOf } from "./paging.ts";
import { statusOf } from "./status_line.ts";

type Explain = (context: WidgetContext, search: URLSearchParams) => TablesContent;

const PAGES: ReadonlyMap<string, Explain> = new Map(Object.entries<Explain>({
  cash: explainCash,
  fx: explainFx,
  "failed-payments": explainFailures,
  renewals: explainRenewals,
  "known-changes": explainKnownChanges,
  trials: explainTrials,
}));

/** The first table in pages; sums stay below every page. */
function paged([first, ...others]: readonly TableModel[], page: number): readonly TableModel[] {
  if (!first) return [];
  return [{ ...first, rows: pageRows(first.rows, page) }, ...others];
}

function firstPage({ pathname, searchParams }: URL): string {
  const search = new URLSearchParams(searchParams);
  search.delete("page");
  return search.size === 0 ? pathname : `${pathname}?${search}`;
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
    downloads: allowedDownloads(content.downloads, deps.access),
    tables: paged(content.tables, page),
    paging: count > PAGE_ROWS ? pagingOf(firstPage(url), page, count) : null,
  };
  return { body: renderTables(model), contentType: HTML };
}

export function moneyExplainRoutes(app: Hono, deps: AppDeps): void {
  for (const [name, explain] of [...PAGES]) {
    app.get(`/explain/${name}`, (c) =>
      cached(
        deps,
        c.req.raw,
        "/explain/{figure}",
        () => tablesBody(deps, c.req.raw, name, explain),
      ));
  }
}
