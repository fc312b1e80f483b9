import assert from "node:assert/strict";
import fc from "fast-check";
import { createSimulator, makeSubscription } from "../../src/simulator/mod.ts";
import type { StripeClient } from "../../src/stripe/client.ts";
import { StripeFault } from "../../src/stripe/fault.ts";
import { eachOf } from "../../src/sync/each_of.ts";
import { listAll, type ListingContext, listWindowed } from "../../src/sync/listing.ts";
import { turn } from "../support/fake_clock.ts";

const NO_CLOCK = {
  now: () => 0,
  steady: () => 0,
  sleep: () => Promise.reject(new Error("no time passes here")),
};

interface Listed {
  readonly id: string;
  readonly created: number;
}

/** A list as Stripe has it: newest first, windows over `created`, a cursor. */
function createList(objects: readonly Listed[], pageSize: number, delays: readonly number[] = []) {
  const sorted = [...objects].sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
  let requests = 0;
  let running = 0;
  let most = 0;
  const client: Pick<StripeClient, "list" | "slots"> = {
    slots: () => 64,
    async list(_path, query = {}) {
      most = Math.max(most, ++running);
      const delay = delays[requests++ % Math.max(1, delays.length)] ?? 0;
      for (let wait = 0; wait <= delay; wait++) await turn();
      running--;
      const { "created[gte]": from = 0, "created[lt]": to = Infinity, starting_after: after } =
        query;
      const start = after === undefined ? 0 : sorted.findIndex(({ id }) => id === after) + 1;
      const found = sorted.slice(start).filter(({ created }) =>
        created >= Number(from) && created < Number(to)
      );
      return { data: found.slice(0, pageSize), hasMore: found.length > pageSize };
    },
  };
  const context: ListingContext = {
    client: client as StripeClient,
    clock: NO_CLOCK,
    signal: new AbortController().signal,
    onFault: () => {},
  };
  return { context, requests: () => requests, most: () => most };
}

async function windowed(list: ReturnType<typeof createList>, to: number, workersMax: number) {
  const ids: string[] = [];
  await listWindowed(list.context, "/v1/subscriptions", {}, {
    from: 0,
    to,
    workersMax,
    onPage: (data) => ids.push(...data.map((each) => (each as Listed).id)),
  });
  return ids;
}

const spread = fc.array(fc.integer({ min: 0, max: 4999 }), { maxLength: 400 });
const crowded = fc.array(fc.constantFrom(0, 1, 2, 2500, 4998, 4999), { maxLength: 400 });
const cluster = fc.array(fc.integer({ min: 4000, max: 4040 }), { maxLength: 400 });

