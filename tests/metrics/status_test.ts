import assert from "node:assert/strict";
import { mrr, type MrrFacts } from "../../src/metrics/mrr.ts";
import { type MrrOptions, PRESET_NAMES, PRESETS } from "../../src/metrics/options.ts";
import { format } from "../../src/metrics/rational.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import { AT, DAY, itemOf, makeDiscount, makeSub } from "./fixture.ts";

/** "2900", "0 status", "unresolved tiers_missing". */
function told(
  parts: Partial<Subscription>,
  options: Partial<MrrOptions> = {},
  facts: MrrFacts = {},
): string {
  const sub = makeSub({ items: [itemOf({ amount: 2900 })], ...parts });
  const result = mrr(sub, AT, { ...PRESETS.stripe, ...options }, facts);
  if (result.kind === "unresolved") return `unresolved ${result.issues}`;
  return [format(result.amount), result.reason, ...result.issues].filter(Boolean).join(" ");
}

/** What each preset gives, in their order: stripe, chartmogul, baremetrics, profitwell, recurly. */
function byPreset(parts: Partial<Subscription>, facts: MrrFacts = {}): string[] {
  return PRESET_NAMES.map((name) => told(parts, PRESETS[name], facts));
}

Deno.test("each status under each preset", () => {
  const everywhere = (text: string) => PRESET_NAMES.map(() => text);
  assert.deepEqual(byPreset({ status: "active" }), everywhere("2900"));
  assert.deepEqual(byPreset({ status: "past_due" }), everywhere("2900"));
  assert.deepEqual(byPreset({ status: "trialing" }), everywhere("0 trial"));
  assert.deepEqual(byPreset({ status: "paused" }), everywhere("0 paused"));
  for (const status of ["unpaid", "canceled", "incomplete", "incomplete_expired"]) {
    assert.deepEqual(byPreset({ status }), everywhere("0 status"), status);
  }
  assert.deepEqual(byPreset({ status: "hibernating" }), everywhere("0 status unknown_status"));
});

Deno.test("past due for 31 days counts everywhere but at Baremetrics", () => {
  const facts = { pastDueSince: AT - 31 * DAY };
  assert.deepEqual(byPreset({ status: "past_due" }, facts), [
    "2900",
    "2900",
    "0 status",
    "2900",
    "2900",
  ]);
});

Deno.test("past due counts to the last second of the days that are allowed", () => {
  const pastDue = { maxDays: 30 };
  const since = (seconds: number) =>
    told({ status: "past_due" }, { pastDue }, { pastDueSince: AT - seconds });
  assert.equal(since(30 * DAY), "2900");
  assert.equal(since(30 * DAY + 1), "0 status");
  assert.equal(told({ status: "past_due" }, { pastDue }), "2900");
  assert.equal(told({ status: "past_due" }, { pastDue: "exclude" }), "0 status");
});

Deno.test("a trial counts only where the option says so", () => {
  assert.equal(told({ status: "trialing" }, { trialing: "count" }), "2900");
});

Deno.test("cancelled at period end: at the request or at the end, by preset", () => {
  const canceled = { cancelAtPeriodEnd: true, cancelAt: AT + 20 * DAY, canceledAt: AT - DAY };
  assert.deepEqual(byPreset(canceled), ["0 cancel_scheduled", "2900", "2900", "2900", "2900"]);
});

Deno.test("a cancellation in cancel_at alone counts when it falls in the running period", () => {
  const end = AT + 20 * DAY;
  assert.equal(told({ cancelAt: end }), "0 cancel_scheduled");
  assert.equal(told({ cancelAt: end - 1 }), "0 cancel_scheduled");
  assert.equal(told({ cancelAt: end + 1 }), "2900");
  assert.equal(told({ cancelAt: AT + 365 * DAY }), "2900");
});

Deno.test("canceled_at alone is no cancellation", () => {
  assert.equal(told({ canceledAt: AT - DAY }), "2900");
});

Deno.test("with mixed intervals a cancellation takes the items that will not renew", () => {
  const monthly = itemOf({ id: "price_m", amount: 1000 }, { id: "si_m" });
  const yearly = itemOf({ id: "price_y", amount: 12_000, every: ["year", 1] }, {
    id: "si_y",
    currentPeriodEnd: AT + 200 * DAY,
  });
  const parts = { items: [monthly, yearly], cancelAt: AT + 75 * DAY };
  assert.equal(told(parts), "1000");
  assert.equal(told(parts, { cancellation: "at_end" }), "2000");
});

