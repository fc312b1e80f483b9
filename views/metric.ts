/** The revenue and the customers widget: one figure large, a grid of others, a small chart. */
import type { MetricModel } from "../src/widgets/models.ts";
import { smallLine } from "./charts/small_line.ts";
import { definitionLabel, figureTile, figureValue, trendText } from "./figure.ts";
import { notYet } from "./frame.ts";
import { type Html, html } from "./html.ts";

export function metric(model: MetricModel, id: string): Html {
  const { primary } = model;
  return html`
    <div class="metric">
      <div class="metric-label">${definitionLabel(
        primary.label,
        primary.definition,
        primary.href,
      )}</div>
      <p class="metric-primary">${figureValue(primary)}</p>
      ${primary.trend ? html`<p class="metric-trend">${trendText(primary.trend)}</p>` : null}
      ${model.chart ? smallLine(model.chart, `c-${id}`) : null}
      ${model.chartReason ? notYet(model.chartReason) : null}
      <div class="metrics-grid">${model.items.map(figureTile)}</div>
    </div>
  `;
}
