/**
 * Objects that were read and not understood, by kind, and what that means for the figures
 * (metrics.md B.6 step 2.9): nothing of them is in a log alone.
 *
 * @module
 */
import type { SourceView, Unreadable } from "../store/port.ts";
import { countText, monthName } from "./context.ts";

/** How many objects of each kind are not understood, in the order of their kinds. */
export function unreadByKind(view: SourceView): Readonly<Record<string, number>> {
  const kinds = Map.groupBy(view.unreadable(), ({ kind }) => kind);
  return Object.fromEntries(
    [...kinds].map(([kind, all]) => [kind, all.length] as const)
      .sort(([a], [b]) => a < b ? -1 : 1),
  );
}

/** Subscriptions that are named; the others are counted. */
const NAMED_MAX = 3;

/** "sub_a from June 2026, sub_b and 2 more". */
function subjects(view: SourceView, all: readonly Unreadable[]): string {
  const since = new Map<string, number>();
  for (const { subscription, since: from = Infinity } of all) {
    if (subscription === undefined) continue;
    since.set(subscription, Math.min(since.get(subscription) ?? Infinity, from));
  }
  const named = [...since].slice(0, NAMED_MAX).map(([subscription, from]) => {
    if (from === Infinity) return subscription;
    const day = view.calendar.dayOf(from);
    const year = new Date(day * 86_400_000).getUTCFullYear();
    return `${subscription} from ${monthName(day)} ${year}`;
  });
  const more = since.size > NAMED_MAX ? ` and ${since.size - NAMED_MAX} more` : "";
  return `${named.join(", ")}${more}`;
}

/** What an object of a kind that is not understood leaves out, where it names no subscription. */
const MEANS: ReadonlyMap<string, string> = new Map(Object.entries<string>({
  subscription: "it is in no figure",
  price: "subscriptions on it may be in no figure",
  coupon: "subscriptions with it may be in no figure",
  customer: "a discount of the customer may be missing",
  product: "its name is missing",
  payout: "it is in no sum of payouts",
  dispute: "it is in no sum of disputes",
  schedule: "what it plans is missing in the forecast",
  "balance transaction": "it is in no sum of cash",
}));

/** A sentence for each kind: "1 invoice could not be read: the figures of sub_a … are marked". */
export function unreadSentences(view: SourceView): readonly string[] {
  const kinds = Map.groupBy(view.unreadable(), ({ kind }) => kind);
  return [...kinds].sort(([a], [b]) => a < b ? -1 : 1).map(([kind, all]) => {
    const named = kind === "invoice" || kind === "event" ? subjects(view, all) : "";
    const meaning = named === ""
      ? MEANS.get(kind) ?? "what it tells is missing"
      : `the figures of ${named} are marked`;
    return `${countText(all.length, kind)} could not be read: ${meaning}`;
  });
}
