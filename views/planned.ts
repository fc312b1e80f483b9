/** Retention, cohorts and trials until they can be computed: a shape, a reason, never a zero. */
import type { PlannedModel } from "../src/widgets/models.ts";
import { notYet } from "./frame.ts";
import { type Html, html } from "./html.ts";

/** The shape that will stand there, drawn faintly. */
export type PlannedShape = "lines" | "map" | "rows";

const SHAPES: Record<PlannedShape, string> = {
  lines: "M0 8C60 20 120 34 300 40M0 8C60 28 120 50 300 62M0 8C50 40 110 66 300 78",
  map: triangle(),
  rows: "M5 14h220M5 38h160M5 62h190M5 86h120",
};

/** A cohort map's outline: one square fewer in each row. */
function triangle(): string {
  let path = "";
  for (let row = 0; row < 5; row++) {
    for (let column = 0; column < 12 - row * 2; column++) {
      path += `M${column * 25} ${row * 20 + 2}h21v14h-21z`;
    }
  }
  return path;
}

export function planned(model: PlannedModel, shape: PlannedShape): Html {
  return html`
    <div class="planned">
      <svg class="planned-shape ${shape}" viewBox="0 0 300 100" preserveAspectRatio="xMinYMid" aria-hidden="true">
        <path d=${SHAPES[shape]} />
      </svg>
      ${notYet(model.reason)}
    </div>
  `;
}
