/**
 * `pages:` — pages, their columns and widgets.
 *
 * @module
 */
import * as z from "zod";
import { userName } from "./auth_schema.ts";
import { widgetsSchema } from "../src/widgets/schema.ts";

const WIDGETS_MAX = 40;

const widgets = z.array(widgetsSchema).max(WIDGETS_MAX);
const width = z.enum(["slim", "default", "wide"]);

export const pageSchema = z.strictObject({
  name: z.string().min(1).max(80),
  slug: z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "must be small letters, digits and -")
    .max(60).optional().describe("Its address; left out, it follows from the name"),
  users: z.array(userName).min(1).max(1000).optional()
    .describe("Who may see it, besides admins; left out, everyone who signs in"),
  width: width.optional(),
  "desktop-navigation-width": width.optional(),
  "center-vertically": z.boolean().optional(),
  "hide-desktop-navigation": z.boolean().optional(),
  "show-mobile-header": z.boolean().optional(),
  "head-widgets": widgets.optional(),
  columns: z.array(z.strictObject({
    size: z.enum(["small", "full"]),
    widgets: widgets.optional(),
  })).min(1).max(3),
});

export const pagesSchema = z.array(pageSchema).min(1).max(30);

export type PageConfig = z.output<typeof pageSchema>;
