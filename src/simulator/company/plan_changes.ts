/** Changes of what is bought: plans, quantities, add-ons. Null when a change does not fit. */
import { between, createDice, type Dice, pick, roll } from "../random.ts";
import { periodAt } from "./calendar.ts";
import {
  API_MONTHLY,
  BUSINESS_MONTHLY,
  BUSINESS_YEARLY,
  type Currency,
  ENTERPRISE_MONTHLY,
  type PriceSpec,
  STARTER_MONTHLY,
  STARTER_YEARLY,
  STORAGE_MONTHLY,
  SUPPORT_MONTHLY,
  SUPPORT_YEARLY,
  TEAM_MONTHLY,
  TEAM_YEARLY,
} from "./catalogue.ts";
import { append, isPlain, makeItem } from "./changes.ts";
import { makeId } from "./ids.ts";
import {
  current,
  discountsOf,
  type ItemState,
  periodOf,
  stepOf,
  type Sub,
  type SubState,
} from "./state.ts";

/** Business has a price for each currency; the one of the customer's is meant. */
function inCurrency(prices: readonly PriceSpec[], currency: Currency): PriceSpec {
  return prices.find((price) => price.currency === currency)!;
}

function replaceItem(state: SubState, index: number, change: Partial<ItemState>): ItemState[] {
  return state.items.map((item, each) => each === index ? { ...item, ...change } : item);
}

/** The plan above: Starter → Team → Business → Enterprise, in the same interval. */
function planAbove(
  { price }: ItemState,
  currency: Currency,
  dice: Dice,
): { readonly price: PriceSpec; readonly quantity: number } | null {
  const yearly = price.months === 12;
  if (price === STARTER_MONTHLY || price === STARTER_YEARLY) {
    return { price: yearly ? TEAM_YEARLY : TEAM_MONTHLY, quantity: between(dice, 3, 6) };
  }
  if (price === TEAM_MONTHLY || price === TEAM_YEARLY) {
    return {
      price: inCurrency(yearly ? BUSINESS_YEARLY : BUSINESS_MONTHLY, currency),
      quantity: 1,
    };
  }
  return BUSINESS_MONTHLY.includes(price)
    ? { price: ENTERPRISE_MONTHLY, quantity: between(dice, 11, 24) }
    : null;
}

export function upgrade(sub: Sub, at: number): string | null {
  const state = current(sub);
  if (!isPlain(state)) return null;
  const { price } = state.items[0]!;
  const to = planAbove(state.items[0]!, sub.customer.currency, sub.dice);
  if (!to) return null;
  append(sub, at, "upgraded", { items: replaceItem(state, 0, to) });
  return `upgraded from ${price.product.name} to ${to.price.product.name}`;
}

/** Of the months without another change, in thousandths. */
const PLANNING = 12;

/**
 * An upgrade that is agreed ahead, in a schedule, for the end of this period or one soon after. It
 * is drawn by dice of its own, so that lives are the same with and without it.
 */
export function planAhead(sub: Sub, at: number): void {
  const state = current(sub);
  const dice = createDice(sub.index, sub.states.length, at % 9973, 61);
  if (roll(dice) * 1000 >= PLANNING || !isPlain(state) || discountsOf(state).length > 0) return;
  const to = planAbove(state.items[0]!, sub.customer.currency, dice);
  if (!to || state.items.length > 1) return;
  let { end } = periodOf(state, at);
  for (let more = between(dice, 0, 3); more > 0 && stepOf(state) === 1; more--) {
    end = periodAt(state.anchor, 1, end).end;
  }
  const id = makeId("sub_sched", sub.index, at);
  append(sub, at, "planned", { planned: { id, at: end, items: replaceItem(state, 0, to) } });
}

/** The next phase of a schedule begins, with the renewal. */
export function changePhase(sub: Sub, at: number): string {
  const { planned } = current(sub);
  const items = planned!.items;
  append(sub, at, "phase_changed", { items, planned: null });
  return `changed to ${items[0]!.price.product.name} as agreed`;
}

export function downgrade(sub: Sub, at: number): string | null {
  const state = current(sub);
  if (!isPlain(state)) return null;
  const { price } = state.items[0]!;
  const to = BUSINESS_MONTHLY.includes(price) || price === TEAM_MONTHLY
    ? STARTER_MONTHLY
    : BUSINESS_YEARLY.includes(price) || price === TEAM_YEARLY
    ? STARTER_YEARLY
    : null;
  if (!to) return null;
  append(sub, at, "downgraded", {
    items: replaceItem(state, 0, { price: to, quantity: 1 }),
  });
  return `downgraded from ${price.product.name} to ${to.product.name}`;
}

/** More units, more often than fewer. */
export function changeSeats(sub: Sub, at: number): string | null {
  const state = current(sub);
  if (!isPlain(state)) return null;
  const index = state.items.findIndex(({ price }) => price.quantities);
  const item = state.items[index];
  if (!item) return null;
  const share = 0.1 + roll(sub.dice) * 0.25;
  const by = Math.max(1, Math.round(item.quantity * share)) * (roll(sub.dice) < 0.68 ? 1 : -1);
  const quantity = Math.max(1, item.quantity + by);
  if (quantity === item.quantity) return null;
  append(sub, at, "seats_changed", { items: replaceItem(state, index, { quantity }) });
  const unit = item.price.product.unitLabel ?? "unit";
  return `${item.price.product.name}: ${item.quantity} → ${quantity} ${unit}s`;
}

/** A second item: support, storage or packs of API requests. */
export function addAddon(sub: Sub, at: number): string | null {
  const state = current(sub);
  if (!isPlain(state) || state.items.length > 1) return null;
  const price = state.items[0]!.price.months === 12
    ? SUPPORT_YEARLY
    : pick(sub.dice, [SUPPORT_MONTHLY, STORAGE_MONTHLY, API_MONTHLY]);
  const item = makeItem(sub, price, at, 1 + sub.states.length);
  append(sub, at, "addon_added", { items: [...state.items, item] });
  return `added ${price.product.name}`;
}

export function removeAddon(sub: Sub, at: number): string | null {
  const state = current(sub);
  const addon = state.items[1];
  if (!isPlain(state) || !addon) return null;
  append(sub, at, "addon_removed", { items: state.items.slice(0, 1) });
  return `removed ${addon.price.product.name}`;
}
