/** A page of tables: the rows behind a figure of money. */
import type { Cell, TableColumn, TableModel, TablesModel } from "../src/widgets/models.ts";
import { renderDocument } from "./document.ts";
import { notYet } from "./frame.ts";
import { type Html, html } from "./html.ts";
import { exactAmount } from "./exact_amount.ts";
import { lead } from "./lead.ts";

/** The page as text. */
export function renderTables(model: TablesModel): string {
  return renderDocument({
    chrome: model.chrome,
    title: model.title,
    width: "slim",
    main: html`
      <main id="main" class="page text">
        ${lead(model)}
        ${model.reason ? notYet(model.reason) : null}
        <div class="tables">${model.tables.map((table) => section(table, model.title))}</div>
        ${paging(model)}
      </main>
    `,
  });
}

function section(model: TableModel, page: string): Html {
  const { title, note, columns, rows, foot = [], empty } = model;
  return html`
    <section>
      ${title ? html`<h2>${title}${note ? html`<small>${note}</small>` : null}</h2>` : null}
      ${rows.length === 0 && foot.length === 0 ? notYet(empty ?? "Nothing here") : html`
        <div class="card scroll" tabindex="0" role="group" aria-label=${title ?? page}>
          <table class="ledger">
            <caption class="unseen">${title ?? page}</caption>
            <thead>
              <tr>${columns.map((column) =>
                column.kind === "exact"
                  ? html`<th scope="col"><span class="unseen">${column.text}</span></th>`
                  : html`<th scope="col" class=${
                    column.kind ? "number" : undefined
                  }>${column.text}</th>`
              )}</tr>
            </thead>
            <tbody>${rows.map((cells) => row(cells, columns))}</tbody>
            ${foot.length > 0
              ? html`<tfoot>${
                foot.map((cells, index) => footRow(cells, columns, index === foot.length - 1))
              }</tfoot>`
              : null}
          </table>
        </div>
      `}
    </section>
  `;
}

function row(cells: readonly Cell[], columns: readonly TableColumn[]): Html {
  return html`
    <tr>
      ${cells.map((cell, index) =>
        index === 0
          ? html`<th scope="row">${content(cell)}</th>`
          : html`<td class=${classOf(columns[index])}>${content(cell, columns[index])}</td>`
      )}
    </tr>
  `;
}

/** A row below the others: its name reaches over the cells that have nothing in them. */
function footRow(cells: readonly Cell[], columns: readonly TableColumn[], total: boolean): Html {
  const first = cells.findIndex((cell, index) => index > 0 && cell !== "");
  const span = first < 0 ? cells.length : first;
  return html`
    <tr class=${total ? "total" : undefined}>
      <th scope="row" colspan=${span > 1 ? span : undefined}>${content(cells[0]!)}</th>
      ${cells.slice(span).map((cell, index) =>
        html`<td class=${classOf(columns[span + index])}>${
          content(cell, columns[span + index])
        }</td>`
      )}
    </tr>
  `;
}

function classOf(column: TableColumn | undefined): string | undefined {
  if (!column?.kind) return undefined;
  return column.kind;
}

function content(cell: Cell, column?: TableColumn): Html {
  if (typeof cell === "string") {
    const exact = column?.kind === "exact" && cell !== "" && cell !== "–";
    return exact ? exactAmount(`${cell} minor units`) : html`${cell}`;
  }
  return cell.href.startsWith("/") ? html`<a href=${cell.href}>${cell.text}</a>` : html`
    <a class="out" href=${cell.href}
      rel="noreferrer">${cell
        .text}<span class="unseen"> in the Stripe dashboard</span></a>
  `;
}

function paging({ paging: pages }: TablesModel): Html {
  if (!pages) return null;
  const { text, previous, next } = pages;
  return html`
    <nav class="paging" aria-label="Pages of rows">
      ${previous
        ? html`<a class="button" rel="prev" href=${previous.href}>${previous.text}</a>`
        : null}
      <span>${text}</span>
      ${next ? html`<a class="button" rel="next" href=${next.href}>${next.text}</a>` : null}
    </nav>
  `;
}
