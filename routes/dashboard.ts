/**
 * The dashboard's pages and their widgets as fragments.
 *
 * @module
 */
import type { Hono } from "hono";
import type { PageSettings, WidgetSettings } from "../config/settings.ts";
import type { SourceView } from "../src/store/port.ts";
import type { WidgetContext } from "../src/widgets/context.ts";
import type { PageModel, StatusModel, Widget } from "../src/widgets/models.ts";
import { pageCard } from "../src/widgets/page_card.ts";
import { readQuery, type ViewQuery } from "../src/widgets/query.ts";
import { widgetModel } from "../src/widgets/registry.ts";
import { renderDemo } from "../views/footer.ts";
import { drawnFor } from "../views/html.ts";
import { renderPage } from "../views/page.ts";
import { renderStatus } from "../views/status_line.ts";
import { renderWidget } from "../views/widget.ts";
import { mayFollow } from "./access.ts";
import { type Body, cached, HTML, themeOf } from "./cached.ts";
import { chromeOf, contextOf, footerOf, pagePath } from "./chrome.ts";
import type { AppDeps } from "./deps.ts";
import { firstRunPage } from "./first_run.ts";
import { hasLabels, labelledWidget } from "./customer_names.ts";
import { messagePage, notFoundPage } from "./message_page.ts";
import { viewOf, viewsOf, widgetsOf } from "./page_widgets.ts";
import { withinRights } from "./widget_rights.ts";
import { statusOf } from "./status_line.ts";

/** Seconds between two looks of the browser at the widgets; a demo is watched. */
const REFRESH_SECONDS = 10;
const REFRESH_SECONDS_DEMO = 2;

/** Makes widgets' models; what those of one source have in common is worked out once. */
function modelMaker(deps: AppDeps, query: ViewQuery): (widget: WidgetSettings) => Widget[] {
  const contexts = new Map<SourceView, WidgetContext>();
  return (widget) => {
    const view = viewOf(deps, widget.account);
    if (!view) return [];
    let context = contexts.get(view);
    if (!context) contexts.set(view, context = contextOf(deps, view, query));
    return withinRights(widgetModel(context, widget), deps.access);
  };
}

function statusId({ slug }: PageSettings): string {
  return slug === "" ? "status" : `status.${slug}`;
}

/** What a page shows of its sources, first that of its status line. */
function contextsOf(deps: AppDeps, page: PageSettings, query: ViewQuery): WidgetContext[] {
  return viewsOf(deps, page).map((view) => contextOf(deps, view, query));
}

function pageStatus(deps: AppDeps, page: PageSettings, query: ViewQuery): StatusModel | null {
  const shown = contextsOf(deps, page, query);
  const [first] = shown;
  if (!first) return null;
  // A page's own address needs no source: its widgets know theirs.
  const status = statusOf(deps, { ...first, query }, pagePath(page), {
    id: statusId(page),
    shown,
  });
  return { ...status, shape: pageCard(shown) ? "card" : "widgets" };
}

async function pageModel(
  deps: AppDeps,
  page: PageSettings,
  query: ViewQuery,
  theme: string | null,
): Promise<PageModel | null> {
  const [view] = viewsOf(deps, page);
  if (!view) return null;
  const status = pageStatus(deps, page, query);
  const card = pageCard(contextsOf(deps, page, query));
  const modelOf = modelMaker(deps, query);
  const draw = async (widgets: readonly WidgetSettings[]) =>
    card ? [] : await Promise.all(
      widgets.flatMap((widget) =>
        modelOf(widget).map((model) => labelledWidget(deps, widget.account, model))
      ),
    );
  // All at once: one that fails while another is waited for would end the process.
  const [headWidgets, columns, belowWidgets] = await Promise.all([
    draw(page.headWidgets),
    Promise.all(
      page.columns.map(async ({ size, widgets }) => ({ size, widgets: await draw(widgets) })),
    ),
    draw(page.belowWidgets),
  ]);
  return {
    chrome: await chromeOf(deps, theme, page.slug, status),
    title: page.name,
    slug: page.slug,
    width: page.width,
    refreshSeconds: deps.demo ? REFRESH_SECONDS_DEMO : REFRESH_SECONDS,
    stream: deps.broadcaster.id(),
    ...(card ? { card } : {}),
    headWidgets,
    columns,
    belowWidgets,
    footer: footerOf(deps, view),
  };
}

