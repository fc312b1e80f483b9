/** How far back a look at the list of events reads. */
import assert from "node:assert/strict";
import { createMemoryStore } from "../../src/store/memory.ts";
import type { BackfillContext } from "../../src/sync/backfill.ts";
import { createEventFollower } from "../../src/sync/events.ts";
import { makeInfo, NOW } from "./harness.ts";

const event = (id: string, created: number) => ({
  id,
  object: "event",
  type: "price.updated",
  created,
  livemode: false,
  data: { object: { id: "price_a" } },
});

Deno.test("the first look after a resume reads to its end, also where a try before it had broken off", async () => {
  const unreadable = { id: "evt_odd", created: NOW, type: "price.updated" };
  let fails = true;
  const list = (_path: string, query: Readonly<Record<string, unknown>> = {}) => {
    if (!("starting_after" in query)) return Promise.resolve({ data: [unreadable], hasMore: true });
    if (fails) return Promise.reject(new Error("Stripe is away"));
    return Promise.resolve({ data: [event("evt_old", NOW - 60)], hasMore: false });
  };
  const context = {
    client: { list },
    clock: { now: () => NOW * 1000 },
    store: createMemoryStore(makeInfo()),
  } as unknown as BackfillContext;
  const delivered: string[] = [];
  const follower = createEventFollower(context, (events) => {
    delivered.push(...events.map(({ id }) => id));
    return Promise.resolve(events.length);
  });
  follower.resume(NOW - 120);
  await assert.rejects(follower.poll(), /Stripe is away/);
  fails = false;
  await follower.poll();
  assert.deepEqual(delivered, ["evt_old"]);
});
