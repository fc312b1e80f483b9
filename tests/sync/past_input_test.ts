/** The past from invoices as they come: incomplete, old, odd (metrics.md B.6, D.1). */
import assert from "node:assert/strict";
import fc from "fast-check";
import type Stripe from "stripe";
import { addInvoice, emptyHistory } from "../../src/metrics/invoice_lines.ts";
import { format } from "../../src/metrics/rational.ts";
import {
  createCompany,
  createSimulator,
  makeCoupon,
  makeItem,
  makePrice,
  makeSubscription,
} from "../../src/simulator/mod.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { translateInvoice } from "../../src/stripe/translate_invoice.ts";
import { createLedger } from "../../src/sync/ledger.ts";
import { checkToday, DAY, follow, makeInfo, mrrOf, NOW } from "./harness.ts";
import { FIRST, invoiceOf, invoiceWith } from "./invoice_fixture.ts";
import { plain, PRICE, rebuilt, shown } from "./rebuilt.ts";

const renewals = (count = 4, price = "price_a", parts = {}) =>
  Array.from({ length: count }, (_, month) => invoiceOf("sub_a", "si_a", price, month, parts));

Deno.test("an old line whose price is gone is worth its amount; a part of a period, in proportion", async () => {
  const [, second, third, fourth] = renewals();
  await using followed = await rebuilt({
    invoices: [
      invoiceOf("sub_a", "si_a", "price_gone", 0, { amount: 1500 }),
      invoiceWith(
        "sub_a",
        "in_up",
        FIRST + 20 * DAY,
        [
          { item: "si_a", price: "price_gone", amount: -500, proration: true },
          { item: "si_a", price: "price_dear", amount: 1000, proration: true },
        ].map((line) => ({ ...line, from: FIRST + 20 * DAY, to: FIRST + 30 * DAY })),
      ),
      second!,
      third!,
      fourth!,
    ],
  });
  // 16 August to 15 September: 1000 for 10 of the 31 days is 3100 a month.
  assert.deepEqual(shown(followed.store), [
    "0 20 1500 invoice",
    "20 30 3100 inferred",
    "30 60 2900 inferred",
    "60 open 2900 invoice",
  ]);
});

Deno.test("a line that names no price is valued by its amount", async () => {
  const [, ...later] = renewals();
  await using followed = await rebuilt({
    invoices: [invoiceOf("sub_a", "si_a", null, 0, { amount: 1200 }), ...later],
  });
  assert.equal(shown(followed.store)[0], "0 30 1200 inferred");
});

Deno.test("a deleted customer's subscriptions have their past all the same", async () => {
  const customer = { id: "cus_gone", object: "customer", deleted: true };
  const ended = plain({
    status: "canceled",
    canceled_at: FIRST + 60 * DAY,
    ended_at: FIRST + 60 * DAY,
  });
  await using followed = await rebuilt({
    subscriptions: [{ ...ended, customer } as unknown as Stripe.Subscription],
    invoices: renewals(2),
  });
  assert.deepEqual(shown(followed.store), ["0 60 2900 invoice"]);
  assert.equal(followed.store.segments("sub_a")[0]!.customer, "cus_gone");
});

Deno.test("an invoice of more than ten lines is read to the last", async () => {
  const items = Array.from({ length: 13 }, (_, index) => `si_${index}`);
  const lines = (month: number) =>
    items.map((item) => ({
      item,
      price: "price_a",
      from: FIRST + month * 30 * DAY,
      to: FIRST + (month + 1) * 30 * DAY,
    }));
  await using followed = await rebuilt({
    subscriptions: [plain({ lines: items.map((id) => makeItem({ id, price: PRICE })) })],
    invoices: [0, 1, 2, 3].map((month) =>
      invoiceWith("sub_a", `in_${month}`, FIRST + month * 30 * DAY, lines(month))
    ),
  });
  assert.deepEqual(shown(followed.store), [`0 open ${13 * 2900} invoice`]);
});

