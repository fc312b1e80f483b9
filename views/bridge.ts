/** The bridge of the period: start → movements → now; each step opens into its rows. */
import type { BridgeModel, BridgeStep } from "../src/widgets/models.ts";
import { endPaint, stepBar, type StepLevels, stepLevels } from "./charts/waterfall.ts";
import { unknown } from "./figure.ts";
import { notYet } from "./frame.ts";
import { type Html, html } from "./html.ts";

export function bridge(model: BridgeModel): Html {
  const levels = stepLevels(model.steps);
  return html`
    <div class="bridge">
      ${endPaint()}
      <p class="sub">${model.period}${model.reason
        ? null
        : html`<small> · the ends reach further down</small>`}${model.compared
        ? html`<small class="compared"> · “was” is ${model.compared}</small>`
        : null}</p>
      <ol class="steps">
        ${model.steps.map((step, index) => stepItem(step, levels[index]!, model.reason))}
      </ol>
      ${model.reason ? notYet(model.reason) : null}
    </div>
  `;
}

function stepItem(step: BridgeStep, levels: StepLevels | null, reason: string | undefined): Html {
  const content = html`
    <span class="step-in">
      <span class="step-label">${step.label}</span>
      ${stepBar(step, levels)}
      <span class="step-amount ${step.tone}">${step.amount ??
        unknown(reason ?? "no reason was given")}</span>
      <span class="step-count">${step.customers ?? ""}</span>
      ${step.note ? html`<span class="step-note">${step.note}</span>` : null}
      ${step.before ? html`<span class="step-before">was ${step.before}</span>` : null}
    </span>
  `;
  return html`
    <li class="step ${step.key}">
      ${step.href && step.amount !== null ? html`<a href=${step.href}>${content}</a>` : content}
    </li>
  `;
}
