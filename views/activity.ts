/** The last movements, in words, with their amount; newest first. */
import type { ActivityItem, ActivityModel } from "../src/widgets/models.ts";
import { notYet } from "./frame.ts";
import { type Html, html } from "./html.ts";

const MARK: Record<ActivityItem["kind"], string> = {
  new: "+",
  reactivation: "↺",
  expansion: "↑",
  contraction: "↓",
  churn: "×",
  fx: "≈",
};

export function activity(model: ActivityModel): Html {
  if (model.items.length === 0) return notYet(model.reason ?? "No movement in this period");
  return html`<ol class="rows moves">${model.items.map(move)}</ol>`;
}

function move(item: ActivityItem): Html {
  return html`
    <li class="move ${item.kind}" data-key=${item.id}>
      <span class="mark" aria-hidden="true">${MARK[item.kind]}</span>
      <span class="what">
        <a href=${item.customer.href}>${item.customer.text}</a>${" "}
        <small>${item.href ? html`<a href=${item.href}>${item.text}</a>` : item.text}</small>
      </span>
      <span class="amount">
        <span class=${item.tone}>${item.amount}</span>
        <small><time datetime=${item.at.iso}>${item.at.text}</time></small>
      </span>
    </li>
  `;
}
