/**
 * The pages that are shown where no configuration lists any.
 *
 * @module
 */
import type { WidgetConfig } from "../src/widgets/config.ts";
import type { PageSettings, WidgetSettings } from "./settings.ts";

type WidgetType = WidgetConfig["type"];

interface Layout {
  readonly name: string;
  readonly slug: string;
  readonly head: readonly WidgetType[];
  readonly full: readonly WidgetType[];
  readonly small: readonly WidgetType[];
  readonly below: readonly WidgetType[];
}

const LAYOUTS: readonly Layout[] = [
  {
    name: "Business",
    slug: "",
    head: ["head"],
    full: ["chart13", "bridge", "plans", "currencies", "cohorts"],
    small: ["needs-you", "activity", "cash", "revenue"],
    below: ["customers", "retention", "trials"],
  },
  {
    name: "Money",
    slug: "money",
    head: [],
    full: ["forecast", "failed-payments", "renewals"],
    small: ["cash", "needs-you", "trials"],
    below: [],
  },
];

function pageOf({ name, slug, head, full, small, below }: Layout, account: string): PageSettings {
  let count = 0;
  const widgets = (types: readonly WidgetType[]): WidgetSettings[] =>
    types.map((type) => ({
      id: `${slug || "main"}-${++count}`,
      type,
      account,
      cacheSeconds: null,
    }));
  return {
    name,
    slug,
    width: "default",
    headWidgets: widgets(head),
    columns: [
      { size: "full", widgets: widgets(full) },
      { size: "small", widgets: widgets(small) },
    ],
    belowWidgets: widgets(below),
  };
}

/** The built-in pages with the figures of one account. */
export function defaultPages(account: string): PageSettings[] {
  return LAYOUTS.map((layout) => pageOf(layout, account));
}