Deno.test("a customer's subscriptions in two currencies have two pasts", async () => {
  const euros = makePrice({ id: "price_eur", currency: "eur", unit_amount: 1000 });
  const second = makeSubscription({
    id: "sub_b",
    created: FIRST,
    currency: "eur",
    lines: [makeItem({ id: "si_b", price: euros })],
  });
  await using followed = await rebuilt({
    prices: [PRICE, euros],
    subscriptions: [plain(), second],
    invoices: [
      ...renewals(),
      ...[0, 1, 2, 3].map((month) =>
        invoiceOf("sub_b", "si_b", "price_eur", month, { amount: 1000 }, { currency: "eur" })
      ),
    ],
  });
  const { store } = followed;
  const day = store.calendar.dayOf(FIRST + 10 * DAY);
  assert.deepEqual(
    ["usd", "eur"].map((currency) => format(store.daily.closes(currency, day, day + 1)[0]!)),
    ["2900", "1000"],
  );
});

Deno.test("an account without any history has none, and is done", async () => {
  await using followed = await rebuilt({ subscriptions: [], invoices: [] });
  assert.equal(followed.store.daily.firstDay(), null);
  assert.deepEqual(followed.store.corrections(), []);
});

Deno.test("an account that was created yesterday begins yesterday", async () => {
  const from = NOW - DAY;
  const line = { item: "si_a", price: "price_a", from, to: from + 30 * DAY };
  await using followed = await rebuilt({
    subscriptions: [plain({ created: from })],
    invoices: [invoiceWith("sub_a", "in_1", from, [line])],
  });
  const { store } = followed;
  assert.equal(store.daily.firstDay(), store.calendar.dayOf(from));
  assert.deepEqual(shown(store), ["99 open 2900 invoice"]);
  checkToday(store, followed.seconds());
});

/** Voided as a paused collection does it: at once, without an attempt. */
const VOIDED_BY_PAUSE = {
  status: "void",
  attempt_count: 0,
  status_transitions: { finalized_at: FIRST + 30 * DAY, voided_at: FIRST + 30 * DAY },
};

Deno.test("a void invoice of a pause is a hole; when the paid time before it ended is not known", async () => {
  const [first, , third, fourth] = renewals();
  const voided = invoiceOf("sub_a", "si_a", "price_a", 1, {}, VOIDED_BY_PAUSE);
  await using followed = await rebuilt({ invoices: [first!, voided, third!, fourth!] });
  assert.deepEqual(shown(followed.store), [
    "0 30 2900 inferred",
    "30 60 0 inferred",
    "60 open 2900 invoice",
  ]);
});

Deno.test("prorations that name no item are matched by their price", async () => {
  const dear = makePrice({ id: "price_dear", unit_amount: 4900 });
  const from = FIRST + 100 * DAY - 25 * DAY;
  const to = FIRST + 90 * DAY;
  const loose = { item: "", from, to, loose: true, proration: true };
  await using followed = await rebuilt({
    prices: [PRICE, dear],
    subscriptions: [plain({ lines: [makeItem({ id: "si_a", price: dear })] })],
    invoices: [
      ...renewals(3),
      invoiceWith("sub_a", "in_up", from, [
        { ...loose, price: "price_a", amount: -1450 },
        { ...loose, price: "price_dear", amount: 2450 },
      ]),
      invoiceOf("sub_a", "si_a", "price_dear", 3, { amount: 4900 }),
    ],
  });
  assert.deepEqual(shown(followed.store), [
    "0 75 2900 invoice",
    "75 open 4900 invoice",
  ]);
});

Deno.test("lines of invoice items that are no prorations are no MRR", async () => {
  await using followed = await rebuilt({
    invoices: [
      ...renewals(),
      invoiceWith("sub_a", "in_once", FIRST + 5 * DAY, [
        { item: "", price: "price_once", amount: 9900, loose: true },
      ]),
    ],
  });
  assert.deepEqual(shown(followed.store), ["0 open 2900 invoice"]);
});

