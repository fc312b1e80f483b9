/** The JSON interface, word by word. */
import assert from "node:assert/strict";
import {
  createCompany,
  createSimulator,
  makeItem,
  makePrice,
  makeProduct,
  makeSubscription,
  SIMULATOR_KEY,
} from "../../src/simulator/mod.ts";
import { parse } from "../../src/metrics/rational.ts";
import { startDashboard, startLiveDashboard } from "../support/dashboard.ts";

const NOW = Math.floor(Date.now() / 1000);

const EVERY_YEAR = {
  interval: "year",
  interval_count: 1,
  meter: null,
  trial_period_days: null,
  usage_type: "licensed",
} as const;

/** Three yearly plans of 100.00, one monthly of 20.00 in euros. */
function handMade() {
  const yearly = makePrice({
    id: "price_y",
    product: "prod_a",
    unit_amount: 10_000,
    recurring: EVERY_YEAR,
  });
  const euro = makePrice({ id: "price_e", product: "prod_b", unit_amount: 2000, currency: "eur" });
  const of = (id: string, customer: string, price: typeof yearly) =>
    makeSubscription({
      id,
      customer,
      created: NOW - 90 * 86_400,
      currency: price.currency,
      lines: [makeItem({ id: `si_${id}`, price })],
    });
  return createSimulator({
    objects: {
      products: [
        makeProduct({ id: "prod_a", name: "Annual" }),
        makeProduct({ id: "prod_b", name: "Euro" }),
      ],
      prices: [yearly, euro],
      subscriptions: [
        of("sub_1", "cus_1", yearly),
        of("sub_2", "cus_2", yearly),
        of("sub_3", "cus_2", yearly),
        of("sub_4", "cus_3", euro),
      ],
    },
  });
}

Deno.test("revenue sums exactly and rounds once: three plans of 100.00 a year are 25.00", async () => {
  await using dashboard = await startLiveDashboard({ simulator: handMade() });
  const body: Record<string, unknown> = await dashboard.json("/api/v1/revenue");
  const { usd, eur } = body.currencies as Record<string, Record<string, unknown>>;
  assert.equal(usd!.mrr, 2500);
  assert.equal(usd!.mrrExact, "2500");
  assert.equal(usd!.arr, 30000);
  assert.equal(usd!.customers, 2);
  assert.equal(usd!.arpaExact, "1250");
  assert.deepEqual(usd!.byPlan, [
    { product: "prod_a", price: "price_y", mrr: 2500, mrrExact: "2500", customers: 2 },
  ]);
  assert.equal(eur!.mrr, 2000);
  assert.equal(body.reporting, null);
  assert.equal(body.reason, "no_reporting_currency");
  assert.deepEqual(body.unresolved, []);
  assert.deepEqual(
    [body.source, body.state, body.reasons, body.preset],
    ["default", "fresh", [], "stripe"],
  );
});

Deno.test("the reporting currency converts every currency and rounds once", async () => {
  await using dashboard = await startLiveDashboard({
    simulator: handMade(),
    settings: (settings) => ({
      ...settings,
      figures: {
        ...settings.figures,
        reporting: { currency: "usd", rates: { eur: parse("1.0834") } },
      },
    }),
  });
  const body: Record<string, unknown> = await dashboard.json("/api/v1/revenue");
  const reporting = body.reporting as Record<string, unknown>;
  assert.equal(reporting.mrrExact, "23334/5");
  assert.equal(reporting.mrr, 4667);
  assert.equal(reporting.view, "converted");
  assert.equal(reporting.customers, 3);
  const rows: Record<string, unknown> = await dashboard.json("/api/v1/subscriptions?currency=usd");
  assert.equal(rows.totalExact, "23334/5");
});

Deno.test("without a rate the converted figures are null with the reason, never at 1.0", async () => {
  await using dashboard = await startLiveDashboard({
    simulator: handMade(),
    settings: (settings) => ({
      ...settings,
      figures: { ...settings.figures, reporting: { currency: "usd", rates: {} } },
    }),
  });
  const body: Record<string, unknown> = await dashboard.json("/api/v1/revenue");
  assert.equal(body.reporting, null);
  assert.equal(body.reason, "fx_rate_missing");
  assert.deepEqual(body.missingRates, ["eur"]);
});

