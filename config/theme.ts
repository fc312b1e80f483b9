/**
 * How pages are dressed.
 *
 * @module
 */
import type { ThemeColors } from "../src/widgets/models.ts";
import type { BrandingSettings, ThemeSettings } from "./settings.ts";
import type { BrandingConfig, Colors, ThemeConfig } from "./theme_schema.ts";

const APP_NAME = "BusinessGlance";

/** An object without its undefined fields. */
function given<Fields extends object>(fields: Fields): {
  [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
} {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as ReturnType<typeof given<Fields>>;
}

export function brandingOf(config: BrandingConfig = {}): BrandingSettings {
  const appName = config["app-name"] ?? APP_NAME;
  return {
    appName,
    logoText: config["logo-text"] ?? appName,
    hideFooter: config["hide-footer"] ?? false,
    ...given({
      logoHref: config["logo-url"],
      faviconHref: config["favicon-url"],
      appIconHref: config["app-icon-url"],
      appBackgroundColor: config["app-background-color"],
      customFooter: config["custom-footer"],
    }),
  };
}

function colorsOf(config: Colors): ThemeColors {
  return given({
    light: config.light,
    background: config["background-color"],
    primary: config["primary-color"],
    positive: config["positive-color"],
    negative: config["negative-color"],
    contrastMultiplier: config["contrast-multiplier"],
    textSaturationMultiplier: config["text-saturation-multiplier"],
  });
}

export function themeOf(config: ThemeConfig = {}): ThemeSettings {
  const presets = Object.entries(config.presets ?? {});
  return {
    colors: colorsOf(config),
    customCssFile: config["custom-css-file"] ?? null,
    disablePicker: config["disable-picker"] ?? false,
    presets: Object.fromEntries(presets.map(([name, colors]) => [name, colorsOf(colors)])),
  };
}
