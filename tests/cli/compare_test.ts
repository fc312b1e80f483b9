/** `glance compare`: an export of Stripe's dashboard against our own books. */
import assert from "node:assert/strict";
import { explainCustomer } from "../../src/cli/explain_customer.ts";
import { amountOf, monthOf, readExport } from "../../src/cli/compare/export_file.ts";
import { reportText } from "../../src/cli/compare/report.ts";
import { compareFile } from "../../src/cli/compare/run.ts";
import { readAccount, type Readout } from "../../src/cli/read_account.ts";
import { format } from "../../src/metrics/rational.ts";
import { systemClock } from "../../src/resilience/clock.ts";
import {
  createSimulator,
  makeItem,
  makePrice,
  makeSubscription,
  SIMULATOR_KEY,
} from "../../src/simulator/mod.ts";
import type { FetchLike } from "../../src/stripe/client.ts";
import { settingsFrom } from "../support/dashboard.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z") / 1000;
const JANUARY = Date.parse("2026-01-10T12:00:00Z") / 1000;
const OCTOBER = Date.parse("2026-10-10T12:00:00Z") / 1000;

Deno.test("months and amounts are read as the exports write them", () => {
  assert.deepEqual(
    ["2026-10", "2026-10-31", "2026-10-31 00:00:00", "10/2026", "Oct 2026", "October 2026", "MRR"]
      .map(monthOf),
    ["2026-10", "2026-10", "2026-10", "2026-10", "2026-10", "2026-10", null],
  );
  assert.deepEqual(
    ["29.00", "$1,234.50", "-5", "(5.00)", "twenty"].map((text) => {
      const amount = amountOf(text);
      return amount && format(amount);
    }),
    ["29", "2469/2", "-5", "-5", null],
  );
});

Deno.test("a column a month, a row a month, and a row a change are told apart", () => {
  const wide = readExport("Customer ID,2026-09,2026-10\ncus_1,29.00,\n", "f.csv");
  assert.equal(wide.kind, "level");
  assert.equal(wide.rows.length, 1);
  const long = readExport("customer_id,month,currency,mrr\ncus_1,2026-10,EUR,5\n", "f.csv");
  assert.equal(long.kind, "level");
  assert.equal(long.rows[0]!.currency, "eur");
  const changes = readExport("Customer ID,Date,MRR change\ncus_1,2026-10-03,-5\n", "f.csv");
  assert.equal(changes.kind, "change");
});

Deno.test("a file that is not understood says where and what to export", () => {
  assert.throws(() => readExport("a,b\n1,2\n", "f.csv"), {
    message: "f.csv, line 1: no column is called Customer ID: its columns are a, b",
  });
  assert.throws(() => readExport("Customer ID,2026-10\ncus_1,much\n", "f.csv"), {
    message: 'f.csv, line 2, column 2026-10: "much" is no amount',
  });
  assert.throws(() => readExport("Customer ID,b\ncus_1,2\n", "f.csv"), {
    message: /^f\.csv, line 1: no column names a month .* Export "MRR per subscriber per month"/,
  });
});

function account() {
  const monthly = makePrice({ id: "price_m", product: "prod_a", unit_amount: 2900 });
  const yearly = makePrice({
    id: "price_y",
    product: "prod_a",
    unit_amount: 10_001,
    recurring: {
      interval: "year",
      interval_count: 1,
      meter: null,
      trial_period_days: null,
      usage_type: "licensed",
    },
  });
  const of = (id: string, extra: object, price = monthly) =>
    makeSubscription({
      id: `sub_${id}`,
      customer: `cus_${id}`,
      created: JANUARY,
      lines: [makeItem({ id: `si_${id}`, price, current_period_end: NOW + 30 * 86_400 })],
      ...extra,
    });
  return createSimulator({
    objects: {
      prices: [monthly, yearly],
      subscriptions: [
        of("1", {}),
        of("2", { cancel_at_period_end: true, canceled_at: OCTOBER }),
        of("3", {}, yearly),
        of("4", { created: OCTOBER }),
      ],
    },
  });
}

async function readout(): Promise<Readout> {
  const settings = await settingsFrom({
    STRIPE_SECRET_KEY: SIMULATOR_KEY,
    STRIPE_API_BASE: "http://127.0.0.1:9",
  });
  return readAccount({
    settings,
    account: undefined,
    clock: systemClock(),
    fetch: account().fetch as FetchLike,
    say: () => {},
  });
}

Deno.test("what agrees is counted, what differs is charged to its cause", async () => {
  const known = await readout();
  const report = await compareFile(
    [
      "Customer ID,2026-08,2026-09,2026-10,2026-11",
      "cus_1,29.00,29.00,29.00,29.00",
      "cus_2,29.00,29.00,29.00,29.00",
      "cus_3,8.33,8.34,8.33,8.33",
      "cus_4,,29.00,29.00,29.00",
      "cus_9,,,5.00,5.00",
    ].join("\n"),
    "f.csv",
    known,
    NOW,
  );
  assert.deepEqual(
    report.months.map(({ month, customers, agreeing }) => `${month} ${agreeing}/${customers}`),
    ["2026-08 3/3", "2026-09 2/4", "2026-10 3/5"],
  );
  assert.deepEqual(
    report.causes.map(({ cause, differences }) => [
      cause,
      ...differences.map(({ customer, month }) => `${customer} ${month}`),
    ]).sort(),
    [
      ["customers that this account does not have", "cus_9 2026-10"],
      ["each subscription is rounded there, here only the sum", "cus_3 2026-09"],
      ["the change is dated in a neighbouring month", "cus_4 2026-09"],
      ["there, cancelled subscriptions count to the end of their period", "cus_2 2026-10"],
    ],
  );
  const text = reportText(report);
  assert.match(text, /2026-08 USD {2}3 of 3 customers agree: here \$66\.33, there \$66\.33/);
  assert.match(text, /cus_2 2026-10: here \$0\.00, there \$29\.00/);
  await known.stop();
});

Deno.test("changes are summed by customer and month before they are compared", async () => {
  const known = await readout();
  const report = await compareFile(
    [
      "Customer ID,Date,Currency,MRR change",
      "cus_4,2026-10-10,usd,20.00",
      "cus_4,2026-10-11,usd,9.00",
      "cus_2,2026-10-10,usd,-29.00",
    ].join("\n"),
    "f.csv",
    known,
    NOW,
  );
  assert.deepEqual(report.causes, []);
  assert.deepEqual(
    report.months.map(({ month, customers, agreeing }) => `${month} ${agreeing}/${customers}`),
    ["2026-10 2/2"],
  );
  await known.stop();
});

Deno.test("a customer's whole history is told in words", async () => {
  const known = await readout();
  const text = explainCustomer(known.view, "cus_2");
  assert.match(text, /2026-01-10 {2}becomes a customer: \+\$29\.00, then \$29\.00 a month/);
  assert.match(text, /2026-10-10 {2}leaves: −\$29\.00, then \$0\.00 a month/);
  assert.match(
    text,
    /2026-01-10 to 2026-10-10: \$29\.00 a month \(exactly 2900\) for 1 × .*, inferred from/,
  );
  assert.throws(() => explainCustomer(known.view, "cus_0"), {
    message: "cus_0 has no subscription in this account: look for its id in Stripe's dashboard",
  });
  await known.stop();
});
