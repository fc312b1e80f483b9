/** Renewals of the next 90 days: sums, a bar a day, and the same as a table. */
import type { RenewalsModel } from "../src/widgets/models.ts";
import { dayBars } from "./charts/day_bars.ts";
import { figureTile } from "./figure.ts";
import { type Html, html } from "./html.ts";

export function renewals(model: RenewalsModel, id: string): Html {
  return html`
    <div class="renewals">
      <div class="metrics-grid">${model.figures.map(figureTile)}</div>
      <figure>
        ${dayBars(model, `c-${id}`)}
        <figcaption class="chart-foot">
          <span>One bar a day, from today on.</span>
          <a href=${model.more.href}>${model.more.text}</a>
        </figcaption>
      </figure>
    </div>
  `;
}
