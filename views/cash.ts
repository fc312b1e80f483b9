/** Cash of the period: gross, refunds, fees, net, next payout. */
import type { CashModel, Figure } from "../src/widgets/models.ts";
import { definitionLabel, figureValue } from "./figure.ts";
import { notYet } from "./frame.ts";
import { type Html, html } from "./html.ts";

export function cash(model: CashModel): Html {
  return html`
    <div class="cash">
      <p class="sub">${model.period}</p>
      ${model.lines.length > 0 ? html`<dl class="lines">${model.lines.map(line)}</dl>` : null}
      ${model.reason ? notYet(model.reason) : null}
    </div>
  `;
}

function line(figure: Figure): Html {
  return html`
    <div>
      <dt>${definitionLabel(figure.label, figure.definition, figure.href)}${figure.note
        ? html`<small>${figure.note}</small>`
        : null}</dt>
      <dd>${figureValue(figure)}</dd>
    </div>
  `;
}
