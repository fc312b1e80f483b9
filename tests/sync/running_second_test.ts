/** Listings reach into the second that is running: what was created in it has no later event. */
import assert from "node:assert/strict";
import { createCompany, createSimulator, makeSubscription } from "../../src/simulator/mod.ts";
import { follow, mrrOf, NOW } from "./harness.ts";

Deno.test("a subscription that was created in the second of the listing is in it", async () => {
  const created = makeSubscription({ id: "sub_a", created: NOW });
  const simulator = createSimulator({ objects: { subscriptions: [created] } });
  await using followed = follow({ simulator });
  await followed.live();
  assert.equal(mrrOf(followed.store), "1000");
});

Deno.test("the newest window of every listing ends after the second in which it begins", async () => {
  const { source } = createCompany({ now: NOW, customers: 20, seed: 3 });
  const simulator = createSimulator({ source });
  /** By path: how far the first window reaches beyond the second that runs. */
  const reach = new Map<string, number>();
  const fetch: typeof simulator.fetch = (input, init) => {
    const { pathname, searchParams } = new URL(input instanceof Request ? input.url : input);
    const to = searchParams.get("created[lt]");
    const ahead = Number(to) - Math.floor(followed.clock.now() / 1000);
    if (to !== null && !reach.has(pathname)) reach.set(pathname, ahead);
    return simulator.fetch(input, init);
  };
  await using followed = follow({ simulator: { ...simulator, fetch }, pollSeconds: 10 });
  const { store } = followed;
  await followed.until(() => store.status.historyDone && store.money.balanceCheck !== null);
  const comparing = followed.sync.compare();
  await followed.poll();
  await comparing;
  assert.deepEqual(Object.fromEntries([...reach].sort()), {
    "/v1/balance_transactions": 1,
    "/v1/disputes": 1,
    "/v1/events": 1,
    "/v1/invoices": 1,
    "/v1/payouts": 1,
    "/v1/subscription_schedules": 1,
    "/v1/subscriptions": 1,
  });
});
