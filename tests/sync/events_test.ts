import assert from "node:assert/strict";
import type Stripe from "stripe";
import {
  createSimulator,
  makeCoupon,
  makeCustomer,
  makeDiscount,
  makeItem,
  makePrice,
  makeProduct,
  makeSubscription,
  type ObjectLists,
} from "../../src/simulator/mod.ts";
import { checkToday, DAY, follow, mrrOf, NOW } from "./harness.ts";

const OLD = NOW - 50 * DAY;

function sub(id: string, amount = 1000, given: Partial<Stripe.Subscription> = {}) {
  const price = makePrice({ id: `price_${amount}`, unit_amount: amount });
  const lines = [makeItem({ id: `si_${id}`, price })];
  return makeSubscription({ id, created: OLD, customer: `cus_${id}`, lines, ...given });
}

async function liveOn(objects: ObjectLists, pollSeconds = 10) {
  const simulator = createSimulator({ objects });
  const followed = follow({ simulator, pollSeconds });
  await followed.live();
  const emit = (type: Stripe.Event.Type, object: unknown, ago = 0, id?: string) =>
    simulator.emit({ type, object, created: followed.seconds() - ago, ...(id ? { id } : {}) });
  return Object.assign(followed, { simulator, emit });
}

Deno.test("a new subscription counts from its creation", async () => {
  await using source = await liveOn({});
  const created = source.seconds();
  source.simulator.upsert("subscriptions", sub("a", 1000, { created }));
  source.emit("customer.subscription.created", sub("a"));
  await source.poll();
  assert.equal(mrrOf(source.store), "1000");
  assert.equal(source.store.segments("a")[0]!.from, created);
});

Deno.test("the object as it is now is believed, not the event; the event's time dates the change", async () => {
  await using source = await liveOn({ subscriptions: [sub("a")] });
  source.simulator.upsert("subscriptions", sub("a", 3000));
  source.emit("customer.subscription.updated", sub("a", 2000), 5);
  await source.poll();
  const told = source.store.segments("a").map(({ from, exact }) => [from, Number(exact.n)]);
  assert.deepEqual(told, [[OLD, 1000], [NOW - 5, 3000]]);
});

Deno.test("events that come twice, late and out of order change nothing twice", async () => {
  await using source = await liveOn({ subscriptions: [sub("a"), sub("b")] });
  source.simulator.upsert("subscriptions", sub("a", 3000));
  source.emit("customer.subscription.updated", sub("a", 3000), 0, "evt_2");
  await source.poll();
  const { version } = source.store;
  source.emit("customer.subscription.updated", sub("a", 2000), 9, "evt_1");
  source.emit("customer.subscription.updated", sub("a", 3000), 9, "evt_2");
  await source.poll();
  assert.equal(mrrOf(source.store), "4000");
  assert.equal(source.store.segments("a").length, 2);
  assert.ok(source.store.version > version);
  checkToday(source.store, source.seconds());
});

Deno.test("many events of one object fetch it once", async () => {
  await using source = await liveOn({ subscriptions: [sub("a")] });
  for (let index = 0; index < 7; index++) source.emit("customer.subscription.updated", sub("a"));
  await source.poll();
  const asked = source.simulator.stats().byPath["/v1/subscriptions/:id"];
  assert.deepEqual(asked, { 200: 1 });
});

Deno.test("more than a page of events are all met", async () => {
  const subs = Array.from({ length: 230 }, (_, index) => sub(`s${index}`));
  await using source = await liveOn({ subscriptions: subs });
  for (const { id } of subs) {
    source.simulator.upsert("subscriptions", sub(id, 2000));
    source.emit("customer.subscription.updated", sub(id));
  }
  await source.poll();
  assert.equal(mrrOf(source.store), "460000");
});

Deno.test("an event that appears late, behind newer ones, is met within ten minutes", async () => {
  const many = Array.from({ length: 120 }, (_, index) => sub(`s${index}`));
  await using source = await liveOn({ subscriptions: [sub("a"), ...many] });
  await source.clock.advance(400_000);
  for (const { id } of many) source.emit("customer.subscription.updated", sub(id));
  await source.poll();
  source.simulator.upsert("subscriptions", sub("a", 2000));
  source.emit("customer.subscription.updated", sub("a"), 300);
  await source.until(() => mrrOf(source.store) === "122000", 700);
});

Deno.test("unknown types are passed over, whatever they hold", async () => {
  await using source = await liveOn({ subscriptions: [sub("a")] });
  source.emit("balance.available", { object: "balance" });
  source.emit("flux_capacitor.charged" as Stripe.Event.Type, { strange: [1, 2] });
  await source.poll();
  assert.equal(source.store.status.phase, "live");
  assert.deepEqual(source.store.unreadable(), []);
  assert.equal(source.store.status.lastEventAt !== null, true);
});