Deno.test("a discount that was deleted since still tells its coupon on the invoice", async () => {
  const coupon = makeCoupon({ id: "HALF", percent_off: 50, duration: "forever" });
  const discount = {
    id: "di_1",
    object: "discount",
    deleted: true,
    start: FIRST,
    source: { type: "coupon", coupon },
    subscription: "sub_a",
    subscription_item: null,
  };
  const given = { discounts: [discount] };
  const off = { discounts: ["di_1"], discountAmounts: [{ discount: "di_1", amount: 1450 }] };
  const [, , third, fourth] = renewals();
  await using followed = await rebuilt({
    coupons: [coupon],
    invoices: [
      ...[0, 1].map((month) => invoiceOf("sub_a", "si_a", "price_a", month, off, given)),
      third!,
      fourth!,
    ],
  });
  // It was taken away some time in the second period.
  assert.deepEqual(shown(followed.store), [
    "0 30 1450 invoice",
    "30 60 1450 inferred",
    "60 open 2900 invoice",
  ]);
});

/** A company's store as it is after the first reading, with its invoices at hand. */
function readCompany(seed: number) {
  const company = createCompany({ now: NOW, customers: 60, seed });
  const store = createMemoryStore(makeInfo());
  const ledger = createLedger(store);
  const all = (kind: "prices" | "coupons" | "customers" | "subscriptions" | "invoices") => {
    const { shelf, view } = company.source.collection(kind);
    return shelf.all().map((entry) => view(entry));
  };
  all("prices").forEach(ledger.putPrice);
  all("coupons").forEach(ledger.putCoupon);
  all("customers").forEach(ledger.putCustomer);
  for (const json of all("subscriptions")) ledger.putListed(json, NOW);
  store.setStatus({ phase: "live", asOf: NOW, liveSince: NOW });
  const invoices = all("invoices").map((json) => translateInvoice(json, store));
  const lived = [...Map.groupBy(invoices, ({ subscription }) => subscription!)]
    .filter(([, own]) => own.length > 3);
  return { store, ledger, lived };
}

Deno.test("invoices in any order, some twice, give the same segments; so does a second rebuild", () => {
  const { store, ledger, lived } = readCompany(8);
  const times = { followedSince: NOW, liveSince: NOW };
  const rebuild = (id: string, invoices: typeof lived[number][1]) => {
    const history = emptyHistory();
    invoices.forEach((invoice) => addInvoice(history, invoice));
    store.setHistory(id, history);
    ledger.rebuild(id, times);
    return store.segments(id);
  };
  const inferred = new Map(lived.map(([id]) => [id, store.segments(id)]));
  const again = (id: string) => store.record(store.standing(id)!, inferred.get(id)!);
  fc.assert(fc.property(
    fc.constantFrom(...lived).chain(([id, own]) =>
      fc.tuple(
        fc.constant(id),
        fc.constant(own),
        fc.shuffledSubarray(own, { minLength: own.length }),
        fc.subarray(own),
      )
    ),
    ([id, own, shuffled, twice]) => {
      again(id);
      const first = rebuild(id, own);
      ledger.rebuild(id, times);
      assert.deepEqual(store.segments(id), first);
      again(id);
      assert.deepEqual(rebuild(id, [...twice, ...shuffled, ...twice]), first);
    },
  ));
});

Deno.test("what changes while the past is rebuilt keeps its moment", async () => {
  const company = createCompany({ now: NOW, customers: 500, seed: 9 });
  await using followed = follow({
    simulator: createSimulator({ source: company.source }),
    limits: { bucket: { capacity: 5, refillPerSecond: 3 } },
    pollSeconds: 1,
  });
  const { store } = followed;
  await followed.until(() => store.status.phase === "history", 3600);
  for (let step = 0; step < 6 && !store.status.historyDone; step++) {
    await followed.clock.advance(1000);
    company.step(followed.seconds());
  }
  assert.ok(!store.status.historyDone, "the rebuilding goes on meanwhile");
  await followed.until(() => store.status.historyDone, 3600);
  await followed.poll();
  await followed.poll();
  let changes = 0;
  for (const life of company.trueLives()) {
    for (const { at } of life.changes.filter((change) => change.at > NOW - 20 * DAY)) {
      for (const moment of [at - 1, at]) {
        const running = store.segments(life.subscription)
          .find(({ from, to }) => from <= moment && (to === null || moment < to));
        assert.equal(running ? format(running.exact) : "0", life.worthAt(moment));
      }
      if (at > NOW) changes++;
    }
  }
  assert.ok(changes > 0);
  assert.equal(mrrOf(store), company.books().mrr["usd"]!.exact);
});
