/** Money objects made by hand: what is kept of each, and what an event changes. */
import assert from "node:assert/strict";
import type Stripe from "stripe";
import { failureOf } from "../../src/metrics/failed_payments.ts";
import {
  createSimulator,
  type KindTypes,
  makeItem,
  makePrice,
  makeSubscription,
  type ObjectLists,
} from "../../src/simulator/mod.ts";
import { DAY, follow, type Followed, NOW } from "./harness.ts";

const PRICE = makePrice({ id: "price_a", unit_amount: 5000 });
const METERED = makePrice({
  id: "price_m",
  recurring: {
    interval: "month",
    interval_count: 1,
    meter: null,
    trial_period_days: null,
    usage_type: "metered",
  },
});

function invoice(id: string, given: object = {}): Stripe.Invoice {
  return {
    id,
    object: "invoice",
    amount_due: 5000,
    amount_paid: 0,
    amount_remaining: 5000,
    attempt_count: 1,
    attempted: true,
    billing_reason: "subscription_cycle",
    created: NOW - 5 * DAY,
    currency: "usd",
    customer: "cus_plain",
    status: "open",
    status_transitions: {
      finalized_at: NOW - 5 * DAY + 3600,
      marked_uncollectible_at: null,
      paid_at: null,
      voided_at: null,
    },
    next_payment_attempt: NOW + 2 * DAY,
    parent: { type: "subscription_details", subscription_details: { subscription: "sub_a" } },
    lines: { object: "list", has_more: false, url: "", data: [] },
    ...given,
  } as unknown as Stripe.Invoice;
}

function simulated(objects: ObjectLists = {}) {
  return createSimulator({
    objects: {
      prices: [PRICE, METERED],
      subscriptions: [
        makeSubscription({
          id: "sub_a",
          status: "past_due",
          created: NOW - 100 * DAY,
          lines: [makeItem({ id: "si_a", price: PRICE })],
        }),
      ],
      ...objects,
    },
  });
}

const read = (followed: Followed) => followed.until(() => followed.store.money.cashReading.done);

Deno.test("a failure is dated by finalisation in the past, and by its event while it is followed", async () => {
  const simulator = simulated({ invoices: [invoice("in_old")] });
  await using followed = follow({ simulator });
  await read(followed);
  const { payments } = followed.store.money;
  assert.equal(payments.fact("in_old")?.firstFailureAt, NOW - 5 * DAY + 3600);
  const fresh = invoice("in_new", { created: NOW, status_transitions: { finalized_at: NOW - 1 } });
  simulator.upsert("invoices", fresh);
  simulator.emit({ type: "invoice.payment_failed", object: fresh, created: NOW + 7 });
  await followed.poll();
  assert.equal(payments.fact("in_new")?.firstFailureAt, NOW + 7);
});

Deno.test("once it is paid the amount that had failed is recovered, less what came from elsewhere", async () => {
  const simulator = simulated({ invoices: [invoice("in_1")] });
  await using followed = follow({ simulator });
  await read(followed);
  const paid = invoice("in_1", {
    status: "paid",
    amount_paid: 5000,
    amount_remaining: 0,
    amount_paid_off_stripe: 1200,
  });
  simulator.upsert("invoices", paid);
  simulator.emit({ type: "invoice.paid", object: paid, created: NOW + 1 });
  await followed.poll();
  const failure = failureOf(followed.store.money.payments.fact("in_1")!, "active")!;
  assert.deepEqual([failure.outcome, failure.recovered.n, failure.paidOffStripe.n], [
    "recovered",
    3800n,
    1200n,
  ]);
});

Deno.test("a manual invoice, one of no subscription and one that was never tried are no failures", async () => {
  const simulator = simulated({
    invoices: [
      invoice("in_manual", { billing_reason: "manual" }),
      invoice("in_none", { parent: null }),
      invoice("in_untried", { attempt_count: 0, attempted: false }),
    ],
  });
  await using followed = follow({ simulator });
  await read(followed);
  const failed = [...followed.store.money.payments.facts()]
    .filter(({ firstFailureAt }) => firstFailureAt !== null);
  assert.deepEqual(failed, []);
});

Deno.test("metered lines are usage billed, after discounts and without inclusive tax; MRR stays", async () => {
  const line = (price: string, amount: number, more: object = {}) => ({
    id: `il_${price}`,
    object: "line_item",
    amount,
    discounts: [],
    discount_amounts: [],
    taxes: [],
    quantity: 1,
    period: { start: NOW - 35 * DAY, end: NOW - 5 * DAY },
    parent: {
      subscription_item_details: { subscription_item: "si_a", proration: false },
    },
    pricing: { price_details: { price, product: "prod_a" } },
    ...more,
  });
  const simulator = simulated({
    invoices: [invoice("in_1", {
      status: "paid",
      amount_paid: 5000,
      amount_remaining: 0,
      lines: {
        object: "list",
        has_more: false,
        url: "",
        data: [
          line("price_a", 5000),
          line("price_m", 1190, {
            discount_amounts: [{ amount: 90, discount: "di_1" }],
            taxes: [{ amount: 100, tax_behavior: "inclusive", tax_rate_details: null }],
          }),
        ],
      },
    })],
  });
  await using followed = follow({ simulator });
  await read(followed);
  const { store } = followed;
  const day = store.calendar.dayOf(NOW);
  assert.equal(store.money.payments.billed("usd", day - 10, day).usage, 1000n);
  assert.equal(store.tally.total("usd", "mrr").n, 5000n);
});

Deno.test("a schedule that has not started is kept; once released it is not", async () => {
  const schedule = (status: string) => ({
    id: "sub_sched_1",
    object: "subscription_schedule",
    created: NOW - DAY,
    customer: "cus_plain",
    status,
    subscription: null,
    phases: [{
      start_date: NOW + 30 * DAY,
      end_date: NOW + 395 * DAY,
      currency: "usd",
      trial_end: null,
      discounts: [{ coupon: "coupon_a", discount: null, promotion_code: null }],
      items: [{ price: "price_a", quantity: 3 }],
    }],
  } as unknown as KindTypes["subscription_schedules"]);
  const simulator = simulated({ subscription_schedules: [schedule("not_started")] });
  await using followed = follow({ simulator });
  await read(followed);
  const { money } = followed.store;
  assert.deepEqual([...money.schedules()].map(({ id, phases }) => [id, phases[0]!.items]), [
    ["sub_sched_1", [{ price: "price_a", quantity: 3n }]],
  ]);
  const released = schedule("released");
  simulator.upsert("subscription_schedules", released);
  simulator.emit({ type: "subscription_schedule.released", object: released, created: NOW + 1 });
  await followed.poll();
  assert.deepEqual([...money.schedules()], []);
});

Deno.test("a balance transaction of a shape that is not known is named, and the others count", async () => {
  const transaction = (id: string, given: object = {}) => ({
    id,
    object: "balance_transaction",
    amount: 1000,
    available_on: NOW,
    created: NOW - DAY,
    currency: "usd",
    fee: 59,
    net: 941,
    reporting_category: "charge",
    status: "available",
    ...given,
  } as unknown as KindTypes["balance_transactions"]);
  const simulator = simulated({
    balance_transactions: [transaction("txn_1"), transaction("txn_2", { net: "much" })],
  });
  await using followed = follow({ simulator });
  await read(followed);
  const { money, unreadable } = followed.store;
  assert.equal(money.cash.totals("usd").get("charge")?.amount, 1000n);
  assert.deepEqual(unreadable().map(({ kind, id }) => [kind, id]), [
    ["balance transaction", "txn_2"],
  ]);
});