/** Whether a page names customers by more than their ids. */
function names(deps: AppDeps, page: PageSettings): boolean {
  return widgetsOf(page).some(({ account }) => hasLabels(deps, account));
}

/** What is drawn, with links to where the reader may go alone. */
function drawn(deps: AppDeps, draw: () => string): string {
  return drawnFor((path) => mayFollow(path, deps.access), draw);
}

async function renderedPage(deps: AppDeps, page: PageSettings, request: Request): Promise<Body> {
  const theme = themeOf(request);
  const query = readQuery(new URL(request.url).searchParams);
  const model = await pageModel(deps, page, query, theme);
  if (model) {
    const body = drawn(deps, () => renderPage(model));
    return { body, contentType: HTML, passing: names(deps, page) };
  }
  return firstRunPage(deps, theme, "Connect your Stripe account");
}

function noPage(deps: AppDeps, request: Request): Promise<Body> {
  return messagePage(deps, themeOf(request), {
    code: 403,
    alarm: "calm",
    title: "No page is open to you",
    what: "Each page of this dashboard is limited to others.",
    todo: ["Ask an admin to add your name to a page, under users"],
    actions: [],
  });
}

export function dashboardRoutes(app: Hono, deps: AppDeps): void {
  app.get("/api/widgets/:id", (c) =>
    cached(deps, c.req.raw, "/api/widgets/{id}", async () => {
      const query = readQuery(new URL(c.req.url).searchParams);
      const id = c.req.param("id");
      const { pages } = deps.live().settings;
      const { demo } = footerOf(deps, deps.live().sources.values().next().value);
      if (id === "demo" && demo) return { body: renderDemo(demo), contentType: HTML };
      const page = pages.find((each) => statusId(each) === id);
      const status = page && pageStatus(deps, page, query);
      if (status) return { body: drawn(deps, () => renderStatus(status)), contentType: HTML };
      const widget = pages.flatMap(widgetsOf).find((each) => each.id === id);
      const [model] = widget ? modelMaker(deps, query)(widget) : [];
      if (!model || !widget) {
        return { body: "No such widget", contentType: "text/plain; charset=utf-8", status: 404 };
      }
      const labelled = await labelledWidget(deps, widget.account, model);
      return {
        body: drawn(deps, () => renderWidget(labelled)),
        contentType: HTML,
        passing: hasLabels(deps, widget.account),
      };
    }));

  app.get("/:slug{[a-z0-9-]*}", (c) => {
    const { pages } = deps.live().settings;
    const [first] = pages;
    // The first page of all is not one of this reader's.
    if (c.req.param("slug") === "" && first && first.slug !== "") {
      return c.redirect(pagePath(first), 303);
    }
    return cached(deps, c.req.raw, "/{page}", () => {
      const { pages } = deps.live().settings;
      const page = pages.find(({ slug }) => slug === c.req.param("slug"));
      return page
        ? renderedPage(deps, page, c.req.raw)
        : pages.length === 0
        ? noPage(deps, c.req.raw)
        : notFoundPage(deps, themeOf(c.req.raw), new URL(c.req.url).pathname);
    });
  });

  // The original's address for a page's content.
  app.get(
    "/api/pages/:slug/content",
    (c) =>
      cached(deps, c.req.raw, "/api/pages/{slug}/content", async () => {
        const { pages } = deps.live().settings;
        const page = pages.find(({ slug, name }) =>
          slug === c.req.param("slug") || name.toLowerCase() === c.req.param("slug")
        );
        const query = readQuery(new URL(c.req.url).searchParams);
        const model = page && await pageModel(deps, page, query, null);
        const widgets = model
          ? [
            ...model.headWidgets,
            ...model.columns.flatMap((column) => column.widgets),
            ...model.belowWidgets,
          ]
          : null;
        return widgets
          ? { body: drawn(deps, () => widgets.map(renderWidget).join("\n")), contentType: HTML }
          : { body: "No such page", contentType: "text/plain; charset=utf-8", status: 404 };
      }),
  );
}
