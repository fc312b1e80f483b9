/**
 * Path data with whole coordinates: several times faster to write than decimals, and smaller.
 * Charts draw in a wide view box that is stretched to its place; strokes do not scale.
 *
 * @module
 */

/** The range of an axis, in the units of the series. */
export interface Domain {
  readonly from: number;
  readonly to: number;
}

/** Maps a value to whole view-box units, `top` for the end of the domain, `bottom` for its start. */
export function verticalScale(domain: Domain, top: number, bottom: number) {
  const factor = (bottom - top) / (domain.to - domain.from);
  return (value: number): number => Math.round(bottom - (value - domain.from) * factor);
}

/** Writes path data; relative commands after each start keep it short. */
function createPen() {
  let path = "";
  let drawing = false;
  return {
    move(x: number, y: number): void {
      path += `M${x} ${y}`;
      drawing = false;
    },
    line(step: string): void {
      path += (drawing ? " " : "l") + step;
      drawing = true;
    },
    path: () => path,
  };
}

/** One line in three forms: all of it, and its certain and approximate stretches. */
export interface LinePaths {
  readonly whole: string;
  readonly certain: string;
  readonly approximate: string;
}

/**
 * A line through `values`, `step` units apart, from `start` on. Unknown values leave a gap. A
 * stretch is approximate when the value it starts from is. One pass, since texts cost the most.
 */
export function linePaths(
  values: readonly (number | null)[],
  isApproximate: (index: number) => boolean,
  y: (value: number) => number,
  start: number,
  step: number,
): LinePaths {
  const whole = createPen();
  const [certain, approximate] = [createPen(), createPen()];
  let last: number | null = null;
  let pen: typeof whole | null = null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null || value === undefined) {
      last = pen = null;
      continue;
    }
    const at = y(value);
    if (last === null) {
      whole.move(start + i * step, at);
    } else {
      const line = `${step} ${at - last}`;
      const next = isApproximate(i - 1) ? approximate : certain;
      if (next !== pen) next.move(start + (i - 1) * step, last);
      pen = next;
      whole.line(line);
      pen.line(line);
    }
    last = at;
  }
  return { whole: whole.path(), certain: certain.path(), approximate: approximate.path() };
}

/** The whole line alone. */
export function linePath(
  values: readonly (number | null)[],
  y: (value: number) => number,
  start: number,
  step: number,
): string {
  return linePaths(values, () => false, y, start, step).whole;
}

/** A closed rectangle, for many bars in one path. */
export function barPath(x: number, y: number, width: number, height: number): string {
  return height === 0 ? "" : `M${x} ${y}h${width}v${height}h${-width}z`;
}

/** Least and greatest of the known values; `null` where none is known. */
export function extent(values: readonly (number | null)[]): Domain | null {
  let from = Infinity;
  let to = -Infinity;
  for (const value of values) {
    if (value === null) continue;
    if (value < from) from = value;
    if (value > to) to = value;
  }
  return to === -Infinity ? null : { from, to };
}
