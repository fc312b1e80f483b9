/** The webhooks page: the last events, what became of them, and what is wrong with the endpoint. */
import type { Choices, Chrome } from "../src/widgets/models.ts";
import type { WebhookRow } from "../src/widgets/webhooks.ts";
import { type Html, html } from "./html.ts";
import { renderLogPage } from "./log_page.ts";
import { segments } from "./status_line.ts";

export interface WebhooksModel {
  readonly chrome: Chrome;
  /** "1,204 events kept; 3 wait". */
  readonly summary: string;
  readonly notes: readonly string[];
  readonly states: Choices;
  readonly type: string;
  /** The state that is filtered by; empty for all. */
  readonly state: string;
  readonly rows: readonly WebhookRow[];
  /** Whether rows are of several accounts. */
  readonly severalSources: boolean;
}

/** The page as text. */
export function renderWebhooks(model: WebhooksModel): string {
  const { chrome, summary, notes, rows } = model;
  return renderLogPage({
    chrome,
    title: "Webhooks",
    crumb: "events",
    width: "default",
    summary,
    above: html`
      ${notes.map((note) => html`<p class="card sentence" role="status">${note}</p>`)}
      <div class="filter-row">
        ${segments(model.states)}
        <form method="get" action="/webhooks/status" class="filter-form">
          ${model.state ? html`<input type="hidden" name="state" value=${model.state} />` : null}
          <label>Type <input name="type" value=${model.type} placeholder="invoice." /></label>
          <button type="submit" class="button">Filter</button>
        </form>
      </div>
    `,
    table: rows.length === 0 ? null : table(rows, model.severalSources),
    empty: "No event here yet.",
    below: html`<a href="/webhooks/status?format=json">JSON</a>`,
  });
}

function table(rows: readonly WebhookRow[], severalSources: boolean): Html {
  return html`
    <div class="card scroll" tabindex="0" role="group" aria-label="Events">
      <table class="ledger events">
        <caption class="unseen">The last events, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Event</th>
            <th scope="col">Type</th>
            <th scope="col">Result</th>
            ${severalSources ? html`<th scope="col">Account</th>` : null}
            <th scope="col">Came by</th>
            <th scope="col" class="number">Received</th>
            <th scope="col" class="number">Age</th>
            <th scope="col" class="number">Took</th>
          </tr>
        </thead>
        <tbody>${rows.map((row) => eventRow(row, severalSources))}</tbody>
      </table>
    </div>
  `;
}

function eventRow(row: WebhookRow, severalSources: boolean): Html {
  return html`
    <tr class=${row.alarm === "warn" ? "warn" : undefined}>
      <th scope="row"><code>${row.id}</code></th>
      <td>${row.type}</td>
      <td>${row.state}${row.error
        ? html`
          <small>${row.error}</small>
        `
        : null} ${row.canRetry ? retry(row) : null}</td>
      ${severalSources ? html`<td>${row.source}</td>` : null}
      <td>${row.via}</td>
      <td class="number">${row.received}</td>
      <td class="number">${row.age}</td>
      <td class="number">${row.took}</td>
    </tr>
  `;
}

function retry({ id, source }: WebhookRow): Html {
  return html`
    <form method="post" action="/webhooks/retry" class="in-cell">
      <input type="hidden" name="source" value=${source} />
      <input type="hidden" name="event" value=${id} />
      <button type="submit" class="button">Try again</button>
    </form>
  `;
}
