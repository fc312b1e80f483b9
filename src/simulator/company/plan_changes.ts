/** Changes of what is bought: plans, quantities, add-ons. Null when a change does not fit. */
import { between, pick, roll } from "../random.ts";
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
import { current, type ItemState, type Sub, type SubState } from "./state.ts";

/** Business has a price for each currency; the one of the customer's is meant. */
function inCurrency(prices: readonly PriceSpec[], currency: Currency): PriceSpec {
  return prices.find((price) => price.currency === currency)!;
}

function replaceItem(state: SubState, index: number, change: Partial<ItemState>): ItemState[] {
  return state.items.map((item, each) => each === index ? { ...item, ...change } : item);
}

/** The plan above: Starter → Team → Business → Enterprise, in the same interval. */
export function upgrade(sub: Sub, at: number): string | null {
  const state = current(sub);
  if (!isPlain(state)) return null;
  const { price } = state.items[0]!;
  const { currency } = sub.customer;
  const yearly = price.months === 12;
  const to: readonly [PriceSpec, number] | null = price === STARTER_MONTHLY ||
      price === STARTER_YEARLY
    ? [yearly ? TEAM_YEARLY : TEAM_MONTHLY, between(sub.dice, 3, 6)]
    : price === TEAM_MONTHLY || price === TEAM_YEARLY
    ? [inCurrency(yearly ? BUSINESS_YEARLY : BUSINESS_MONTHLY, currency), 1]
    : BUSINESS_MONTHLY.includes(price)
    ? [ENTERPRISE_MONTHLY, between(sub.dice, 11, 24)]
    : null;
  if (!to) return null;
  append(sub, at, "upgraded", {
    items: replaceItem(state, 0, { price: to[0], quantity: to[1] }),
  });
  return `upgraded from ${price.product.name} to ${to[0].product.name}`;
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
