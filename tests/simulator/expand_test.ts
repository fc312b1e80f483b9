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
  makeProduct,
  makeSubscription,
} from "../../src/simulator/mod.ts";
import { ask } from "./support.ts";

const TIERS: Stripe.Price.Tier[] = [{
  flat_amount: null,
  flat_amount_decimal: null,
  unit_amount: 500,
  unit_amount_decimal: decimal("500"),
  up_to: null,
}];

const price = makePrice({
  id: "price_1",
  product: "prod_1",
  tiers: TIERS,
  currency_options: {
    eur: {
      custom_unit_amount: null,
      tax_behavior: null,
      tiers: TIERS,
      unit_amount: null,
      unit_amount_decimal: null,
    },
  },
});
const coupon = makeCoupon({ id: "TEN", applies_to: { products: ["prod_1"] } });
const onItem = makeDiscount({ id: "di_item", coupon: "TEN", subscription_item: "si_1" });
const simulator = createSimulator({
  objects: {
    coupons: [coupon],
    prices: [price],
    products: [makeProduct({ id: "prod_1" })],
    customers: [
      makeCustomer({ id: "cus_1", discount: makeDiscount({ id: "di_customer", coupon: "TEN" }) }),
    ],
    subscriptions: [makeSubscription({
      id: "sub_1",
      customer: "cus_1",
      discounts: [makeDiscount({ id: "di_1", coupon: "TEN", subscription: "sub_1" })],
      lines: [makeItem({ id: "si_1", price, discounts: [onItem] })],
    })],
  },
});

async function first(path: string) {
  const { status, body } = await ask(simulator, path);
  assert.equal(status, 200, JSON.stringify(body));
  return body["data"][0];
}

async function refusal(path: string) {
  const { status, body } = await ask(simulator, path);
  assert.equal(status, 400);
  return body["error"];
}

Deno.test("discounts are ids unless expanded, and their coupon is an id unless expanded", async () => {
  const plain = await first("/v1/subscriptions");
  assert.deepEqual(plain.discounts, ["di_1"]);
  assert.deepEqual(plain.items.data[0].discounts, ["di_item"]);
  const expanded = await first("/v1/subscriptions?expand[]=data.discounts");
  assert.equal(expanded.discounts[0].source.coupon, "TEN");
  const deeper = await first("/v1/subscriptions?expand[]=data.discounts.source.coupon");
  assert.equal(deeper.discounts[0].source.coupon.percent_off, 10);
  assert.equal(deeper.discounts[0].source.coupon.applies_to, undefined);
});

Deno.test("items' discounts expand in four levels, their coupons only from the item", async () => {
  const four = await first("/v1/subscriptions?expand[]=data.items.data.discounts");
  assert.equal(four.items.data[0].discounts[0].source.coupon, "TEN");
  const item = await first(
    "/v1/subscription_items?subscription=sub_1&expand[]=data.discounts.source.coupon",
  );
  assert.equal(item.discounts[0].source.coupon.id, "TEN");
});

Deno.test("more than four levels are refused with property_expansion_max_depth", async () => {
  const error = await refusal("/v1/subscriptions?expand[]=data.items.data.price.tiers");
  assert.equal(error.code, "property_expansion_max_depth");
  assert.equal(
    error.message,
    "You cannot expand more than 4 levels of a property. Property: data.items.data.price.tiers",
  );
  const { body } = await ask(simulator, "/v1/subscriptions/sub_1?expand[]=items.data.price.tiers");
  assert.equal(body["items"].data[0].price.tiers[0].unit_amount, 500);
});

Deno.test("what cannot be expanded is refused, with a hint where data. is missing", async () => {
  assert.equal(
    (await refusal("/v1/subscriptions?expand[]=data.status")).message,
    "This property cannot be expanded (status).",
  );
  assert.equal(
    (await refusal("/v1/prices?expand[]=product")).message,
    "This property cannot be expanded (product). You may want to try expanding 'data.product' instead.",
  );
  assert.equal((await refusal("/v1/prices?expand=data.product")).message, "Invalid array");
});

Deno.test("tiers and currency options of a price are there only when expanded", async () => {
  const plain = await first("/v1/prices");
  assert.ok(!("tiers" in plain));
  assert.ok(!("currency_options" in plain));
  const item = (await first("/v1/subscriptions")).items.data[0];
  assert.ok(!("tiers" in item.price) && !("currency_options" in item.price));
  const expanded = await first(
    "/v1/prices?expand[]=data.tiers&expand[]=data.currency_options&expand[]=data.product",
  );
  assert.equal(expanded.tiers.length, 1);
  assert.equal(expanded.product.id, "prod_1");
  assert.ok(!("tiers" in expanded.currency_options.eur));
});

Deno.test("tiers of a currency option need that currency's name", async () => {
  const named = await first("/v1/prices?expand[]=data.currency_options.eur.tiers");
  assert.equal(named.currency_options.eur.tiers[0].unit_amount, 500);
  const unnamed = await first("/v1/prices?expand[]=data.currency_options.tiers");
  assert.ok(!("tiers" in unnamed.currency_options.eur));
});

Deno.test("a coupon's products are there only when expanded", async () => {
  assert.ok(!("applies_to" in await first("/v1/coupons")));
  const expanded = await first("/v1/coupons?expand[]=data.applies_to");
  assert.deepEqual(expanded.applies_to, { products: ["prod_1"] });
});

Deno.test("a customer's discount is there, its coupon when expanded", async () => {
  assert.equal((await first("/v1/customers")).discount.source.coupon, "TEN");
  const expanded = await first("/v1/customers?expand[]=data.discount.source.coupon");
  assert.equal(expanded.discount.source.coupon.percent_off, 10);
});

Deno.test("the SDK's numbered arrays are read as Stripe's empty brackets are", async () => {
  const expanded = await first(
    "/v1/subscriptions?expand[0]=data.customer&expand[1]=data.discounts",
  );
  assert.equal(expanded.customer.id, "cus_1");
  assert.equal(expanded.discounts[0].object, "discount");
});

Deno.test("a deleted object is retrieved as deleted: true and leaves lists; coupons live on in discounts", async () => {
  const other = createSimulator({
    objects: {
      coupons: [coupon],
      customers: [makeCustomer({ id: "cus_1" })],
      subscriptions: [makeSubscription({
        id: "sub_1",
        customer: "cus_1",
        discounts: [makeDiscount({ id: "di_1", coupon: "TEN" })],
      })],
    },
  });
  other.remove("customers", "cus_1");
  other.remove("coupons", "TEN");
  const { body, status } = await ask(other, "/v1/customers/cus_1");
  assert.equal(status, 200);
  assert.deepEqual(body, { id: "cus_1", object: "customer", deleted: true });
  assert.deepEqual((await ask(other, "/v1/customers")).body["data"], []);
  const path = "/v1/subscriptions/sub_1?expand[]=customer&expand[]=discounts.source.coupon";
  const subscription = (await ask(other, path)).body;
  assert.equal(subscription["customer"].deleted, true);
  assert.equal(subscription["discounts"][0].source.coupon.percent_off, 10);
  assert.equal(subscription["discounts"][0].source.coupon.valid, false);
});
