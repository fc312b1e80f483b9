/**
 * Net and gross retention as lines, around 100 %, above the share of customers gone as bars from
 * zero: one axis of months for both.
 *
 * @module
 */
import { ticks } from "d3-array";
import type { RetentionModel } from "../../src/widgets/models.ts";
import { formatPercent } from "../../src/widgets/format.ts";
import { spanText } from "../../src/widgets/period_text.ts";
import { type Html, html } from "../html.ts";
import { roundTop } from "./domain.ts";
import { barPath, extent, linePath, verticalScale } from "./path.ts";

const STEP = 100;
const HEIGHT = 1000;
/** Of the lines, and of the bars below them. */
const LINES = { top: 30, bottom: 560 };
const BARS = { top: 640, bottom: 880 };

type Months = RetentionModel["months"];

/** `id` makes the names of its title unique. */
export function rateLines(months: Months, id: string): Html {
  const rates = extent([1, ...months.flatMap(({ nrr, grr }) => [nrr, grr])])!;
  const room = Math.max(0.01, (rates.to - rates.from) * 0.1);
  const y = verticalScale(
    { from: rates.from - room, to: rates.to + room },
    LINES.top,
    LINES.bottom,
  );
  const gone = roundTop(Math.max(0.001, ...months.map(({ churn }) => churn ?? 0)));
  const bar = verticalScale({ from: 0, to: gone }, BARS.top, BARS.bottom);
  const width = months.length * STEP;
  const marks = ticks(rates.from, rates.to, 3);
  const bars = months.map(({ churn }, index) => {
    const top = bar(churn ?? 0);
    return barPath(index * STEP + 30, top, STEP - 60, BARS.bottom - top);
  });
  return html`
    <div class="chart-container rate-lines">
      <svg class="axis" aria-hidden="true">
        ${marks.map((mark) => axisText(y(mark), `${Math.round(mark * 1000) / 10} %`))}
        ${axisText(BARS.top, formatPercent(gone))}
      </svg>
      <svg class="plot" role="img" aria-labelledby="${id}-t">
        <title id="${id}-t">${summary(months)}</title>
        <svg width="100%" height="100%" viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none">
          <path class="grid" d=${marks.map((mark) => `M0 ${y(mark)}h${width}`).join("")} />
          <path class="zero" d="M0 ${y(1)}h${width}M0 ${BARS.bottom}h${width}" />
          <path class="gone-bars" d=${bars.join("")} />
          <path class="line grr" d=${linePath(months.map(({ grr }) => grr), y, STEP / 2, STEP)} />
          <path class="line" d=${linePath(months.map(({ nrr }) => nrr), y, STEP / 2, STEP)} />
        </svg>
        ${monthTexts(months)}
      </svg>
    </div>
  `;
}

function axisText(at: number, text: string): Html {
  return html`<text x="100%" y="${at / 10}%" dx="-8" dy="4">${text}</text>`;
}

/** Every second month, the last one included. */
function monthTexts(months: Months): Html[] {
  return months.flatMap(({ label }, index) => {
    const x = (index + 0.5) / months.length * 100;
    return (months.length - 1 - index) % 2 === 0
      ? [html`<text x="${x}%" y="97%">${label}</text>`]
      : [];
  });
}

function summary(months: Months): string {
  const [first, last] = [months[0]!, months.at(-1)!];
  const text = (value: number | null) => value === null ? "unknown" : formatPercent(value);
  return `${spanText(first.title, last.title)}: NRR from ${text(first.nrr)} to ${
    text(last.nrr)
  }, ` +
    `GRR from ${text(first.grr)} to ${text(last.grr)}, customers gone in the last month ` +
    text(last.churn);
}
