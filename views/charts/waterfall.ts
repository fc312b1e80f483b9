/**
 * The bridge's bars: each step floats from the level before it to the level after it. The ends
 * are cut (their size would hide the steps) and fade out downwards to say so.
 *
 * @module
 */
import type { BridgeStep } from "../../src/widgets/models.ts";
import { type Html, html } from "../html.ts";

/** Where a step starts and ends, in percent of the height from the top. */
export interface StepLevels {
  readonly before: number;
  readonly after: number;
}

const TOP = 8;
const BOTTOM = 66;

/** Levels of every step; `null` where a value is unknown. Ends stand on the floor. */
export function stepLevels(steps: readonly BridgeStep[]): (StepLevels | null)[] {
  let level = 0;
  const sums = steps.map((step): [number, number] | null => {
    if (step.value === null) return null;
    const before = step.key === "start" || step.key === "end" ? step.value : level;
    level = step.key === "start" || step.key === "end" ? step.value : level + step.value;
    return [before, level];
  });
  const known = sums.flatMap((pair) => pair ?? []);
  const least = Math.min(...known);
  const span = Math.max(...known) - least;
  const place = (value: number) =>
    span === 0 ? 40 : Math.round((BOTTOM - (value - least) / span * (BOTTOM - TOP)) * 10) / 10;
  return sums.map((pair) => pair && { before: place(pair[0]), after: place(pair[1]) });
}

/** The paint of the cut ends, once a page. */
export function endPaint(): Html {
  return html`
    <svg class="unseen" aria-hidden="true">
      <linearGradient id="bridge-fade" x2="0" y2="1">
        <stop class="fade-from" offset="0" />
        <stop class="fade-to" offset="1" />
      </linearGradient>
    </svg>
  `;
}

/** One step's bar, with the thin lines that join it to its neighbours. */
export function stepBar(step: BridgeStep, levels: StepLevels | null): Html {
  if (levels === null) {
    return html`
      <svg class="step-bar" aria-hidden="true">
        <rect class="ghost" x="20%" width="60%" y="44%" height="12%" rx="2" />
      </svg>
    `;
  }
  const isEnd = step.key === "start" || step.key === "end";
  const top = Math.min(levels.before, levels.after);
  const height = isEnd ? 100 - top : Math.abs(levels.after - levels.before);
  const name = isEnd ? "bar end-bar" : `bar ${step.key}`;
  return html`
    <svg class="step-bar" aria-hidden="true">
      ${step.key === "start" ? null : joint(levels.before, "0%", "20%")}
      ${step.key === "end" ? null : joint(levels.after, "80%", "100%")}
      ${height === 0
        ? joint(top, "20%", "80%")
        : html`<rect class=${name} x="20%" width="60%" y="${top}%" height="${height}%" rx="2" />`}
    </svg>
  `;
}

function joint(at: number, from: string, to: string): Html {
  return html`<line class="joint" x1=${from} x2=${to} y1="${at}%" y2="${at}%" />`;
}
