/**
 * Times what is made of a store of so many subscriptions: the page, a widget, an explanation, and
 * a live change.
 *
 * @module
 */
import type { PageSettings, WidgetSettings } from "../../../config/settings.ts";
import { createApp } from "../../../routes/app.ts";
import { chromeOf, contextOf, footerOf } from "../../../routes/chrome.ts";
import type { AppDeps } from "../../../routes/deps.ts";
import { statusOf } from "../../../routes/status_line.ts";
import type { SourceStore } from "../../../src/store/port.ts";
import { readQuery } from "../../../src/widgets/query.ts";
import { widgetModel } from "../../../src/widgets/registry.ts";
import { renderPage } from "../../../views/page.ts";
import { renderWidget } from "../../../views/widget.ts";
import { median } from "../results.ts";
import { builtInSettings, depsOf, type Filled, fillStore } from "./filled_store.ts";

/** Milliseconds, medians. */
export interface RenderTimes {
  readonly widgets: number;
  /** The first page after the filling: what is worked out once is in it. */
  readonly firstPageMs: number;
  readonly pageMs: number;
  /** Each widget of the page, by type. */
  readonly widgetMs: Readonly<Record<string, number>>;
  readonly explainMs: number;
  readonly explainCachedMs: number;
  readonly changeMs: number;
}

/** A median is of so many runs, or of what fits into the time, but of no fewer than the least. */
const RUNS = 200;
const RUNS_MIN = 10;
const TIMED_MS = 1000;
const CHANGES = 5000;
const QUERY = readQuery(new URLSearchParams());

function widgetsOf(page: PageSettings): readonly WidgetSettings[] {
  const inColumns = page.columns.flatMap(({ widgets }) => widgets);
  return [...page.headWidgets, ...inColumns, ...page.belowWidgets];
}

/** As `GET /` makes it, without the compression. */
async function pageHtml(deps: AppDeps, store: SourceStore, page: PageSettings): Promise<string> {
  const draw = (widgets: readonly WidgetSettings[]) =>
    widgets.map((widget) => widgetModel(contextOf(deps, store, QUERY), widget));
  const status = statusOf(deps, contextOf(deps, store, QUERY), "/");
  return renderPage({
    chrome: await chromeOf(deps, null, page.slug, status),
    title: page.name,
    slug: page.slug,
    width: page.width,
    refreshSeconds: 10,
    stream: "",
    headWidgets: draw(page.headWidgets),
    columns: page.columns.map(({ size, widgets }) => ({ size, widgets: draw(widgets) })),
    belowWidgets: draw(page.belowWidgets),
    footer: footerOf(deps, store),
  });
}

/** Changes one subscription's quantity and publishes; in turn, so that no two are alike. */
function createChanges({ store, ledger, some }: Filled, now: number): () => void {
  let turn = 0;
  const texts = some.map((value) => JSON.stringify(value));
  const changed = texts.map((text) => text.replaceAll(/"quantity":\d+/g, '"quantity":7'));
  const values = [...changed, ...texts].map((text) => JSON.parse(text));
  return () => {
    ledger.putChanged(values[turn++ % values.length], now, now);
    store.publish();
  };
}

/** Median milliseconds of `run`, each time after a change. */
async function timed(
  change: () => void,
  run: () => unknown,
): Promise<number> {
  const taken: number[] = [];
  const until = performance.now() + TIMED_MS;
  while (taken.length < RUNS_MIN || (taken.length < RUNS && performance.now() < until)) {
    change();
    const startedAt = performance.now();
    await run();
    taken.push(performance.now() - startedAt);
  }
  return median(taken);
}

async function timesOf(subscriptions: number): Promise<RenderTimes> {
  const now = Math.floor(Date.now() / 1000);
  const settings = await builtInSettings();
  const filled = fillStore(subscriptions, now, settings);
  const { store } = filled;
  const deps = await depsOf(store, settings, now);
  const change = createChanges(filled, now);
  const page = settings.pages[0]!;
  const widgetMs: Record<string, number> = {};
  const startedFirst = performance.now();
  await pageHtml(deps, store, page);
  const firstPageMs = performance.now() - startedFirst;
  const pageMs = await timed(change, () => pageHtml(deps, store, page));
  for (const widget of widgetsOf(page)) {
    widgetMs[widget.type] = await timed(
      change,
      () => renderWidget(widgetModel(contextOf(deps, store, QUERY), widget)),
    );
  }
  const app = createApp(deps);
  const get = async () =>
    await (await app(new Request("http://localhost/explain/mrr"), "127.0.0.1")).arrayBuffer();
  const changedPage = () => {
    change();
    deps.cache.clear();
  };
  const explainMs = await timed(changedPage, get);
  const explainCachedMs = await timed(() => {}, get);
  for (let warm = 0; warm < CHANGES; warm++) change();
  const startedAt = performance.now();
  for (let count = 0; count < CHANGES; count++) change();
  const changeMs = (performance.now() - startedAt) / CHANGES;
  const widgets = widgetsOf(page).length;
  return { widgets, firstPageMs, pageMs, widgetMs, explainMs, explainCachedMs, changeMs };
}

if (import.meta.main) {
  console.log(JSON.stringify(await timesOf(JSON.parse(Deno.args[0]!))));
}
