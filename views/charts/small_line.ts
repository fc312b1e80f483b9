/** A small chart of one series, with a table of the same numbers. */
import type { SmallChart } from "../../src/widgets/models.ts";
import { type Html, html } from "../html.ts";
import { lineDomain } from "./domain.ts";
import { linePath, verticalScale } from "./path.ts";

const STEP = 20;
const HEIGHT = 200;

/** `id` makes the names of its title unique. Its axis is that of `lineDomain`. */
export function smallLine(chart: SmallChart, id: string): Html {
  const values = chart.points.map(({ value }) => value);
  const first = chart.points[0];
  const last = chart.points.at(-1);
  if (values.every((value) => value === null) || first === undefined || last === undefined) {
    return null;
  }
  const y = verticalScale(lineDomain(values), 4, HEIGHT - 4);
  const width = Math.max(1, values.length - 1) * STEP;
  return html`
    <figure class="small-chart">
      <svg class="chart-container" role="img" aria-labelledby="${id}-t">
        <title id="${id}-t">${chart.title}, from ${first.text} to ${last.text}</title>
        <svg width="100%" height="100%" viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none">
          <path class="grid" d="M0 ${HEIGHT}h${width}" />
          <path class="line" d=${linePath(values, y, 0, STEP)} />
        </svg>
      </svg>
      <figcaption><span>${first.label} ${first.text}</span><span>${last.label} ${last
        .text}</span></figcaption>
      ${table(chart)}
    </figure>
  `;
}

function table(chart: SmallChart): Html {
  return html`
    <details class="as-table">
      <summary>Show as a table</summary>
      <div class="scroll" tabindex="0" role="group" aria-label=${chart.title}>
        <table>
          <caption class="unseen">${chart.title}</caption>
          <tbody>
            ${chart.points.map((point) =>
              html`
                <tr>
                  <th scope="row">${point.label}</th>
                  <td class="number">${point.text}</td>
                </tr>
              `
            )}
          </tbody>
        </table>
      </div>
    </details>
  `;
}
