/** `explain` of subscriptions as older API versions gave them (metrics.md D.1, second column). */
import assert from "node:assert/strict";
import { explainSubscription } from "../../src/stripe/explain.ts";

const AT = 1_794_700_800;
const DAY = 86_400;

const PLAN = {
  id: "gold",
  object: "plan",
  amount: 3000,
  amount_decimal: "3000",
  billing_scheme: "per_unit",
  currency: "usd",
  interval: "month",
  interval_count: 1,
  product: "prod_gold",
  tiers_mode: null,
  transform_usage: null,
  usage_type: "licensed",
};
const HALF = { id: "HALF", object: "coupon", duration: "forever", percent_off: 50 };
const DISCOUNT = { id: "di_1", object: "discount", start: AT - DAY, end: null, coupon: HALF };

/** As version 2020-08-27 gave it. */
const OLD = {
  id: "sub_old",
  object: "subscription",
  customer: "cus_1",
  status: "active",
  created: AT - 100 * DAY,
  current_period_start: AT - 10 * DAY,
  current_period_end: AT + 20 * DAY,
  cancel_at: null,
  cancel_at_period_end: false,
  canceled_at: null,
  discount: null,
  items: { object: "list", has_more: false, data: [{ id: "si_1", plan: PLAN, quantity: 2 }] },
};

const explain = (sub: unknown, options: Record<string, unknown> = {}) =>
  explainSubscription(sub, options, AT);

Deno.test("a plan in place of the price, and the currency that is on it alone: 2 at 3000 are 6000", () => {
  assert.deepEqual(explain(OLD).exact, { usd: "6000" });
});

Deno.test("a plan and a quantity in place of the items are worth the same", () => {
  const { items: _, ...rest } = OLD;
  assert.deepEqual(explain({ ...rest, plan: PLAN, quantity: 2 }).exact, { usd: "6000" });
});

Deno.test("a single discount with its coupon in it is subtracted: half of 6000", () => {
  assert.deepEqual(explain({ ...OLD, discount: DISCOUNT }).exact, { usd: "3000" });
});

Deno.test("a list of ids beside the single discount is the same discount", () => {
  assert.deepEqual(explain({ ...OLD, discount: DISCOUNT, discounts: ["di_1"] }).exact, {
    usd: "3000",
  });
});

Deno.test("a customer's discount of old is subtracted where the subscription has none", () => {
  const customer = { id: "cus_1", discount: DISCOUNT };
  assert.deepEqual(explain(OLD, { customer }).exact, { usd: "3000" });
});

Deno.test("the period on the subscription is that of its items: a term in its last period is 0", () => {
  assert.equal(explain({ ...OLD, cancel_at: AT + 20 * DAY }).reason, "cancel_scheduled");
  assert.deepEqual(explain({ ...OLD, cancel_at: AT + 50 * DAY }).exact, { usd: "6000" });
});

Deno.test("where the period is nowhere, the payload is said to be of an older API version", () => {
  const { current_period_start: _, ...rest } = OLD;
  assert.throws(() => explain(rest), {
    message: "items.data[0].current_period_start should be a whole number but is missing: " +
      "the payload is of an older API version",
  });
});
