/** A bar for each coming day. Bars start at zero; each says its day and amount when pointed at. */
import type { RenewalsModel } from "../../src/widgets/models.ts";
import { formatCompact } from "../../src/widgets/format.ts";
import { type Html, html } from "../html.ts";
import { roundTop } from "./domain.ts";

const STEP = 10;
const BAR = 7;
const HEIGHT = 200;
/** A label stands at every so many days. */
const LABEL_DAYS = 15;

export function dayBars({ days, currency }: RenewalsModel, id: string): Html {
  const width = days.length * STEP;
  const end = roundTop(Math.max(...days.map(({ value }) => value)));
  const top = formatCompact(end, currency);
  const high = (value: number) => Math.round(value / end * HEIGHT);
  return html`
    <div class="day-bars">
      <span class="axis-top" aria-hidden="true">${top}</span>
      <svg class="plot" role="img" aria-labelledby="${id}-t">
        <title id="${id}-t">Renewals of the next ${days
          .length} days, on an axis up to ${top}</title>
        <svg width="100%" height="120" viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none">
          <path class="grid" d="M0 0h${width}" />
          ${days.map(({ label, value, text }, index) =>
            html`
              <g class="day">
                <title>${label}: ${text}</title>
                <rect class="col" x=${index * STEP} width=${STEP} height=${HEIGHT} />
                ${value === 0 ? null : html`
                  <rect class="day-bar" x=${index * STEP + 1} width=${BAR}
                    y=${HEIGHT - Math.max(2, high(value))} height=${Math.max(2, high(value))} />
                `}
              </g>
            `
          )}
          <path class="zero" d="M0 ${HEIGHT}h${width}" />
        </svg>
        ${days.map(({ label }, index) =>
          index % LABEL_DAYS === 0
            ? html`<text x="${index / days.length * 100}%" y="138">${
              index === 0 ? "Today" : label
            }</text>`
            : null
        )}
      </svg>
    </div>
  `;
}
