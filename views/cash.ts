/** Cash of the period in each settlement currency: gross, refunds, fees, net, next payout. */
import type { CashModel, Figure } from "../src/widgets/models.ts";
import { definitionLabel, figureValue } from "./figure.ts";
import { notYet } from "./frame.ts";
import { type Html, html } from "./html.ts";

export function cash(model: CashModel): Html {
  return html`
    <div class="cash">
      <p class="sub">${model.period}</p>
      ${model.lines.length > 0 ? html`<dl class="lines">${model.lines.map(line)}</dl>` : null}
      ${model.others?.map(({ currency, lines }) =>
        html`
          <h3 class="sub">${currency}</h3>
          <dl class="lines">${lines.map(line)}</dl>
        `
      )}
      ${model.reason ? notYet(model.reason) : null}
      ${foot(model)}
    </div>
  `;
}

/** A line is as wide as the column: its label opens the definition, its value the rows. */
export function line(figure: Figure): Html {
  return html`
    <div>
      <dt>${definitionLabel(figure.label, figure.definition, figure.href)}${figure.note
        ? html`<small>${figure.note}</small>`
        : null}</dt>
      <dd>${figureValue(figure)}</dd>
    </div>
  `;
}

function foot({ check, more }: CashModel): Html {
  if (!check && !more) return null;
  return html`
    <p class="cash-foot">
      ${check
        ? html`<span class=${check.holds ? "holds" : "differs"}>${check.text}${
          check.holds ? " ✓" : ""
        }</span>`
        : html`<span></span>`}
      ${more ? html`<a href=${more.href}>${more.text}</a>` : null}
    </p>
  `;
}
