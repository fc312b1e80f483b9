import assert from "node:assert/strict";
import {
  createSimulator,
  KINDS,
  makeAccount,
  makeItem,
  makePrice,
  makeSubscription,
} from "../../src/simulator/mod.ts";
import { ask, idsOf } from "./support.ts";

Deno.test("an empty account has empty lists", async () => {
  const simulator = createSimulator();
  for (const kind of KINDS) {
    const { body } = await ask(simulator, `/v1/${kind}`);
    assert.deepEqual(body, { object: "list", data: [], has_more: false, url: `/v1/${kind}` });
  }
});

Deno.test("the account keeps its time zone and currency", async () => {
  const account = makeAccount({ timezone: "Asia/Tokyo", defaultCurrency: "jpy", country: "JP" });
  const { body } = await ask(createSimulator({ account }), "/v1/account");
  assert.equal(body["settings"].dashboard.timezone, "Asia/Tokyo");
  assert.equal(body["default_currency"], "jpy");
  assert.equal((await ask(createSimulator(), "/v1/balance")).body["object"], "balance");
});

Deno.test("odd objects are served as they are: unknown statuses, missing fields, any currency", async () => {
  const kuwait = makePrice({ id: "price_kwd", currency: "kwd", unit_amount: 100_000 });
  const subscription = makeSubscription({
    id: "sub_odd",
    status: "hibernating",
    currency: "kwd",
    lines: [makeItem({ id: "si_odd", price: kuwait })],
  });
  const { pause_collection: _, ...without } = subscription;
  const simulator = createSimulator({
    objects: { subscriptions: [without as typeof subscription] },
  });
  const { body } = await ask(simulator, "/v1/subscriptions/sub_odd");
  assert.equal(body["status"], "hibernating");
  assert.equal(body["items"].data[0].price.unit_amount, 100_000);
  assert.ok(!("pause_collection" in body));
});

Deno.test("an object put in again replaces the old one, also at another time", async () => {
  const simulator = createSimulator();
  simulator.upsert("subscriptions", makeSubscription({ id: "sub_1", created: 10 }));
  simulator.upsert("subscriptions", makeSubscription({ id: "sub_2", created: 20 }));
  simulator.upsert("subscriptions", makeSubscription({ id: "sub_1", created: 30 }));
  assert.deepEqual(await idsOf(simulator, "/v1/subscriptions"), ["sub_1", "sub_2"]);
});

Deno.test("an emitted event keeps the object as it was", async () => {
  const simulator = createSimulator();
  const subscription = makeSubscription({ id: "sub_1", status: "active" });
  const id = simulator.emit({
    type: "customer.subscription.updated",
    object: subscription,
    previousAttributes: { status: "trialing" },
    created: 50,
  });
  simulator.upsert("subscriptions", { ...subscription, status: "canceled" });
  const { body } = await ask(simulator, `/v1/events/${id}`);
  assert.equal(body["data"].object.status, "active");
  assert.deepEqual(body["data"].previous_attributes, { status: "trialing" });
  assert.equal(body["created"], 50);
  assert.equal(body["api_version"], "2026-10-28.endive");
});

Deno.test("events are filtered by type and by types", async () => {
  const simulator = createSimulator();
  for (
    const [index, type] of (["price.created", "price.updated", "coupon.created"] as const).entries()
  ) {
    simulator.emit({ type, object: { id: "x" }, created: index, id: `evt_${index}` });
  }
  assert.deepEqual(await idsOf(simulator, "/v1/events?type=price.created"), ["evt_0"]);
  assert.deepEqual(
    await idsOf(simulator, "/v1/events?types[]=price.created&types[]=coupon.created"),
    ["evt_2", "evt_0"],
  );
  assert.deepEqual(await idsOf(simulator, "/v1/events?type=price.*"), ["evt_1", "evt_0"]);
});
