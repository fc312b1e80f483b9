/** Lists inside an object, of which Stripe gives the first ten (metrics.md D.2). */
import assert from "node:assert/strict";
import type Stripe from "stripe";
import { format } from "../../src/metrics/rational.ts";
import { createSimulator, makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import { DAY, follow, type Followed, mrrOf, NOW } from "./harness.ts";

const PRICES = Array.from(
  { length: 25 },
  (_, index) => makePrice({ id: `price_${index}`, unit_amount: 100 }),
);

/** 25 items, each of 100 a month and as many as given. */
function long(id: string, quantity = 1, given: object = {}): Stripe.Subscription {
  const lines = PRICES.map((price, index) =>
    makeItem({ id: `${id}_si_${index}`, price, quantity, created: NOW - 100 * DAY })
  );
  return makeSubscription({ id, created: NOW - 100 * DAY, lines, ...given });
}

function served(...subscriptions: Stripe.Subscription[]) {
  return createSimulator({ objects: { prices: PRICES, subscriptions } });
}

function worthsOf({ store }: Followed, id: string) {
  return store.segments(id).map(({ from, to, exact }) => [from, to, format(exact)]);
}

Deno.test("in trial and paused, 25 items of 100 are worth 2500 once they count", async () => {
  const simulator = served(
    long("a", 1, { status: "trialing", trial_start: NOW - DAY, trial_end: NOW + DAY }),
    long("b", 1, { pause_collection: { behavior: "void", resumes_at: null } }),
    long("c"),
  );
  await using followed = follow({ simulator });
  await followed.live();
  const { tally } = followed.store;
  assert.deepEqual(
    [tally.total("usd", "trialingMrr"), tally.total("usd", "pausedMrr")].map(format),
    ["2500", "2500"],
  );
  assert.equal(mrrOf(followed.store), "2500");
});

Deno.test("where the other items cannot be read, a trial says so in place of a silent 0", async () => {
  const trial = { status: "trialing", trial_start: NOW - DAY, trial_end: NOW + DAY } as const;
  const simulator = served(long("a", 1, trial));
  const noItems: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.pathname !== "/v1/subscription_items") return await simulator.fetch(input, init);
    return Response.json({ error: { type: "invalid_request_error" } }, { status: 404 });
  };
  await using followed = follow({ simulator: { ...simulator, fetch: noItems } });
  await followed.live();
  assert.deepEqual(followed.store.standing("a")!.issues, ["items_truncated"]);
});

Deno.test("the nightly comparison finds no difference in a subscription of 25 items, and one in its last", async () => {
  const simulator = served(long("a"), long("b"));
  await using followed = follow({ simulator });
  await followed.live();
  const compare = async () => {
    const asked = followed.sync.compare();
    await followed.poll();
    return (await asked).drifted;
  };
  assert.deepEqual(await compare(), []);
  const other = long("b");
  simulator.upsert("subscriptions", {
    ...other,
    items: {
      ...other.items,
      data: other.items.data.map((item, index) => index === 24 ? { ...item, quantity: 2 } : item),
    },
  });
  assert.deepEqual(await compare(), ["b"]);
  assert.equal(mrrOf(followed.store), "5100");
});

Deno.test("a change of 25 items is one movement: at no moment are ten of them taken for all", async () => {
  const simulator = served(long("a"));
  await using followed = follow({ simulator });
  await followed.until(() => followed.store.status.historyDone);
  const at = followed.seconds() + 2;
  const changed = long("a", 2);
  simulator.upsert("subscriptions", changed);
  simulator.emit({ type: "customer.subscription.updated", object: changed, created: at });
  await followed.poll();
  assert.deepEqual(worthsOf(followed, "a"), [[NOW - 100 * DAY, at, "2500"], [at, null, "5000"]]);
});

Deno.test("usage of an invoice that an event names counts beyond its tenth line", async () => {
  const recurring = { ...PRICES[0]!.recurring!, usage_type: "metered" as const };
  const metered = makePrice({ id: "price_m", recurring });
  const simulator = createSimulator({
    objects: { prices: [...PRICES, metered], subscriptions: [long("a")] },
  });
  await using followed = follow({ simulator });
  await followed.until(() => followed.store.money.cashReading.done);
  const data = Array.from({ length: 12 }, (_, index) => ({
    id: `il_${index}`,
    object: "line_item",
    amount: 100,
    pricing: { price_details: { price: "price_m", product: "prod_m" } },
  }));
  const invoice = {
    id: "in_1",
    object: "invoice",
    created: NOW,
    currency: "usd",
    customer: "cus_plain",
    status: "paid",
    billing_reason: "subscription_cycle",
    attempt_count: 1,
    amount_due: 1200,
    amount_paid: 1200,
    amount_remaining: 0,
    parent: { subscription_details: { subscription: "a" } },
    lines: { object: "list", data, has_more: false },
    status_transitions: { finalized_at: NOW, paid_at: NOW },
  } as unknown as Stripe.Invoice;
  simulator.upsert("invoices", invoice);
  simulator.emit({ type: "invoice.paid", object: invoice, created: NOW });
  const { calendar, money } = followed.store;
  const today = calendar.dayOf(NOW);
  const usage = () => money.payments.billed("usd", today, today + 1).usage;
  await followed.until(() => usage() !== 0n);
  assert.equal(usage(), 1200n);
});
