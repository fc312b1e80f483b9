/** The footer: sources, the demo's books, links, theme picker. */
import type {
  Branding,
  Chrome,
  DemoFooter,
  FooterModel,
  SourceRow,
  ThemeChoice,
} from "../src/widgets/models.ts";
import { classes, type Html, html, toText } from "./html.ts";

export function footer(model: FooterModel, chrome: Chrome): Html {
  return html`
    <footer class="foot">
      ${model.demo ? demo(model.demo) : null}
      ${model.sources.length > 0 ? sources(model.sources) : null}
      ${chrome.branding.hideFooter ? null : colophon(model, chrome.branding, chrome.themes)}
    </footer>
  `;
}

function demo({ books, breakHref, broken, connect }: DemoFooter): Html {
  return html`
    <section class="demo-foot" id="w-demo" data-widget="demo" aria-label="Demo">
      <p class=${classes("books", books?.equal === false && "unequal")}>${booksText(books)}</p>
      <form method="post" action=${breakHref}>
        <button type="submit" class="button">${broken ? "Let Stripe heal" : "Break Stripe"}</button>
      </form>
      <a class="button strong" href=${connect.href}>${connect.text}</a>
    </section>
  `;
}

/** The demo's strip as text: the body of `/api/widgets/demo`. */
export function renderDemo(model: DemoFooter): string {
  return toText(demo(model));
}

function booksText(books: DemoFooter["books"]): Html {
  if (books === null) return html`<span>simulator's own books: not reachable</span>`;
  return html`
    <span>simulator's own books <b>${books.simulator}</b> ${books.equal
      ? "="
      : "≠"} shown <b>${books.shown}</b> ${books.equal
      ? html`<span class="good">✓</span>`
      : html`<span class="bad">does not add up</span>`}</span>
  `;
}

function sources(rows: readonly SourceRow[]): Html {
  return html`
    <ul class="sources" aria-label="Sources">
      ${rows.map((row) =>
        html`
          <li class=${row.alarm}>
            <span class="pulse" aria-hidden="true"></span>
            ${row.href ? html`<a href=${row.href}>${row.name}</a>` : html`<b>${row.name}</b>`}
            <span>${row.mode.toUpperCase()} · ${row.phase} · ${row.lastEvent}</span>
          </li>
        `
      )}
    </ul>
  `;
}

function colophon(
  model: FooterModel,
  branding: Branding,
  themes: readonly ThemeChoice[],
): Html {
  return html`
    <div class="colophon">
      <span>${branding.customFooter ?? branding.appName} ${model.version}</span>
      ${model.links.map(({ text, href }) => html`<a href=${href}>${text}</a>`)}
      ${themes.length > 0 ? picker(themes) : null}
    </div>
  `;
}

/** Buttons of a form, so that a theme can be chosen without script. */
function picker(themes: readonly ThemeChoice[]): Html {
  return html`
    <form method="post" class="themes" role="group" aria-label="Theme">
      ${themes.map(({ key, name, current }) =>
        html`
          <button formaction="/api/set-theme/${key}" aria-pressed=${current
            ? "true"
            : "false"}>${name}</button>
        `
      )}
    </form>
  `;
}
