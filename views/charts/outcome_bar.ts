/** What became of the failed payments of a month, as one thin bar; the numbers stand beside it. */
import type { FailureMonth } from "../../src/widgets/models.ts";
import { type Html, html } from "../html.ts";

const OUTCOMES = ["recovered", "lost", "open"] as const;

export function outcomeBar(shares: FailureMonth["shares"]): Html {
  let from = 0;
  const parts = OUTCOMES.map((outcome) => {
    const width = Math.round(Math.min(1, Math.max(0, shares[outcome])) * 1000) / 10;
    const part = { outcome, from: Math.round(from * 10) / 10, width };
    from += width;
    return part;
  });
  return html`
    <svg class="outcome-bar" aria-hidden="true">
      <rect class="share-all" width="100%" height="100%" rx="2" />
      ${parts.map(({ outcome, from, width }) =>
        width === 0
          ? null
          : html`<rect class=${`part ${outcome}`} x="${from}%" width="${width}%" height="100%" />`
      )}
    </svg>
  `;
}
