/** Days, ranges and moments as parameters of the JSON interface. */
import assert from "node:assert/strict";
import { dayKey, monthKey, monthStart } from "../../src/metrics/calendar.ts";
import {
  createSimulator,
  makeItem,
  makePrice,
  makeSubscription,
  type Resource,
} from "../../src/simulator/mod.ts";
import { type Dashboard, startLiveDashboard } from "../support/dashboard.ts";

const NOW = Math.floor(Date.now() / 1000);
const TODAY = Math.floor(NOW / 86_400);
/** Noon, ten days ago. */
const JOINED = (TODAY - 10) * 86_400 + 43_200;

/** 29.00 a month since 90 days, and 100.00 a year since noon ten days ago. The zone is UTC. */
function start(forbidden: readonly Resource[] = []): Promise<Dashboard> {
  const monthly = makePrice({ id: "price_m", unit_amount: 2900 });
  const yearly = makePrice({
    id: "price_y",
    unit_amount: 10_000,
    recurring: {
      interval: "year",
      interval_count: 1,
      meter: null,
      trial_period_days: null,
      usage_type: "licensed",
    },
  });
  const of = (id: string, customer: string, price: typeof monthly, created: number) =>
    makeSubscription({ id, customer, created, lines: [makeItem({ id: `si_${id}`, price })] });
  const simulator = createSimulator({
    objects: {
      prices: [monthly, yearly],
      subscriptions: [
        of("sub_1", "cus_1", monthly, NOW - 90 * 86_400),
        of("sub_2", "cus_2", yearly, JOINED),
      ],
    },
  });
  simulator.setForbidden(forbidden);
  return startLiveDashboard({ pollSeconds: 600, simulator });
}

const time = (seconds: number) => new Date(seconds * 1000).toISOString();

async function mrrAt(dashboard: Dashboard, at: string): Promise<unknown> {
  const { currencies } = await dashboard.json(`/api/v1/revenue?at=${at}`) as unknown as {
    currencies: { usd: { mrrExact: string } };
  };
  const rows = await dashboard.json(`/api/v1/subscriptions?at=${at}&limit=1`);
  const { totals } = rows as unknown as { totals: { usd?: { totalExact: string } } };
  const total = totals.usd?.totalExact ?? "0";
  assert.equal(total, currencies.usd.mrrExact, at);
  return total;
}

Deno.test("`at` is the close of a day, or a time to the second", async () => {
  await using dashboard = await start();
  assert.equal(await mrrAt(dashboard, dayKey(TODAY - 11)), "2900");
  assert.equal(await mrrAt(dashboard, dayKey(TODAY - 10)), "11200/3");
  assert.equal(await mrrAt(dashboard, time(JOINED - 1)), "2900");
  assert.equal(await mrrAt(dashboard, time(JOINED)), "11200/3");
  assert.equal(await mrrAt(dashboard, "1990-01-01"), "0");
});

Deno.test("`at` as a month or year is its close, and that of a running one is today's", async () => {
  await using dashboard = await start();
  const [month, before] = [monthKey(JOINED / 86_400 | 0), monthStart(TODAY - 10) - 1];
  assert.equal(await mrrAt(dashboard, month), "11200/3");
  assert.equal(await mrrAt(dashboard, dayKey(before).slice(0, 7)), "2900");
  assert.equal(await mrrAt(dashboard, dayKey(TODAY).slice(0, 4)), "11200/3");
});

Deno.test("a past MRR is told with its quality", async () => {
  await using dashboard = await start();
  const day = dayKey(TODAY - 20);
  const { currencies } = await dashboard.json(`/api/v1/revenue?at=${day}`) as unknown as {
    currencies: Record<string, unknown>;
  };
  assert.deepEqual(currencies.usd, {
    mrr: 2900,
    mrrExact: "2900",
    arr: 34_800,
    arrExact: "34800",
    customers: 1,
    // There are no invoices that would tell.
    quality: "inferred",
  });
});

