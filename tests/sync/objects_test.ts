/** Accounts made by hand: what the listing leaves out, what is odd, what changes by itself. */
import assert from "node:assert/strict";
import type Stripe from "stripe";
import {
  createSimulator,
  decimal,
  makeCoupon,
  makeCustomer,
  makeDiscount,
  makeItem,
  makePrice,
  makeSubscription,
  type ObjectLists,
} from "../../src/simulator/mod.ts";
import { DAY, type Follow, follow, mrrOf, NOW } from "./harness.ts";

const OLD = NOW - 100 * DAY;

async function liveOn(objects: ObjectLists, given: Omit<Follow, "simulator"> = {}) {
  const simulator = createSimulator({ objects });
  const followed = follow({ simulator, ...given });
  await followed.live();
  return { simulator, ...followed, [Symbol.asyncDispose]: () => followed[Symbol.asyncDispose]() };
}

/** Stripe leaves an expandable field out of a type where it is not asked for. */
const tier = (up_to: number | null, unit: number, flat = 0): Stripe.Price.Tier => ({
  up_to,
  unit_amount: unit,
  unit_amount_decimal: decimal(String(unit)),
  flat_amount: flat,
  flat_amount_decimal: decimal(String(flat)),
});

function option(amount: number | null, tiers?: Stripe.Price.Tier[]): Stripe.Price.CurrencyOptions {
  return {
    custom_unit_amount: null,
    tax_behavior: "unspecified",
    unit_amount: amount,
    unit_amount_decimal: amount === null ? null : decimal(String(amount)),
    ...(tiers ? { tiers } : {}),
  };
}

const TIERED = makePrice({
  id: "price_tiered",
  billing_scheme: "tiered",
  tiers_mode: "graduated",
  unit_amount: null,
  tiers: [tier(5, 500), tier(null, 300)],
  currency_options: { eur: option(null, [tier(5, 450), tier(null, 250)]) },
});

function subscription(id: string, given: Partial<Parameters<typeof makeSubscription>[0]> = {}) {
  return makeSubscription({ id, created: OLD, ...given });
}

Deno.test("an empty account is live with nothing", async () => {
  await using source = await liveOn({});
  assert.deepEqual(source.store.tally.currencies(), []);
  assert.equal(source.store.status.asOf, source.seconds());
  assert.deepEqual(source.store.status.reasons, []);
});

Deno.test("jpy, kwd and isk are counted in their own minor units", async () => {
  const of = (currency: string, amount: number) => {
    const price = makePrice({ id: `price_${currency}`, currency, unit_amount: amount });
    const lines = [makeItem({ id: `si_${currency}`, price })];
    return { price, sub: subscription(`sub_${currency}`, { currency, lines }) };
  };
  const all = [of("jpy", 1000), of("kwd", 8333), of("isk", 50_000)];
  await using source = await liveOn({
    prices: all.map(({ price }) => price),
    subscriptions: all.map(({ sub }) => sub),
  });
  assert.deepEqual(source.store.tally.currencies(), ["isk", "jpy", "kwd"]);
  assert.deepEqual(["jpy", "kwd", "isk"].map((each) => mrrOf(source.store, each)), [
    "1000",
    "8333",
    "50000",
  ]);
});

Deno.test("an unknown status counts 0, and says so", async () => {
  const sub = subscription("sub_odd", { status: "hibernating" });
  await using source = await liveOn({ subscriptions: [sub] });
  const standing = source.store.standing("sub_odd")!;
  assert.deepEqual([standing.reason, standing.issues], ["status", ["unknown_status"]]);
  assert.equal(source.store.tally.byStatus().get("hibernating"), 1);
});

