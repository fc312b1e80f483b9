/** What needs someone, ordered by money; otherwise it says that nothing does. */
import type { Alarm, NeedsYouItem, NeedsYouModel } from "../src/widgets/models.ts";
import { notYet } from "./frame.ts";
import { type Html, html } from "./html.ts";

const MARK: Record<Alarm, string> = { calm: "·", warn: "!", broken: "×" };

export function needsYou(model: NeedsYouModel): Html {
  return html`
    <div class="needs">
      ${model.items.length === 0
        ? html`<p class="nothing">Nothing needs you</p>`
        : html`<ol class="rows">${model.items.map(item)}</ol>`}
      ${model.pending ? notYet(model.pending) : null}
    </div>
  `;
}

function item({ tone, text, detail, amount, count, href }: NeedsYouItem): Html {
  return html`
    <li class="need ${tone}">
      <a href=${href}>
        <span class="mark" aria-hidden="true">${MARK[tone]}</span>
        <span class="what">${text}<small>${count}${detail ? ` · ${detail}` : ""}</small></span>
        <span class="amount">${amount ?? ""}</span>
      </a>
    </li>
  `;
}
