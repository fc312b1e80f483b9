import assert from "node:assert/strict";
import {
  createSimulator,
  makeCoupon,
  makeCustomer,
  makeDiscount,
  makeProduct,
  makeSubscription,
  type Resource,
} from "../../src/simulator/mod.ts";
import { DAY, type Follow, follow, mrrOf, NOW } from "./harness.ts";

const COUPON = makeCoupon({ id: "ten", percent_off: 10 });

/** One subscription with its own discount, one that its customer's discount applies to. */
function account(forbidden: readonly Resource[]) {
  const created = NOW - 50 * DAY;
  return createSimulator({
    forbidden,
    objects: {
      coupons: [COUPON],
      products: [makeProduct({ id: "prod_plain" })],
      customers: [
        makeCustomer({ id: "cus_1" }),
        makeCustomer({ id: "cus_2", discount: makeDiscount({ id: "di_2", coupon: "ten" }) }),
      ],
      subscriptions: [
        makeSubscription({
          id: "sub_1",
          customer: "cus_1",
          created,
          discounts: [makeDiscount({ id: "di_1", coupon: "ten" })],
        }),
        makeSubscription({ id: "sub_2", customer: "cus_2", created }),
      ],
    },
  });
}

async function liveWithout(forbidden: readonly Resource[], given: Partial<Follow> = {}) {
  const simulator = account(forbidden);
  const followed = follow({ simulator, ...given });
  await followed.live();
  return Object.assign(followed, { simulator });
}

Deno.test("with every permission all is known, and the table says so", async () => {
  await using source = await liveWithout([]);
  assert.equal(mrrOf(source.store), "1800");
  assert.deepEqual(source.store.status.reasons, []);
  assert.deepEqual(source.store.status.permissions, {
    subscriptions: "ok",
    prices: "ok",
    products: "ok",
    coupons: "ok",
    customers: "ok",
    invoices: "ok",
    tax_rates: "ok",
    events: "ok",
    balance: "ok",
    balance_transactions: "ok",
    payouts: "ok",
    disputes: "ok",
    subscription_schedules: "ok",
  });
});

Deno.test("without customers their discounts are not known: MRR is given and marked", async () => {
  await using source = await liveWithout(["customers"]);
  assert.equal(mrrOf(source.store), "1900");
  assert.deepEqual(source.store.status.reasons, ["customer_discounts_unread"]);
  assert.equal(source.store.status.permissions["customers"], "missing");
});

Deno.test("without coupons those inside the discounts are taken", async () => {
  await using source = await liveWithout(["coupons"]);
  assert.equal(mrrOf(source.store), "1800");
  assert.equal(source.store.status.permissions["coupons"], "missing");
});

Deno.test("without products or invoices the figures stand", async () => {
  await using source = await liveWithout(["products", "invoices", "tax_rates", "balance"]);
  assert.equal(mrrOf(source.store), "1800");
  assert.deepEqual(source.store.status.reasons, []);
  assert.equal(source.store.status.permissions["invoices"], "missing");
});

Deno.test("without the account the source keeps its configured name and time zone", async () => {
  await using source = await liveWithout(["account"], { info: { timeZone: "Asia/Tokyo" } });
  assert.equal(source.store.info.account, "cfg:default:test");
  assert.equal(source.store.calendar.timeZone, "Asia/Tokyo");
  assert.equal(mrrOf(source.store), "1800");
});

Deno.test("with the account its id, name, currency and time zone are taken", async () => {
  await using source = await liveWithout([], { info: { timeZone: "Asia/Tokyo" } });
  const { account, displayName, defaultCurrency, timeZone } = source.store.info;
  assert.deepEqual([account, displayName, defaultCurrency, timeZone], [
    "acct_1SimulatedGlance",
    "Simulated Company",
    "usd",
    "Etc/UTC",
  ]);
  assert.equal(source.store.calendar.timeZone, "Etc/UTC");
});

Deno.test("without events the account is listed again at every look, and marked", async () => {
  await using source = await liveWithout(["events"]);
  assert.deepEqual(source.store.status.reasons, ["events_unread"]);
  const phases = new Set<string>();
  source.store.subscribe(() =>
    phases.add(`${source.store.status.phase} ${source.store.status.reasons}`)
  );
  source.simulator.upsert("subscriptions", {
    ...makeSubscription({ id: "sub_2", customer: "cus_2", created: NOW - 50 * DAY }),
    status: "canceled",
    ended_at: NOW + 5,
  });
  await source.until(() => mrrOf(source.store) === "900");
  await source.until(() => source.store.status.lastReconcileAt! > NOW + 10);
  assert.deepEqual([...phases], ["live events_unread"]);
});

Deno.test("a past seen while listing again is kept", async () => {
  await using source = await liveWithout(["events"]);
  const quiet = {
    ...makeSubscription({ id: "sub_1", customer: "cus_1", created: NOW - 50 * DAY }),
  };
  source.simulator.upsert("subscriptions", quiet);
  await source.until(() => mrrOf(source.store) === "1900");
  const segments = source.store.segments("sub_1");
  assert.deepEqual(segments.map(({ exact }) => String(exact.n)), ["900", "1000"]);
  assert.ok(segments[1]!.from > NOW);
});

for (
  const [resource, words] of [["subscriptions", "subscriptions"], ["prices", "prices"]] as const
) {
  Deno.test(`without ${resource} nothing is shown, and the sentence says what to do`, async () => {
    const simulator = account([resource]);
    await using source = follow({ simulator });
    await source.until(() => source.store.status.phase === "permission_missing");
    assert.equal(
      source.store.status.problem,
      `The key may not read ${words}, without which there is no MRR: ` +
        "add the read permission at https://dashboard.stripe.com/apikeys",
    );
    assert.equal(source.store.status.asOf, null);
    simulator.setForbidden([]);
    await source.live();
    assert.equal(mrrOf(source.store), "1800");
  });
}

Deno.test("a permission for subscriptions that is taken away later changes no figure", async () => {
  await using source = await liveWithout([]);
  const { simulator, store } = source;
  simulator.setForbidden(["subscriptions"]);
  simulator.emit({
    type: "customer.subscription.updated",
    object: makeSubscription({ id: "sub_1" }),
    created: source.seconds(),
  });
  await source.until(() => store.status.phase === "permission_missing");
  assert.equal(mrrOf(store), "1800");
  assert.equal(
    store.status.problem,
    "The key may not read subscriptions: add the permission rak_subscription_read to the key " +
      "at https://dashboard.stripe.com/apikeys",
  );
  assert.ok(store.status.staleSince !== null);
  simulator.setForbidden([]);
  await source.live();
  assert.equal(mrrOf(store), "1800");
});
