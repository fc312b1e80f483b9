/**
 * The card that stands in the place of all widgets, where none of them could show anything: an
 * account without any paying subscription, now or ever, and a key that lets nothing be read.
 *
 * @module
 */
import { ZERO } from "../metrics/rational.ts";
import { countText, explainHref, isBlocked, moneyText, unvaluedCount } from "./context.ts";
import type { WidgetContext } from "./context.ts";
import type { PageCard } from "./models.ts";

/** Whether nothing was ever paid in the account. */
function isEmpty({ whole, asOf }: WidgetContext): boolean {
  return asOf !== null && whole.tally.active() === 0 && whole.daily.firstDay() === null;
}

/** "No paying subscriptions yet; 3 trials, $120 if they convert"; `null` where there are some. */
export function emptyText({ view, slice }: WidgetContext): string | null {
  if (view.tally.active() > 0) return null;
  const trials = view.inStatus("trialing").length;
  const worth = slice?.total("trialingMrr") ?? ZERO;
  if (trials === 0) return "No paying subscriptions yet";
  const amount = slice && worth.n > 0n
    ? `, ${moneyText(worth, slice.currency, { whole: true })} if ${
      trials === 1 ? "it converts" : "they convert"
    }`
    : "";
  return `No paying subscriptions yet; ${countText(trials, "trial")}${amount}`;
}

function emptyCard(context: WidgetContext): PageCard {
  const unvalued = unvaluedCount(context.whole);
  return {
    title: emptyText(context) ?? "No paying subscriptions yet",
    text: "Figures appear with the first paying subscription",
    ...(unvalued > 0
      ? {
        action: {
          text: `${countText(unvalued, "subscription")} could not be valued`,
          href: explainHref(context, "unresolved"),
        },
      }
      : {}),
  };
}

/** The card of a page, from the sources on it; `null` where one of them has figures or may have. */
export function pageCard(contexts: readonly WidgetContext[]): PageCard | null {
  const [first] = contexts;
  if (!first) return null;
  if (contexts.every(({ whole }) => isBlocked(whole))) {
    return { title: "No figures yet", text: "They appear as soon as the key may read the account" };
  }
  const empty = contexts.filter(isEmpty);
  return empty.length > 0 && contexts.every((each) => isEmpty(each) || isBlocked(each.whole))
    ? emptyCard(empty[0]!)
    : null;
}
