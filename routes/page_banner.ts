/**
 * The banner and the list of accounts of a page, from all sources that the visitor may see.
 *
 * @module
 */
import type { SourceView } from "../src/store/port.ts";
import { bannerOf } from "../src/widgets/banner.ts";
import type { WidgetContext } from "../src/widgets/context.ts";
import type { AccountChoice, Banner } from "../src/widgets/models.ts";
import { NO_QUERY } from "../src/widgets/query.ts";
import { mayFollow } from "./access.ts";
import { contextOf, type FigureDeps, pagePath, phaseOf } from "./chrome.ts";
import { viewsOf } from "./page_widgets.ts";
import type { Access } from "./visitor.ts";

/** The visitor's rights; unknown is the whole. */
export interface Seen {
  readonly access?: Access;
}

/** @param shown Contexts of the sources on the page. */
export function pageBanner(
  deps: FigureDeps & Seen,
  shown: readonly WidgetContext[],
): Banner | null {
  const { sources, fault } = deps.live();
  const names = new Set(shown.map(({ whole }) => whole.info.name));
  const others = [...sources].filter(([name]) => !names.has(name));
  return bannerOf({
    shown,
    others: others.map(([, view]) => contextOf(deps, view, NO_QUERY)),
    configuration: fault,
    sourcesPage: !deps.access || mayFollow("/sources", deps.access),
  });
}

/** The first page that shows an account; else the page of sources. */
function hrefOf(deps: FigureDeps, view: SourceView): string {
  const { pages } = deps.live().settings;
  const page = pages.find((each) => viewsOf(deps, each)[0] === view) ??
    pages.find((each) => viewsOf(deps, each).includes(view));
  return page ? pagePath(page) : "/sources";
}

/** Every account with its state; empty where there is one alone. */
export function accountChoices(deps: FigureDeps, current: WidgetContext): AccountChoice[] {
  const views = [...deps.live().sources.values()];
  if (views.length < 2) return [];
  return views.map((view) => {
    const { phase, alarm } = phaseOf(view);
    return {
      text: view.info.displayName,
      href: hrefOf(deps, view),
      current: view.info.name === current.whole.info.name,
      alarm,
      phase,
    };
  });
}
