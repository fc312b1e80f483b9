/**
 * The page that is shown where no configuration lists any.
 *
 * @module
 */
import type { WidgetConfig } from "../src/widgets/config.ts";
import type { PageSettings, WidgetSettings } from "./settings.ts";

type WidgetType = WidgetConfig["type"];

const HEAD: readonly WidgetType[] = ["head"];
const FULL: readonly WidgetType[] = ["chart13", "bridge", "plans", "currencies", "cohorts"];
const SMALL: readonly WidgetType[] = ["needs-you", "activity", "cash", "revenue"];
const BELOW: readonly WidgetType[] = ["customers", "retention", "trials"];

/** The built-in page with the figures of one account. */
export function defaultPage(account: string): PageSettings {
  let count = 0;
  const widgets = (types: readonly WidgetType[]): WidgetSettings[] =>
    types.map((type) => ({ id: `main-${++count}`, type, account, cacheSeconds: null }));
  return {
    name: "Business",
    slug: "",
    width: "default",
    headWidgets: widgets(HEAD),
    columns: [
      { size: "full", widgets: widgets(FULL) },
      { size: "small", widgets: widgets(SMALL) },
    ],
    belowWidgets: widgets(BELOW),
  };
}
