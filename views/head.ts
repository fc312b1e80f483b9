/** The head of the page: MRR large, its change in a sentence, one definition line, four tiles. */
import type { HeadModel } from "../src/widgets/models.ts";
import { sparkline } from "./charts/sparkline.ts";
import { definitionLabel, figureTile, figureValue, isLong, trendText } from "./figure.ts";
import { classes, type Html, html } from "./html.ts";

export function head(model: HeadModel): Html {
  const { mrr } = model;
  return html`
    <div class="head">
      <div class="head-main">
        <div class="metric-label">${definitionLabel(mrr.label, mrr.definition, mrr.href)}</div>
        <p class=${classes("metric-primary", isLong(mrr.value))}>${figureValue(mrr)}</p>
        ${change(model)}
        ${model.addUp ? html`<p class="head-note">${model.addUp}</p>` : null}
        ${mrr.note ? html`<p class="head-note">${mrr.note}</p>` : null}
        <p class="definition-line">${model.definitionLine}</p>
        ${model.periodLine ? html`<p class="definition-line">${model.periodLine}</p>` : null}
      </div>
      ${mrr.spark ? html`<div class="head-spark">${sparkline(mrr.spark)}</div>` : null}
      <div class="tiles">${model.tiles.map(figureTile)}</div>
    </div>
  `;
}

function change(model: HeadModel): Html {
  if (model.empty) {
    const { text, action } = model.empty;
    return html`
      <p class="head-change">
        ${text}${action ? html`<span> · <a href=${action.href}>${action.text}</a></span>` : null}
      </p>
    `;
  }
  if (model.change.length === 0) return html`<p class="head-change">${model.changeReason}</p>`;
  return html`
    <p class="head-change">
      ${model.change.map((part, index) =>
        html`<span>${index > 0 ? " · " : ""}${trendText(part)}</span>`
      )}
    </p>
  `;
}
