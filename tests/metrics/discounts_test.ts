import assert from "node:assert/strict";
import { mrr, type MrrFacts } from "../../src/metrics/mrr.ts";
import { type MrrOptions, PRESETS } from "../../src/metrics/options.ts";
import { format } from "../../src/metrics/rational.ts";
import type { Item, Subscription } from "../../src/metrics/types.ts";
import { AT, type CouponParts, DAY, itemOf, makeCoupon, makeDiscount, makeSub } from "./fixture.ts";

function told(
  parts: Partial<Subscription>,
  options: Partial<MrrOptions> = {},
  facts: MrrFacts = {},
): string {
  const result = mrr(makeSub(parts), AT, { ...PRESETS.stripe, ...options }, facts);
  if (result.kind === "unresolved") return `unresolved ${result.issues}`;
  return [format(result.amount), ...result.issues].join(" ");
}

/** 5000 a month under coupons of the subscription, in their order. */
const under = (coupons: readonly CouponParts[], options: Partial<MrrOptions> = {}) =>
  told({
    items: [itemOf({ amount: 5000 })],
    discounts: coupons.map((coupon) => makeDiscount(coupon)),
  }, options);

const two = (a: Partial<Item>, b: Partial<Item>): Item[] => [
  itemOf({ id: "price_a", product: "prod_a", amount: 2000 }, { id: "si_a", ...a } as object),
  itemOf({ id: "price_b", product: "prod_b", amount: 6000 }, { id: "si_b", ...b } as object),
];

Deno.test("a discount for ever is always subtracted", () => {
  assert.equal(under([{ percent: 20 }]), "4000");
  assert.equal(under([{ amount: 1200 }]), "3800");
});

Deno.test("repeating and one-time discounts are subtracted only where the options say so", () => {
  assert.equal(under([{ percent: 50, duration: "once" }]), "5000");
  assert.equal(under([{ percent: 50, duration: "once" }], { subtractOnce: true }), "2500");
  assert.equal(under([{ percent: 50, duration: "repeating" }]), "5000");
  assert.equal(
    under([{ percent: 50, duration: "repeating" }], { subtractRepeating: true }),
    "2500",
  );
  assert.equal(under([{ percent: 50, duration: "once" }], { subtractRepeating: true }), "5000");
});

Deno.test("a percentage is read exactly", () => {
  assert.equal(under([{ percent: "33.33" }]), "6667/2");
});

Deno.test("discounts apply in their order, each on what is left", () => {
  assert.equal(under([{ percent: 20 }, { amount: 500 }]), "3500");
  assert.equal(under([{ amount: 500 }, { percent: 20 }]), "3600");
});

Deno.test("a discount is in force from its start and before its end", () => {
  const within = (start: number, end: number | null) =>
    told({
      items: [itemOf({ amount: 5000 })],
      discounts: [makeDiscount({ percent: 50 }, { start, end })],
    });
  assert.equal(within(AT, null), "2500");
  assert.equal(within(AT + 1, null), "5000");
  assert.equal(within(AT - DAY, AT), "5000");
  assert.equal(within(AT - DAY, AT + 1), "2500");
});

Deno.test("an amount off is off each invoice: 1200 off 12000 a year leaves 900 a month", () => {
  const parts = { items: [itemOf({ amount: 12_000, every: ["year", 1] })] };
  assert.equal(told({ ...parts, discounts: [makeDiscount({ amount: 1200 })] }), "900");
});

Deno.test("an amount off never makes a line negative", () => {
  assert.equal(under([{ amount: 9000 }]), "0");
});

Deno.test("discounts of items come first, then those of the subscription", () => {
  const items = [
    itemOf({ amount: 10_000 }, { id: "si_a", discounts: [makeDiscount({ percent: 10 })] }),
    itemOf({ id: "price_b", amount: 5000 }, { id: "si_b" }),
  ];
  assert.equal(told({ items, discounts: [makeDiscount({ percent: 20 })] }), "11200");
});

Deno.test("an amount off for one product is capped there and does not spill", () => {
  const discounts = [makeDiscount({ amount: 5000, products: ["prod_a"] })];
  assert.equal(told({ items: two({}, {}), discounts }), "6000");
});

Deno.test("an amount off is spread in proportion to what is left", () => {
  const result = mrr(
    makeSub({ items: two({}, {}), discounts: [makeDiscount({ amount: 4000 })] }),
    AT,
    PRESETS.stripe,
  );
  assert.ok(result.kind === "value");
  assert.deepEqual(result.lines.map(({ amount }) => format(amount)), ["1000", "3000"]);
});

