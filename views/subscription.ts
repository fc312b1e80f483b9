/** One subscription explained, step by step: tier × coupon ÷ 12. */
import type { SubscriptionItemSteps, SubscriptionModel } from "../src/widgets/models.ts";
import { renderDocument } from "./document.ts";
import { definitionBody } from "./figure.ts";
import { type Html, html } from "./html.ts";

/** The page of one subscription as text. */
export function renderSubscription(model: SubscriptionModel): string {
  return renderDocument({
    chrome: model.chrome,
    title: model.id,
    width: "slim",
    main: html`
      <main id="main" class="page text">
        ${lead(model)}
        ${model.items.map(item)}
        <p class="sum card"><span>MRR of this subscription</span><b>${model.amount ??
          "–"}</b><code>${model.exact ?? "unknown"}</code></p>
        ${model.nextChange ? html`<p class="sub">${model.nextChange}</p>` : null}
      </main>
    `,
  });
}

function lead(model: SubscriptionModel): Html {
  const why = [model.reason, ...model.issues].filter(Boolean);
  return html`
    <div class="lead">
      <div>
        <p class="crumb"><a href=${model.back.href}>${model.back.text}</a> / one subscription</p>
        <h1 class="id">${model.id}</h1>
        <p class="metric-primary">${model.amount ?? "–"}</p>
        <p class="sub">
          ${model.status} · <a class="out" href=${model.customer.href} rel="noreferrer">${model
            .customer.text}</a> · ${" "}
          <a class="out" href=${model.dashboard.href} rel="noreferrer">${model.dashboard
            .text}</a> · as of ${" "}
          <time datetime=${model.asOf.iso}>${model.asOf.text}</time>
        </p>
        ${why.length > 0
          ? html`<ul class="issues">${why.map((text) => html`<li>${text}</li>`)}</ul>`
          : null}
      </div>
      <div class="card definition">${definitionBody(model.definition, true)}</div>
    </div>
  `;
}

function item({ name, detail, steps, amount, exact }: SubscriptionItemSteps): Html {
  return html`
    <section class="card item">
      <h2>${name}</h2>
      <p class="sub">${detail}</p>
      <table class="reckoning">
        <caption class="unseen">How ${name} is reckoned</caption>
        <tbody>
          ${steps.map((step) =>
            html`
              <tr>
                <th scope="row">${step.label}</th>
                <td class="expression">${step.expression}${step.note
                  ? html`<small>${step.note}</small>`
                  : null}</td>
                <td class="number">${step.result}</td>
              </tr>
            `
          )}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">A month</th>
            <td class="expression exact">${exact} minor units, exactly</td>
            <td class="number">${amount}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  `;
}
