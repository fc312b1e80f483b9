/** Failed payments: the figures of the period, and each month of first failures as a bar. */
import type { FailedPaymentsModel, FailureMonth } from "../src/widgets/models.ts";
import { outcomeBar } from "./charts/outcome_bar.ts";
import { figureTile, unknown } from "./figure.ts";
import { notYet } from "./frame.ts";
import { type Html, html } from "./html.ts";

export function failedPayments({ period, figures, months }: FailedPaymentsModel): Html {
  return html`
    <div class="failures">
      <p class="sub">${period}, by the day of the first failure</p>
      <div class="metrics-grid">${figures.map(figureTile)}</div>
      ${months.length === 0 ? notYet("No payment failed in the last 6 months") : table(months)}
    </div>
  `;
}

function table(months: readonly FailureMonth[]): Html {
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="Failed payments by month">
      <table class="money-table">
        <caption class="unseen">Failed payments by the month of their first failure</caption>
        <thead>
          <tr>
            <th scope="col">First failed</th>
            <th scope="col" class="number">Failed</th>
            <th scope="col" class="share-col"><span class="unseen">Shares</span></th>
            <th scope="col" class="number"><span class="key recovered">Recovered</span></th>
            <th scope="col" class="number"><span class="key lost">Lost</span></th>
            <th scope="col" class="number"><span class="key open">Open</span></th>
            <th scope="col" class="number">Rate</th>
          </tr>
        </thead>
        <tbody>${months.map(row)}</tbody>
      </table>
    </div>
  `;
}

function row(month: FailureMonth): Html {
  return html`
    <tr>
      <th scope="row"><a href=${month.href}>${month.label}</a></th>
      <td class="number strong">${month.entered}</td>
      <td class="share-col">${outcomeBar(month.shares)}</td>
      <td class="number">${month.recovered}</td>
      <td class="number">${month.lost}</td>
      <td class="number">${month.open}</td>
      <td class="number">${month.rate ?? unknown("nothing decided yet")}</td>
    </tr>
  `;
}