Deno.test("growth is marked approximate until the past is rebuilt", async () => {
  for (const forbidden of [[], ["invoices"]] as const) {
    await using dashboard = await start(forbidden);
    const { currencies } = await dashboard.json("/api/v1/revenue") as unknown as {
      currencies: { usd: { growth: Record<string, { value: unknown; approximate?: true }> } };
    };
    const { lastMonth, yearOnYear } = currencies.usd.growth;
    // The first customer came 90 days ago, so the last complete month has both of its closes.
    assert.notEqual(lastMonth!.value, null);
    assert.equal(lastMonth!.approximate, forbidden.length > 0 ? true : undefined);
    assert.deepEqual(yearOnYear, { exact: null, value: null, reason: "no_earlier_close" });
  }
});

Deno.test("what has not come, does not exist or runs backwards is refused by its name", async () => {
  await using dashboard = await start();
  const cases: [path: string, parameter: string, detail: RegExp][] = [
    [`revenue?at=${dayKey(TODAY + 2)}`, "at", /it has not come yet/],
    [`subscriptions?at=${time(NOW + 86_400)}`, "at", /it has not come yet/],
    [`revenue?at=${Number(dayKey(TODAY).slice(0, 4)) + 1}`, "at", /it has not come yet/],
    ["revenue?at=2026-02-30", "at", /write 2026-01-05/],
    ["revenue?at=2026-Q5", "at", /write 2026-01-05/],
    ["revenue?at=", "at", /write 2026-01-05/],
    ["revenue/history?from=2026-02-29", "from", /write 2026-01-05/],
    ["movements?to=2026-01-05T25:00:00Z", "to", /write 2026-01-05/],
    ["movements?to=2026-01-05T10:00:00", "to", /write 2026-01-05/],
    ...[
      "revenue/history",
      "movements",
      "customers/monthly",
      "cohorts",
      "failed-payments",
      "cash",
      "export",
      "subscriptions",
    ].map((route): [string, string, RegExp] => [
      `${route}?from=2026-03&to=2026-02&figure=new&format=influx`
        .replace(route === "subscriptions" ? "" : "&figure=new", "")
        .replace(route === "export" ? "" : "&format=influx", ""),
      "to",
      /it lies before from/,
    ]),
  ];
  for (const [path, parameter, detail] of cases) {
    const response = await dashboard.get(`/api/v1/${path}`);
    const body = await response.json();
    assert.deepEqual(
      [response.status, body.code, body.parameter],
      [400, "parameter_invalid", parameter],
      path,
    );
    assert.match(body.detail, detail, path);
  }
});

Deno.test("a range of no day, or one that has not begun, has no rows", async () => {
  await using dashboard = await start();
  const day = dayKey(TODAY - 20);
  const ranges = [`from=${day}&to=${day}`, `from=${dayKey(TODAY + 40)}`];
  for (const route of ["revenue/history", "movements", "customers/monthly", "cohorts"]) {
    for (const range of ranges) {
      const { data } = await dashboard.json(`/api/v1/${route}?${range}`);
      assert.deepEqual(data, [], `${route} ${range}`);
    }
  }
});

Deno.test("customers by month: each amount in whole minor units and exactly", async () => {
  await using dashboard = await start();
  const month = dayKey(TODAY).slice(0, 7);
  const query = `from=${month}&currency=usd`;
  const { data } = await dashboard.json(`/api/v1/customers/monthly?${query}`);
  const rows = data as unknown as Record<string, unknown>[];
  assert.deepEqual(rows.find(({ customer }) => customer === "cus_2"), {
    customer: "cus_2",
    currency: "usd",
    [month]: 833,
    [`${month}Exact`]: "2500/3",
  });
  const csv = await (await dashboard.get(`/api/v1/customers/monthly?${query}&format=csv`)).text();
  const head = `customer,currency,${month} (minor units),${month}Exact (minor units)`;
  assert.ok(csv.startsWith(`${head}\r\n`), csv);
  assert.ok(csv.includes("\r\ncus_2,usd,833,2500/3\r\n"), csv);
});
