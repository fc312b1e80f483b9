/**
 * `theme:` and `branding:` — how pages are dressed.
 *
 * @module
 */
import * as z from "zod";
import { nameOf } from "./names.ts";

const TRIPLE = /^(\d{1,3}(?:\.\d{1,4})?) (\d{1,3}(?:\.\d{1,4})?)%? (\d{1,3}(?:\.\d{1,4})?)%?$/;

/** `240 8 9`: degrees, percent, percent. */
const hsl = z.string().transform((text, context) => {
  const [, hue, saturation, lightness] = (TRIPLE.exec(text) ?? []).map(Number);
  const isColor = hue !== undefined && hue <= 360 && saturation! <= 100 && lightness! <= 100;
  if (isColor) return { hue, saturation: saturation!, lightness: lightness! };
  context.addIssue({
    code: "custom",
    message: "must be hue (0 to 360), saturation and lightness (0 to 100), such as 240 8 9",
  });
  return z.NEVER;
});

const multiplier = z.number().min(0.1).max(5);

const colors = {
  light: z.boolean().optional().describe("Left out, the reader's system decides"),
  "background-color": hsl.optional(),
  "primary-color": hsl.optional(),
  "positive-color": hsl.optional(),
  "negative-color": hsl.optional(),
  "contrast-multiplier": multiplier.optional(),
  "text-saturation-multiplier": multiplier.optional(),
};

export const colorsSchema = z.strictObject(colors);

export const themeSchema = z.strictObject({
  ...colors,
  "custom-css-file": z.string().min(1).max(1000).optional()
    .describe("Path of a style sheet that is served after the program's own"),
  "disable-picker": z.boolean().optional(),
  presets: z.record(
    nameOf(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be small letters, digits or -"),
    colorsSchema,
  ).optional(),
});

/** The pages load nothing from another host. */
const ownPath = z.string().max(1000).regex(
  /^\/(?![/\\])[^\s"'<>\\]*$/,
  "must be a path of this server, such as /assets/logo.svg, as pages load nothing from elsewhere",
);

export const brandingSchema = z.strictObject({
  "logo-text": z.string().max(40).optional(),
  "logo-url": ownPath.optional(),
  "favicon-url": ownPath.optional(),
  "app-name": z.string().min(1).max(80).optional(),
  "app-icon-url": ownPath.optional(),
  "app-background-color": z.string()
    .regex(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i, 'must be a colour such as "#151519", in quotes')
    .optional(),
  "hide-footer": z.boolean().optional(),
  "custom-footer": z.string().max(500).optional().describe("Shown as text"),
});

export type Colors = z.output<typeof colorsSchema>;
export type ThemeConfig = z.output<typeof themeSchema>;
export type BrandingConfig = z.output<typeof brandingSchema>;