Deno.test("an event of another shape is noted once and stops nothing", async () => {
  await using source = await liveOn({ subscriptions: [sub("a")] });
  source.emit("customer.subscription.updated", { object: "subscription" }, 0, "evt_bad");
  source.simulator.upsert("subscriptions", sub("a", 2000));
  source.emit("customer.subscription.updated", sub("a"));
  await source.poll();
  assert.equal(mrrOf(source.store), "2000");
  assert.equal(source.store.status.phase, "live");
  assert.deepEqual(source.store.unreadable(), [
    { kind: "event", id: "evt_bad", problem: "data.object.id should be an id but is missing" },
  ]);
  const { version } = source.store;
  await source.poll();
  assert.equal(source.store.version, version);
});

Deno.test("the first event of an account is met though the server's clock is behind", async () => {
  await using source = await liveOn({ subscriptions: [sub("a")] });
  source.simulator.upsert("subscriptions", sub("a", 2000));
  source.emit("customer.subscription.updated", sub("a"), 120);
  await source.poll();
  assert.equal(mrrOf(source.store), "2000");
});

Deno.test("a change of the customer's discount values the customer's subscriptions again", async () => {
  const coupon = makeCoupon({ id: "half", percent_off: 50 });
  await using source = await liveOn({
    coupons: [coupon],
    customers: [makeCustomer({ id: "cus_a" })],
    subscriptions: [sub("a"), sub("b")],
  });
  const discount = makeDiscount({ id: "di_1", coupon, customer: "cus_a" });
  source.simulator.upsert("customers", makeCustomer({ id: "cus_a", discount }));
  source.emit("customer.discount.created", discount);
  await source.poll();
  assert.equal(mrrOf(source.store), "1500");
  source.simulator.upsert("customers", makeCustomer({ id: "cus_a" }));
  source.emit("customer.updated", makeCustomer({ id: "cus_a" }));
  await source.poll();
  assert.equal(mrrOf(source.store), "2000");
  assert.deepEqual(source.store.segments("a").map(({ exact }) => Number(exact.n)), [
    1000,
    500,
    1000,
  ]);
});

Deno.test("a deleted customer loses its discount and keeps what Stripe keeps of it", async () => {
  const coupon = makeCoupon({ id: "half", percent_off: 50 });
  const discount = makeDiscount({ id: "di_1", coupon: "half", customer: "cus_a" });
  await using source = await liveOn({
    coupons: [coupon],
    customers: [makeCustomer({ id: "cus_a", discount })],
    subscriptions: [sub("a")],
  });
  assert.equal(mrrOf(source.store), "500");
  source.simulator.remove("customers", "cus_a");
  source.simulator.upsert(
    "subscriptions",
    sub("a", 1000, { status: "canceled", ended_at: source.seconds() }),
  );
  source.emit("customer.deleted", makeCustomer({ id: "cus_a" }));
  source.emit("customer.subscription.deleted", sub("a"));
  await source.poll();
  assert.equal(mrrOf(source.store), "0");
  assert.equal(source.store.tally.customers(), 1);
  assert.deepEqual(source.store.unreadable(), []);
});

Deno.test("deleted prices, products and coupons go on in the subscriptions that have them", async () => {
  const coupon = makeCoupon({ id: "half", percent_off: 50 });
  const discounts = [makeDiscount({ id: "di_1", coupon: "half" })];
  const price = makePrice({ id: "price_1000" });
  await using source = await liveOn({
    coupons: [coupon],
    prices: [price],
    products: [makeProduct({ id: "prod_plain", name: "Plain" })],
    subscriptions: [sub("a", 1000, { discounts })],
  });
  source.simulator.remove("coupons", "half");
  source.simulator.remove("prices", "price_1000");
  source.simulator.remove("products", "prod_plain");
  source.emit("coupon.deleted", coupon);
  source.emit("price.deleted", price);
  source.emit("product.deleted", { id: "prod_plain", object: "product" });
  source.emit("customer.subscription.updated", sub("a"));
  await source.poll();
  assert.equal(mrrOf(source.store), "500");
  assert.equal(source.store.product("prod_plain")?.name, "Plain");
  assert.deepEqual(source.store.unreadable(), []);
});

Deno.test("a subscription that Stripe no longer has leaves MRR at its event's time", async () => {
  await using source = await liveOn({ subscriptions: [sub("a"), sub("b")] });
  source.simulator.remove("subscriptions", "a");
  source.simulator.upsert("customers", makeCustomer({ id: "cus_b" }));
  const at = source.seconds();
  source.emit("customer.subscription.deleted", { id: "a", object: "subscription" });
  await source.poll();
  assert.equal(mrrOf(source.store), "1000");
  assert.equal(source.store.segments("a").at(-1)!.to, at);
  assert.deepEqual(source.store.unreadable(), []);
});

Deno.test("an amount that is changed together with a new price keeps one history", async () => {
  await using source = await liveOn({ prices: [], subscriptions: [sub("a")] });
  const price = makePrice({ id: "price_5000", unit_amount: 5000 });
  source.simulator.upsert("prices", price);
  source.simulator.upsert("subscriptions", sub("a", 5000));
  source.emit("customer.subscription.updated", sub("a", 5000));
  source.emit("price.created", price);
  await source.poll();
  assert.deepEqual(source.store.segments("a").map(({ exact }) => Number(exact.n)), [1000, 5000]);
});
