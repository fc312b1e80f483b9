import assert from "node:assert/strict";
import {
  makeCoupon,
  makeDiscount,
  makeItem,
  makePrice,
  makeSubscription,
} from "../../src/simulator/mod.ts";
import { explainSubscription } from "../../src/stripe/explain.ts";

const AT = 1_794_700_800;
const SUB = makeSubscription({
  id: "sub_a",
  lines: [
    makeItem({ id: "si_a", price: makePrice({ id: "price_a", unit_amount: 2900 }), quantity: 2 }),
  ],
});

const explain = (sub: unknown, options: Record<string, unknown> = {}) =>
  explainSubscription(sub, options, AT);

Deno.test("a value is given rounded, exact and by line", () => {
  assert.deepEqual(explain(SUB), {
    kind: "value",
    mrr: { usd: 5800 },
    exact: { usd: "5800" },
    issues: [],
    reason: null,
    lines: [{ item: "si_a", price: "price_a", product: "prod_plain", exact: "5800" }],
  });
});

Deno.test("what cannot be valued has no number", () => {
  const truncated = { ...SUB, items: { ...SUB.items, has_more: true } };
  assert.deepEqual(explain(truncated), {
    kind: "unresolved",
    mrr: {},
    exact: {},
    issues: ["items_truncated"],
    reason: null,
    lines: [],
  });
});

Deno.test("a preset sets all options; options beside it override it, in any order", () => {
  const canceled = { ...SUB, cancel_at_period_end: true };
  assert.deepEqual(explain(canceled).reason, "cancel_scheduled");
  assert.deepEqual(explain(canceled, { preset: "chartmogul" }).mrr, { usd: 5800 });
  assert.equal(
    explain(canceled, { cancellation: "at_request", preset: "chartmogul" }).reason,
    "cancel_scheduled",
  );
});

Deno.test("`at` defaults to now", () => {
  const discounts = [
    makeDiscount({ id: "di_1", coupon: makeCoupon({ id: "half", percent_off: 50 }), end: AT }),
  ];
  const discounted = { ...SUB, discounts };
  assert.deepEqual(explain(discounted).mrr, { usd: 5800 });
  assert.deepEqual(explain(discounted, { at: AT - 1 }).mrr, { usd: 2900 });
});

Deno.test("the customer's discount counts for that customer alone", () => {
  const discount = makeDiscount({
    id: "di_1",
    coupon: makeCoupon({ id: "half", percent_off: 50 }),
  });
  assert.deepEqual(explain(SUB, { customer: { id: "cus_plain", discount } }).mrr, { usd: 2900 });
  assert.deepEqual(explain(SUB, { customer: { id: "cus_other", discount } }).mrr, { usd: 5800 });
});

Deno.test("rates convert; a missing one is refused", () => {
  assert.deepEqual(explain(SUB, { convert: { to: "eur", rates: { usd: "0.9" } } }).exact, {
    eur: "5220",
  });
  assert.deepEqual(explain(SUB, { convert: { to: "eur", rates: {} } }).issues, ["fx_rate_missing"]);
});

Deno.test("an unknown option is refused by its name, with those that are known", () => {
  assert.throws(() => explain(SUB, { pastdue: "count" }), (error: unknown) => {
    assert.ok(error instanceof TypeError);
    assert.match(error.message, /^Unknown option pastdue: known are at, preset, pastDue, /);
    return true;
  });
  assert.throws(() => explain(SUB, { constructor: 1 }), /^TypeError: Unknown option constructor/);
});

Deno.test("a value that an option does not take is refused in a sentence", () => {
  const cases: [Record<string, unknown>, string][] = [
    [
      { preset: "quickbooks" },
      "Option preset must be one of stripe, chartmogul, baremetrics, profitwell, recurly",
    ],
    [{ at: "2026" }, "Option at must be whole Unix seconds"],
    [{ pastDue: "sometimes" }, "Option pastDue must be one of count, exclude"],
    [
      { pastDue: { maxDays: -1 } },
      "Option pastDue.maxDays must be a whole number of days, 0 or more",
    ],
    [{ subtractOnce: "yes" }, "Option subtractOnce must be true or false"],
    [{ weeksPerMonth: "a few" }, 'Cannot read "a few" as a number'],
    [{ cancellation: null }, "Option cancellation must be one of at_request, at_end"],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => explain(SUB, options), new TypeError(message));
  }
});

Deno.test("a list in place of a subscription is refused", () => {
  assert.throws(() => explain([SUB]), /the object should be an object but is a list/);
});
