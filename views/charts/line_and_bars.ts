/**
 * Daily MRR as a line above monthly movement bars, on one x axis of days (page.md). The line's
 * axis may be cut and says so; bars start at zero. Shapes are drawn in a view box that is
 * stretched to its place, text is placed in percent and so never stretched.
 *
 * @module
 */
import { ticks } from "d3-array";
import type { Chart13Model, ChartMonth, MovementKind } from "../../src/widgets/models.ts";
import { formatCompact } from "../../src/widgets/format.ts";
import { type Html, html } from "../html.ts";
import { barTicks, lineDomain } from "./domain.ts";
import { barPath, type Domain, linePaths, verticalScale } from "./path.ts";

/** View-box units a day, and the view box's height: per mille of the chart. */
const DAY = 4;
const HEIGHT = 1000;
const LINE_TOP = 30;
const BARS_TOP = 640;
const BARS_BOTTOM = 905;
const BAR_SHARE = 0.56;

/** What grows is stacked upwards from zero, what shrinks downwards, both in this order. */
export const GROWING: readonly MovementKind[] = ["new", "expansion", "reactivation"];
export const SHRINKING: readonly MovementKind[] = ["churn", "contraction"];

/** A month with its place on the x axis, in view-box units. */
interface Band {
  readonly month: ChartMonth;
  readonly x: number;
  readonly width: number;
}

function bandsOf(months: readonly ChartMonth[]): Band[] {
  let x = 0;
  return months.map((month) => {
    const band = { month, x, width: month.days * DAY };
    x += band.width;
    return band;
  });
}

/** Heights above and below zero of the tallest stacks. */
export function barDomain(months: readonly ChartMonth[]): Domain {
  let from = 0;
  let to = 0;
  for (const { movements } of months) {
    if (movements === null) continue;
    to = Math.max(to, GROWING.reduce((sum, kind) => sum + movements[kind], 0));
    from = Math.min(from, -SHRINKING.reduce((sum, kind) => sum + movements[kind], 0));
  }
  return from === to ? { from: 0, to: 1 } : { from, to };
}

/** The chart's axis and plot. `id` makes the names of its title and description unique. */
export function lineAndBars(model: Chart13Model, id: string, summary: string): Html {
  const bands = bandsOf(model.months);
  const width = bands.reduce((sum, band) => sum + band.width, 0);
  const hasBars = model.movementsReason === undefined;
  const lineBottom = hasBars ? 560 : 620;
  const domain = lineDomain(model.daily);
  const y = verticalScale(domain, LINE_TOP, lineBottom);
  const yTicks = domain.to > 1 ? ticks(domain.from, domain.to, 3) : [0];
  return html`
    <div class="chart-container" data-chart="months" data-label=${summary}>
      ${axis(model, yTicks.map((tick) => [tick, y(tick)]), hasBars)}
      <svg class="plot" role="img" aria-labelledby="${id}-t ${id}-d">
        <title id="${id}-t">MRR by day and movements by month</title>
        <desc id="${id}-d">${summary}</desc>
        <svg width="100%" height="100%" viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none">
          ${bands.map(column)}
          <path class="grid" d=${yTicks.map((tick) => `M0 ${y(tick)}h${width}`).join("")} />
          ${line(model, bands, y, lineBottom)}
          ${hasBars ? bars(bands, width) : null}
        </svg>
        ${monthLabels(bands, width)}
      </svg>
    </div>
  `;
}

/** One column a month: the target of hover and keyboard, and the running month's outline. */
function column({ month, x, width }: Band): Html {
  return html`
    <rect class=${month.running ? "col running" : "col"} x=${x} width=${width} height="940" />
  `;
}

function axis(
  model: Chart13Model,
  yTicks: readonly (readonly [tick: number, y: number])[],
  hasBars: boolean,
): Html {
  const text = (value: number, at: number) =>
    html`<text x="100%" y="${at / 10}%" dx="-8" dy="4">${
      formatCompact(value, model.currency)
    }</text>`;
  const domain = barDomain(model.months);
  const y = verticalScale(domain, BARS_TOP, BARS_BOTTOM);
  const marks = domain.to - domain.from > 1 ? barTicks(domain) : [0];
  return html`
    <svg class="axis" aria-hidden="true">
      ${yTicks.map(([tick, at]) => text(tick, at))}
      ${hasBars ? marks.map((mark) => text(mark, y(mark))) : null}
    </svg>
  `;
}

/** The area, and the line: whole where months are certain, dashed where approximate. */
function line(
  model: Chart13Model,
  bands: readonly Band[],
  y: (value: number) => number,
  bottom: number,
): Html {
  const { daily } = model;
  const first = daily.findIndex((value) => value !== null);
  if (first < 0) return null;
  const last = daily.findLastIndex((value) => value !== null);
  const quality = bands.flatMap(({ month }) => new Array(month.days).fill(month.approximate));
  const start = DAY / 2;
  const { whole, certain, approximate } = linePaths(daily, (day) => quality[day], y, start, DAY);
  return html`
    <g>
      <path class="area" d="${whole}V${bottom}H${start + first * DAY}z" />
      <path class="line dashed" d=${approximate} />
      <path class="line" d=${certain} />
      <path class="line-end" d="M${start + last * DAY} ${y(daily[last]!)}h0" />
    </g>
  `;
}

/** One path for each kind and quality, not a node for each bar. */
function bars(bands: readonly Band[], width: number): Html {
  const y = verticalScale(barDomain(bands.map(({ month }) => month)), BARS_TOP, BARS_BOTTOM);
  const paths = new Map<string, string>();
  for (const { month, x, width } of bands) {
    if (month.movements === null) continue;
    const quality = month.running ? " outlined" : month.approximate ? " approximate" : "";
    const barWidth = Math.round(width * BAR_SHARE);
    const barX = x + Math.round((width - barWidth) / 2);
    for (const [kinds, sign] of [[GROWING, 1], [SHRINKING, -1]] as const) {
      let sum = 0;
      for (const kind of kinds) {
        const from = y(sum);
        sum += sign * month.movements[kind];
        const to = y(sum);
        const key = `bar ${kind}${quality}`;
        const path = barPath(barX, Math.min(from, to), barWidth, Math.abs(to - from));
        paths.set(key, (paths.get(key) ?? "") + path);
      }
    }
  }
  return html`
    <g>
      ${[...paths].map(([name, path]) =>
        path === "" ? null : html`<path class=${name} d=${path} />`
      )}
      <path class="zero" d="M0 ${y(0)}h${width}" />
    </g>
  `;
}

function monthLabels(bands: readonly Band[], width: number): Html[] {
  return bands.map(({ month, x, width: band }) => {
    const at = Math.round((x + band / 2) / width * 10000) / 100;
    const year = month.key.endsWith("-01") ? `’${month.key.slice(2, 4)}` : null;
    return html`
      <text class=${year || month.running ? "strong" : undefined} x="${at}%" y="98.5%">${month
        .label}${year ? html`<tspan class="year"> ${year}</tspan>` : null}</text>
    `;
  });
}
