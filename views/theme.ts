/**
 * The configured theme as CSS. Text and signal colours keep their hue, and their lightness is moved
 * until they reach WCAG AA (4.5 : 1) on the card: a theme cannot make figures unreadable.
 *
 * @module
 */
import type { Hsl, ThemeColors } from "../src/widgets/models.ts";

type Scheme = "light" | "dark";
type Tokens = Readonly<Record<string, Hsl>>;

const DEFAULTS: Record<Scheme, Record<"background" | "primary" | "positive" | "negative", Hsl>> = {
  light: {
    background: hsl(240, 12, 97),
    primary: hsl(234, 60, 54),
    positive: hsl(152, 81, 25),
    negative: hsl(332, 59, 42),
  },
  dark: {
    background: hsl(228, 16, 6),
    primary: hsl(233, 100, 79),
    positive: hsl(151, 50, 53),
    negative: hsl(337, 74, 75),
  },
};

/** WCAG AA for text of any size. */
const LEAST_CONTRAST = 4.5;

function hsl(hue: number, saturation: number, lightness: number): Hsl {
  return { hue, saturation, lightness };
}

/** Which scheme a theme stands for; `auto` where it names no background and no `light`. */
export function schemeOf({ light, background }: ThemeColors): Scheme | "auto" {
  if (light !== undefined) return light ? "light" : "dark";
  if (background === undefined) return "auto";
  return background.lightness > 50 ? "light" : "dark";
}

/** The style sheet of a theme; empty for one without any colour. */
export function themeCss(theme: ThemeColors): string {
  if (Object.keys(theme).length === 0) return "";
  const scheme = schemeOf(theme);
  const declarations = scheme === "auto" ? bothSchemes(theme) : oneScheme(theme, scheme);
  const colorScheme = scheme === "auto" ? "light dark" : scheme;
  return `:root{color-scheme:${colorScheme};${declarations}}\n`;
}

function oneScheme(theme: ThemeColors, scheme: Scheme): string {
  return Object.entries(tokens(theme, scheme))
    .map(([name, color]) => `--${name}:${cssOf(color)}`)
    .join(";");
}

function bothSchemes(theme: ThemeColors): string {
  const dark = tokens(theme, "dark");
  return Object.entries(tokens(theme, "light"))
    .map(([name, color]) => `--${name}:light-dark(${cssOf(color)},${cssOf(dark[name]!)})`)
    .join(";");
}

/** Every token that a theme decides. Exported for the contrast test. */
export function tokens(theme: ThemeColors, scheme: Scheme): Tokens {
  const defaults = DEFAULTS[scheme];
  const background = theme.background ?? defaults.background;
  const sign = scheme === "dark" ? 1 : -1;
  const step = (by: number) => ({
    ...background,
    lightness: clamp(background.lightness + sign * by, 0, 100),
  });
  const card = scheme === "dark" ? step(3) : hsl(background.hue, background.saturation, 100);
  const saturation = clamp(
    Math.min(background.saturation, 14) * (theme.textSaturationMultiplier ?? 1),
    0,
    100,
  );
  const contrast = theme.contrastMultiplier ?? 1;
  const text = (distance: number) =>
    readable(
      hsl(
        background.hue,
        saturation,
        clamp(background.lightness + sign * distance * contrast, 0, 100),
      ),
      [card, background],
      sign,
    );
  const signal = (color: Hsl) => readable(color, [card, background], sign);
  return {
    bg: background,
    card,
    raised: scheme === "dark" ? step(5) : card,
    line: step(8),
    "line-strong": step(15),
    text: text(86),
    muted: text(60),
    faint: text(46),
    accent: signal(theme.primary ?? defaults.primary),
    good: signal(theme.positive ?? defaults.positive),
    bad: signal(theme.negative ?? defaults.negative),
  };
}

/** The colour, moved away from the grounds until it is readable on each of them. */
function readable(color: Hsl, grounds: readonly Hsl[], sign: number): Hsl {
  let { lightness } = color;
  const enough = () =>
    grounds.every((ground) => contrastOf({ ...color, lightness }, ground) >= LEAST_CONTRAST);
  const farthest = sign > 0 ? 100 : 0;
  while (!enough() && lightness !== farthest) lightness = clamp(lightness + sign, 0, 100);
  return { ...color, lightness };
}

/** WCAG contrast of two colours, 1 … 21. */
export function contrastOf(one: Hsl, other: Hsl): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Relative luminance, WCAG 2. */
function luminance({ hue, saturation, lightness }: Hsl): number {
  const l = lightness / 100;
  const a = saturation / 100 * Math.min(l, 1 - l);
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12;
    const value = l - a * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(0) + 0.7152 * channel(8) + 0.0722 * channel(4);
}

/** A colour as CSS: `hsl(240 8% 9%)`. */
export function cssOf({ hue, saturation, lightness }: Hsl): string {
  const round = (value: number) => Math.round(value * 100) / 100;
  return `hsl(${round(hue)} ${round(saturation)}% ${round(lightness)}%)`;
}

function clamp(value: number, from: number, to: number): number {
  return Math.min(to, Math.max(from, value));
}
