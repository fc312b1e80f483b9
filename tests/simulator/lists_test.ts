import assert from "node:assert/strict";
import {
  createSimulator,
  makeItem,
  makePrice,
  makeProduct,
  makeSubscription,
} from "../../src/simulator/mod.ts";

import { ask, idsOf } from "./support.ts";

const DAY = 86_400;
const START = 1_767_225_600;

function withSubscriptions(count: number) {
  const subscriptions = Array.from(
    { length: count },
    (_, index) =>
      makeSubscription({
        id: `sub_${String(index).padStart(3, "0")}`,
        created: START + index * DAY,
      }),
  );
  return createSimulator({ objects: { subscriptions } });
}

Deno.test("a list is newest first and holds ten unless told otherwise", async () => {
  const { body, status, response } = await ask(withSubscriptions(12), "/v1/subscriptions");
  assert.equal(status, 200);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(response.headers.get("stripe-version"), "2026-10-28.endive");
  assert.match(response.headers.get("request-id") ?? "", /^req_/);
  assert.equal(body["object"], "list");
  assert.equal(body["url"], "/v1/subscriptions");
  assert.equal(body["has_more"], true);
  assert.equal(body["data"].length, 10);
  assert.equal(body["data"][0].id, "sub_011");
  assert.equal(body["data"][9].id, "sub_002");
});

Deno.test("objects of one second are ordered by id, descending", async () => {
  const simulator = createSimulator({
    objects: {
      subscriptions: ["sub_b", "sub_a", "sub_c"].map((id) => makeSubscription({ id, created: 5 })),
    },
  });
  assert.deepEqual(await idsOf(simulator, "/v1/subscriptions"), ["sub_c", "sub_b", "sub_a"]);
});

Deno.test("starting_after pages to older objects and has_more ends with the last", async () => {
  const simulator = withSubscriptions(5);
  const { body } = await ask(simulator, "/v1/subscriptions?limit=2&starting_after=sub_002");
  assert.deepEqual(body["data"].map(({ id }: { id: string }) => id), ["sub_001", "sub_000"]);
  assert.equal(body["has_more"], false);
});

Deno.test("ending_before pages to newer objects, nearest first kept, still newest first", async () => {
  const { body } = await ask(
    withSubscriptions(5),
    "/v1/subscriptions?limit=2&ending_before=sub_001",
  );
  assert.deepEqual(body["data"].map(({ id }: { id: string }) => id), ["sub_003", "sub_002"]);
  assert.equal(body["has_more"], true);
});

Deno.test("created and its four bounds are windows", async () => {
  const simulator = withSubscriptions(5);
  const at = START + 2 * DAY;
  const from = (query: string) => idsOf(simulator, `/v1/subscriptions?${query}`);
  assert.deepEqual(await from(`created=${at}`), ["sub_002"]);
  assert.deepEqual(await from(`created[gt]=${at}`), ["sub_004", "sub_003"]);
  assert.deepEqual(await from(`created[gte]=${at}`), ["sub_004", "sub_003", "sub_002"]);
  assert.deepEqual(await from(`created[lt]=${at}`), ["sub_001", "sub_000"]);
  assert.deepEqual(await from(`created[lte]=${at}`), ["sub_002", "sub_001", "sub_000"]);
  assert.deepEqual(await from(`created[gte]=${at}&created[lt]=${at + DAY}`), ["sub_002"]);
});

Deno.test("canceled subscriptions are listed only with status all, canceled or ended", async () => {
  const simulator = createSimulator({
    objects: {
      subscriptions: ["active", "canceled", "past_due", "incomplete_expired"].map((status, index) =>
        makeSubscription({ id: `sub_${status}`, status, created: index })
      ),
    },
  });
  const from = (query: string) => idsOf(simulator, `/v1/subscriptions${query}`);
  assert.deepEqual(await from(""), ["sub_incomplete_expired", "sub_past_due", "sub_active"]);
  assert.equal((await from("?status=all")).length, 4);
  assert.deepEqual(await from("?status=canceled"), ["sub_canceled"]);
  assert.deepEqual(await from("?status=past_due"), ["sub_past_due"]);
  assert.deepEqual(await from("?status=ended"), ["sub_incomplete_expired", "sub_canceled"]);
});