Deno.test("windows read every object once, however they lie in time and answers in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(spread, crowded, cluster),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 7 }),
      async (times, pageSize, workersMax, delays) => {
        const objects = times.map((created, index) => ({ id: `sub_${index}`, created }));
        const list = createList(objects, pageSize, delays);
        const ids = await windowed(list, 5000, workersMax);
        assert.deepEqual(ids.toSorted(), objects.map(({ id }) => id).toSorted());
        assert.ok(list.most() <= workersMax);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("a big list is read side by side, and in hardly more requests than it has pages", async () => {
  const objects = Array.from({ length: 20_000 }, (_, index) => ({
    id: `sub_${index}`,
    created: index * 7,
  }));
  const list = createList(objects, 100);
  const ids = await windowed(list, 140_000, 16);
  assert.equal(new Set(ids).size, 20_000);
  assert.equal(ids.length, 20_000);
  assert.equal(list.most(), 16);
  assert.ok(list.requests() < 260, String(list.requests()));
});

Deno.test("all objects of one second are read by the cursor", async () => {
  const objects = Array.from({ length: 950 }, (_, index) => ({ id: `sub_${index}`, created: 77 }));
  const ids = await windowed(createList(objects, 100), 5000, 8);
  assert.equal(new Set(ids).size, 950);
  assert.equal(ids.length, 950);
});

Deno.test("a window that is begun anew reads the second again in which it broke off, whole", async () => {
  const objects = Array.from({ length: 7 }, (_, index) => ({ id: `sub_${index}`, created: 2000 }));
  const list = createList(objects, 3);
  let refusals = 0;
  // The object that the second page is to follow is gone.
  const client: Pick<StripeClient, "list"> = {
    list: (path, query = {}) =>
      "starting_after" in query && refusals++ === 0
        ? Promise.reject(new StripeFault("bad_request", path, "No such object"))
        : list.context.client.list(path, query),
  };
  const context = {
    ...list.context,
    client: { ...list.context.client, ...client },
    clock: { now: () => 0, steady: () => 0, sleep: () => Promise.resolve() },
  };
  const ids: string[] = [];
  await listWindowed(context, "/v1/invoices", {}, {
    from: 0,
    to: 5000,
    workersMax: 1,
    onPage: (data) => ids.push(...data.map((each) => (each as Listed).id)),
  });
  assert.ok(refusals > 0);
  assert.deepEqual(ids.toSorted(), objects.map(({ id }) => id));
});

Deno.test("a failure in one window ends the others and is told", async () => {
  const objects = Array.from(
    { length: 3000 },
    (_, index) => ({ id: `sub_${index}`, created: index }),
  );
  const list = createList(objects, 100);
  let asked = 0;
  const { list: page } = list.context.client;
  const client = {
    ...list.context.client,
    list: (...args: Parameters<typeof page>) => {
      if (++asked === 9) throw new TypeError("broken");
      return page(...args);
    },
  };
  const failing = { ...list, context: { ...list.context, client } };
  await assert.rejects(windowed(failing, 5000, 4), new TypeError("broken"));
  const before = asked;
  for (let wait = 0; wait < 5; wait++) await turn();
  assert.equal(asked, before);
});

Deno.test("listAll() reads page after page to the end", async () => {
  const objects = Array.from({ length: 205 }, (_, index) => ({ id: `c_${index}`, created: 1 }));
  const list = createList(objects, 100);
  const ids: string[] = [];
  await listAll(list.context, "/v1/customers", {}, (data) => {
    ids.push(...data.map((each) => (each as Listed).id));
  });
  assert.equal(new Set(ids).size, 205);
  assert.equal(list.requests(), 3);
});

Deno.test("eachOf() runs sixteen at a time and begins nothing after a failure", async () => {
  let running = 0;
  let most = 0;
  const begun: number[] = [];
  const work = async (value: number) => {
    begun.push(value);
    most = Math.max(most, ++running);
    await turn();
    running--;
    if (value === 20) throw new RangeError("enough");
  };
  await eachOf([1, 2, 3], work);
  assert.equal(most, 3);
  const values = Array.from({ length: 100 }, (_, index) => index);
  await assert.rejects(eachOf(values, work), new RangeError("enough"));
  assert.equal(most, 16);
  assert.equal(running, 0);
  assert.ok(begun.length <= 3 + 32 + 16, String(begun.length));
});

Deno.test("the simulator's list agrees with the rule that windows are tested by", async () => {
  const subscriptions = Array.from(
    { length: 30 },
    (_, index) => makeSubscription({ id: `sub_${index}`, created: 100 + Math.floor(index / 10) }),
  );
  const simulator = createSimulator({ objects: { subscriptions } });
  const { context } = createList(subscriptions, 100);
  const expected = await context.client.list("", { "created[gte]": 101, "created[lt]": 102 });
  const response = await simulator.fetch(
    "http://simulator/v1/subscriptions?status=all&limit=100&created[gte]=101&created[lt]=102",
    { headers: { authorization: "Bearer rk_test_simulator" } },
  );
  const { data } = await response.json() as { data: Listed[] };
  assert.deepEqual(data.map(({ id }) => id), (expected.data as Listed[]).map(({ id }) => id));
});
