/** Currencies side by side; they are added up only in a configured reporting currency. */
import type { CurrenciesModel, CurrencyRow } from "../src/widgets/models.ts";
import { isLong, trendText } from "./figure.ts";
import { classes, type Html, html } from "./html.ts";

export function currencies(model: CurrenciesModel): Html {
  return html`
    <div class="currencies">
      <ul class="strip">
        ${model.rows.map(currency)}
        ${model.reporting
          ? html`
            <li class="reporting">
              <span class="metric-label">All in ${model.reporting.currency}</span>
              <a class=${classes("metric-value", isLong(model.reporting.mrr))} href=${model
                .reporting.href}>${model.reporting.mrr}</a>
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
      <a class=${classes("metric-value", isLong(row.mrr))} href=${row.href}>${row.mrr}</a>
      ${row.change ? trendText(row.change) : null}
      <small>${row.customers}${row.converted
        ? html`<span> · ${row.converted}</span>`
        : null}</small>
    </li>
  `;
}
