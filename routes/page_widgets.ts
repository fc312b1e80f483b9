/**
 * The widgets of a page and the sources that they show.
 *
 * @module
 */
import type { PageSettings, WidgetSettings } from "../config/settings.ts";
import type { SourceView } from "../src/store/port.ts";
import type { AppDeps } from "./deps.ts";

/** A page's widgets, from the head down. */
export function widgetsOf(page: PageSettings): readonly WidgetSettings[] {
  return [
    ...page.headWidgets,
    ...page.columns.flatMap(({ widgets }) => widgets),
    ...page.belowWidgets,
  ];
}

/** The source of a widget; the first one where its account is not there yet. */
export function viewOf({ live }: Pick<AppDeps, "live">, account: string): SourceView | undefined {
  const { sources } = live();
  return sources.get(account) ?? sources.values().next().value;
}

/** The sources that a page shows: first that of its status line. */
export function viewsOf(deps: Pick<AppDeps, "live">, page: PageSettings): readonly SourceView[] {
  const accounts = widgetsOf(page).map(({ account }) => account);
  const views = (accounts.length > 0 ? accounts : ["default"]).map((name) => viewOf(deps, name));
  return [...new Set(views)].filter((view) => view !== undefined);
}
