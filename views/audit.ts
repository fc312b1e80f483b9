/** The audit log: who did what, from where, newest first. */
import type { Alarm, Chrome, Link } from "../src/widgets/models.ts";
import { type Html, html } from "./html.ts";
import { renderLogPage } from "./log_page.ts";

export interface AuditRowModel {
  readonly time: string;
  readonly iso: string;
  readonly user: string;
  readonly what: string;
  /** Empty for the command line and the program itself. */
  readonly from: string;
  readonly alarm: Alarm;
}

export interface AuditModel {
  readonly chrome: Chrome;
  readonly rows: readonly AuditRowModel[];
  readonly older: Link | null;
  /** How long entries are kept; `null` where that is not configured. */
  readonly days: number | null;
}

/** The page as text. */
export function renderAudit({ chrome, rows, older, days }: AuditModel): string {
  return renderLogPage({
    chrome,
    title: "Audit",
    crumb: "audit",
    width: "slim",
    summary: "Who signed in, and what was changed or taken away. Times are UTC" +
      (days === null ? "." : `; kept for ${days} days.`),
    table: rows.length === 0 ? null : table(rows),
    empty: "Nothing has happened yet.",
    below: html`${
      older
        ? html`
          <a href=${older.href}>${older.text}</a> ·
        `
        : null
    }<a href="/api/v1/audit">JSON</a>`,
  });
}

function table(rows: readonly AuditRowModel[]): Html {
  return html`
    <div class="card scroll" tabindex="0" role="group" aria-label="Entries">
      <table class="ledger events">
        <caption class="unseen">What was done, newest first</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>${rows.map(({ time, iso, user, what, from, alarm }) =>
          html`
            <tr class=${alarm === "warn" ? "warn" : undefined}>
              <td><time datetime=${iso}>${time}</time></td>
              <th scope="row">${user}</th>
              <td>${what}</td>
              <td>${from}</td>
            </tr>
          `
        )}</tbody>
      </table>
    </div>
  `;
}
