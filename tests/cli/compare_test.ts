/** `glance compare`: an export of Stripe's dashboard against our own books. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { toCsv } from "../../routes/api/csv.ts";
import { explainCustomer } from "../../src/cli/explain_customer.ts";
import { cellKey, type CustomerMonths, monthAfter } from "../../src/cli/compare/customer_months.ts";
import { type ExportKind, minorOf, readExport } from "../../src/cli/compare/export_file.ts";
import { amountOf, monthOf } from "../../src/cli/compare/written.ts";
import { isMoved } from "../../src/cli/compare/neighbours.ts";
import { reportText } from "../../src/cli/compare/report.ts";
import { compareFile } from "../../src/cli/compare/run.ts";
import { readAccount, type Readout } from "../../src/cli/read_account.ts";
import { format, multiply, rational } from "../../src/metrics/rational.ts";
import { systemClock } from "../../src/resilience/clock.ts";
import { SIMULATOR_KEY } from "../../src/simulator/mod.ts";
import type { FetchLike } from "../../src/stripe/client.ts";
import { settingsFrom } from "../support/dashboard.ts";
import { account, NOW } from "./account_fixture.ts";

Deno.test("months are read as the exports write them, and none is guessed", () => {
  for (
    const written of [
      "2026-10",
      "2026-10-31",
      "2026-10-31 00:00:00",
      "10/2026",
      "Oct 2026",
      "October 2026",
      "Oct-26",
      "Oct 31, 2026",
      "31 Oct 2026",
      "31.10.2026",
      "10/31/2026",
      "31/10/2026",
    ]
  ) assert.equal(monthOf(written), "2026-10", written);
  for (const written of ["MRR", "2026-13", "03/04/2026", "Oct"]) {
    assert.equal(monthOf(written), null, written);
  }
});

Deno.test("an amount is read with a decimal point or a decimal comma, and with groups of digits", () => {
  const read = (text: string, sign?: "." | ",") => {
    const amount = amountOf(text, sign);
    return amount && format(amount);
  };
  assert.deepEqual(
    [
      "29.00",
      "$1,234.50",
      "-5",
      "(5.00)",
      "29,00",
      "1.234,50",
      "1 234,50 €",
      "1’234.50",
      "1,23,456.00",
    ]
      .map((text) => read(text)),
    ["29", "2469/2", "-5", "-5", "29", "2469/2", "2469/2", "2469/2", "123456"],
  );
  assert.deepEqual(["1,234", "1.234"].map((text) => read(text, ".")), ["1234", "617/500"]);
  assert.deepEqual(["1,234", "1.234"].map((text) => read(text, ",")), ["617/500", "1234"]);
  for (const text of ["twenty", "1.2.3", "12,34.5", "1,2,3", "", "."]) {
    assert.equal(read(text), null, text);
  }
});

Deno.test("any amount comes back from how its land writes it", () => {
  const amounts = fc.tuple(
    fc.integer({ min: -(10 ** 9), max: 10 ** 9 }),
    fc.constantFrom("en", "de"),
  );
  fc.assert(fc.property(amounts, ([cents, land]) => {
    const text = (cents / 100).toLocaleString(land, { minimumFractionDigits: 2 });
    assert.equal(format(multiply(amountOf(text)!, rational(100n))), String(cents));
  }));
});

/** Minor units by customer, month and currency, as `readExport` finds them. */
function minors(text: string) {
  const { rows, unit } = readExport(text, "f.csv");
  return rows.map(({ customer, month, currency, amount }) =>
    `${customer} ${month} ${format(minorOf(amount, unit, currency ?? "usd"))}`
  );
}

Deno.test("a file's amounts say together whether the comma is decimal", () => {
  assert.deepEqual(minors("Customer ID;2026-09;2026-10\ncus_1;1.234;29,00\n"), [
    "cus_1 2026-09 123400",
    "cus_1 2026-10 2900",
  ]);
  assert.deepEqual(minors('Customer ID,2026-09,2026-10\ncus_1,"1,234",29.00\n'), [
    "cus_1 2026-09 123400",
    "cus_1 2026-10 2900",
  ]);
  assert.throws(() => readExport('Customer ID,2026-09,2026-10\ncus_1,"29,00",29.00\n', "f.csv"), {
    message:
      "f.csv: some amounts have a decimal comma and some a decimal point: write them in one way",
  });
});

