/** Events of subscriptions undone: what stood before them (metrics.md B.6 step 3). */
import assert from "node:assert/strict";
import type { Discount, Subscription } from "../../src/metrics/types.ts";
import { subscriptionChange } from "../../src/stripe/change.ts";
import { undoChange, undoDeletion } from "../../src/stripe/undo.ts";
import { translateSubscription } from "../../src/stripe/translate.ts";
import { makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";

const PRICE = makePrice({ id: "price_a", unit_amount: 1000 });
const DISCOUNT: Discount = { id: "di_1", couponId: "HALF", coupon: null, start: 5, end: null };
const MIRROR = {
  price: () => undefined,
  coupon: () => undefined,
  discount: (id: string) => id === "di_1" ? DISCOUNT : undefined,
};

function subscription(given: Parameters<typeof makeSubscription>[0]): object {
  return JSON.parse(JSON.stringify(makeSubscription(given)));
}

const NOW = subscription({ id: "sub_a", lines: [makeItem({ id: "si_1", price: PRICE })] });

function event(previous: object | undefined, object: object = NOW, type = "updated") {
  return {
    id: "evt_1",
    type: `customer.subscription.${type}`,
    created: 1000,
    data: { object, ...(previous ? { previous_attributes: previous } : {}) },
  };
}

function undone(previous: object, now: Subscription = translateSubscription(NOW)): Subscription {
  return undoChange(now, subscriptionChange(event(previous))!.previous, MIRROR, 1000).sub;
}

Deno.test("each former value takes the place of the one that is", () => {
  const before = undone({
    status: "past_due",
    cancel_at_period_end: true,
    cancel_at: 2000,
    canceled_at: 900,
    cancellation_details: { reason: "cancellation_requested" },
    pause_collection: { behavior: "void", resumes_at: 3000 },
    trial_end: 800,
  });
  assert.deepEqual(
    [before.status, before.cancelAtPeriodEnd, before.cancelAt, before.canceledAt],
    ["past_due", true, 2000, 900],
  );
  assert.deepEqual(
    [before.cancelReason, before.pause, before.trialEnd],
    ["cancellation_requested", { behavior: "void", resumesAt: 3000 }, 800],
  );
});

Deno.test("what an event does not name stays", () => {
  const now = translateSubscription(NOW);
  assert.deepEqual(undone({ latest_invoice: "in_1", metadata: { a: "b" } }), now);
});

Deno.test("of a pause that stayed only the changed field is named", () => {
  const now = { ...translateSubscription(NOW), pause: { behavior: "void", resumesAt: 9000 } };
  assert.deepEqual(undone({ pause_collection: { resumes_at: null } }, now).pause, {
    behavior: "void",
    resumesAt: null,
  });
  assert.equal(undone({ pause_collection: null }, now).pause, null);
});

Deno.test("former discounts come as bare ids and are found where they were seen", () => {
  assert.deepEqual(undone({ discounts: ["di_1", "di_unseen"] }).discounts, [
    DISCOUNT,
    { id: "di_unseen", couponId: null, coupon: null, start: 0, end: null },
  ]);
});

Deno.test("former items come whole", () => {
  const seats = subscription({
    id: "sub_a",
    lines: [makeItem({ id: "si_1", price: PRICE, quantity: 7 })],
  }) as { items: object };
  const [item] = undone({ items: seats.items }).items;
  assert.deepEqual([item!.id, item!.quantity], ["si_1", 7n]);
});

Deno.test("a renewal, which moves periods only, has no former value worth keeping", () => {
  const { items } = JSON.parse(JSON.stringify(NOW));
  items.data[0].current_period_start = 1;
  const { previous } = subscriptionChange(event({ items, latest_invoice: "in_0" }))!;
  assert.deepEqual(previous, {});
  const ending = { ...NOW, cancel_at: 5000 };
  assert.deepEqual(Object.keys(subscriptionChange(event({ items }, ending))!.previous), ["items"]);
});

Deno.test("a deletion at once undoes its own request; one that was scheduled keeps it", () => {
  const now = translateSubscription(NOW);
  const ended = { ...now, status: "canceled", endedAt: 1000, canceledAt: 1000 };
  const requested = { ...ended, canceledAt: 400 };
  assert.deepEqual(undoDeletion(ended, 1000, "active"), { ...now, status: "active" });
  assert.equal(undoDeletion(requested, 1000, "active").canceledAt, 400);
});

Deno.test("events of anything else are no changes of a subscription", () => {
  assert.equal(
    subscriptionChange({ id: "evt_2", type: "invoice.paid", created: 1, data: { object: {} } }),
    null,
  );
});
