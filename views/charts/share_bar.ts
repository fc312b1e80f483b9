/** A share of a whole as a thin bar. Widths are attributes: the page has no inline styles. */
import { type Html, html } from "../html.ts";

/** `share` 0 … 1; what lies outside is cut. The text beside it says the number. */
export function shareBar(share: number): Html {
  const width = Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
  return html`
    <svg class="share" aria-hidden="true">
      <rect class="share-all" width="100%" height="100%" rx="2" />
      <rect class="share-part" width="${width}%" height="100%" rx="2" />
    </svg>
  `;
}
