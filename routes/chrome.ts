/**
 * What stands around every page: brand, pages, status line, footer.
 *
 * @module
 */
import type { PageSettings } from "../config/settings.ts";
import type { SourceView } from "../src/store/port.ts";
import { createKeyUrl } from "../src/stripe/key.ts";
import { createContext, momentOf, type WidgetContext } from "../src/widgets/context.ts";
import type {
  Chrome,
  FooterModel,
  Link,
  SourceRow,
  StatusModel,
  ThemeColors,
} from "../src/widgets/models.ts";
import { NO_QUERY, queryText, type ViewQuery } from "../src/widgets/query.ts";
import { defaultCurrency, reportingAt } from "../src/widgets/slice.ts";
import { styleAsset } from "../views/assets.ts";
import { schemeOf, themeCss } from "../views/theme.ts";
import { mayFollow } from "./access.ts";
import type { AppDeps } from "./deps.ts";

/** A source's seconds in the milliseconds of the clock. */
export function secondsNow(deps: Pick<AppDeps, "now">): number {
  return Math.floor(deps.now() / 1000);
}

/** What figures depend on beside their source. */
export type FigureDeps = Pick<AppDeps, "live" | "now" | "demo">;

/** The name by which links ask for a source, where there are several. */
export function sourceName(
  { live }: Pick<FigureDeps, "live">,
  { info }: SourceView,
): string | null {
  return live().settings.accounts.length > 1 ? info.name : null;
}

/** What widgets of a source are given. */
export function contextOf(
  deps: FigureDeps,
  view: SourceView,
  query: ViewQuery,
): WidgetContext {
  return createContext({
    view,
    now: secondsNow(deps),
    query: { ...query, source: sourceName(deps, view) },
    reporting: reportingAt(view, secondsNow(deps)),
    inputs: deps.live().settings.figures.inputs,
    keyUrl: createKeyUrl(view.info.livemode ? "live" : "test"),
  });
}

/** Live, test or demo. */
export function modeOf(deps: FigureDeps, view: SourceView): "live" | "test" | "demo" {
  if (deps.demo) return "demo";
  return view.info.livemode ? "live" : "test";
}

export function pagePath(page: Pick<PageSettings, "slug">): string {
  return `/${page.slug}`;
}

const sheets = new WeakMap<ThemeColors, Promise<string | null>>();

/** The address of a theme's style sheet; the sheet joins the assets when it is first asked for. */
function themeHref(deps: AppDeps, colors: ThemeColors): Promise<string | null> {
  let href = sheets.get(colors);
  if (!href) {
    const css = themeCss(colors);
    href = css === ""
      ? Promise.resolve(null)
      : styleAsset("theme", css).then((asset) => deps.addAsset(asset));
    sheets.set(colors, href);
  }
  return href;
}

/** What is around a page. `theme` is the visitor's choice among the presets. */
export async function chromeOf(
  deps: AppDeps,
  theme: string | null,
  current: string | null,
  status: StatusModel | null,
): Promise<Chrome> {
  const { settings } = deps.live();
  const assets = deps.assets();
  const { presets, disablePicker } = settings.theme;
  const chosen = theme !== null && Object.hasOwn(presets, theme) ? presets[theme]! : null;
  const colors = chosen ?? settings.theme.colors;
  const sheet = await themeHref(deps, colors);
  const custom = deps.customCssHref();
  const themes = Object.keys(presets).length === 0 || disablePicker ? [] : [
    { key: "default", name: "Default", current: chosen === null },
    ...Object.keys(presets).map((key) => ({ key, name: key, current: key === theme })),
  ];
  return {
    branding: {
      ...settings.branding,
      faviconHref: settings.branding.faviconHref ?? assets.favicon.href,
    },
    stylesheets: [assets.stylesheet.href, ...(sheet ? [sheet] : []), ...(custom ? [custom] : [])],
    script: assets.script.href,
    manifest: "/manifest.json",
    colorScheme: schemeOf(colors),
    themes,
    nav: settings.pages.map((page) => ({
      text: page.name,
      href: pagePath(page),
      current: page.slug === current,
    })),
    logoutHref: deps.access.signedIn ? "/logout" : null,
    status,
  };
}

const PHASES: Readonly<
  Record<SourceView["status"]["phase"], readonly [string, SourceRow["alarm"]]>
> = {
  connecting: ["connecting", "calm"],
  backfill: ["reading the account", "calm"],
  history: ["rebuilding the past", "calm"],
  live: ["live", "calm"],
  key_rejected: ["key rejected", "broken"],
  permission_missing: ["permission missing", "warn"],
  stopped: ["stopped", "broken"],
};

/** The state of a source in a word or two. */
export function phaseOf({ status }: SourceView): Pick<SourceRow, "phase" | "alarm"> {
  const behind = status.staleSince !== null || status.problem !== null;
  const [phase, alarm] = PHASES[status.phase];
  if (alarm !== "calm" || !behind) return { phase, alarm };
  return { phase: status.asOf === null ? "not connected" : "stale", alarm: "warn" };
}

function sourceRow(deps: AppDeps, view: SourceView): SourceRow {
  const { status, info } = view;
  const { phase, alarm } = phaseOf(view);
  const now = secondsNow(deps);
  return {
    name: info.displayName,
    mode: modeOf(deps, view),
    phase,
    alarm,
    lastEvent: status.lastEventAt === null
      ? "no event yet"
      : `last event ${momentOf({ view, now }, status.lastEventAt).text}`,
    ...(mayFollow("/sources", deps.access) ? { href: "/sources" } : {}),
  };
}

function linksOf(deps: AppDeps, view: SourceView | undefined): Link[] {
  const asked = queryText({ ...NO_QUERY, source: view ? sourceName(deps, view) : null });
  const links = [
    { text: "Definitions", href: `/definitions${asked}` },
    { text: "Sources", href: "/sources" },
    { text: "Webhooks", href: "/webhooks/status" },
    { text: "JSON", href: `/api/v1/revenue${asked}` },
    { text: "Health", href: "/health" },
  ];
  return links.filter(({ href }) => mayFollow(href.split("?")[0]!, deps.access));
}

export function footerOf(deps: AppDeps, view: SourceView | undefined): FooterModel {
  const views = [...deps.live().sources.values()];
  const footer: FooterModel = {
    version: deps.version,
    sources: views.map((each) => sourceRow(deps, each)),
    links: linksOf(deps, view),
  };
  if (!deps.demo || !view) return footer;
  return {
    ...footer,
    demo: {
      books: deps.demo.footer(view),
      breakHref: "/demo/break",
      broken: deps.demo.broken,
      connect: { text: "Connect yours", href: "/connect" },
    },
  };
}

/** The currency of a source's figures where the visitor named none. */
export function currencyOf(deps: AppDeps, view: SourceView): string | null {
  return defaultCurrency(view, reportingAt(view, secondsNow(deps)));
}