Deno.test("subscriptions with missing fields are counted apart and named; the others go on", async () => {
  const whole = subscription("sub_whole");
  const { currency: _, ...broken } = subscription("sub_broken");
  const items = { ...whole.items, data: [{ ...whole.items.data[0]!, current_period_end: "soon" }] };
  const text = { ...subscription("sub_text"), items };
  await using source = await liveOn({
    subscriptions: [whole, broken as Stripe.Subscription, text as unknown as Stripe.Subscription],
  });
  assert.equal(mrrOf(source.store), "1000");
  assert.deepEqual(source.store.unreadable().toSorted((a, b) => a.id < b.id ? -1 : 1), [
    { kind: "subscription", id: "sub_broken", problem: "currency should be a text but is missing" },
    {
      kind: "subscription",
      id: "sub_text",
      problem: "items.data[0].current_period_end should be a whole number but is a string",
    },
  ]);
});

Deno.test("an unreadable subscription that is mended is counted again", async () => {
  const { currency: _, ...broken } = subscription("sub_a");
  await using source = await liveOn({ subscriptions: [broken as Stripe.Subscription] });
  const mended = subscription("sub_a");
  source.simulator.upsert("subscriptions", mended);
  source.simulator.emit({
    type: "customer.subscription.updated",
    object: mended,
    created: source.seconds(),
  });
  await source.poll();
  assert.equal(mrrOf(source.store), "1000");
  assert.deepEqual(source.store.unreadable(), []);
});

Deno.test("a price that was not understood is forgotten as such once it is", async () => {
  const { currency: _, ...broken } = makePrice({ id: "price_a" });
  await using source = await liveOn({ prices: [broken as Stripe.Price] });
  assert.deepEqual(source.store.unreadable(), [
    { kind: "price", id: "price_a", problem: "currency should be a text but is missing" },
  ]);
  const price = makePrice({ id: "price_a" });
  source.simulator.upsert("prices", price);
  source.simulator.emit({ type: "price.updated", object: price, created: source.seconds() });
  await source.poll();
  assert.deepEqual(source.store.unreadable(), []);
});

Deno.test("more than ten items are read to the last", async () => {
  const lines = Array.from({ length: 23 }, (_, index) => makeItem({ id: `si_${index}` }));
  await using source = await liveOn({ subscriptions: [subscription("sub_long", { lines })] });
  assert.equal(mrrOf(source.store), "23000");
  assert.deepEqual(source.store.unresolved(), []);
  assert.ok(source.simulator.stats().byPath["/v1/subscription_items"]);
});

Deno.test("tiers in another currency are read where a subscription needs them", async () => {
  const lines = [makeItem({ id: "si_eur", price: TIERED, quantity: 7 })];
  const sub = subscription("sub_eur", { currency: "eur", lines });
  await using source = await liveOn({ prices: [TIERED], subscriptions: [sub] });
  assert.equal(mrrOf(source.store, "eur"), "2750");
});

Deno.test("those tiers stay known when the price is listed or changed without them", async () => {
  const lines = [makeItem({ id: "si_eur", price: TIERED, quantity: 7 })];
  const sub = subscription("sub_eur", { currency: "eur", lines });
  await using source = await liveOn({ prices: [TIERED], subscriptions: [sub] });
  const renamed = { ...TIERED, nickname: "Seats" };
  source.simulator.upsert("prices", renamed);
  source.simulator.emit({ type: "price.updated", object: renamed, created: source.seconds() });
  await source.poll();
  assert.equal(source.store.price("price_tiered")?.nickname, "Seats");
  assert.equal(mrrOf(source.store, "eur"), "2750");
  assert.equal(source.store.segments("sub_eur").length, 1);
});

Deno.test("a coupon deleted before connecting goes on, with what it applies to", async () => {
  const coupon = makeCoupon({
    id: "gone",
    percent_off: 50,
    applies_to: { products: ["prod_b"] },
  });
  const priceB = makePrice({ id: "price_b", product: "prod_b", unit_amount: 3000 });
  const lines = [makeItem({ id: "si_a" }), makeItem({ id: "si_b", price: priceB })];
  const simulator = createSimulator({
    objects: {
      coupons: [coupon],
      subscriptions: [
        subscription("sub_a", { lines, discounts: [makeDiscount({ id: "di_1", coupon: "gone" })] }),
      ],
    },
  });
  simulator.remove("coupons", "gone");
  await using source = follow({ simulator });
  await source.live();
  assert.equal(mrrOf(source.store), "2500");
});

