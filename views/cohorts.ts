/** The cohort map: a row for each month's customers, a cell for each close since. */
import type { CohortCell, CohortRow, CohortsModel } from "../src/widgets/models.ts";
import { notYet } from "./frame.ts";
import { type Html, html } from "./html.ts";
import { menu, segments } from "./status_line.ts";

export function cohorts({ caption, rows, switches, download }: CohortsModel): Html {
  const columns = Math.max(0, ...rows.map(({ cells }) => cells.length));
  return html`
    <div class="cohort-bar">
      ${switches.map((choices) => choices.choices.length > 3 ? menu(choices) : segments(choices))}
      ${download ? html`<a class="more" href=${download.href}>${download.text}</a>` : null}
    </div>
    ${rows.length === 0 ? notYet("No customer first paid this plan in that time") : null}
    <p class="cohort-caption">${caption}</p>
    <div class="scroll" tabindex="0" role="group" aria-label=${caption}>
      <table class="cohorts">
        <caption class="unseen">${caption}</caption>
        <thead>
          <tr>
            <th scope="col">Joined</th>
            ${Array.from({ length: columns }, (_, month) => html`<th scope="col">${month}</th>`)}
          </tr>
        </thead>
        <tbody>${rows.map(row)}</tbody>
      </table>
    </div>
  `;
}

function row({ label, size, cells }: CohortRow): Html {
  return html`
    <tr>
      <th scope="row">${label} <small>${size}</small></th>
      ${cells.map(cell)}
    </tr>
  `;
}

function cell({ text, level, partial }: CohortCell): Html {
  return html`<td class="level-${level}${partial ? " partial" : ""}" title=${
    partial ? "the running month" : undefined
  }>${text}</td>`;
}
