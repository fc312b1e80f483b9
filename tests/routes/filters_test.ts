/** Filters by plan, product, price and billing, over the JSON interface and on the page. */
import assert from "node:assert/strict";
import { add, format, parse, type Rational, ZERO } from "../../src/metrics/rational.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { type Dashboard, startLiveDashboard } from "../support/dashboard.ts";

const NOW = Math.floor(Date.now() / 1000);

type Json = Record<string, unknown>;
type Revenue = { currencies: Record<string, Json> };

function companyDashboard(): Promise<Dashboard> {
  const company = createCompany({ seed: 3, customers: 150, now: NOW });
  return startLiveDashboard({
    simulator: createSimulator({ source: company.source }),
    pollSeconds: 600,
  });
}

const json = async <T>(dashboard: Dashboard, path: string) =>
  await dashboard.json(path) as unknown as T;

/** Sums what `path` gives for each product. */
async function sumOverProducts(
  products: Iterable<string>,
  read: (suffix: string) => Promise<string>,
): Promise<string> {
  let total: Rational = ZERO;
  for (const product of products) total = add(total, parse(await read(`product=${product}`)));
  return format(total);
}

Deno.test("every figure of MRR over all products adds up to the whole, now and in the past", async () => {
  await using dashboard = await companyDashboard();
  const { currencies } = await json<Revenue>(dashboard, "/api/v1/revenue");
  const products = [...new Set(dashboard.view.tally.plans().map(({ product }) => product))];
  for (const figure of ["mrr", "pastDueMrr", "trialingMrr", "pausedMrr", "scheduledToCancelMrr"]) {
    const summed = await sumOverProducts(
      products,
      async (suffix) =>
        (await json<Revenue>(dashboard, `/api/v1/revenue?${suffix}`)).currencies.usd![
          `${figure}Exact`
        ] as string,
    );
    assert.equal(summed, currencies.usd![`${figure}Exact`], figure);
  }
  const ends = async (suffix: string) => {
    const path = `/api/v1/movements?currency=usd&${suffix}`;
    const { data } = await json<{ data: Json[] }>(dashboard, path);
    return data.at(-3)!.endExact as string;
  };
  assert.equal(await sumOverProducts(products, ends), await ends(""));
});

Deno.test("every route takes the filters, and its rows are of the filter alone", async () => {
  await using dashboard = await companyDashboard();
  const { price, product } = dashboard.view.tally.plans().find(({ currency }) =>
    currency === "usd"
  )!;
  for (
    const route of [
      "revenue",
      "revenue/history",
      "movements",
      "events",
      "customers",
      "customers/monthly",
      "cohorts",
      "subscriptions",
      "subscriptions?figure=new",
    ]
  ) {
    const glue = route.includes("?") ? "&" : "?";
    for (const filter of [`plan=${price}`, `product=${product}`, "billing=year"]) {
      const response = await dashboard.get(`/api/v1/${route}${glue}${filter}`);
      const body = await response.json();
      assert.equal(response.status, 200, `${route} ${filter}: ${JSON.stringify(body)}`);
      assert.ok(body.filter, route);
    }
  }
  const rows = await json<{ data: { lines: Json[] }[]; totalExact: string }>(
    dashboard,
    `/api/v1/subscriptions?currency=usd&price=${price}`,
  );
  assert.ok(rows.data.every(({ lines }) => lines.every((line) => line.price === price)));
  const revenue = await json<Revenue>(dashboard, `/api/v1/revenue?price=${price}`);
  assert.equal(rows.totalExact, revenue.currencies.usd!.mrrExact);
});

Deno.test("a filter that names nothing is refused with the parameter's name", async () => {
  await using dashboard = await companyDashboard();
  const cases: [string, string][] = [
    ["plan=price_none", "plan"],
    ["price=price_none", "price"],
    ["product=prod_none", "product"],
    ["billing=fortnight", "billing"],
  ];
  for (const [query, parameter] of cases) {
    const response = await dashboard.get(`/api/v1/movements?${query}`);
    const body = await response.json();
    assert.deepEqual([response.status, body.code, body.parameter], [
      400,
      "parameter_invalid",
      parameter,
    ]);
  }
});

Deno.test("the page says which filter is on, and the chip takes it off and keeps the rest", async () => {
  await using dashboard = await companyDashboard();
  const page = await (await dashboard.get("/?period=30d&billing=year")).text();
  assert.match(page, /<a class="chip" href="\/\?period=30d"[^>]*>.*Billed by the year/s);
  assert.doesNotMatch(page, /not split by plan/);
  const nothing = await (await dashboard.get("/?plan=price_none")).text();
  assert.match(nothing, /Nothing in this account matches price_none/);
});

Deno.test("the cohorts of all first plans have as many customers as the cohorts of all", async () => {
  await using dashboard = await companyDashboard();
  type Cohorts = { data: { quarter: string; size: number }[] };
  const cohorts = async (suffix: string) =>
    (await json<Cohorts>(dashboard, `/api/v1/cohorts?interval=quarter${suffix}`)).data;
  const sizes = new Map<string, number>();
  const segments = [...dashboard.view.allSegments()].flat();
  const prices = new Set(segments.flatMap(({ lines }) => lines.map(({ price }) => price)));
  for (const price of prices) {
    const response = await dashboard.get(`/api/v1/cohorts?interval=quarter&first=${price}`);
    const body = await response.json();
    // A price that nobody paid first is refused by name.
    if (response.status === 400) assert.equal(body.parameter, "first");
    for (const { quarter, size } of (body as Partial<Cohorts>).data ?? []) {
      sizes.set(quarter, (sizes.get(quarter) ?? 0) + size);
    }
  }
  const whole = await cohorts("");
  assert.ok(whole.length >= 4);
  for (const { quarter, size } of whole) assert.equal(sizes.get(quarter), size, quarter);
});

Deno.test("the links of the cohort map keep the other choices, and its CSV has a column a close", async () => {
  await using dashboard = await companyDashboard();
  const page = await (await dashboard.get("/?billing=month&cohorts=quarter")).text();
  assert.match(page, /href="\?billing=month&amp;cohorts=quarter&amp;left=customers"/);
  assert.match(page, /\/api\/v1\/cohorts\?billing=month&amp;format=csv&amp;interval=quarter/);
  const csv = await (await dashboard.get("/api/v1/cohorts?format=csv&interval=quarter")).text();
  assert.match(
    csv,
    /^quarter,size,baseMrr \(minor units\),baseMrrExact \(minor units\),customers\.0,customers\.1,/,
  );
});
