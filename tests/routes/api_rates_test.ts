/** What is converted is exact, or unknown with the reason: never a part of it (metrics.md A.9). */
import assert from "node:assert/strict";
import { dayKey } from "../../src/metrics/calendar.ts";
import { parseQuotedRates } from "../../src/metrics/quoted_rates.ts";
import { createSimulator, makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import { type Dashboard, startLiveDashboard } from "../support/dashboard.ts";

const NOW = Math.floor(Date.now() / 1000);
const TODAY = Math.floor(NOW / 86_400);
/** 60 days ago, before there is any rate. */
const UNRATED = dayKey(TODAY - 60);
const RATED = dayKey(TODAY - 5);

/** A euro is 1.10 dollars on the last days. */
function quotesOf(days: number) {
  const lines = Array.from({ length: days }, (_, age) => `${dayKey(TODAY - age)},1.10`);
  return parseQuotedRates(["Date,USD", ...lines].join("\n"), "rates.csv");
}

/** $29.00 and €10.00 since 90 days; there are rates of the last `days` days. */
function start(days: number): Promise<Dashboard> {
  const of = (id: string, currency: string, amount: number) => {
    const price = makePrice({ id: `price_${id}`, unit_amount: amount, currency });
    return {
      price,
      sub: makeSubscription({
        id: `sub_${id}`,
        customer: `cus_${id}`,
        currency,
        created: NOW - 90 * 86_400,
        lines: [makeItem({ id: `si_${id}`, price })],
      }),
    };
  };
  const all = [of("usd", "usd", 2900), of("eur", "eur", 1000)];
  return startLiveDashboard({
    pollSeconds: 600,
    simulator: createSimulator({
      objects: {
        prices: all.map(({ price }) => price),
        subscriptions: all.map(({ sub }) => sub),
      },
    }),
    settings: (settings) => ({
      ...settings,
      figures: {
        ...settings.figures,
        reporting: { currency: "usd", rates: {}, ...(days > 0 ? { quotes: quotesOf(days) } : {}) },
      },
    }),
  });
}

type Body = Record<string, unknown>;
const json = async (dashboard: Dashboard, path: string): Promise<Body> =>
  await dashboard.json(`/api/v1/${path}`);

Deno.test("a past MRR is converted at the rates of its day, or it is unknown", async () => {
  await using dashboard = await start(30);
  const rated = await json(dashboard, `revenue?at=${RATED}`);
  assert.equal((rated.reporting as Body).mrrExact, "4000");
  const unrated = await json(dashboard, `revenue?at=${UNRATED}`);
  assert.deepEqual(
    [unrated.reporting, unrated.reason, unrated.missingRates],
    [null, "fx_rate_missing", ["eur"]],
  );
  const { usd, eur } = unrated.currencies as Record<string, Body>;
  assert.deepEqual([usd!.mrrExact, eur!.mrrExact], ["2900", "1000"]);
});

Deno.test("rows that cannot all be converted are refused: some are not the figure", async () => {
  await using dashboard = await start(30);
  const rows = await json(dashboard, `subscriptions?currency=usd&at=${RATED}`);
  assert.deepEqual([rows.totalExact, rows.count], ["4000", 2]);
  const refused = await json(dashboard, `subscriptions?currency=usd&at=${UNRATED}`);
  assert.deepEqual(
    [refused.status, refused.code, refused.parameter],
    [400, "fx_rate_missing", "currency"],
  );
  const native = await json(dashboard, `subscriptions?at=${UNRATED}`);
  assert.deepEqual(native.totals, {
    usd: { total: 2900, totalExact: "2900" },
    eur: { total: 1000, totalExact: "1000" },
  });
});

Deno.test("the page behind a figure shows no sum of the rows that have a rate, but each currency", async () => {
  await using dashboard = await start(0);
  const page = await (await dashboard.get("/explain/mrr")).text();
  assert.match(page, /USD.29.· EUR.\d+</);
  assert.match(page, /No rate for EUR/);
});

Deno.test("an unknown amount says why, in every list", async () => {
  await using dashboard = await start(0);
  const reason = "fx_rate_missing";
  const range = `from=${RATED}&to=${dayKey(TODAY - 4)}`;
  const history = await json(dashboard, `revenue/history?currency=usd&${range}`);
  assert.deepEqual(history.data, [
    {
      day: RATED,
      currency: "usd",
      view: "converted",
      mrr: null,
      mrrExact: null,
      reason,
      quality: "inferred",
    },
  ]);
  for (const path of ["customers/monthly", "cohorts", "forecast"]) {
    const body = await json(dashboard, `${path}?currency=usd`);
    assert.deepEqual([body.data, body.reason], [[], reason], path);
  }
  const trials = await json(dashboard, "trials?currency=usd");
  assert.deepEqual(trials.currencies, { usd: { mrrInTrial: null, mrrInTrialExact: null, reason } });
  const failed = await json(dashboard, "failed-payments?currency=usd");
  assert.deepEqual(failed.atRisk, { usd: { mrr: null, mrrExact: null, reason } });
});

Deno.test("CSV in the reporting currency has the converted row, as its JSON has", async () => {
  await using dashboard = await start(30);
  const csvOf = async (query: string) => {
    const text = await (await dashboard.get(`/api/v1/revenue?format=csv${query}`)).text();
    return text.split("\r\n").map((line) => line.split(",").slice(0, 4).join());
  };
  assert.deepEqual(await csvOf("&currency=usd"), [
    "currency,view,mrr,mrrExact",
    "usd,converted,4000,4000",
    "",
  ]);
  assert.deepEqual(await csvOf(`&currency=usd&at=${RATED}`), [
    "currency,view,mrr,mrrExact",
    "usd,converted,4000,4000",
    "",
  ]);
  assert.deepEqual((await csvOf("")).map((line) => line.split(",").slice(0, 2).join()), [
    "currency,mrr",
    "eur,1000",
    "usd,2900",
    "",
  ]);
});
