/** Since when a subscription is past due, and when it stops counting (metrics.md A.7). */
import assert from "node:assert/strict";
import { makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { createLedger } from "../../src/sync/ledger.ts";
import { DAY, makeInfo, mrrOf, NOW } from "./harness.ts";

const sub = (status: "active" | "past_due", quantity = 1) =>
  makeSubscription({
    id: "sub_a",
    status,
    created: NOW - 50 * DAY,
    lines: [
      makeItem({ id: "si_a", quantity, price: makePrice({ id: "price_a", unit_amount: 1000 }) }),
    ],
  });

Deno.test("past due counts from the change of status: later updates leave its beginning as it was", () => {
  const store = createMemoryStore(makeInfo());
  const ledger = createLedger(store);
  ledger.putListed(sub("active"), NOW);
  ledger.putChanged(sub("past_due"), NOW + DAY, NOW + DAY);
  assert.equal(store.pastDueSince("sub_a"), NOW + DAY);
  ledger.putChanged(sub("past_due", 2), NOW + 5 * DAY, NOW + 5 * DAY);
  assert.equal(store.pastDueSince("sub_a"), NOW + DAY);
  ledger.putChanged(sub("active"), NOW + 6 * DAY, NOW + 6 * DAY);
  assert.equal(store.pastDueSince("sub_a"), undefined);
  ledger.putChanged(sub("past_due"), NOW + 7 * DAY, NOW + 7 * DAY);
  assert.equal(store.pastDueSince("sub_a"), NOW + 7 * DAY);
});

Deno.test("with pastDue {maxDays: 2} MRR ends two days after the failure, whatever is updated meanwhile", () => {
  const info = makeInfo();
  const store = createMemoryStore({
    ...info,
    options: { ...info.options, pastDue: { maxDays: 2 } },
  });
  const ledger = createLedger(store);
  ledger.putListed(sub("active"), NOW);
  ledger.putChanged(sub("past_due"), NOW, NOW);
  ledger.putChanged(sub("past_due", 2), NOW + DAY, NOW + DAY);
  ledger.putChanged(sub("past_due", 3), NOW + 2 * DAY, NOW + 2 * DAY);
  assert.equal(mrrOf(store), "3000");
  ledger.tick(NOW + 2 * DAY + 1);
  assert.equal(mrrOf(store), "0");
});
