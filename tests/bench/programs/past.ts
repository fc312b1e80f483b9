/**
 * A store of so many subscriptions, the rebuilding of their past from so many months of invoices,
 * and the cost of live changes afterwards: no server, no network.
 *
 * @module
 */
import { PRESETS } from "../../../src/metrics/options.ts";
import { addInvoice, emptyHistory } from "../../../src/metrics/invoice_lines.ts";
import { makeItem, makePrice, makeSubscription } from "../../../src/simulator/mod.ts";
import { createMemoryStore } from "../../../src/store/memory.ts";
import { translateInvoice } from "../../../src/stripe/translate_invoice.ts";
import { createLedger } from "../../../src/sync/ledger.ts";

export interface PastSettings {
  readonly subscriptions: number;
  /** Invoices of each; 0 leaves the past inferred. */
  readonly months: number;
  readonly changes: number;
}

export interface PastTimes {
  readonly invoices: number;
  /** Taking all invoices in, from JSON that is there. */
  readonly readSeconds: number;
  /** Rebuilding every past, movements included. */
  readonly rebuildSeconds: number;
  readonly rssBefore: number;
  readonly rssAfter: number;
  /** Median of one live change until its figures are read. */
  readonly changeMs: number;
}

const { subscriptions, months, changes } = JSON.parse(Deno.args[0]!) as PastSettings;
/** 2026-11-24 12:00 UTC. */
const NOW = 1_795_521_600;
const MONTH = 30 * 86_400;
const BATCH = 1000;
const PRICES = [2900, 4900, 9900].map((unit_amount, index) =>
  makePrice({ id: `price_${index}`, unit_amount })
);

const store = createMemoryStore({
  name: "default",
  account: "acct_1",
  displayName: "Synthetic",
  livemode: false,
  defaultCurrency: "usd",
  timeZone: "UTC",
  preset: "stripe",
  options: PRESETS.stripe,
});
const ledger = createLedger(store);
PRICES.forEach(ledger.putPrice);

/** Their first invoices are spread over a month. */
const beganAt = (index: number) => NOW - Math.max(1, months) * MONTH + 1 + index % (MONTH - 2);
const priceAt = (index: number, month: number) =>
  // Every fourth took a dearer plan half way.
  PRICES[index % 4 === 0 && month >= months / 2 ? (index + 1) % 3 : index % 3]!;

function subscription(index: number, quantity = 1) {
  const price = priceAt(index, months);
  return makeSubscription({
    id: `sub_${index}`,
    customer: `cus_${index}`,
    created: beganAt(index),
    lines: [makeItem({ id: `si_${index}`, price, quantity })],
  });
}

function invoice(index: number, month: number) {
  const from = beganAt(index) + month * MONTH;
  const price = priceAt(index, month);
  const id = `in_${index}_${month}`;
  return {
    id,
    created: from,
    status: "paid",
    discounts: [],
    status_transitions: {},
    parent: { subscription_details: { subscription: `sub_${index}` } },
    lines: {
      has_more: false,
      data: [{
        id: `il_${index}_${month}`,
        amount: price.unit_amount,
        discounts: [],
        discount_amounts: [],
        parent: {
          subscription_item_details: { subscription_item: `si_${index}`, proration: false },
        },
        period: { start: from, end: from + MONTH },
        pricing: { price_details: { price: price.id, product: price.product } },
        quantity: 1,
        taxes: [],
      }],
    },
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

for (let index = 0; index < subscriptions; index++) ledger.putListed(subscription(index), NOW);
store.setStatus({ phase: "live", asOf: NOW, liveSince: NOW });
while (store.settleMovements(BATCH) > 0);
store.publish();
const rssBefore = Deno.memoryUsage().rss;

let readMs = 0;
// Newest first, as Stripe lists them.
for (let month = months - 1; month >= 0; month--) {
  for (let first = 0; first < subscriptions; first += BATCH) {
    const size = Math.min(BATCH, subscriptions - first);
    const batch = Array.from({ length: size }, (_, each) => invoice(first + each, month));
    const began = performance.now();
    for (const value of batch) {
      const read = translateInvoice(value, store);
      const history = store.history(read.subscription!) ?? emptyHistory();
      addInvoice(history, read);
      store.setHistory(read.subscription!, history);
    }
    readMs += performance.now() - began;
  }
}

const rebuildBegan = performance.now();
if (months > 0) {
  for (let index = 0; index < subscriptions; index++) {
    ledger.rebuild(`sub_${index}`, { followedSince: NOW, liveSince: NOW });
    if (index % BATCH === 0) store.settleMovements(BATCH);
  }
  while (store.settleMovements(BATCH) > 0);
}
const rebuildSeconds = (performance.now() - rebuildBegan) / 1000;
const rssAfter = Deno.memoryUsage().rss;

const today = store.calendar.dayOf(NOW);
const took: number[] = [];
for (let change = 0; change < changes; change++) {
  const changed = subscription((change * 7919) % subscriptions, 2 + change % 3);
  const began = performance.now();
  ledger.putChanged(changed, NOW + change, NOW + change);
  store.publish();
  store.daily.closes("usd", today, today + 1);
  store.movements.period("usd", today - 30, today + 1);
  took.push(performance.now() - began);
}

const times: PastTimes = {
  invoices: subscriptions * months,
  readSeconds: readMs / 1000,
  rebuildSeconds,
  rssBefore,
  rssAfter,
  // The first ones are slower, as they are compiled.
  changeMs: median(took.slice(changes / 4)),
};
console.log(JSON.stringify(times));
