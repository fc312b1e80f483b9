/** The sources page: each account, how far it is, and what its key may read. */
import type { Chrome } from "../src/widgets/models.ts";
import type { PermissionRow, SourceDetails } from "../src/widgets/sources.ts";
import { renderDocument } from "./document.ts";
import { type Html, html } from "./html.ts";

export interface SourcesModel {
  readonly chrome: Chrome;
  readonly sources: readonly SourceDetails[];
  /** Whether the reader may have sources compared, and see the audit log. */
  readonly mayOperate: boolean;
}

/** The page as text. */
export function renderSources({ chrome, sources, mayOperate }: SourcesModel): string {
  return renderDocument({
    chrome,
    title: "Sources",
    width: "slim",
    main: html`
      <main id="main" class="page text">
        <div>
          <p class="crumb"><a href="/">Dashboard</a> / where the figures come from</p>
          <h1>Sources</h1>
        </div>
        ${sources.map((details) => source(details, mayOperate))}
        ${mayOperate
          ? html`<p class="sub"><a href="/audit">Who signed in and what was changed</a></p>`
          : null}
      </main>
    `,
  });
}

function source(details: SourceDetails, mayOperate: boolean): Html {
  return html`
    <section class="group">
      <h2>${details.name} <span class="sub">${details.account}</span></h2>
      ${details.problem
        ? html`<p class="card sentence" role="status">${details.problem}</p>`
        : null}
      ${details.notes.map((note) => html`<p class="card sentence">${note}</p>`)}
      <div class="card">
        <table class="ledger">
          <caption class="unseen">State of ${details.name}</caption>
          <tbody>${details.facts.map(({ label, value }) =>
            html`
              <tr>
                <th scope="row">${label}</th>
                <td class="value">${value}</td>
              </tr>
            `
          )}</tbody>
        </table>
        ${mayOperate && details.comparable ? compareForm(details) : null}
      </div>
      ${corrections(details)} ${permissions(details)}
    </section>
  `;
}

function compareForm({ name, source }: SourceDetails): Html {
  return html`
    <form method="post" action="/sources/compare" class="sub">
      <input type="hidden" name="source" value=${source} />
      <button type="submit" class="button" aria-label="Compare all of ${name} with Stripe now">
        Compare with Stripe now
      </button>
    </form>
  `;
}

function corrections({ name, corrections: found }: SourceDetails): Html {
  if (!found) return null;
  return html`
    <p class="card sentence">${found.sentence}</p>
    <div class="card scroll" tabindex="0" role="group" aria-label="Invoices that disagree">
      <table class="ledger">
        <caption class="unseen">Where the invoices of ${name} disagree with subscriptions</caption>
        <thead>
          <tr>
            <th scope="col">Subscription</th>
            <th scope="col">About</th>
            <th scope="col" class="number">By invoices</th>
            <th scope="col" class="number">As it is</th>
          </tr>
        </thead>
        <tbody>${found.rows.map(({ subscription, at, byInvoices, byObject }) =>
          html`
            <tr>
              <th scope="row"><a href=${subscription.href}>${subscription.text}</a></th>
              <td>${at}</td>
              <td class="number">${byInvoices}</td>
              <td class="number">${byObject}</td>
            </tr>
          `
        )}</tbody>
      </table>
    </div>
  `;
}

function permissions({ name, permissions, keyLink }: SourceDetails): Html {
  if (permissions.length === 0) return null;
  return html`
    <div class="card scroll" tabindex="0" role="group" aria-label="Permissions of the key">
      <table class="ledger">
        <caption class="unseen">What the key of ${name} may read</caption>
        <thead>
          <tr>
            <th scope="col">The key</th>
            <th scope="col">State</th>
            <th scope="col">Needed for</th>
          </tr>
        </thead>
        <tbody>${permissions.map(permission)}</tbody>
      </table>
      <p class="sub"><a href=${keyLink.href}>${keyLink.text}</a></p>
    </div>
  `;
}

function permission({ resource, state, mark, alarm, needed }: PermissionRow): Html {
  return html`
    <tr class=${alarm === "warn" ? "warn" : undefined}>
      <th scope="row">${resource}</th>
      <td>${mark} ${state}</td>
      <td>${needed}</td>
    </tr>
  `;
}
