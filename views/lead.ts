/** What stands above the rows behind a figure: its name, total and definition; filters, downloads. */
import type { Choices, Definition, Link, Moment } from "../src/widgets/models.ts";
import { definitionBody } from "./figure.ts";
import { type Html, html } from "./html.ts";
import { menu, segments } from "./status_line.ts";

export interface LeadModel {
  readonly title: string;
  /** `null` where the tables below have totals of their own. */
  readonly total: string | null;
  readonly sub: string;
  readonly asOf: Moment;
  readonly definition: Definition;
  readonly filters: readonly Choices[];
  readonly downloads: readonly Link[];
}

/** More choices than these stand behind the one in force. */
const IN_SIGHT_MAX = 4;

export function lead({ title, total, sub, asOf, definition, filters, downloads }: LeadModel): Html {
  return html`
    <div class="lead">
      <div>
        <p class="crumb"><a href="/">Dashboard</a> / the rows behind</p>
        <h1>${title}</h1>
        ${total === null ? null : html`<p class="metric-primary">${total}</p>`}
        <p class="sub">${sub} · as of ${" "}<time datetime=${asOf.iso}>${asOf.text}</time></p>
      </div>
      <div class="card definition">${definitionBody(definition, true)}</div>
    </div>
    <div class="choices">
      ${filters.map((group) => group.choices.length > IN_SIGHT_MAX ? menu(group) : segments(group))}
      <span class="spacer"></span>
      ${downloads.map(({ text, href }) => html`<a href=${href} download>${text}</a>`)}
    </div>
  `;
}
