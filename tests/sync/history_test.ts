/** The past rebuilt from invoices (metrics.md B.6), against the company's true history. */
import assert from "node:assert/strict";
import { format, parse, subtract, sum } from "../../src/metrics/rational.ts";
import type { Segment } from "../../src/metrics/segments.ts";
import {
  type Company,
  createCompany,
  createSimulator,
  makeItem,
  makePrice,
  makeSubscription,
} from "../../src/simulator/mod.ts";
import type { SourceStore } from "../../src/store/port.ts";
import { DAY, follow, NOW } from "./harness.ts";
import { invoiceOf } from "./invoice_fixture.ts";
import { assertNone, compareMonths, readCompany } from "./true_history.ts";
import { PRESET_WAYS } from "./ways.ts";

/** Of all months of all customers, so few may be told by their mark only (metrics.md B.6). */
const INFERRED_MAX = 0.05;

function worthAt(segments: readonly Segment[], at: number) {
  const running = segments.filter(({ from, to }) => from <= at && (to === null || at < to));
  return {
    worth: sum(running.map(({ exact }) => exact)),
    inferred: running.some(({ quality }) => quality === "inferred"),
  };
}

/** A customer's rebuilt and true worth at a close, and whether it is marked as not known. */
function customersAt(company: Company, store: SourceStore, at: number) {
  const lives = company.trueLives().filter(({ changes }) => changes[0]!.at <= at);
  return [...Map.groupBy(lives, ({ customer }) => customer)].map(([customer, own]) => {
    const rebuilt = own.map(({ subscription }) => worthAt(store.segments(subscription), at));
    return {
      customer,
      currency: own[0]!.currency,
      inferred: rebuilt.some(({ inferred }) => inferred),
      rebuilt: sum(rebuilt.map(({ worth }) => worth)),
      truth: sum(own.map((life) => parse(life.worthAt(at)))),
    };
  });
}

for (const seed of [1, 2, 3]) {
  Deno.test(`the rebuilt past is the true one, customer by customer, month by month (company ${seed})`, async () => {
    const company = createCompany({ now: NOW, customers: 400, seed });
    await using followed = follow({ simulator: createSimulator({ source: company.source }) });
    const { store } = followed;
    await followed.until(() => store.status.historyDone, 3600);
    let months = 0;
    let inferred = 0;
    for (const { month, at, books } of company.trueHistory()) {
      const customers = customersAt(company, store, at);
      months += customers.length;
      inferred += customers.filter((one) => one.inferred).length;
      for (const one of customers.filter((each) => !each.inferred)) {
        assert.equal(format(one.rebuilt), format(one.truth), `${one.customer} in ${month}`);
      }
      for (const [currency, { exact }] of Object.entries(books.mrr)) {
        const doubted = customers.filter((one) => one.inferred && one.currency === currency);
        const day = store.calendar.dayOf(at);
        const [close] = store.daily.closes(currency, day, day + 1);
        const known = subtract(close!, sum(doubted.map(({ rebuilt }) => rebuilt)));
        const truth = subtract(parse(exact), sum(doubted.map((one) => one.truth)));
        assert.equal(format(known), format(truth), `${currency} in ${month}`);
      }
    }
    assert.ok(inferred / months < INFERRED_MAX, `${inferred} of ${months} months are inferred`);
    for (const [currency, { exact }] of Object.entries(company.books(company.now()).mrr)) {
      assert.equal(format(store.tally.total(currency, "mrr")), exact);
    }
  });
}

const ZONES = ["UTC", "America/New_York", "Asia/Tokyo"] as const;

const DOLLARS = { to: "usd", rates: { eur: parse("27/25"), gbp: parse("127/100") } };

Deno.test("a company with every case is rebuilt as it was, under five presets, in three zones, in its own and in one currency", async () => {
  await using known = await readCompany(1, 300);
  const faults: string[] = [];
  for (const way of PRESET_WAYS) {
    for (const timeZone of ZONES) {
      const reporting = timeZone === "UTC" ? {} : { reporting: DOLLARS };
      const found = compareMonths(known, { way, timeZone, ...reporting });
      const { marked, months } = found;
      if (marked > INFERRED_MAX * months) {
        faults.push(`${way.name} ${timeZone}: ${marked} of ${months} months are marked`);
      }
      faults.push(...found.faults);
    }
  }
  assertNone(faults);
});

Deno.test("movements lead to MRR after a rebuild as before it", async () => {
  const company = createCompany({ now: NOW, customers: 300, seed: 5 });
  await using followed = follow({ simulator: createSimulator({ source: company.source }) });
  const { store } = followed;
  await followed.until(() => store.status.historyDone, 3600);
  const today = store.calendar.dayOf(followed.seconds());
  for (const currency of store.movements.currencies()) {
    const { end } = store.movements.period(currency, today - 400, today + 1);
    assert.deepEqual(end, store.tally.total(currency, "mrr"));
  }
});

Deno.test("without the right to read invoices the inferred past stays, and nothing fails", async () => {
  const company = createCompany({ now: NOW, customers: 120, seed: 6 });
  const simulator = createSimulator({ source: company.source, forbidden: ["invoices"] });
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.live();
  assert.deepEqual(
    [store.status.permissions.invoices, store.status.historyDone, store.status.problem],
    ["missing", false, null],
  );
});

Deno.test("where invoices and the object disagree, both are told, and the time before is inferred", async () => {
  // Paused 30 days before the events begin, on a plan that has renewed just before.
  const price = makePrice({ id: "price_a", unit_amount: 2900 });
  const sub = makeSubscription({
    id: "sub_a",
    created: NOW - 100 * DAY,
    pause_collection: { behavior: "void", resumes_at: null },
    lines: [makeItem({ id: "si_a", price })],
  });
  const simulator = createSimulator({
    objects: {
      prices: [price],
      subscriptions: [sub],
      invoices: [0, 1, 2, 3].map((month) => invoiceOf("sub_a", "si_a", price.id, month)),
    },
  });
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.until(() => store.status.historyDone);
  assert.deepEqual(
    store.corrections().map(({ subscription, at, currency, before, after }) => [
      subscription,
      at,
      currency,
      format(before),
      format(after),
    ]),
    // The start of the day in the middle of the ten days in which it can have happened.
    [["sub_a", NOW - 5.5 * DAY, "usd", "2900", "0"]],
  );
  assert.deepEqual(
    store.segments("sub_a").map(({ from, to, quality }) => [
      (from - NOW) / DAY,
      (to! - NOW) / DAY,
      quality,
    ]),
    [[-100, -10, "invoice"], [-10, -5.5, "inferred"], [-5.5, 0, "inferred"]],
  );
});

Deno.test("while invoices are read, the status says which month they are at", async () => {
  const company = createCompany({ now: NOW, customers: 600, seed: 7 });
  await using followed = follow({ simulator: createSimulator({ source: company.source }) });
  const { store } = followed;
  const seen: string[] = [];
  store.subscribe(() => {
    const { history } = store.status;
    if (history) seen.push(`${history.month} of ${history.months}`);
  });
  await followed.until(() => store.status.historyDone, 3600);
  assert.ok(seen.length > 0);
  assert.ok(seen.every((each) => each.endsWith(" of 25")), seen.join());
  const months = seen.map((each) => Number.parseInt(each));
  assert.deepEqual(months, [...months].sort((a, b) => a - b));
  assert.equal(store.status.history, null);
});
