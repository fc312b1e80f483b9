/** Subscriptions of every kind that the rules tell apart, for properties. */
import fc from "fast-check";
import type { MrrFacts } from "../../src/metrics/mrr.ts";
import { type MrrOptions, PRESET_NAMES, PRESETS } from "../../src/metrics/options.ts";
import { parse, rational } from "../../src/metrics/rational.ts";
import type { Discount, Item, Price, Subscription } from "../../src/metrics/types.ts";
import { AT, DAY, makeCoupon, makePrice, makeSub, makeTiers } from "./fixture.ts";

const nearby = fc.integer({ min: -60, max: 60 }).map((days) => AT + days * DAY);
const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const interval = fc.constantFrom("day", "week", "month", "year");

const price: fc.Arbitrary<Price> = fc.record({
  id: fc.constantFrom("price_1", "price_2", "price_3"),
  every: fc.tuple(interval, fc.integer({ min: 1, max: 6 })),
  amount: fc.integer({ min: 0, max: 100_000 }),
  metered: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
  tiers: orNull(fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 5000 })))),
  volume: fc.boolean(),
}).map(({ tiers, every, ...others }) =>
  makePrice({
    ...others,
    every,
    product: `prod_${others.id}`,
    tiered: tiers !== null,
    tiers: tiers && makeTiers([5, tiers[0]!, tiers[1]!], [null, tiers[2]!, tiers[3]!]),
  })
);

const percentDiscounts: fc.Arbitrary<Discount> = fc.record({
  percent: fc.integer({ min: 0, max: 100 }),
  duration: fc.constantFrom("forever", "once", "repeating"),
  start: nearby,
  end: orNull(nearby),
}).map(({ percent, duration, start, end }) => discountOf({ percent, duration }, start, end));

const amountDiscounts: fc.Arbitrary<Discount> = fc.record({
  amount: fc.integer({ min: 0, max: 20_000 }),
  duration: fc.constantFrom("forever", "once", "repeating"),
  products: orNull(fc.constant(["prod_price_1"])),
  start: nearby,
  end: orNull(nearby),
}).map(({ start, end, ...coupon }) => discountOf(coupon, start, end));

function discountOf(parts: Parameters<typeof makeCoupon>[0], start: number, end: number | null) {
  const coupon = makeCoupon(parts);
  return { id: "di", couponId: coupon.id, coupon, start, end };
}

const NO_DISCOUNTS = fc.constant<Discount[]>([]);
const few = (discounts: fc.Arbitrary<Discount>) => fc.array(discounts, { maxLength: 2 });

function itemsOf(discounts: fc.Arbitrary<Discount[]>): fc.Arbitrary<Item[]> {
  const item = fc.record({
    price,
    quantity: orNull(fc.bigInt({ min: 0n, max: 12n })),
    currentPeriodStart: fc.constant(AT - 10 * DAY),
    currentPeriodEnd: nearby.filter((end) => end > AT),
    trial: orNull(
      fc.tuple(nearby, nearby).map(([a, b]) => ({
        start: Math.min(a, b),
        end: Math.max(a, b),
      })),
    ),
    discounts,
    taxRates: fc.array(
      fc.record({
        inclusive: fc.boolean(),
        percentage: fc.constantFrom(rational(20), parse("7.7")),
      }),
      { maxLength: 2 },
    ),
  });
  return fc.array(item, { maxLength: 3 }).map((items) =>
    items.map((each, index) => ({ ...each, id: `si_${index}` }))
  );
}

function subsOf(discounts: fc.Arbitrary<Discount[]>): fc.Arbitrary<Subscription> {
  return fc.record({
    status: fc.constantFrom(
      "active",
      "active",
      "active",
      "past_due",
      "trialing",
      "paused",
      "unpaid",
      "canceled",
    ),
    created: nearby.map((at) => at - 60 * DAY),
    cancelAt: orNull(nearby),
    cancelAtPeriodEnd: fc.integer({ min: 0, max: 4 }).map((dice) => dice === 0),
    pause: orNull(fc.record({
      behavior: fc.constantFrom("void", "mark_uncollectible", "keep_as_draft"),
      resumesAt: orNull(nearby),
    })),
    items: itemsOf(discounts),
    discounts,
  }).map((parts) => makeSub(parts));
}

/** Subscriptions with discounts of every kind. */
export const subscriptions = subsOf(few(fc.oneof(percentDiscounts, amountDiscounts)));
/** Without amounts off, so that amounts can be scaled. */
export const withoutAmountsOff = subsOf(few(percentDiscounts));
export const withoutDiscounts = subsOf(NO_DISCOUNTS);
export const percentages = fc.array(percentDiscounts, { minLength: 2, maxLength: 4 });

function factsOf(discount: fc.Arbitrary<Discount>): fc.Arbitrary<MrrFacts> {
  return fc.record({
    customerDiscount: orNull(discount),
    pastDueSince: fc.option(nearby, { nil: undefined }),
  });
}

export const facts = factsOf(fc.oneof(percentDiscounts, amountDiscounts));
export const factsWithoutAmountsOff = factsOf(percentDiscounts);

export const optionSets: fc.Arbitrary<MrrOptions> = fc.constantFrom(...PRESET_NAMES)
  .map((name) => PRESETS[name]);

export const moments = fc.integer({ min: -70, max: 70 }).map((days) => AT + days * DAY);
