/** The exact fraction behind a rounded amount, folded into its row. */
import { type Html, html } from "./html.ts";

/** The exact fraction behind a rounded amount, folded. */
export function exactAmount(text: string): Html {
  return html`
    <details>
      <summary title="Exact amount"><span class="unseen">Exact amount</span></summary>
      <code>${text}</code>
    </details>
  `;
}
