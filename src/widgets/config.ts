/**
 * What a widget has of its configuration once that has been read. Apart from the schema that
 * checks it, so that drawing a page does not load zod.
 *
 * @module
 */

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Seconds in a duration that the schema has let through. */
export function durationSeconds(duration: string): number {
  const unit = duration.at(-1) as keyof typeof UNIT_SECONDS;
  return Number(duration.slice(0, -1)) * UNIT_SECONDS[unit];
}

export const WIDGET_TYPES = [
  "head",
  "chart13",
  "bridge",
  "mrr-movements",
  "plans",
  "currencies",
  "needs-you",
  "activity",
  "cash",
  "revenue",
  "customers",
  "retention",
  "cohorts",
  "trials",
  "failed-payments",
  "renewals",
  "forecast",
] as const;

/** What a widget needs of its configuration to be drawn. */
export interface WidgetConfig {
  /** Place on its page: `main-2`; the fragment is `/api/widgets/{id}`. */
  readonly id: string;
  readonly type: typeof WIDGET_TYPES[number];
  readonly title?: string | undefined;
  readonly titleUrl?: string | undefined;
  readonly hideHeader?: boolean | undefined;
  readonly cssClass?: string | undefined;
}

/** The part of a widget's model that follows from its configuration. */
export function widgetFrame(config: WidgetConfig, defaultTitle: string) {
  return {
    id: config.id,
    title: config.title ?? defaultTitle,
    ...(config.titleUrl ? { titleHref: config.titleUrl } : {}),
    ...(config.hideHeader ? { hideHeader: true } : {}),
    ...(config.cssClass ? { cssClass: config.cssClass } : {}),
  };
}
