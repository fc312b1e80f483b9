/** The rows behind a figure: they add up to it, and each opens into its own explanation. */
import type { ExplainModel, ExplainRow } from "../src/widgets/models.ts";
import { renderDocument } from "./document.ts";
import { exactAmount } from "./exact_amount.ts";
import { unknown } from "./figure.ts";
import { type Html, html } from "./html.ts";
import { lead } from "./lead.ts";

/** The page behind a figure as text. */
export function renderExplain(model: ExplainModel): string {
  return renderDocument({
    chrome: model.chrome,
    title: model.title,
    width: "slim",
    main: html`
      <main id="main" class="page text">
        ${lead({ ...model, sub: model.countText })}
        <div class="card scroll" tabindex="0" role="group" aria-label="Rows behind ${model.title}">
          <table class="ledger ids">
            <caption class="unseen">${model.countText} behind ${model.title}</caption>
            ${ledgerHead(model)}
            <tbody>${model.rows.map((row) => ledgerRow(row, model))}</tbody>
            ${ledgerFoot(model)}
          </table>
        </div>
        ${paging(model)}
      </main>
    `,
  });
}

function ledgerHead({ columns, amountLabel }: ExplainModel): Html {
  return html`
    <thead>
      <tr>
        <th scope="col">Subscription</th>
        <th scope="col">Customer</th>
        <th scope="col">${columns.standing}</th>
        <th scope="col">${columns.plan}</th>
        ${columns.quantity ? html`<th scope="col" class="number">${columns.quantity}</th>` : null}
        <th scope="col" class="number">${amountLabel}</th>
        <th scope="col"><span class="unseen">Exact amount</span></th>
      </tr>
    </thead>
  `;
}

function ledgerRow(row: ExplainRow, { columns }: ExplainModel): Html {
  const why = [row.reason, ...row.issues].filter(Boolean).join(" · ");
  return html`
    <tr class=${row.amount === null ? "unvalued" : undefined}>
      <th scope="row"><a href=${row.subscription.href}>${row.subscription.text}</a></th>
      <td
        class="who"><a class="out" href=${row.customer.href} rel="noreferrer">${row.customer
          .text}<span class="unseen"> in the Stripe dashboard</span></a></td>
      <td class="standing">${row.status}</td>
      <td class="plan">${row.plan}${why ? html`<small>${why}</small>` : null}</td>
      ${columns.quantity ? html`<td class="number quantity">${row.quantity}</td>` : null}
      <td class="number amount">${row.amount ?? unknown(why || "could not be valued")}</td>
      <td class="exact">${row.exact === null ? null : exactAmount(`${row.exact} minor units`)}</td>
    </tr>
  `;
}

function ledgerFoot(model: ExplainModel): Html {
  const several = model.subtotals.length > 1;
  const span = model.columns.quantity ? 5 : 4;
  return html`
    <tfoot>
      ${several
        ? model.subtotals.map((sum) =>
          html`
            <tr>
              <th scope="row" colspan=${span}>${sum.currency} · ${sum.rows}</th>
              <td class="number amount">${sum.amount}</td>
              <td class="exact">${exactAmount(`${sum.exact} minor units`)}</td>
            </tr>
          `
        )
        : null}
      ${model.rounding
        ? html`
          <tr class="rounding">
            <th scope="row" colspan=${span}>${model.rounding.text}</th>
            <td class="number amount">${model.rounding.amount}</td>
            <td></td>
          </tr>
        `
        : null}
      <tr class="total">
        <th scope="row" colspan=${span}>${model.title}</th>
        <td class="number amount">${model.total}</td>
        <td class="exact">${model.totalExact === "" ? null : exactAmount(model.totalExact)}</td>
      </tr>
    </tfoot>
  `;
}

function paging({ paging: { text, previous, next } }: ExplainModel): Html {
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