Deno.test("paused collection under each preset", () => {
  const paused = (behavior: string) => byPreset({ pause: { behavior, resumesAt: null } });
  assert.deepEqual(paused("void"), ["0 paused", "2900", "0 paused", "0 paused", "0 paused"]);
  assert.deepEqual(paused("mark_uncollectible"), paused("void"));
  assert.deepEqual(paused("keep_as_draft"), ["2900", "2900", "2900", "0 paused", "0 paused"]);
});

Deno.test("a pause is over in the second in which it resumes", () => {
  assert.equal(told({ pause: { behavior: "void", resumesAt: AT + 1 } }), "0 paused");
  assert.equal(told({ pause: { behavior: "void", resumesAt: AT } }), "2900");
  assert.equal(
    told({ pause: { behavior: "void", resumesAt: AT } }, { pauseCollection: "exclude" }),
    "2900",
  );
});

Deno.test("an introductory offer is 0 while it runs; start inclusive, end exclusive", () => {
  const during = (start: number, end: number, options: Partial<MrrOptions> = {}) =>
    told({ items: [itemOf({ amount: 2900 }, { trial: { start, end } })] }, options);
  assert.equal(during(AT, AT + 1), "0 trial");
  assert.equal(during(AT - 1, AT), "2900");
  assert.equal(during(AT + 1, AT + 2), "2900");
  assert.equal(during(AT, AT + 1, { trialOffers: "count_trial_price" }), "2900");
});

Deno.test("test clocks are left out before anything else is looked at", () => {
  assert.equal(told({ testClock: true, status: "hibernating" }), "0 test_clock");
  assert.equal(told({ testClock: true }, { testClocks: "include" }), "2900");
});

Deno.test("with activation first_payment MRR begins with the first paid invoice", () => {
  const activation = "first_payment";
  assert.equal(told({}, { activation }, { firstPaidAt: null }), "0 not_yet_paid");
  assert.equal(told({}, { activation }, { firstPaidAt: AT + 1 }), "0 not_yet_paid");
  assert.equal(told({}, { activation }, { firstPaidAt: AT }), "2900");
  assert.equal(told({}, {}, { firstPaidAt: null }), "2900");
});

Deno.test("the reason for a 0 that its items make: free, discounted, metered", () => {
  assert.equal(told({ items: [itemOf({ amount: 0 })] }), "0 free");
  assert.equal(told({ items: [itemOf({ amount: 2900, every: null })] }), "0 free");
  assert.equal(told({ items: [] }), "0 free");
  assert.equal(told({ items: [itemOf({ amount: 2900, metered: true })] }), "0 metered_only");
  assert.equal(told({ discounts: [makeDiscount({ percent: 100 })] }), "0 discounted_to_zero");
  assert.equal(told({ discounts: [makeDiscount({ amount: 5000 })] }), "0 discounted_to_zero");
});

Deno.test("0 units of a price that is not free are a reason of their own", () => {
  const none = (amount: number) => itemOf({ amount }, { quantity: 0 });
  assert.equal(told({ items: [none(2900)] }), "0 zero_quantity");
  assert.equal(told({ items: [none(0)] }), "0 free");
  assert.equal(told({ items: [none(2900), itemOf({ amount: 0 })] }), "0 zero_quantity");
  const bundle = itemOf(
    { amount: 2900, transform: { divideBy: 10n, roundUp: false } },
    { quantity: 0 },
  );
  assert.equal(told({ items: [bundle] }), "0 zero_quantity");
  assert.equal(
    told({ items: [none(2900)], discounts: [makeDiscount({ percent: 100 })] }),
    "0 zero_quantity",
  );
});

Deno.test("of several reasons the one that somebody can act on is told", () => {
  const metered = itemOf({ amount: 1, metered: true }, { id: "si_m" });
  const both = [metered, itemOf({ amount: 2900 })];
  assert.equal(told({ items: both, cancelAtPeriodEnd: true }), "0 cancel_scheduled");
  assert.equal(told({ items: both }), "2900");
});

Deno.test("items that Stripe did not return refuse the value, but not that of a dead subscription", () => {
  assert.equal(told({ itemsTruncated: true }), "unresolved items_truncated");
  assert.equal(told({ itemsTruncated: true, status: "canceled" }), "0 status");
});

Deno.test("an interval that is not known refuses the value", () => {
  assert.equal(
    told({ items: [itemOf({ every: ["fortnight", 1] })] }),
    "unresolved unknown_interval",
  );
});
