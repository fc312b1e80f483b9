/** A dashboard page: head widgets, columns, what stands below, footer. */
import type { Column, PageCard, PageModel, Widget } from "../src/widgets/models.ts";
import { renderDocument } from "./document.ts";
import { footer } from "./footer.ts";
import { type Html, html } from "./html.ts";
import { widget } from "./widget.ts";

/** The whole page as text; complete without script. */
export function renderPage(model: PageModel): string {
  const { chrome, title, width, headWidgets, columns, belowWidgets } = model;
  return renderDocument({
    chrome,
    title,
    width,
    main: html`
      <main id="main" class="page" data-poll=${model.refreshSeconds} data-stream=${model.stream}>
        <h1 class="unseen">${title}</h1>
        ${model.card ? card(model.card) : null}
        ${row("head-row", headWidgets)}
        ${columns.length > 0
          ? html`<div class="columns ${columnsShape(columns)}">${columns.map(column)}</div>`
          : null}
        ${row("below", belowWidgets)}
      </main>
    `,
    footer: footer(model.footer, chrome),
  });
}

/** In the place of all widgets. */
function card({ title, text, action }: PageCard): Html {
  return html`
    <section class="card page-card" aria-labelledby="page-card-title">
      <h2 id="page-card-title">${title}</h2>
      <p>${text}</p>
      ${action ? html`<p><a href=${action.href}>${action.text}</a></p>` : null}
    </section>
  `;
}

function row(name: string, widgets: readonly Widget[]): Html {
  return widgets.length > 0 ? html`<div class=${name}>${widgets.map(widget)}</div>` : null;
}

function column({ size, widgets }: Column): Html {
  return html`<div class="column ${size}">${widgets.map(widget)}</div>`;
}

/** The grid's name, e.g. `full-small`: a stylesheet knows the ones the configuration allows. */
function columnsShape(columns: readonly Column[]): string {
  return columns.map(({ size }) => size).join("-");
}
