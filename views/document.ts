/** The document around every page: head, skip link, bar, content. */
import type { VNode } from "preact";
import type { Chrome } from "../src/widgets/models.ts";
import { type Html, html, toDocument } from "./html.ts";
import { bar } from "./status_line.ts";

export interface DocumentParts {
  readonly chrome: Chrome;
  readonly title: string;
  /** slim 1100, default 1600, wide 1920 pixels. */
  readonly width: "slim" | "default" | "wide";
  readonly main: VNode;
  readonly footer?: Html;
}

/** The whole document as text. Everything it loads comes from this server. */
export function renderDocument({ chrome, title, width, main, footer }: DocumentParts): string {
  const { branding, stylesheets, script, manifest, colorScheme } = chrome;
  return toDocument(html`
    <html lang="en" data-scheme=${colorScheme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content=${colorScheme === "auto" ? "light dark" : colorScheme} />
        <meta name="robots" content="noindex" />
        <meta name="referrer" content="no-referrer" />
        <title>${title} · ${branding.appName}</title>
        ${stylesheets.map((href) => html`<link rel="stylesheet" href=${href} />`)}
        ${branding.faviconHref ? html`<link rel="icon" href=${branding.faviconHref} />` : null}
        <link rel="manifest" href=${manifest} />
        <script type="module" src=${script}></script>
      </head>
      <body class="width-${width}">
        <a class="skip" href="#main">Skip to the figures</a>
        ${bar(chrome)} ${main} ${footer}
      </body>
    </html>
  `);
}
