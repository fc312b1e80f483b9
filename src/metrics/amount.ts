/**
 * What an item costs per billing interval, before discounts and tax (metrics.md A.4).
 *
 * @module
 */
import { add, multiply, type Rational, rational, ZERO } from "./rational.ts";
import type { Item, Price, PriceFace, Tier } from "./types.ts";

/** Codes of what can stand in the way of a value, or cast doubt on it (metrics.md A.1). */
export type Issue =
  | "tiers_missing"
  | "tiers_exhausted"
  | "unit_amount_missing"
  | "currency_option_missing"
  | "discount_not_expanded"
  | "coupon_missing"
  | "coupon_currency_mismatch"
  | "items_truncated"
  | "inclusive_tax_unknown"
  | "unknown_status"
  | "unknown_interval"
  | "fx_rate_missing";

/** Thrown inside this folder when a subscription cannot be valued; caught by `mrr`. */
export class Unresolved extends Error {
  readonly issue: Issue;
  constructor(issue: Issue) {
    super(issue);
    this.name = "Unresolved";
    this.issue = issue;
  }
}

/**
 * The side of a price that counts in the subscription's currency. `item.price.currency` stays
 * the price's base currency on a multi-currency price, so it must not be trusted.
 *
 * @throws {Unresolved} `currency_option_missing`.
 */
export function faceOf(price: Price, currency: string): PriceFace {
  if (price.currency === currency) return price;
  const face = price.currencyOptions?.[currency];
  if (!face) throw new Unresolved("currency_option_missing");
  return face;
}

function graduated(tiers: readonly Tier[], quantity: bigint): Rational {
  let total = ZERO;
  let below = 0n;
  for (const tier of tiers) {
    const last = tier.upTo === null || tier.upTo >= quantity ? quantity : tier.upTo;
    total = add(total, add(multiply(rational(last - below), tier.unit), tier.flat));
    if (tier.upTo === null || quantity <= tier.upTo) return total;
    below = tier.upTo;
  }
  throw new Unresolved("tiers_exhausted");
}

function volume(tiers: readonly Tier[], quantity: bigint): Rational {
  const tier = tiers.find(({ upTo }) => upTo === null || quantity <= upTo);
  if (!tier) throw new Unresolved("tiers_exhausted");
  return add(multiply(rational(quantity), tier.unit), tier.flat);
}

function transformed(quantity: bigint, { divideBy, roundUp }: NonNullable<Price["transform"]>) {
  return (roundUp ? quantity + divideBy - 1n : quantity) / divideBy;
}

/**
 * The gross amount of a licensed item per billing interval, in minor units of `currency`.
 *
 * @throws {Unresolved} when a tier, an amount or a currency option is not there.
 */
export function grossAmount(item: Item, currency: string): Rational {
  const { price } = item;
  const face = faceOf(price, currency);
  const quantity = item.quantity ?? 1n;
  if (price.tiered) {
    if (!face.tiers || face.tiers.length === 0) throw new Unresolved("tiers_missing");
    return price.volume ? volume(face.tiers, quantity) : graduated(face.tiers, quantity);
  }
  if (face.unitAmount === null) throw new Unresolved("unit_amount_missing");
  const units = price.transform ? transformed(quantity, price.transform) : quantity;
  return multiply(rational(units), face.unitAmount);
}

/** Whether an item costs nothing because there are 0 units of a price that is not free. */
export function ofNothing(item: Item, currency: string): boolean {
  if (item.quantity !== 0n) return false;
  // One unit may be fewer than a package holds.
  const units = item.price.transform?.divideBy ?? 1n;
  return grossAmount({ ...item, quantity: units }, currency).n !== 0n;
}
