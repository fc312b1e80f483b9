/**
 * Pages: addresses, columns, and the account of every widget.
 *
 * @module
 */
import type { WidgetConfig } from "../src/widgets/config.ts";
import { durationSeconds } from "../src/widgets/config.ts";
import type { Accounts, WidgetAccount } from "./accounts.ts";
import type { PageConfig } from "./pages_schema.ts";
import type { Path, Report } from "./report.ts";
import type { PageSettings, WidgetSettings } from "./settings.ts";

type WidgetInput = NonNullable<PageConfig["head-widgets"]>[number];

/** Addresses of the program's own; `main` is what the first page's widgets are called by. */
export const RESERVED_SLUGS: readonly string[] = [
  "api",
  "health",
  "metrics",
  "assets",
  "explain",
  "definitions",
  "login",
  "logout",
  "webhooks",
  "sources",
  "audit",
  "operator",
  "manifest.json",
  "demo",
  "connect",
  "main",
];

/** `Café & Bar` → `cafe-bar` */
export function slugOf(name: string): string {
  return name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60);
}

function pageSlug(page: PageConfig, path: Path, taken: Set<string>, report: Report): string {
  const at = page.slug === undefined ? [...path, "name"] : [...path, "slug"];
  const slug = page.slug ?? slugOf(page.name);
  const what = page.slug === undefined ? "gives the address" : "is the address";
  if (slug === "") report(at, "gives no address: add a slug of small letters, digits and -");
  else if (RESERVED_SLUGS.includes(slug)) {
    report(at, `${what} /${slug}, which the program uses itself: choose another slug`);
  } else if (taken.has(slug)) {
    report(at, `${what} /${slug}, which another page has: choose another slug`);
  }
  taken.add(slug);
  return slug;
}

function checkColumns({ columns, width }: PageConfig, path: Path, report: Report): void {
  if (width === "slim" && columns.length > 2) {
    report([...path, "columns"], "must have at most 2 entries on a slim page: remove one");
  }
  const full = columns.filter(({ size }) => size === "full").length;
  if (full < 1 || full > 2) {
    report(
      [...path, "columns"],
      `must have one or two columns of size full, and has ${full}: change the size of one`,
    );
  }
}

/** The account that a widget asks for, in the original's three spellings. */
function accountAsked(widget: WidgetInput, path: Path, report: Report): WidgetAccount {
  const nested = widget.stripe ?? {};
  const key = widget["stripe-api-key"] ?? nested["api-key"];
  const mode = widget["stripe-mode"] ?? nested.mode;
  if (widget["stripe-api-key"] !== undefined && nested["api-key"] !== undefined) {
    report([...path, "stripe"], "has an api-key, and there is stripe-api-key too: keep one");
  }
  if (key !== undefined && widget.account !== undefined) {
    report([...path, "account"], "stands beside a key of the widget's own: keep one of them");
  }
  if (key === undefined && mode !== undefined) {
    report(
      [...path, widget["stripe-mode"] === undefined ? "stripe" : "stripe-mode"],
      "says a mode without a key: name an account, or add stripe-api-key",
    );
  }
  return { account: key === undefined ? widget.account : undefined, key, mode };
}

function keyPath(widget: WidgetInput, path: Path): Path {
  return widget["stripe-api-key"] !== undefined
    ? [...path, "stripe-api-key"]
    : widget.stripe?.["api-key"] !== undefined
    ? [...path, "stripe", "api-key"]
    : path;
}

function widgetOf(widget: WidgetInput, id: string, account: string): WidgetSettings {
  return {
    id,
    type: widget.type as WidgetConfig["type"],
    ...(widget.title !== undefined && { title: widget.title }),
    ...(widget["title-url"] !== undefined && { titleUrl: widget["title-url"] }),
    ...(widget["hide-header"] !== undefined && { hideHeader: widget["hide-header"] }),
    ...(widget["css-class"] !== undefined && { cssClass: widget["css-class"] }),
    account,
    cacheSeconds: widget.cache === undefined ? null : durationSeconds(widget.cache),
  };
}

function pageOf(page: PageConfig, slug: string, path: Path, accounts: Accounts, report: Report) {
  let count = 0;
  const widgets = (list: readonly WidgetInput[] = [], at: Path): WidgetSettings[] =>
    list.map((widget, index) => {
      const own = [...at, index];
      const asked = accountAsked(widget, own, report);
      const account = accounts.nameFor(asked, keyPath(widget, own));
      return widgetOf(widget, `${slug || "main"}-${++count}`, account);
    });
  return {
    name: page.name,
    slug,
    width: page.width ?? "default",
    users: page.users ? new Set(page.users) : null,
    headWidgets: widgets(page["head-widgets"], [...path, "head-widgets"]),
    columns: page.columns.map((column, index) => ({
      size: column.size,
      widgets: widgets(column.widgets, [...path, "columns", index, "widgets"]),
    })),
    belowWidgets: [],
  };
}

/** The configured pages; the first one is at `/`, whatever its name. */
export function pagesOf(
  pages: readonly PageConfig[],
  accounts: Accounts,
  report: Report,
): PageSettings[] {
  const taken = new Set<string>();
  return pages.map((page, index) => {
    const path: Path = ["pages", index];
    checkColumns(page, path, report);
    const slug = pageSlug(page, path, taken, report);
    return pageOf(page, index === 0 ? "" : slug, path, accounts, report);
  });
}
