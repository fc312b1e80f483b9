/** Since when and until when discounts were in force, by what invoices and the object name. */
import assert from "node:assert/strict";
import { discountsAt, discountSpans, type DiscountsSeen } from "../../src/metrics/discount_past.ts";
import type { Coupon, Discount } from "../../src/metrics/types.ts";

function discount(id: string, start: number, end: number | null = null): Discount {
  return { id, couponId: id, coupon: null, start, end };
}

function seen(at: number, ...discounts: readonly Discount[]): DiscountsSeen {
  return { at, discounts };
}

function spans(
  told: readonly DiscountsSeen[],
  live: DiscountsSeen | null = null,
  between: readonly DiscountsSeen[] = [],
  duration = "forever",
) {
  const coupon = () => ({ duration }) as Coupon;
  return discountSpans(told, between, live, { coupon }).map((span) => [
    span.discount.id,
    span.from,
    span.to,
    ...span.doubts.map(({ from, to }) => `${from}-${to}`),
  ]);
}

Deno.test("a discount that began between two renewals began when it says", () => {
  const late = discount("a", 140);
  assert.deepEqual(spans([seen(100), seen(200, late)], seen(250, late)), [["a", 140, null]]);
});

Deno.test("one that was taken away went some time before the next renewal", () => {
  const given = discount("a", 90);
  assert.deepEqual(spans([seen(100, given), seen(200), seen(300)]), [["a", 90, 200, "100-200"]]);
});

Deno.test("one with an end of its own ends then, without a doubt", () => {
  const limited = discount("a", 90, 150);
  assert.deepEqual(spans([seen(100, limited), seen(200)]), [["a", 90, 150]]);
});

Deno.test("one that was there, was not, and is again has two spans", () => {
  const given = discount("a", 90);
  assert.deepEqual(spans([seen(100, given), seen(200), seen(300, given)]), [
    ["a", 90, 200, "100-200"],
    ["a", 300, null, "200-300"],
  ]);
});

Deno.test("a coupon for one invoice is gone with it, and stays only on the object that shows it", () => {
  const once = discount("a", 90);
  assert.deepEqual(spans([seen(100, once), seen(200)], null, [], "once"), [["a", 90, 100]]);
  assert.deepEqual(spans([seen(100, once)], null, [], "once"), [["a", 90, 100]]);
  assert.deepEqual(spans([seen(80)], seen(100, once), [], "once"), [["a", 90, null]]);
});

Deno.test("what only a change in mid-cycle names was there from its start to its end", () => {
  const between = [seen(150, discount("a", 120, 180))];
  assert.deepEqual(spans([seen(100), seen(200)], null, between), [["a", 120, 180]]);
});

Deno.test("discounts at a moment are as if without start and end of their own", () => {
  const found = discountSpans([seen(100, discount("a", 90))], [], null, {
    coupon: () => undefined,
  });
  assert.deepEqual(discountsAt(found, 100), [{ ...discount("a", 0), start: 0, end: null }]);
  assert.deepEqual(discountsAt(found, 80), []);
});