Deno.test("the rows of a figure add up to it exactly, page after page", async () => {
  const company = createCompany({ seed: 3, customers: 150, now: NOW });
  await using dashboard = await startLiveDashboard({
    simulator: createSimulator({ source: company.source }),
  });
  const revenue: Record<string, unknown> = await dashboard.json("/api/v1/revenue");
  const { usd } = revenue.currencies as Record<string, Record<string, unknown>>;
  let sum = parse("0");
  let rows = 0;
  let after = "";
  do {
    const page: Record<string, unknown> = await dashboard.json(
      `/api/v1/subscriptions?currency=usd&limit=7${after ? `&after=${after}` : ""}`,
    );
    for (const row of page.data as { mrrExact: string; lines: { exact: string }[] }[]) {
      const share = parse(row.mrrExact);
      sum = { n: sum.n * share.d + share.n * sum.d, d: sum.d * share.d };
      rows++;
    }
    assert.equal(page.totalExact, usd!.mrrExact);
    after = (page.next as string | null) ?? "";
  } while (after);
  const total = parse(usd!.mrrExact as string);
  assert.equal(sum.n * total.d, total.n * sum.d);
  assert.ok(rows > 50);
});

Deno.test("movements lead from start to end in whole units, month after month", async () => {
  const company = createCompany({ seed: 3, customers: 150, now: NOW });
  await using dashboard = await startLiveDashboard({
    simulator: createSimulator({ source: company.source }),
  });
  const body = await dashboard.json("/api/v1/movements") as unknown as {
    data: Record<string, number & string>[];
  };
  assert.ok(body.data.length >= 26);
  for (const row of body.data) {
    const gained = row.start! + row.new! + row.reactivation! + row.expansion!;
    assert.equal(gained - row.contraction! - row.churn! + row.fx!, row.end, row.period);
  }
  const revenue: Record<string, unknown> = await dashboard.json("/api/v1/revenue");
  const { usd } = revenue.currencies as Record<string, Record<string, unknown>>;
  const last = body.data.filter(({ currency }) => currency === "usd").at(-1)!;
  assert.equal(last.endExact, usd!.mrrExact);
});

Deno.test("the rows of a movement add up to it", async () => {
  const company = createCompany({ seed: 3, customers: 150, now: NOW });
  await using dashboard = await startLiveDashboard({
    simulator: createSimulator({ source: company.source }),
  });
  const { data } = await dashboard.json("/api/v1/movements?currency=usd") as unknown as {
    data: Record<string, string>[];
  };
  // The last complete month: on the first day of a month the running one is empty.
  const [last, running] = data.slice(-2);
  const rows: Record<string, unknown> = await dashboard.json(
    `/api/v1/subscriptions?figure=new&currency=usd&limit=500&from=${last!.period}&to=${
      running!.period
    }`,
  );
  assert.equal(rows.totalExact, last!.newExact);
});

Deno.test("of a currency that was asked for, no rows are a total of 0", async () => {
  await using dashboard = await startLiveDashboard({ simulator: handMade() });
  for (const rest of ["figure=new&from=2020-01&to=2020-02", "figure=mrr&at=2020-01-01"]) {
    const { total, totalExact, count } = await dashboard.json(
      `/api/v1/subscriptions?currency=eur&${rest}`,
    ) as unknown as Record<string, unknown>;
    assert.deepEqual([total, totalExact, count], [0, "0", 0], rest);
  }
});

Deno.test("rates over nothing are null with the reason, never 0", async () => {
  await using dashboard = await startLiveDashboard({ simulator: createSimulator({}) });
  const body: Record<string, unknown> = await dashboard.json("/api/v1/customers");
  assert.deepEqual([body.active, body.total, body.new, body.churned], [0, 0, 0, 0]);
  assert.deepEqual((body.nrr as Record<string, unknown>).trailing12, {
    exact: null,
    value: null,
    reason: "no_mrr_at_start",
  });
});

Deno.test("history gives a row a period, with its quality", async () => {
  await using dashboard = await startLiveDashboard({ simulator: handMade() });
  const body: Record<string, unknown> = await dashboard.json(
    "/api/v1/revenue/history?interval=month&currency=eur",
  );
  const data = body.data as Record<string, unknown>[];
  assert.equal(data.length, 13);
  assert.deepEqual(Object.keys(data.at(-1)!), ["month", "currency", "mrr", "mrrExact", "quality"]);
  assert.equal(data.at(-1)!.mrr, 2000);
  assert.equal(data[0]!.mrr, 0);
  // These subscriptions have no invoices, so their past is inferred; before them there is nothing.
  assert.deepEqual([data[0]!.quality, data.at(-2)!.quality], ["invoice", "inferred"]);
});

