/**
 * A change is dated by its event, also where several came between two looks, or nobody looked
 * (metrics.md B.6 step 3, D.4.7).
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type Stripe from "stripe";
import { withAbsence } from "../../src/metrics/seen.ts";
import { createSimulator, makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import { DAY, follow, type Followed, NOW } from "./harness.ts";

const OLD = NOW - 50 * DAY;

function sub(given: Partial<Stripe.Subscription> = {}) {
  const price = makePrice({ id: "price_a", unit_amount: 1000 });
  const lines = [makeItem({ id: "si_a", price })];
  return makeSubscription({ id: "a", created: OLD, customer: "cus_a", lines, ...given });
}

const LEAVING = { cancel_at_period_end: true, cancel_at: NOW + 90 * DAY };
const STAYING = { cancel_at_period_end: false, cancel_at: null };

async function liveOn() {
  const simulator = createSimulator({ objects: { subscriptions: [sub()] } });
  const key = { isRefused: false };
  const error = { type: "invalid_request_error", message: "Invalid API Key" };
  const fetch: typeof simulator.fetch = (input, init) =>
    key.isRefused
      ? Promise.resolve(Response.json({ error }, { status: 401 }))
      : simulator.fetch(input, init);
  const followed = follow({ simulator: { ...simulator, fetch } });
  await followed.until(() => followed.store.status.historyDone);
  /** The subscription changes to something at a time; nobody is told but the list of events. */
  const change = (at: number, now: object, before: Readonly<Record<string, unknown>>) => {
    simulator.upsert("subscriptions", sub(now));
    const type = "customer.subscription.updated";
    simulator.emit({ type, object: sub(now), previousAttributes: before, created: at });
  };
  return Object.assign(followed, { simulator, key, change });
}

/** From when to when it was worth something, why it ended, and how that is known. */
function pastOf({ store }: Followed) {
  return store.segments("a").map(({ from, to, cause, quality }) => [
    from - NOW,
    to === null ? null : to - NOW,
    cause ?? null,
    quality,
  ]);
}

Deno.test("what came and went between two looks has both its dates, and its cause", async () => {
  await using source = await liveOn();
  const at = source.seconds() - NOW;
  source.change(NOW + at + 2, LEAVING, STAYING);
  source.change(NOW + at + 5, STAYING, LEAVING);
  await source.poll();
  assert.deepEqual(pastOf(source), [
    [OLD - NOW, at + 2, "voluntary", "inferred"],
    [at + 5, null, null, "live"],
  ]);
});

Deno.test("what came and went in three days away has its dates, and is not said to have been seen", async () => {
  await using source = await liveOn();
  const at = source.seconds() - NOW;
  source.skip(3 * DAY);
  source.change(NOW + at + DAY, LEAVING, STAYING);
  source.change(NOW + at + 2 * DAY, STAYING, LEAVING);
  await source.poll();
  assert.deepEqual(pastOf(source), [
    [OLD - NOW, at + DAY, "voluntary", "inferred"],
    [at + 2 * DAY, null, null, "event"],
  ]);
  source.change(source.seconds(), LEAVING, STAYING);
  const left = source.seconds() - NOW;
  await source.poll();
  source.change(source.seconds(), STAYING, LEAVING);
  const returned = source.seconds() - NOW;
  await source.poll();
  assert.deepEqual(pastOf(source).slice(1), [
    [at + 2 * DAY, left, "voluntary", "event"],
    [returned, null, null, "live"],
  ]);
});

Deno.test("what came and went while the key was refused has its dates", async () => {
  await using source = await liveOn();
  source.change(source.seconds(), {}, {});
  await source.poll();
  source.key.isRefused = true;
  await source.until(() => source.store.status.phase === "key_rejected");
  const at = source.seconds() - NOW;
  source.skip(2 * DAY);
  source.change(NOW + at + 3600, LEAVING, STAYING);
  source.change(NOW + at + DAY, STAYING, LEAVING);
  source.key.isRefused = false;
  await source.until(() => source.store.status.phase === "live", 7200);
  assert.deepEqual(pastOf(source), [
    [OLD - NOW, at + 3600, "voluntary", "inferred"],
    [at + DAY, null, null, "event"],
  ]);
});

Deno.test("events that do not lead from state to state tell nothing: the last state counts from the newest", async () => {
  await using source = await liveOn();
  const at = source.seconds() - NOW;
  source.change(NOW + at + 2, {}, {});
  source.change(NOW + at + 5, LEAVING, {});
  await source.poll();
  assert.deepEqual(pastOf(source), [[OLD - NOW, at + 5, "voluntary", "inferred"]]);
});

Deno.test("a subscription that is created while it is followed is known from its beginning", async () => {
  await using source = await liveOn();
  const created = source.seconds();
  source.simulator.upsert("subscriptions", { ...sub({ created }), id: "b" });
  source.simulator.emit({
    type: "customer.subscription.created",
    object: { ...sub({ created }), id: "b" },
    created,
  });
  await source.poll();
  assert.deepEqual(
    source.store.segments("b").map(({ from, to, quality }) => [from, to, quality]),
    [[created, null, "live"]],
  );
});

Deno.test("a month that ends while nobody looks is closed with what happened in it", async () => {
  await using source = await liveOn();
  const at = source.seconds();
  source.skip(12 * DAY);
  source.change(at + DAY, LEAVING, STAYING);
  await source.poll();
  await source.poll();
  const month = source.store.closedMonths.month("2026-11");
  assert.equal(month?.totals.get("usd")?.churn.n, 1000n);
  assert.deepEqual(source.store.closedMonths.restatements(), []);
});

Deno.test("absences stand in order, apart, and no more than a hundred of them", () => {
  fc.assert(fc.property(fc.array(fc.nat({ max: 5 }), { maxLength: 500 }), (gaps) => {
    let absences: ReturnType<typeof withAbsence> = [];
    let at = 0;
    for (const gap of gaps) {
      absences = withAbsence(absences, { from: at + gap, to: at + gap + 3 });
      at += gap + 3;
    }
    assert.ok(absences.length <= 100);
    absences.reduce((before, each) => {
      assert.ok(before.to < each.from);
      return each;
    }, { from: -2, to: -1 });
  }));
});