Deno.test("so does one on a customer", async () => {
  const coupon = makeCoupon({ id: "gone", percent_off: 50, applies_to: { products: ["prod_b"] } });
  const priceB = makePrice({ id: "price_b", product: "prod_b", unit_amount: 3000 });
  const lines = [makeItem({ id: "si_a" }), makeItem({ id: "si_b", price: priceB })];
  const discount = makeDiscount({ id: "di_1", coupon: "gone" });
  const simulator = createSimulator({
    objects: {
      coupons: [coupon],
      customers: [makeCustomer({ id: "cus_plain", discount })],
      subscriptions: [subscription("sub_a", { lines })],
    },
  });
  simulator.remove("coupons", "gone");
  await using source = follow({ simulator });
  await source.live();
  assert.equal(mrrOf(source.store), "2500");
});

Deno.test("an amount off in another currency survives the deletion of its coupon", async () => {
  const coupon = makeCoupon({
    id: "gone",
    amount_off: 1000,
    currency: "usd",
    currency_options: { eur: { amount_off: 900 } },
  });
  const price = makePrice({ id: "price_eur", currency: "eur", unit_amount: 5000 });
  const sub = subscription("sub_eur", {
    currency: "eur",
    lines: [makeItem({ id: "si_eur", price })],
    discounts: [makeDiscount({ id: "di_1", coupon: "gone" })],
  });
  const simulator = createSimulator({ objects: { coupons: [coupon], subscriptions: [sub] } });
  simulator.remove("coupons", "gone");
  await using source = follow({ simulator });
  await source.live();
  assert.equal(mrrOf(source.store, "eur"), "4100");
});

Deno.test("a discount of an item is read through its item", async () => {
  const coupon = makeCoupon({ id: "ten", percent_off: 10 });
  const discounts = [makeDiscount({ id: "di_1", coupon: "ten" })];
  const sub = subscription("sub_a", { lines: [makeItem({ id: "si_a", discounts })] });
  await using source = await liveOn({ coupons: [coupon], subscriptions: [sub] });
  assert.equal(mrrOf(source.store), "900");
});

Deno.test("what the configuration excludes is in no figure but its own", async () => {
  const exclusion = {
    customers: ["cus_staff"],
    products: [],
    prices: [],
    metadata: { team: "qa" },
  };
  await using source = await liveOn({
    subscriptions: [
      subscription("sub_1"),
      subscription("sub_2", { customer: "cus_staff" }),
      subscription("sub_3", { metadata: { team: "qa" } }),
    ],
  }, { exclusion });
  assert.equal(mrrOf(source.store), "1000");
  assert.equal(source.store.tally.count("usd", "excludedMrr"), 2);
});

Deno.test("a repeating discount ends by itself under the ChartMogul preset", async () => {
  const coupon = makeCoupon({
    id: "start",
    percent_off: 50,
    duration: "repeating",
    duration_in_months: 3,
  });
  const discounts = [makeDiscount({ id: "di_1", coupon: "start", start: OLD, end: NOW + 60 })];
  await using source = await liveOn({
    coupons: [coupon],
    subscriptions: [subscription("sub_a", { discounts })],
  }, { preset: "chartmogul" });
  assert.equal(mrrOf(source.store), "500");
  const { requests } = source.simulator.stats();
  const { version } = source.store;
  await source.until(() => mrrOf(source.store) === "1000");
  assert.equal(source.store.segments("sub_a").at(-1)!.from, NOW + 60);
  assert.ok(source.store.version > version);
  const asked = source.simulator.stats().byPath;
  assert.equal(asked["/v1/subscriptions/:id"], undefined);
  assert.ok(source.simulator.stats().requests - requests < 10);
});

Deno.test("a pause resumes by itself", async () => {
  const pause_collection = { behavior: "void", resumes_at: NOW + 90 } as const;
  await using source = await liveOn({
    subscriptions: [subscription("sub_a", { pause_collection })],
  });
  assert.equal(mrrOf(source.store), "0");
  await source.until(() => mrrOf(source.store) === "1000");
  assert.equal(source.store.segments("sub_a").at(-1)!.from, NOW + 90);
});
