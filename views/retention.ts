/** Retention: figures, lines of the last twelve months, and their table. */
import type { RetentionModel } from "../src/widgets/models.ts";
import { formatPercent } from "../src/widgets/format.ts";
import { rateLines } from "./charts/rate_lines.ts";
import { figureTile } from "./figure.ts";
import { type Html, html } from "./html.ts";

export function retention(model: RetentionModel, id: string): Html {
  return html`
    <div class="retention">
      ${model.months.length < 2 ? null : chart(model, id)}
      <div class="metrics-grid">${model.items.map(figureTile)}</div>
    </div>
  `;
}

function chart(model: RetentionModel, id: string): Html {
  return html`
    <figure>
      <p class="legend">
        <span class="key nrr">NRR</span>
        <span class="key grr">GRR</span>
        <span class="key gone">Customers gone</span>
      </p>
      ${rateLines(model.months, `c-${id}`)}
      <figcaption class="chart-foot"><span>Month by month.</span>${table(model)}</figcaption>
    </figure>
  `;
}

function table({ months }: RetentionModel): Html {
  const cell = (value: number | null) =>
    html`<td class="number">${value === null ? "–" : formatPercent(value)}</td>`;
  return html`
    <details class="as-table">
      <summary>Show as a table</summary>
      <div class="scroll" tabindex="0" role="group" aria-label="Retention by month">
        <table>
          <caption class="unseen">Of the customers at each month's start, what is left</caption>
          <thead>
            <tr>
              <th scope="col">Month</th>
              <th scope="col" class="number">NRR</th>
              <th scope="col" class="number">GRR</th>
              <th scope="col" class="number">Gone</th>
            </tr>
          </thead>
          <tbody>
            ${months.map(({ title, nrr, grr, churn }) =>
              html`<tr><th scope="row">${title}</th>${cell(nrr)}${cell(grr)}${cell(churn)}</tr>`
            )}
          </tbody>
        </table>
      </div>
    </details>
  `;
}
