/**
 * What the pages ask of a source: for the opening of the next start, and once everything is read,
 * so that no visitor waits for the first look at all of it.
 *
 * @module
 */
import type { SourceView } from "../src/store/port.ts";
import { NO_QUERY } from "../src/widgets/query.ts";
import { pageCard } from "../src/widgets/page_card.ts";
import { widgetModel } from "../src/widgets/registry.ts";
import { contextOf, type FigureDeps, pagePath } from "./chrome.ts";
import { widgetsOf } from "./page_widgets.ts";
import { statusOf } from "./status_line.ts";

/**
 * Asks a view what the pages ask of the source of this name before a visitor chooses anything,
 * widget by widget.
 */
export function* readPages(deps: FigureDeps, name: string, view: SourceView): Generator<void> {
  const { settings } = deps.live();
  const names = settings.accounts.map((account) => account.name);
  const isOurs = (account: string) => (names.includes(account) ? account : names[0]) === name;
  const { tally } = view;
  // Probes and metrics ask these.
  void [tally.active(), tally.customers(), tally.byStatus(), view.unresolved()];
  const context = contextOf(deps, view, NO_QUERY);
  void pageCard([context]);
  for (const page of settings.pages) {
    const widgets = widgetsOf(page);
    if (isOurs(widgets[0]?.account ?? "default")) statusOf(deps, context, pagePath(page));
    for (const widget of widgets) {
      if (isOurs(widget.account)) widgetModel(context, widget);
      yield;
    }
  }
}
