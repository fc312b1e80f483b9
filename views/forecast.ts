/** The forecast: figures, chart, and a table of what is already known to change. */
import type { ForecastChange, ForecastModel } from "../src/widgets/models.ts";
import { formatPoint } from "../src/widgets/format.ts";
import { forecastLines } from "./charts/forecast_lines.ts";
import { figureTile } from "./figure.ts";
import { notYet } from "./frame.ts";
import { type Html, html } from "./html.ts";

export function forecast(model: ForecastModel, id: string): Html {
  return html`
    <div class="forecast">
      <div class="metrics-grid">${model.figures.map(figureTile)}</div>
      <figure>
        <p class="legend">
          <span class="key mrr">MRR so far</span>
          <span class="key known">With what is known</span>
          ${model.projected.length > 0
            ? html`<span class="key projected">Projection, with its band</span>`
            : null}
        </p>
        ${forecastLines(model, `c-${id}`)}
        <figcaption class="chart-foot">
          <span>${model.note}.</span>
          ${table(model)}
        </figcaption>
      </figure>
      ${changes(model)}
    </div>
  `;
}

function table({ projected, known, currency }: ForecastModel): Html {
  const money = (value: number | undefined) =>
    value === undefined ? "–" : formatPoint(value, currency);
  return html`
    <details class="as-table">
      <summary>Show as a table</summary>
      <div class="scroll" tabindex="0" role="group" aria-label="Forecast by month">
        <table>
          <caption class="unseen">What is known, and the projection with its band</caption>
          <thead>
            <tr>
              <th scope="col">Month</th>
              <th scope="col" class="number">Known</th>
              <th scope="col" class="number">Projection</th>
              <th scope="col" class="number">Lowest</th>
              <th scope="col" class="number">Highest</th>
            </tr>
          </thead>
          <tbody>
            ${known.slice(1).map((point, index) => {
              const next = projected[index + 1];
              return html`
                <tr>
                  <th scope="row">${point.label}</th>
                  <td class="number">${money(point.value)}</td>
                  <td class="number">${money(next?.value)}</td>
                  <td class="number">${money(next?.low)}</td>
                  <td class="number">${money(next?.high)}</td>
                </tr>
              `;
            })}
          </tbody>
        </table>
      </div>
    </details>
  `;
}

function changes(model: ForecastModel): Html {
  return html`
    <h3 class="part">Already known</h3>
    ${model.gap ? notYet(model.gap) : null}
    ${model.changes.length === 0
      ? html`<p class="nothing-known">Nothing is agreed that changes MRR in the next 12 months</p>`
      : html`
        <div class="scroll" tabindex="0" role="group" aria-label="Known changes of MRR">
          <table class="money-table known">
            <caption class="unseen">Known changes of MRR by month</caption>
            <thead>
              <tr>
                <th scope="col">Month</th>
                <th scope="col">What</th>
                <th scope="col" class="number">Subscriptions</th>
                <th scope="col" class="number">MRR</th>
              </tr>
            </thead>
            <tbody>${model.changes.map(row)}</tbody>
          </table>
        </div>
      `}
  `;
}

function row({ month, kind, count, amount, tone, href }: ForecastChange): Html {
  return html`
    <tr>
      <th scope="row">${month}</th>
      <td><a href=${href}>${kind}</a></td>
      <td class="number">${count}</td>
      <td class="number ${tone}">${amount}</td>
    </tr>
  `;
}
