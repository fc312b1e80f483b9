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

/**
 * A line through `values`, `step` units apart, from `start` on. Unknown values leave a gap.
 * Relative commands after each start keep it short.
 */
export function linePath(
  values: readonly (number | null)[],
  y: (value: number) => number,
  start: number,
  step: number,
): string {
  let path = "";
  let last: number | null = null;
  let drawing = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null || value === undefined) {
      last = null;
      continue;
    }
    const at = y(value);
    if (last === null) {
      path += `M${start + i * step} ${at}`;
      drawing = false;
    } else {
      path += `${drawing ? " " : "l"}${step} ${at - last}`;
      drawing = true;
    }
    last = at;
  }
  return path;
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
