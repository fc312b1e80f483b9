/** Movements that do not add up are found while running, and not shown (metrics.md B.1). */
import assert from "node:assert/strict";
import { rational } from "../../src/metrics/rational.ts";
import { createSimulator } from "../../src/simulator/mod.ts";
import { makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import { DAY, follow, NOW } from "./harness.ts";

Deno.test("a violation is found within a minute or two, said once a check, and mended by itself", async () => {
  const simulator = createSimulator({
    objects: {
      prices: [makePrice({ id: "price_plain" })],
      subscriptions: [makeSubscription({ id: "sub_a", created: NOW - 40 * DAY })],
    },
  });
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.until(() => store.status.historyDone);
  await followed.until(() => store.status.asOf !== null && followed.seconds() > NOW + 130);
  assert.equal(store.status.identityProblem, null);
  const wrong = {
    subscription: "sub_ghost",
    customer: "cus_ghost",
    from: NOW - 5 * DAY,
    to: null,
    currency: "usd",
    exact: rational(7),
    quality: "live" as const,
    lines: [],
  };
  // As a defect would: the rows hold what no customer has.
  store.daily.add(wrong);
  await followed.until(() => store.status.identityProblem !== null);
  assert.match(store.status.identityProblem!, /^Cannot trust movements as they lead to/);
  assert.ok(followed.events.some(({ kind }) => kind === "identity"));
  store.daily.remove(wrong);
  await followed.until(() => store.status.identityProblem === null);
});
