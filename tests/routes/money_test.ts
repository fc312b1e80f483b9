/** The figures of money on the pages and in the JSON interface, against the company's books. */
import assert from "node:assert/strict";
import { type Company, createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { parse, type Rational, sum } from "../../src/metrics/rational.ts";
import { type Dashboard, startDashboard } from "../support/dashboard.ts";

const NOW = Math.floor(Date.now() / 1000);

type Row = Readonly<Record<string, unknown>>;
type Body = Row & { readonly data: readonly Row[] };

async function read(dashboard: Dashboard, path: string): Promise<Body> {
  return await dashboard.json(path) as unknown as Body;
}

function add(rows: readonly Row[], name: string): Rational {
  return sum(rows.map((row) => parse(String(row[name]))));
}

interface Served extends AsyncDisposable {
  readonly dashboard: Dashboard;
  readonly company: Company;
}

async function serve(
  forbidden: readonly ("balance_transactions" | "invoices" | "disputes")[] = [],
) {
  const company = createCompany({ now: NOW, seed: 2, customers: 200 });
  const simulator = createSimulator({ source: company.source, forbidden });
  const dashboard = await startDashboard({ simulator });
  await dashboard.until(({ status, money }) =>
    status.asOf !== null && (money.balanceCheck !== null || forbidden.length > 0) &&
    (status.historyDone || forbidden.includes("invoices")) &&
    (money.cashReading.done || forbidden.includes("balance_transactions"))
  );
  const served: Served = {
    dashboard,
    company,
    [Symbol.asyncDispose]: () => dashboard[Symbol.asyncDispose](),
  };
  return served;
}

Deno.test("cash by month is the company's, and its days add up to it", async () => {
  await using served = await serve();
  const { dashboard, company } = served;
  const months = await read(dashboard, "/api/v1/cash?from=2000&currency=usd");
  const truth = company.trueCash();
  for (const row of months.data) {
    const of = (category: string, name: "amount" | "fee") =>
      truth.filter((each) => each.month === row.period && each.category === category)
        .reduce((total, each) => total + each[name], 0);
    const fees = truth.filter(({ month }) => month === row.period)
      .reduce((total, { fee }) => total + fee, 0);
    assert.equal(row.gross, of("charge", "amount"), String(row.period));
    assert.equal(row.refunds, 0 - of("refund", "amount"));
    assert.equal(row.fees, fees);
    assert.equal(row.payouts, 0 - of("payout", "amount"));
  }
  const days = await read(dashboard, "/api/v1/cash?from=2000&interval=day");
  for (const figure of ["grossExact", "feesExact", "netExact", "balanceChangeExact"]) {
    assert.deepEqual(add(days.data, figure), add(months.data, figure), figure);
  }
  const { balance } = months as unknown as { balance: { difference: { usd: Row } } };
  assert.equal(balance.difference.usd.amount, 0);
});

Deno.test("failed payments by month are the company's, and its invoices add up to them", async () => {
  await using served = await serve();
  const { dashboard, company } = served;
  const months = await read(dashboard, "/api/v1/failed-payments?from=2000&currency=usd");
  const truth = company.trueFailures().filter(({ currency }) => currency === "usd");
  const true_ = (outcome: string) => {
    const found = truth.filter((each) => each.outcome === outcome);
    return [found.length, found.reduce((total, { amount }) => total + amount, 0)];
  };
  for (const outcome of ["recovered", "lost", "open"]) {
    const count = months.data.reduce(
      (total, { counts }) => total + (counts as Record<string, number>)[outcome]!,
      0,
    );
    const amount = months.data.reduce((total, row) => total + Number(row[outcome]), 0);
    assert.deepEqual([count, amount], true_(outcome), outcome);
  }
  const invoices = await read(
    dashboard,
    "/api/v1/failed-payments?from=2000&currency=usd&detail=invoices",
  );
  assert.equal(invoices.data.length, truth.length);
  assert.deepEqual(add(invoices.data, "amountExact"), add(months.data, "enteredExact"));
});

Deno.test("a missing permission gives a reason and what is missing, never 0", async () => {
  await using served = await serve(["balance_transactions"]);
  const { dashboard } = served;
  const cash = await read(dashboard, "/api/v1/cash");
  assert.deepEqual([cash.data, cash.reason, cash.resource], [
    [],
    "permission_missing",
    "balance_transactions",
  ]);
  const page = await (await dashboard.get("/")).text();
  assert.match(page, /the key may not read balance transactions/);
  const explained = await (await dashboard.get("/explain/cash")).text();
  assert.match(explained, /the key may not read balance transactions/);
  assert.ok((await read(dashboard, "/api/v1/failed-payments?from=2000")).data.length > 0);
});

Deno.test("without invoices failed payments are unknown, and cash goes on", async () => {
  await using served = await serve(["invoices"]);
  const { dashboard } = served;
  const failed = await read(dashboard, "/api/v1/failed-payments");
  assert.deepEqual([failed.data, failed.reason, failed.resource], [
    [],
    "permission_missing",
    "invoices",
  ]);
  assert.ok((await read(dashboard, "/api/v1/cash?from=2000")).data.length > 0);
  const page = await (await dashboard.get("/money")).text();
  assert.match(page, /the key may not read invoices/);
});

Deno.test("renewals by subscription add up to their days and to the total", async () => {
  await using served = await serve();
  const { dashboard } = served;
  const days = await read(dashboard, "/api/v1/renewals?currency=usd");
  const rows = await read(dashboard, "/api/v1/renewals?currency=usd&detail=subscriptions");
  const { usd } = days.totals as { readonly usd: Row };
  assert.deepEqual(add(days.data, "amountExact"), parse(String(usd.totalExact)));
  assert.deepEqual(add(rows.data, "amountExact"), parse(String(usd.totalExact)));
  assert.equal(rows.data.length, usd.invoices);
  assert.equal(days.projection, true);
});

Deno.test("the forecast says what it is drawn from; its known line is MRR and the changes", async () => {
  await using served = await serve();
  const { dashboard } = served;
  const body = await read(dashboard, "/api/v1/forecast?currency=usd");
  assert.equal(body.projection, true);
  assert.equal(body.basedOnMonths, 6);
  assert.equal(body.data.length, 12);
  const changes = body.changes as readonly Row[];
  const last = body.data.at(-1)!;
  const known = sum([
    parse(String(body.mrrExact)),
    ...changes.map(({ deltaExact }) => parse(String(deltaExact))),
  ]);
  assert.deepEqual(parse(String(last.knownExact)), known);
  assert.ok(Number(last.low) <= Number(last.projected));
  assert.ok(Number(last.projected) <= Number(last.high));
});

Deno.test("trials have both conversions; their rows are as many as are counted", async () => {
  await using served = await serve();
  const { dashboard } = served;
  const body = await read(dashboard, "/api/v1/trials");
  const rows = (await read(dashboard, "/api/v1/trials?detail=subscriptions")).data;
  assert.equal(rows.filter(({ status }) => status === "trialing").length, body.running);
  assert.deepEqual(Object.keys(body.conversion as Row), ["cohort", "stripe30"]);
});

Deno.test("each of them is CSV too, and refuses what it does not know", async () => {
  await using served = await serve();
  const { dashboard } = served;
  for (const path of ["cash", "failed-payments", "renewals", "trials", "forecast"]) {
    const csv = await dashboard.get(`/api/v1/${path}?format=csv`);
    assert.equal(csv.status, 200, path);
    assert.match(csv.headers.get("content-type")!, /^text\/csv/);
    await csv.body?.cancel();
    const bad = await dashboard.get(`/api/v1/${path}?colour=red`);
    assert.equal(bad.status, 400, path);
    const problem = await bad.json();
    assert.deepEqual([problem.code, problem.parameter], ["parameter_unknown", "colour"]);
  }
  const currency = await dashboard.get("/api/v1/cash?currency=eur");
  assert.equal((await currency.json()).code, "currency_unknown");
});

Deno.test("every page behind a figure of money is there, script-free and with a total", async () => {
  await using served = await serve();
  const { dashboard } = served;
  const paths = [
    "/money",
    "/explain/cash",
    "/explain/cash?line=net&in=usd",
    "/explain/failed-payments?part=open&period=all",
    "/explain/failed-payments?month=2026-01",
    "/explain/renewals?days=30",
    "/explain/known-changes",
    "/explain/trials?show=decided",
    "/money?plan=price_1team_monthly",
    // Names that every object has are no lines and no trials.
    "/explain/cash?line=constructor",
    "/explain/trials?show=constructor",
  ];
  for (const path of paths) {
    const response = await dashboard.get(path);
    const text = await response.text();
    assert.equal(response.status, 200, path);
    assert.doesNotMatch(text, /undefined|NaN|\[object/, path);
    assert.doesNotMatch(text, /<script>|style="/, path);
  }
});
