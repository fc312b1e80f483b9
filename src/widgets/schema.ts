/**
 * The configuration that all widgets share (glance's keys), checked by zod.
 *
 * @module
 */
import * as z from "zod";
import { WIDGET_TYPES } from "./config.ts";

/** A duration such as `30s`, `10m`, `1h`, `2d`. */
export const durationSchema = z.string().regex(
  /^\d+[smhd]$/,
  "must be a number and a unit, such as 30s, 10m, 1h or 2d",
);

const shared = {
  title: z.string().max(200).optional().describe("Heading of the widget"),
  "title-url": z.url({ protocol: /^https?$/ }).optional().describe("Where the heading links to"),
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

export const widgetsSchema = z.discriminatedUnion(
  "type",
  WIDGET_TYPES.map(widgetSchema) as [ReturnType<typeof widgetSchema>],
);
