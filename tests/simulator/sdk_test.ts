import assert from "node:assert/strict";
import Stripe from "stripe";
import { createCompany, createSimulator, makeSubscription } from "../../src/simulator/mod.ts";
import { sdkFor } from "./support.ts";

const NOW = 1_795_500_000;

async function count(list: AsyncIterable<unknown>): Promise<number> {
  let found = 0;
  for await (const _ of list) found++;
  return found;
}

Deno.test("the real SDK lists everything by auto-paging, with GET alone", async () => {
  const company = createCompany({ seed: 2, customers: 250, now: NOW });
  const simulator = createSimulator({ source: company.source });
  const stripe = sdkFor(simulator);
  assert.equal(await count(stripe.customers.list({ limit: 100 })), 250);
  const { byStatus } = company.books();
  const total = Object.values(byStatus).reduce((sum, each) => sum + each, 0);
  const expand = ["data.discounts.source.coupon", "data.items.data.discounts"];
  assert.equal(
    await count(stripe.subscriptions.list({ status: "all", limit: 100, expand })),
    total,
  );
  assert.equal(
    await count(stripe.subscriptions.list({ status: "active", limit: 7 })),
    byStatus["active"],
  );
  assert.equal(await count(stripe.products.list()), 8);
  assert.equal(
    await count(stripe.prices.list({ expand: ["data.tiers", "data.currency_options"] })),
    16,
  );
  assert.equal(await count(stripe.coupons.list({ expand: ["data.applies_to"] })), 7);
  assert.equal(await count(stripe.taxRates.list({ inclusive: true })), 2);
  assert.ok(await count(stripe.invoices.list({ limit: 100 })) > 1_000);
  assert.ok(await count(stripe.events.list({ limit: 100, types: ["invoice.paid"] })) > 50);
  assert.deepEqual(Object.keys(simulator.stats().methods), ["GET"]);
});

Deno.test("the real SDK retrieves single objects and reads decimals", async () => {
  const company = createCompany({ seed: 2, customers: 20, now: NOW });
  const stripe = sdkFor(createSimulator({ source: company.source }));
  const account = await stripe.accounts.retrieveCurrent();
  assert.equal(account.settings?.dashboard.timezone, "Etc/UTC");
  assert.equal((await stripe.balance.retrieve()).object, "balance");
  const price = await stripe.prices.retrieve("price_1storage_monthly");
  assert.equal(String(price.unit_amount_decimal), "12.5");
  const { data: [subscription] } = await stripe.subscriptions.list({ status: "all" });
  const { data: [item] } = await stripe.subscriptionItems.list({ subscription: subscription!.id });
  assert.equal((await stripe.subscriptionItems.retrieve(item!.id)).id, item!.id);
  const { data: [event] } = await stripe.events.list();
  assert.equal((await stripe.events.retrieve(event!.id)).type, event!.type);
});

Deno.test("the real SDK turns refusals into its own errors", async () => {
  const simulator = createSimulator({
    objects: { subscriptions: [makeSubscription({ id: "sub_1" })] },
    forbidden: ["invoices"],
  });
  const stripe = sdkFor(simulator);
  await assert.rejects(stripe.invoices.list(), Stripe.errors.StripePermissionError);
  await assert.rejects(
    stripe.subscriptions.retrieve("sub_none"),
    Stripe.errors.StripeInvalidRequestError,
  );
  const wrong = new Stripe("rk_test_other", {
    httpClient: Stripe.createFetchHttpClient(simulator.fetch),
    maxNetworkRetries: 0,
  });
  await assert.rejects(wrong.subscriptions.list(), Stripe.errors.StripeAuthenticationError);
  simulator.setFaults({ rate: 1, kinds: ["rate_limited"] });
  await assert.rejects(stripe.subscriptions.list(), Stripe.errors.StripeRateLimitError);
  simulator.setFaults({ rate: 1, kinds: ["reset"] });
  await assert.rejects(stripe.subscriptions.list(), Stripe.errors.StripeConnectionError);
});
