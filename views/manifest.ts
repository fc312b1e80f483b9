/** The web app manifest, served at `/manifest.json`. */
import type { Branding } from "../src/widgets/models.ts";

export interface ManifestOptions {
  /** A CSS colour; the configured `app-background-color`. */
  readonly backgroundColor: string;
  /** Path of ours; the configured `app-icon-url` or the favicon. */
  readonly iconHref: string;
  /** Where the app begins, and what it is of: `/`. */
  readonly startHref: string;
}

/** The manifest as JSON text. */
export function renderManifest(
  { appName }: Branding,
  { backgroundColor, iconHref, startHref }: ManifestOptions,
): string {
  const isSvg = iconHref.endsWith(".svg");
  return JSON.stringify({
    name: appName,
    short_name: appName,
    start_url: startHref,
    scope: startHref,
    display: "standalone",
    background_color: backgroundColor,
    theme_color: backgroundColor,
    icons: [{
      src: iconHref,
      sizes: isSvg ? "any" : "512x512",
      ...(isSvg && { type: "image/svg+xml" }),
    }],
  });
}
