/** Currencies side by side; they are added up only in a configured reporting currency. */
import type { CurrenciesModel, CurrencyRow } from "../src/widgets/models.ts";
import { trendText } from "./figure.ts";
import { type Html, html } from "./html.ts";

export function currencies(model: CurrenciesModel): Html {
  return html`
    <div class="currencies">
      <ul class="strip">
        ${model.rows.map(currency)}
        ${model.reporting
          ? html`
            <li class="reporting">
              <span class="metric-label">All in ${model.reporting.currency}</span>
              <a class="metric-value" href=${model.reporting.href}>${model.reporting.mrr}</a>
              <small>the reporting currency</small>
            </li>
          `
          : null}
      </ul>
      ${model.note ? html`<p class="sub">${model.note}</p>` : null}
    </div>
  `;
}

function currency(row: CurrencyRow): Html {
  return html`
    <li>
      <span class="metric-label">${row.currency}</span>
      <a class="metric-value" href=${row.href}>${row.mrr}</a>
      ${row.change ? trendText(row.change) : null}
      <small>${row.customers}${row.converted
        ? html`<span> · ${row.converted}</span>`
        : null}</small>
    </li>
  `;
}