Deno.test("our own file is in minor units, and is read by its exact columns", () => {
  const own = toCsv([
    { customer: "cus_1", currency: "usd", "2026-09": 833, "2026-09Exact": "2500/3" },
    { customer: "cus_2", currency: "jpy", "2026-09": 500, "2026-09Exact": "500" },
  ]);
  assert.ok(own.startsWith("customer,currency,2026-09 (minor units),2026-09Exact (minor units)"));
  assert.deepEqual(minors(own), ["cus_1 2026-09 2500/3", "cus_2 2026-09 500"]);
  // Files of before the headers named their unit.
  const older = own.replaceAll(" (minor units)", "");
  assert.deepEqual(minors(older), ["cus_1 2026-09 2500/3", "cus_2 2026-09 500"]);
  assert.throws(
    () => readExport("customer,currency,view,2026-09\ncus_1,usd,converted,5\n", "f.csv"),
    { message: "f.csv, line 2: its amounts are converted: download it without a currency" },
  );
});

Deno.test("a header names the unit of its column", () => {
  assert.deepEqual(minors("Customer ID,2026-09 (minor units)\ncus_1,2900\n"), [
    "cus_1 2026-09 2900",
  ]);
  assert.deepEqual(minors("Customer ID,Month,MRR (cents)\ncus_1,2026-09,2900\n"), [
    "cus_1 2026-09 2900",
  ]);
  assert.throws(
    () => readExport("Customer ID,2026-09 (cents),2026-10\ncus_1,2900,29\n", "f.csv"),
    { message: "f.csv, line 1: some amounts are in minor units and some are not" },
  );
});

Deno.test("files of ChartMogul and Baremetrics are read by Stripe's ids of the customers", () => {
  const uuid = "cus_de305d54-75b4-431b-adb2-eb6b9e546012";
  assert.deepEqual(
    minors(
      `Customer,ChartMogul UUID,External ID,Sep 2026,Oct 2026\nAda,${uuid},cus_1,29.00,29.00\n`,
    ),
    ["cus_1 2026-09 2900", "cus_1 2026-10 2900"],
  );
  assert.deepEqual(minors("customer_name,customer_oid,month,mrr\nAda,cus_1,2026-09-30,29.00\n"), [
    "cus_1 2026-09 2900",
  ]);
  const movements = readExport(
    "Customer,Customer External ID,Date,MRR,MRR Movement\nAda,cus_1,2026-09-03,29.00,5.00\n",
    "f.csv",
  );
  assert.deepEqual([movements.kind, format(movements.rows[0]!.amount)], ["change", "5"]);
  assert.throws(() => readExport(`Customer ID,2026-09\n${uuid},29.00\n`, "f.csv"), {
    message:
      "f.csv, column Customer ID: these are another program's own ids: add the column with " +
      "those of Stripe (cus_…), which ChartMogul calls External ID and Baremetrics Customer OID",
  });
});

Deno.test("the file that the page for newcomers shows is read, and the README leads to that page", () => {
  const read = (path: string) => Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url));
  const page = "docs/coming-from-chartmogul-or-baremetrics.md";
  assert.ok(read("README.md").includes(`](${page})`));
  const [, csv = ""] = /```csv\n([^]*?)```/.exec(read(page)) ?? [];
  assert.deepEqual(minors(csv), [
    "cus_Qw12 2026-08 2900",
    "cus_Qw12 2026-09 2900",
    "cus_Qw12 2026-10 4900",
    "cus_Rt34 2026-09 9900",
    "cus_Rt34 2026-10 9900",
  ]);
});

/** Levels of `cus_1` from 2026-01 on, in minor units. */
function levels(values: readonly number[]): CustomerMonths {
  return new Map(values.map((value, index) => [
    cellKey("cus_1", "usd", monthAfter("2026-01", index)),
    rational(BigInt(value)),
  ]));
}

