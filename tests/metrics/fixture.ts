/** Subscriptions in our own types, plain unless something is given. */
import { parse, type Rational } from "../../src/metrics/rational.ts";
import type {
  Coupon,
  Discount,
  Item,
  Price,
  PriceFace,
  Subscription,
  Tier,
} from "../../src/metrics/types.ts";

/** 2026-11-15 00:00 UTC: the moment of the extract of golden cases. */
export const AT = 1_794_700_800;
export const DAY = 86_400;

const r = (value: number | string): Rational => parse(String(value));

export type PriceParts = Partial<Omit<Price, "unitAmount" | "recurring">> & {
  /** Minor units; `null` for a price without one. */
  readonly amount?: number | string | null;
  readonly every?: readonly [interval: string, count: number] | null;
  readonly metered?: boolean;
};

export function makePrice(
  { amount = 1000, every = ["month", 1], metered = false, ...parts }: PriceParts = {},
): Price {
  return {
    id: "price_a",
    product: "prod_a",
    currency: "usd",
    nickname: null,
    tiered: false,
    volume: false,
    recurring: every && { interval: every[0], count: every[1], metered },
    transform: null,
    currencyOptions: null,
    unitAmount: amount === null ? null : r(amount),
    tiers: null,
    taxInclusive: false,
    ...parts,
  };
}

export function makeFace(amount: number | string, parts: Partial<PriceFace> = {}): PriceFace {
  return { unitAmount: r(amount), tiers: null, taxInclusive: false, ...parts };
}

/** `[up to, unit, flat]` in minor units; `null` is infinity. */
export function makeTiers(...tiers: readonly (readonly [number | null, number, number])[]): Tier[] {
  return tiers.map(([upTo, unit, flat]) => ({
    upTo: upTo === null ? null : BigInt(upTo),
    unit: r(unit),
    flat: r(flat),
  }));
}

export function makeItem(
  parts: Partial<Omit<Item, "quantity">> & { quantity?: number | null } = {},
): Item {
  const { quantity = 1, ...others } = parts;
  return {
    id: "si_a",
    price: makePrice(),
    quantity: quantity === null ? null : BigInt(quantity),
    currentPeriodStart: AT - 10 * DAY,
    currentPeriodEnd: AT + 20 * DAY,
    trial: null,
    discounts: [],
    taxRates: [],
    ...others,
  };
}

/** One item of a price. */
export function itemOf(price: PriceParts, parts: Parameters<typeof makeItem>[0] = {}): Item {
  return makeItem({ price: makePrice(price), ...parts });
}

export function makeSub(parts: Partial<Subscription> = {}): Subscription {
  return {
    id: "sub_a",
    customer: "cus_a",
    currency: "usd",
    status: "active",
    created: AT - 100 * DAY,
    trialStart: null,
    trialEnd: null,
    cancelAt: null,
    cancelAtPeriodEnd: false,
    canceledAt: null,
    endedAt: null,
    cancelReason: null,
    pause: null,
    testClock: false,
    automaticTax: false,
    items: [makeItem()],
    itemsTruncated: false,
    discounts: [],
    defaultTaxRates: [],
    latestInvoice: null,
    metadata: {},
    ...parts,
  };
}

export type CouponParts = Partial<Omit<Coupon, "percentOff" | "amountOff">> & {
  readonly percent?: number | string;
  /** Minor units. */
  readonly amount?: number | string;
};

export function makeCoupon({ percent, amount, ...parts }: CouponParts): Coupon {
  return {
    id: "coupon_a",
    duration: "forever",
    percentOff: percent === undefined ? null : r(percent),
    amountOff: amount === undefined ? null : r(amount),
    currency: amount === undefined ? null : "usd",
    currencyOptions: {},
    products: null,
    ...parts,
  };
}

export function makeDiscount(coupon: CouponParts, parts: Partial<Discount> = {}): Discount {
  const made = makeCoupon(coupon);
  return {
    id: "di_a",
    couponId: made.id,
    coupon: made,
    start: AT - 50 * DAY,
    end: null,
    ...parts,
  };
}