Deno.test("the customer's discount counts only where the subscription has none", () => {
  const items = [itemOf({ amount: 5000 })];
  const customerDiscount = makeDiscount({ percent: 25 });
  assert.equal(told({ items }, {}, { customerDiscount }), "3750");
  const own = [makeDiscount({ percent: 10 })];
  assert.equal(told({ items, discounts: own }, {}, { customerDiscount }), "4500");
});

Deno.test("a discount of the subscription that is over still hides the customer's", () => {
  const items = [itemOf({ amount: 5000 })];
  const over = [makeDiscount({ percent: 10 }, { end: AT - 1 })];
  assert.equal(
    told({ items, discounts: over }, {}, { customerDiscount: makeDiscount({ percent: 25 }) }),
    "5000",
  );
});

Deno.test("the coupon of the mirror is believed, the one inside the discount is the second choice", () => {
  const coupon = () => makeCoupon({ percent: 50 });
  const parts = { items: [itemOf({ amount: 5000 })], discounts: [makeDiscount({ percent: 10 })] };
  assert.equal(told(parts, {}, { coupon }), "2500");
  assert.equal(told(parts, {}, { coupon: () => undefined }), "4500");
});

Deno.test("an amount off in another currency comes from the coupon's option, or is left with a warning", () => {
  const eur = { currency: "eur", items: [itemOf({ amount: 5000, currency: "eur" })] };
  const options = { eur: makeCoupon({ amount: 900 }).amountOff! };
  assert.equal(
    told({ ...eur, discounts: [makeDiscount({ amount: 1000, currencyOptions: options })] }),
    "4100",
  );
  assert.equal(
    told({ ...eur, discounts: [makeDiscount({ amount: 1000 })] }),
    "5000 coupon_currency_mismatch",
  );
  assert.equal(told({ ...eur, discounts: [makeDiscount({ percent: 10 })] }), "4500");
});

Deno.test("what could be 100 % is refused: a bare discount, a coupon that is not known", () => {
  const items = [itemOf({ amount: 5000 })];
  const bare = { id: "di_b", couponId: null, coupon: null, start: 0, end: null };
  assert.equal(told({ items, discounts: [bare] }), "unresolved discount_not_expanded");
  const unknown = { ...bare, couponId: "coupon_x" };
  assert.equal(told({ items, discounts: [unknown] }), "unresolved coupon_missing");
  assert.equal(
    told({ items: [itemOf({}, { discounts: [unknown] })] }),
    "unresolved coupon_missing",
  );
  assert.equal(told({ items, discounts: [{ ...unknown, start: 0, end: AT - 1 }] }), "5000");
});

function mixed(lines: readonly (readonly [number, string, number])[], coupon: CouponParts): string {
  return told({
    items: lines.map(([amount, interval, count], index) =>
      itemOf({ id: `price_${index}`, amount, every: [interval, count] }, { id: `si_${index}` })
    ),
    discounts: [makeDiscount(coupon)],
  });
}

Deno.test("mixed intervals: an amount off is worked out invoice by invoice of one cycle", () => {
  // Eleven invoices of 500 → 0 and one of 12500 → 11500, over twelve months.
  assert.equal(mixed([[500, "month", 1], [12_000, "year", 1]], { amount: 1000 }), "2875/3");
  // 2000 − 600, 2000 − 600, 5000 − 600 in each quarter.
  assert.equal(mixed([[2000, "month", 1], [3000, "month", 3]], { amount: 600 }), "2400");
});

Deno.test("mixed intervals: percentages need no cycle", () => {
  assert.equal(mixed([[500, "month", 1], [12_000, "year", 1]], { percent: 50 }), "750");
});

Deno.test("days and months together have no cycle: the amount goes at the shortest interval's pace", () => {
  // 1000 × 13/3 + 6000 − 300 × 13/3.
  assert.equal(mixed([[1000, "week", 1], [6000, "month", 1]], { amount: 300 }), "27100/3");
});

Deno.test("a cycle of more than 10,000 invoices is not simulated", () => {
  // 101 and 103 days would need 10,403: 1000 × 365/12 × (1/101 + 1/103) − 100 × 365/12/101.
  const lines = [[1000, "day", 101], [1000, "day", 103]] as const;
  assert.equal(mixed(lines, { amount: 100 }), "17675125/31209");
});