/** Whether the file's month at `index` is called a change of a neighbouring month. */
function moved(here: readonly number[], there: readonly number[], index: number, kind: ExportKind) {
  const told = { from: "2026-01", to: monthAfter("2026-01", there.length - 1) };
  const month = monthAfter("2026-01", index);
  return isMoved({ kind, here: levels(here), there: levels(there), told }, {
    customer: "cus_1",
    currency: "usd",
    month,
  });
}

Deno.test("a change is dated in a neighbouring month where both come to the same over the two", () => {
  assert.equal(moved([0, 29, 29], [0, 0, 29], 1, "level"), true);
  assert.equal(moved([0, 0, 29], [0, 29, 29], 1, "level"), true);
  assert.equal(moved([0, 0, 29], [0, 24, 29], 1, "level"), false);
  assert.equal(moved([29, 29, 29], [29, 24, 29], 1, "level"), false);
  assert.equal(moved([29, 24, 29], [29, 29, 29], 1, "level"), false);
  assert.equal(moved([10, 29, 29], [0, 0, 29], 1, "level"), false);
  assert.equal(moved([0, 29], [0, 0], 1, "level"), false);
  assert.equal(moved([29, 0], [0, 29], 0, "change"), true);
  assert.equal(moved([29, 0], [0, 29], 1, "change"), true);
  assert.equal(moved([0, 0], [5, -5], 0, "change"), false);
  assert.equal(moved([29, 0], [0, 28], 0, "change"), false);
  assert.equal(moved([29, 0, 29], [0, 0, 29], 0, "change"), false);
});

Deno.test("no wrong month of a customer whose MRR is constant is a change of another month", () => {
  // Few values, so that wrong months have right ones beside them.
  const value = fc.constantFrom(0, 2400, 2900);
  const months = fc.record({ mrr: value, there: fc.array(value, { minLength: 1, maxLength: 8 }) });
  fc.assert(fc.property(months, ({ mrr, there }) => {
    const here = there.map(() => mrr);
    const after = [...here, mrr];
    for (const index of there.keys()) {
      if (there[index] === mrr) continue;
      assert.equal(moved(after, there, index, "level"), false);
    }
  }));
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
      "cus_5,29.00,24.00,29.00,29.00",
    ].join("\n"),
    "f.csv",
    known,
    NOW,
  );
  assert.deepEqual(
    report.months.map(({ month, customers, agreeing }) => `${month} ${agreeing}/${customers}`),
    ["2026-08 4/4", "2026-09 2/5", "2026-10 4/6"],
  );
  assert.deepEqual(
    report.causes.map(({ cause, differences }) => [
      cause,
      ...differences.map(({ customer, month }) => `${customer} ${month}`),
    ]).sort(),
    [
      ["customers that this account does not have", "cus_9 2026-10"],
      ["each subscription is rounded there, here only the sum", "cus_3 2026-09"],
      ["not explained", "cus_5 2026-09"],
      ["the change is dated in a neighbouring month", "cus_4 2026-09"],
      ["there, cancelled subscriptions count to the end of their period", "cus_2 2026-10"],
    ],
  );
  const text = reportText(report);
  assert.match(text, /2026-08 USD {2}4 of 4 customers agree: here \$95\.33, there \$95\.33/);
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

Deno.test("an account that is not in the database is read from Stripe, without words of the program", async () => {
  const folder = Deno.makeTempDirSync();
  const said: string[] = [];
  const settings = await settingsFrom({
    STRIPE_SECRET_KEY: SIMULATOR_KEY,
    STRIPE_API_BASE: "http://127.0.0.1:9",
    DATABASE_PATH: `${folder}/glance.db`,
  });
  const known = await readAccount({
    settings,
    account: undefined,
    clock: systemClock(),
    fetch: account().fetch as FetchLike,
    say: (line) => said.push(line),
  });
  assert.match(explainCustomer(known.view, "cus_2"), /becomes a customer/);
  await known.stop();
  for (const line of said) {
    assert.match(line, /^reading (subscriptions|invoices): \d+ of about \d+$/);
  }
  assert.deepEqual([...Deno.readDirSync(folder)], []);
  Deno.removeSync(folder, { recursive: true });
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
