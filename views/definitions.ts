/** What every figure means, the options in force, and what another preset would change. */
import type { DefinitionsModel } from "../src/widgets/models.ts";
import { renderDocument } from "./document.ts";
import { definitionBody } from "./figure.ts";
import { type Html, html } from "./html.ts";
import { segments } from "./status_line.ts";

/** The definitions page as text. */
export function renderDefinitions(model: DefinitionsModel): string {
  return renderDocument({
    chrome: model.chrome,
    title: "Definitions",
    width: "slim",
    main: html`
      <main id="main" class="page text">
        <div class="lead">
          <div>
            <p class="crumb"><a href="/">Dashboard</a> / what the figures mean</p>
            <h1>Definitions</h1>
            <p class="sub">Version ${model.version}</p>
          </div>
          <div class="counted">${segments(model.presets)}</div>
        </div>
        ${model.difference ? difference(model.difference) : null}
        ${model.groups.map(group)}
        ${options(model.options)}
      </main>
    `,
  });
}

function difference(model: NonNullable<DefinitionsModel["difference"]>): Html {
  return html`
    <section class="card">
      <h2>${model.title}</h2>
      <table class="ledger">
        <caption class="unseen">${model.title}</caption>
        <tbody>
          <tr><th scope="row">${model.from.label}</th><td></td><td class="number amount">${model
            .from.amount}</td></tr>
          ${model.causes.map((cause) =>
            html`
              <tr>
                <th scope="row">${cause.href
                  ? html`<a href=${cause.href}>${cause.text}</a>`
                  : cause.text}</th>
                <td class="number">${cause.count}</td>
                <td class="number amount">${cause.amount}</td>
              </tr>
            `
          )}
        </tbody>
        <tfoot>
          <tr class="total">
            <th scope="row">${model.to.label}</th>
            <td></td>
            <td class="number amount">${model.to.amount}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  `;
}

function group({ title, definitions }: DefinitionsModel["groups"][number]): Html {
  return html`
    <section class="group">
      <h2>${title}</h2>
      <div class="definitions">${definitions.map((definition) =>
        html`<div class="card">${definitionBody(definition)}</div>`
      )}</div>
    </section>
  `;
}

function options(rows: DefinitionsModel["options"]): Html {
  return html`
    <section class="group">
      <h2>Options in force</h2>
      <div class="card scroll" tabindex="0" role="group" aria-label="Options in force">
        <table class="ledger">
          <caption class="unseen">Options in force and where they come from</caption>
          <thead>
            <tr>
              <th scope="col">Option</th>
              <th scope="col">Value</th>
              <th scope="col">Meaning</th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            ${rows.map(({ name, value, meaning, from }) =>
              html`
                <tr>
                  <th scope="row"><code>${name}</code></th>
                  <td><code>${value}</code></td>
                  <td class="plan">${meaning}</td>
                  <td>${from}</td>
                </tr>
              `
            )}
          </tbody>
        </table>
      </div>
    </section>
  `;
}