Deno.test("subscriptions on test clocks are listed only when asked for", async () => {
  const simulator = createSimulator({
    objects: {
      subscriptions: [
        makeSubscription({ id: "sub_real", created: 1 }),
        makeSubscription({ id: "sub_clock", created: 2, test_clock: "clock_1" }),
      ],
    },
  });
  assert.deepEqual(await idsOf(simulator, "/v1/subscriptions"), ["sub_real"]);
  assert.deepEqual(await idsOf(simulator, "/v1/subscriptions?test_clock=clock_1"), ["sub_clock"]);
  assert.equal((await idsOf(simulator, "/v1/subscriptions?customer=cus_plain")).length, 2);
});

Deno.test("filters by customer, price, product, active and type narrow their lists", async () => {
  const gold = makePrice({ id: "price_gold", product: "prod_gold", created: 2 });
  const old = makePrice({ id: "price_old", active: false, type: "one_time", created: 1 });
  const simulator = createSimulator({
    objects: {
      prices: [gold, old],
      products: [makeProduct({ id: "prod_gold", active: true })],
      subscriptions: [
        makeSubscription({ id: "sub_1", customer: "cus_1" }),
        makeSubscription({ id: "sub_2", lines: [makeItem({ id: "si_2", price: gold })] }),
      ],
    },
  });
  assert.deepEqual(await idsOf(simulator, "/v1/subscriptions?customer=cus_1"), ["sub_1"]);
  assert.deepEqual(await idsOf(simulator, "/v1/subscriptions?price=price_gold"), ["sub_2"]);
  assert.deepEqual(await idsOf(simulator, "/v1/prices?product=prod_gold"), ["price_gold"]);
  assert.deepEqual(await idsOf(simulator, "/v1/prices?active=false"), ["price_old"]);
  assert.deepEqual(await idsOf(simulator, "/v1/prices?type=one_time"), ["price_old"]);
  assert.deepEqual(await idsOf(simulator, "/v1/products?active=false"), []);
});

Deno.test("a nested list holds its first ten and says where the others are", async () => {
  const lines = Array.from(
    { length: 12 },
    (_, index) => makeItem({ id: `si_${String(index).padStart(2, "0")}` }),
  );
  const simulator = createSimulator({
    objects: { subscriptions: [makeSubscription({ id: "sub_long", lines })] },
  });
  const { body } = await ask(simulator, "/v1/subscriptions/sub_long");
  assert.equal(body["items"].data.length, 10);
  assert.equal(body["items"].has_more, true);
  assert.equal(body["items"].url, "/v1/subscription_items?subscription=sub_long");
  const items = await idsOf(simulator, "/v1/subscription_items?subscription=sub_long&limit=100");
  assert.equal(items.length, 12);
  assert.equal(items[0], "si_00");
  const { body: item } = await ask(simulator, "/v1/subscription_items/si_11");
  assert.equal(item["subscription"], "sub_long");
});

Deno.test("a page of a window is found without reading what lies outside it", async () => {
  const simulator = withSubscriptions(0);
  let read = 0;
  for (let index = 0; index < 2_000; index++) {
    const subscription = makeSubscription({ id: `sub_${index}`, created: START + index });
    Object.defineProperty(subscription, "status", {
      enumerable: true,
      get: () => {
        read++;
        return "active";
      },
    });
    simulator.upsert("subscriptions", subscription);
  }
  read = 0;
  await ask(
    simulator,
    `/v1/subscriptions?limit=5&created[gte]=${START + 900}&created[lt]=${START + 910}`,
  );
  assert.ok(read < 40, `${read} reads`);
});
