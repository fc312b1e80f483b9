/** Plans: the top six and "other", with their share and change. */
import type { PlanRow, PlansModel } from "../src/widgets/models.ts";
import { shareBar } from "./charts/share_bar.ts";
import { notYet } from "./frame.ts";
import { trendText, unknown } from "./figure.ts";
import { type Html, html } from "./html.ts";

export function plans(model: PlansModel): Html {
  if (model.rows.length === 0) return notYet(model.empty ?? "no plan has a paying subscription");
  const reason = model.changeReason ?? "not yet: changes come with the history";
  return html`
    <table class="plans">
      <caption class="unseen">MRR, share, customers and change by plan</caption>
      <thead>
        <tr>
          <th scope="col">Plan</th>
          <th scope="col" class="number">MRR</th>
          <th scope="col" class="share-col">Share</th>
          <th scope="col" class="number">Customers</th>
          <th scope="col" class="number">${model.changeLabel ?? "Change"}</th>
        </tr>
      </thead>
      <tbody>${model.rows.map((row) => planRow(row, reason))}</tbody>
      <tfoot>
        <tr>
          <th scope="row">All plans</th>
          <td class="number mrr">${model.total.mrr}</td>
          <td class="share-col"></td>
          <td class="number count">${model.total.customers}</td>
          <td class="number change"></td>
        </tr>
      </tfoot>
    </table>
    ${model.billing.length > 0 ? billing(model.billing) : null}
  `;
}

/** MRR by billing interval; each name leads to the page with that filter on. */
function billing(rows: PlansModel["billing"]): Html {
  return html`
    <ul class="billing" aria-label="MRR by billing interval">
      ${rows.map((row) =>
        html`
          <li>
            <a href=${row.href}>${row.name}</a>
            <b>${row.mrr}</b>
            <span class="share-cell">${shareBar(row.share)}<span>${row.shareText}</span></span>
          </li>
        `
      )}
    </ul>
  `;
}

function planRow(row: PlanRow, reason: string): Html {
  return html`
    <tr>
      <th scope="row">
        ${row.href ? html`<a href=${row.href}>${row.name}</a>` : row.name}
        ${row.detail ? html`<small> ${row.detail}</small>` : null}
      </th>
      <td class="number mrr">${row.mrr}</td>
      <td class="share-col"><span class="share-cell">${shareBar(row.share)}<span>${row
        .shareText}</span></span></td>
      <td class="number count">${row.customers}</td>
      <td class="number change">${row.change ? trendText(row.change) : unknown(reason)}</td>
    </tr>
  `;
}
