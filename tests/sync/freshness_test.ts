/** When figures were last confirmed, and what does not confirm them. */
import assert from "node:assert/strict";
import { createMemoryStore } from "../../src/store/memory.ts";
import { createFreshness } from "../../src/sync/freshness.ts";
import { makeInfo, NOW } from "./harness.ts";

const ABSENCE = 600;

function begin() {
  const store = createMemoryStore(makeInfo());
  const time = { now: NOW };
  const freshness = createFreshness(store, () => time.now, () => 1, ABSENCE);
  freshness.confirm(1);
  const asOf = () => store.status.asOf! - NOW;
  return { store, freshness, time, asOf };
}

Deno.test("what a webhook brings confirms the figures while nothing is amiss", () => {
  const { freshness, time, asOf } = begin();
  time.now += 60;
  freshness.confirmApplied();
  assert.equal(asOf(), 60);
});

Deno.test("while figures are stale a webhook moves nothing: what else was missed is not known", () => {
  const { store, freshness, time, asOf } = begin();
  freshness.lose("Stripe does not answer");
  time.now += 60;
  freshness.confirmApplied();
  assert.deepEqual([asOf(), store.status.staleSince], [0, NOW]);
  freshness.confirm(0);
  assert.deepEqual([asOf(), store.status.staleSince], [60, null]);
});

Deno.test("after an absence a webhook does not stand for all that was missed", () => {
  const { freshness, time, asOf } = begin();
  time.now += ABSENCE + 1;
  freshness.confirmApplied();
  assert.equal(asOf(), 0);
});
