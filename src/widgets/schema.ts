/**
 * The configuration that all widgets share (glance's keys), checked by zod.
 *
 * @module
 */
import * as z from "zod";

/** A duration such as `30s`, `10m`, `1h`, `2d`. */
export const durationSchema = z.string().regex(
  /^\d+[smhd]$/,
  "must be a number and a unit, such as 30s, 10m, 1h or 2d",
);

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Seconds in a duration that the schema has let through. */
export function durationSeconds(duration: string): number {
  const unit = duration.at(-1) as keyof typeof UNIT_SECONDS;
  return Number(duration.slice(0, -1)) * UNIT_SECONDS[unit];
}

const shared = {
  title: z.string().max(200).optional().describe("Heading of the widget"),
  "title-url": z.url().optional().describe("Where the heading links to"),
  "hide-header": z.boolean().optional(),
  cache: durationSchema.optional().describe(
    "Greatest age of the figures where no webhook is live",
  ),
  "css-class": z.string().regex(/^[\w -]*$/, "must be names of CSS classes").optional(),
  account: z.string().optional().describe("A name under accounts:"),
};

const stripe = {
  "stripe-api-key": z.string().optional().describe("In place of an account"),
  "stripe-mode": z.enum(["live", "test"]).optional(),
  stripe: z.strictObject({
    "api-key": z.string().optional(),
    mode: z.enum(["live", "test"]).optional(),
  }).optional(),
};

/** The configuration keys of a widget of a type. */
export function widgetSchema<Type extends string>(type: Type) {
  return z.strictObject({ type: z.literal(type), ...shared, ...stripe });
}

export const WIDGET_TYPES = [
  "head",
  "chart13",
  "bridge",
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
] as const;

export const widgetsSchema = z.discriminatedUnion(
  "type",
  WIDGET_TYPES.map(widgetSchema) as [ReturnType<typeof widgetSchema>],
);

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