Deno.test("errors are problems with a code and the parameter at fault", async () => {
  await using dashboard = await startLiveDashboard({ simulator: handMade() });
  const cases: [string, number, string, string | undefined][] = [
    ["/api/v1/revenue?curency=usd", 400, "parameter_unknown", "curency"],
    ["/api/v1/revenue?currency=u$d", 400, "parameter_invalid", "currency"],
    ["/api/v1/revenue?currency=chf", 400, "currency_unknown", "currency"],
    ["/api/v1/revenue?source=other", 404, "source_unknown", "source"],
    ["/api/v1/revenue/history?interval=week", 400, "parameter_invalid", "interval"],
    ["/api/v1/revenue/history?from=yesterday", 400, "parameter_invalid", "from"],
    ["/api/v1/revenue/history?from=2026-13-01", 400, "parameter_invalid", "from"],
    ["/api/v1/subscriptions?limit=501", 400, "parameter_invalid", "limit"],
    ["/api/v1/subscriptions?figure=mrrr", 400, "parameter_invalid", "figure"],
    ["/api/v1/subscriptions?limit=1&limit=2", 400, "parameter_invalid", "limit"],
    ["/api/v1/nothing", 404, "not_found", undefined],
  ];
  for (const [path, status, code, parameter] of cases) {
    const response = await dashboard.get(path);
    assert.equal(response.status, status, path);
    assert.equal(response.headers.get("content-type"), "application/problem+json; charset=utf-8");
    const body = await response.json();
    assert.deepEqual([body.code, body.parameter, body.status], [code, parameter, status], path);
  }
  const posted = await dashboard.get("/api/v1/revenue", { method: "POST" });
  assert.equal(posted.status, 405);
  await posted.body?.cancel();
});

Deno.test("CSV has the same rows, and no cell begins a formula", async () => {
  await using dashboard = await startLiveDashboard({ simulator: handMade() });
  const response = await dashboard.get(
    "/api/v1/revenue/history?format=csv&interval=year&currency=eur",
  );
  assert.equal(response.headers.get("content-type"), "text/csv; charset=utf-8");
  const lines = (await response.text()).split("\r\n");
  assert.equal(lines[0], "year,currency,mrr (minor units),mrrExact (minor units),quality");
  assert.match(lines.at(-2)!, /^20\d\d,eur,2000,2000,inferred$/);
});

Deno.test("answers are private, have an ETag, and are 304 while nothing changes", async () => {
  await using dashboard = await startLiveDashboard({ simulator: handMade(), pollSeconds: 600 });
  const first = await dashboard.get("/api/v1/revenue");
  await first.body?.cancel();
  assert.equal(first.headers.get("cache-control"), "private, no-cache");
  assert.equal(first.headers.get("vary"), "Cookie, Authorization, Accept-Encoding");
  const again = await dashboard.get("/api/v1/revenue", {
    headers: { "if-none-match": first.headers.get("etag")! },
  });
  assert.equal(again.status, 304);
});

Deno.test("an object that cannot be understood is counted and named, never dropped", async () => {
  const broken = { ...makeSubscription({ id: "sub_broken" }), currency: null };
  const odd = { ...makeSubscription({ id: "sub_odd" }), status: "hibernating" };
  const simulator = createSimulator({
    objects: { subscriptions: [broken as never, odd as never] },
  });
  await using dashboard = await startLiveDashboard({ simulator });
  const body: Record<string, unknown> = await dashboard.json("/api/v1/revenue");
  assert.deepEqual(body.unresolved, [{
    subscription: "sub_broken",
    issues: ["unreadable"],
    detail: "currency should be a text but is null",
  }]);
  assert.deepEqual(body.reasons, ["subscriptions_unresolved"]);
  const page = await (await dashboard.get("/explain/unresolved")).text();
  assert.match(page, /sub_broken/);
});

Deno.test("a source is told with its phase, permissions and breaker", async () => {
  const simulator = handMade();
  simulator.setForbidden(["customers"]);
  await using dashboard = await startLiveDashboard({ simulator });
  const { data } = await dashboard.json("/api/v1/sources") as unknown as {
    data: Record<string, unknown>[];
  };
  const [source] = data;
  assert.deepEqual(
    [source!.name, source!.livemode, source!.phase, source!.breaker, source!.drift],
    ["default", false, "live", "closed", 0],
  );
  assert.equal((source!.permissions as Record<string, string>).customers, "missing");
});

Deno.test("a wrong key is told with what to do, and its text is nowhere", async () => {
  const key = "rk_test_CanaryThatMustNotShow";
  assert.notEqual(key, SIMULATOR_KEY);
  await using dashboard = await startDashboard({ simulator: handMade(), key });
  await dashboard.until(({ status }) => status.phase === "key_rejected");
  const pages = await Promise.all(
    ["/", "/api/v1/sources", "/sources", "/health", "/metrics"].map(async (path) =>
      (await dashboard.get(path)).text()
    ),
  );
  assert.match(pages[0]!, /Stripe rejects the key/);
  for (const text of [...pages, ...dashboard.lines]) assert.ok(!text.includes("Canary"), text);
});
