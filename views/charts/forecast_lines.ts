/**
 * The past as a line, then what is known and the projection with its band, on one axis of days.
 * Today is where they part; nothing is drawn of a past that is not known.
 *
 * @module
 */
import { ticks } from "d3-array";
import type { ForecastModel, ForecastPoint } from "../../src/widgets/models.ts";
import { formatCompact } from "../../src/widgets/format.ts";
import { type Html, html } from "../html.ts";
import { extent, verticalScale } from "./path.ts";

const WIDTH = 1000;
const HEIGHT = 1000;
const TOP = 40;
const BOTTOM = 900;

/** A path through points, each at its day. */
function through(
  points: readonly (readonly [day: number, value: number])[],
  x: (day: number) => number,
  y: (value: number) => number,
): string {
  return points.map(([day, value], index) => `${index === 0 ? "M" : "L"}${x(day)} ${y(value)}`)
    .join("");
}

function pairs(points: readonly ForecastPoint[]): (readonly [number, number])[] {
  return points.map(({ day, value }) => [day, value]);
}

/** `id` makes the names of its title unique. */
export function forecastLines(model: ForecastModel, id: string): Html {
  const { past, known, projected, currency } = model;
  const all = [...past, ...known, ...projected];
  const first = all[0];
  const last = known.at(-1);
  const range = extent([
    0,
    ...all.map(({ value }) => value),
    ...projected.flatMap(({ low, high }) => [low, high]),
  ]);
  if (!first || !last || !range) return null;
  const span = Math.max(1, last.day - first.day);
  const x = (day: number) => Math.round((day - first.day) / span * WIDTH);
  const top = range.to === range.from ? range.to + 1 : range.to * 1.05;
  const y = verticalScale({ from: range.from, to: top }, TOP, BOTTOM);
  const band = projected.length === 0 ? "" : through(
    [
      ...projected.map(({ day, high }) => [day, high] as const),
      ...projected.toReversed().map(({ day, low }) => [day, low] as const),
    ],
    x,
    y,
  ) + "z";
  const yTicks = ticks(range.from, top, 4).filter((tick) => Number.isInteger(tick));
  const today = x(known[0]!.day);
  return html`
    <div class="chart-container forecast-chart">
      <svg class="axis" aria-hidden="true">
        ${yTicks.map((tick) =>
          html`<text x="100%" y="${y(tick) / 10}%" dx="-8" dy="4">${
            formatCompact(tick, currency)
          }</text>`
        )}
      </svg>
      <svg class="plot" role="img" aria-labelledby="${id}-t ${id}-d">
        <title id="${id}-t">MRR so far and a projection of it</title>
        <desc id="${id}-d">${model.note}</desc>
        <svg width="100%" height="100%" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">
          <rect class="future" x=${today} width=${WIDTH - today} y=${TOP} height=${BOTTOM - TOP} />
          <path class="grid" d=${yTicks.map((tick) => `M0 ${y(tick)}h${WIDTH}`).join("")} />
          ${band === "" ? null : html`<path class="band" d=${band} />`}
          <path class="line known" d=${through(pairs(known), x, y)} />
          ${band === ""
            ? null
            : html`<path class="line projected" d=${through(pairs(projected), x, y)} />`}
          <path class="line" d=${through(pairs(past), x, y)} />
          <path class="zero" d="M${today} ${TOP}V${BOTTOM}" />
        </svg>
        ${labels(model, x)}
      </svg>
    </div>
  `;
}

/** Every third month, and today. */
function labels({ past, known }: ForecastModel, x: (day: number) => number): Html[] {
  const today = known[0]!;
  const points = [
    ...past.slice(0, -1).filter((_, index, all) => (all.length - index) % 3 === 0),
    ...known.slice(1).filter((_, index) => index % 3 === 2),
  ];
  const text = (day: number, label: string, strong: boolean) =>
    html`<text class=${strong ? "strong" : undefined} x="${x(day) / 10}%" y="97%">${label}</text>`;
  return [
    ...points.map(({ day, label }) => text(day, label.slice(0, 3), false)),
    text(today.day, "Today", true),
  ];
}
