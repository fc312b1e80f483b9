/**
 * Changes of items that events hide: Stripe lists ten items of a subscription, and an event about
 * the eleventh names none. The prorations of that second tell what it was (metrics.md B.6 step 2.3).
 *
 * @module
 */
import { type HistoryLine, isDraft } from "./history_line.ts";
import type { PastState, PastStates } from "./past_states.ts";
import type { Item, Price, Subscription } from "./types.ts";

/** Items that Stripe lists with their subscription. */
const LISTED_MAX = 10;

/** What an item is charged by. */
interface Terms {
  readonly price: string;
  readonly quantity: bigint;
}

interface ItemChange {
  readonly item: string;
  /** Unix seconds. */
  readonly at: number;
  readonly before: Terms;
  readonly after: Terms;
}

function sameTerms(a: Terms, b: Terms): boolean {
  return a.price === b.price && a.quantity === b.quantity;
}

function termsOf({ price, quantity }: Item): Terms {
  return { price: price.id, quantity: quantity ?? 1n };
}

/** Changes that prorations after `since` tell: one credit and one debit that differ, of an item. */
function invoicedChanges(lines: readonly HistoryLine[], since: number): ItemChange[] {
  const prorations = lines.filter((line) =>
    line.proration && !isDraft(line) && line.period.from > since
  );
  const bySecond = Map.groupBy(prorations, ({ item, period }) => `${period.from} ${item}`);
  return [...bySecond.values()].flatMap((ofSecond) => {
    const [credit, ...otherCredits] = ofSecond.filter((line) => line.credit);
    const [debit, ...otherDebits] = ofSecond.filter((line) => !line.credit);
    const single = otherCredits.length + otherDebits.length === 0;
    if (!credit || !debit || !single || sameTerms(credit, debit)) return [];
    return [{ item: credit.item, at: credit.period.from, before: credit, after: debit }];
  }).sort((a, b) => b.at - a.at);
}

/** The subscription with an item as it was before a change; itself where it had no such terms. */
function undone(
  sub: Subscription,
  { item, before, after }: ItemChange,
  price: (id: string) => Price | undefined,
): Subscription {
  if (sub.items.length <= LISTED_MAX) return sub;
  const index = sub.items.findIndex((one) => one.id === item && sameTerms(termsOf(one), after));
  const former = price(before.price);
  if (index < 0 || !former) return sub;
  const items = sub.items.with(index, {
    ...sub.items[index]!,
    price: former,
    quantity: before.quantity,
  });
  return { ...sub, items };
}

/**
 * The states with those changes of items that events hide and invoices tell. An item whose state
 * before a change differs from the one after it was told by its event: it stays.
 *
 * @param lines All lines of the subscription.
 */
export function withHiddenChanges(
  past: PastStates,
  current: Subscription,
  lines: readonly HistoryLine[],
  price: (id: string) => Price | undefined,
): PastStates {
  if (current.items.length <= LISTED_MAX) return past;
  let states: readonly PastState[] = past.states;
  for (const change of invoicedChanges(lines, past.since)) {
    const index = states.findIndex(({ until }) => until >= change.at);
    const running = index < 0 ? { sub: current, until: Infinity } : states[index]!;
    const before = undone(running.sub, change, price);
    if (before === running.sub) continue;
    const earlier = states.slice(0, index < 0 ? states.length : index)
      .map((state) => ({ ...state, sub: undone(state.sub, change, price) }));
    const later = running.until > change.at && index >= 0 ? [running] : [];
    const after = index < 0 ? [] : states.slice(index + 1);
    states = [...earlier, { ...running, until: change.at, sub: before }, ...later, ...after];
  }
  return states === past.states ? past : { ...past, states };
}
