/** An object that cannot be booked is unreadable, counted and named; the rest is right. */
import assert from "node:assert/strict";
import { rational } from "../../src/metrics/rational.ts";
import { makeItem, makeSubscription } from "../../src/simulator/mod.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { recordBookable } from "../../src/sync/unreadable.ts";
import { makeSub } from "../metrics/fixture.ts";
import { makeInfo, mrrOf, NOW } from "./harness.ts";
import { invoiceOf } from "./invoice_fixture.ts";
import { plain, PRICE, rebuilt } from "./rebuilt.ts";

const renewals = (subscription: string, item: string) =>
  [0, 1, 2, 3].map((month) => invoiceOf(subscription, item, "price_a", month));

Deno.test("a negative quantity ends nobody else's history: it is unreadable and named", async () => {
  const negative = makeSubscription({
    id: "sub_negative",
    lines: [makeItem({ id: "si_negative", price: PRICE, quantity: -3 })],
  });
  await using followed = await rebuilt({
    subscriptions: [plain(), negative],
    invoices: [...renewals("sub_a", "si_a"), ...renewals("sub_negative", "si_negative")],
  });
  const { store } = followed;
  assert.equal(store.status.historyDone, true);
  assert.equal(mrrOf(store), "2900");
  const today = store.calendar.dayOf(NOW);
  assert.deepEqual(store.movements.period("usd", today - 200, today + 1).new, rational(2900));
  assert.deepEqual(store.unreadable(), [{
    kind: "subscription",
    id: "sub_negative",
    problem: "items.data[0].quantity should be 0 or more but is a number below 0",
  }]);
});

Deno.test("a negative quantity on an invoice line is unreadable and marks its stretch alone", async () => {
  const odd = invoiceOf("sub_a", "si_a", "price_a", 1, { quantity: -1 });
  const [first, , third, fourth] = renewals("sub_a", "si_a");
  await using followed = await rebuilt({ invoices: [first!, odd, third!, fourth!] });
  const { store } = followed;
  assert.equal(store.status.historyDone, true);
  assert.deepEqual(
    store.segments("sub_a").map(({ quality }) => quality),
    ["invoice", "inferred", "invoice"],
  );
  assert.deepEqual(store.unreadable().map(({ kind, id }) => [kind, id]), [["invoice", odd.id]]);
});

Deno.test("whatever a past is made of, one that cannot be booked is taken out and named", () => {
  const store = createMemoryStore(makeInfo());
  const sub = makeSub({ id: "sub_odd" });
  const zero = rational(0);
  const standing = {
    sub,
    mrr: zero,
    lines: [],
    reason: null,
    issues: [],
    scheduledToCancel: zero,
    trialing: zero,
    paused: zero,
    excluded: zero,
    beside: [],
  };
  const segment = {
    subscription: sub.id,
    customer: sub.customer,
    from: 100,
    to: 200,
    currency: "usd",
    exact: rational(5),
    quality: "invoice" as const,
    lines: [],
  };
  recordBookable(store, standing, [segment]);
  assert.equal(store.segments("sub_odd").length, 1);
  for (const bad of [{ ...segment, exact: rational(-1) }, { ...segment, to: 50 }]) {
    recordBookable(store, standing, [segment, bad]);
    assert.equal(store.standing("sub_odd"), undefined);
    assert.deepEqual(store.unreadable().map(({ id }) => id), ["sub_odd"]);
    assert.equal(store.movements.period("usd", 0, 10).new.n, 0n);
  }
});
