/** What only invoices tell: the rate of an inclusive automatic tax, and since when nobody pays. */
import assert from "node:assert/strict";
import type Stripe from "stripe";
import {
  createSimulator,
  makeItem,
  makePrice,
  makeSubscription,
  makeTaxRate,
  type Resource,
} from "../../src/simulator/mod.ts";
import { DAY, type Follow, follow, mrrOf, NOW } from "./harness.ts";

const OLD = NOW - 100 * DAY;
const INCLUSIVE = makePrice({ id: "price_a", unit_amount: 11_900, tax_behavior: "inclusive" });

interface LineParts {
  readonly item: string;
  readonly tax: number;
  readonly rate?: string;
  readonly discount?: number;
}

/** An invoice with the fields that are read; the rest of the type does not matter here. */
function invoice(id: string, lines: readonly LineParts[], given: object = {}): Stripe.Invoice {
  return {
    id,
    object: "invoice",
    created: NOW - DAY,
    customer: "cus_plain",
    status: "open",
    parent: { type: "subscription_details", subscription_details: { subscription: "sub_a" } },
    lines: {
      object: "list",
      has_more: false,
      url: `/v1/invoices/${id}/lines`,
      data: lines.map(({ item, tax, rate, discount = 0 }, index) => ({
        id: `il_${index}`,
        object: "line_item",
        amount: 11_900,
        discounts: [],
        discount_amounts: [{ amount: discount, discount: "di_1" }],
        parent: { subscription_item_details: { subscription_item: item } },
        taxes: [{
          amount: tax,
          tax_behavior: "inclusive",
          tax_rate_details: rate ? { tax_rate: rate } : null,
        }],
      })),
    },
    ...given,
  } as unknown as Stripe.Invoice;
}

function taxed(items: number, status: Stripe.Subscription.Status = "active") {
  return makeSubscription({
    id: "sub_a",
    created: OLD,
    status,
    automatic_tax: { enabled: true, disabled_reason: null, liability: null },
    latest_invoice: "in_1",
    lines: Array.from(
      { length: items },
      (_, index) => makeItem({ id: `si_${index}`, price: INCLUSIVE }),
    ),
  });
}

async function liveOn(
  invoices: readonly Stripe.Invoice[],
  subscription: Stripe.Subscription,
  forbidden: readonly Resource[] = [],
  given: Partial<Follow> = {},
) {
  const simulator = createSimulator({
    forbidden,
    objects: {
      invoices,
      subscriptions: [subscription],
      prices: [INCLUSIVE],
      tax_rates: [
        makeTaxRate({ id: "txr_1", percentage: 20, effective_percentage: 19, inclusive: true }),
      ],
    },
  });
  const followed = follow({ simulator, ...given });
  await followed.live();
  return Object.assign(followed, { simulator });
}

Deno.test("the rate on the newest invoice's line is taken out of the price", async () => {
  const lines = [{ item: "si_0", tax: 1900, rate: "txr_1" }];
  await using source = await liveOn([invoice("in_1", lines)], taxed(1));
  assert.equal(mrrOf(source.store), "10000");
  assert.deepEqual(source.store.standing("sub_a")!.issues, []);
});

Deno.test("where the rate may not be read, the amounts on the line give it", async () => {
  const lines = [{ item: "si_0", tax: 1900, rate: "txr_1" }];
  await using source = await liveOn([invoice("in_1", lines)], taxed(1), ["tax_rates"]);
  assert.equal(mrrOf(source.store), "10000");
});

Deno.test("discounts of the line come off before its rate is found", async () => {
  const lines = [{ item: "si_0", tax: 950, discount: 5950 }];
  await using source = await liveOn([invoice("in_1", lines)], taxed(1));
  assert.equal(mrrOf(source.store), "10000");
});

Deno.test("without an invoice the gross amount is given, with the warning", async () => {
  for (const forbidden of [[], ["invoices"]] as Resource[][]) {
    const lines = [{ item: "si_0", tax: 1900 }];
    const invoices = forbidden.length > 0 ? [invoice("in_1", lines)] : [];
    await using source = await liveOn(invoices, taxed(1), forbidden);
    assert.equal(mrrOf(source.store), "11900");
    assert.deepEqual(source.store.standing("sub_a")!.issues, ["inclusive_tax_unknown"]);
  }
});

Deno.test("an invoice of more than ten lines is read to the last, each rate once", async () => {
  const lines = Array.from({ length: 10 }, (_, index) => ({
    item: `si_${index}`,
    tax: 1900,
    rate: "txr_1",
  }));
  const more = [...lines, { item: "si_10", tax: 1900, rate: "txr_1" }, {
    item: "si_11",
    tax: 1900,
    rate: "txr_1",
  }];
  await using source = await liveOn([invoice("in_1", more)], taxed(12));
  assert.equal(mrrOf(source.store), "120000");
  assert.deepEqual(source.simulator.stats().byPath["/v1/tax_rates/:id"], { 200: 1 });
});

const late = (attempted: boolean, finalized: number, id = "in_1") =>
  invoice(id, [], { attempted, status_transitions: { finalized_at: finalized } });

function pastDue() {
  return makeSubscription({ id: "sub_a", created: OLD, status: "past_due" });
}

Deno.test("under the Baremetrics preset past due counts for 30 days from the first failed invoice", async () => {
  const invoices = [late(true, NOW - 31 * DAY), late(true, NOW - DAY, "in_2")];
  await using source = await liveOn(invoices, pastDue(), [], { preset: "baremetrics" });
  assert.equal(mrrOf(source.store), "0");
  assert.equal(source.store.pastDueSince("sub_a"), NOW - 31 * DAY);
});

Deno.test("invoices that nobody tried to collect do not start it", async () => {
  const invoices = [late(false, NOW - 31 * DAY), late(true, NOW - DAY, "in_2")];
  await using source = await liveOn(invoices, pastDue(), [], { preset: "baremetrics" });
  assert.equal(mrrOf(source.store), "1000");
  assert.equal(source.store.pastDueSince("sub_a"), NOW - DAY);
});

Deno.test("it stops counting by itself when the days are over", async () => {
  const since = NOW - 30 * DAY + 60;
  await using source = await liveOn([late(true, since)], pastDue(), [], { preset: "baremetrics" });
  assert.equal(mrrOf(source.store), "1000");
  await source.until(() => mrrOf(source.store) === "0");
  assert.equal(source.store.segments("sub_a").at(-1)!.to, NOW + 61);
});

Deno.test("where invoices may not be read past due goes on counting", async () => {
  const invoices = [late(true, NOW - 31 * DAY)];
  await using source = await liveOn(invoices, pastDue(), ["invoices"], { preset: "baremetrics" });
  assert.equal(mrrOf(source.store), "1000");
  assert.equal(source.store.status.permissions["invoices"], "missing");
});

Deno.test("a subscription seen to become past due is so since its event", async () => {
  const active = makeSubscription({ id: "sub_a", created: OLD });
  await using source = await liveOn([], active, [], { preset: "baremetrics" });
  source.simulator.upsert("subscriptions", pastDue());
  const created = source.seconds();
  source.simulator.emit({ type: "customer.subscription.updated", object: pastDue(), created });
  await source.poll();
  assert.equal(source.store.pastDueSince("sub_a"), created);
  source.simulator.upsert("subscriptions", active);
  source.simulator.emit({ type: "customer.subscription.updated", object: active, created });
  await source.poll();
  assert.equal(source.store.pastDueSince("sub_a"), undefined);
});
