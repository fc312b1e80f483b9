/** A line as small as a word, for beside a figure; the figure itself says the number. */
import { type Html, html } from "../html.ts";
import { extent, linePath, verticalScale } from "./path.ts";

const HEIGHT = 32;
const STEP = 8;

/** `points` oldest first; fewer than two draw nothing. Hidden from readers: the figure says it. */
export function sparkline(points: readonly number[]): Html {
  const range = extent(points);
  if (range === null || points.length < 2) return null;
  const flat = range.from === range.to;
  const domain = flat ? { from: range.from - 1, to: range.to + 1 } : range;
  const y = verticalScale(domain, 4, HEIGHT - 4);
  const width = (points.length - 1) * STEP;
  const line = linePath(points, y, 0, STEP);
  const end = y(points.at(-1)!);
  return html`
    <svg class="spark" viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none"
      aria-hidden="true">
      <path class="spark-area" d="${line}V${HEIGHT}H0z" />
      <path class="spark-line" d=${line} />
      <path class="spark-end" d="M${width} ${end}h0" />
    </svg>
  `;
}
