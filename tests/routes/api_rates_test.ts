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
  assert.deepEqual(trials.currencies, {
    usd: { view: "converted", mrrInTrial: null, mrrInTrialExact: null, reason },
  });
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
    "currency,view,mrr (minor units),mrrExact (minor units)",
    "usd,converted,4000,4000",
    "",
  ]);
  assert.deepEqual(await csvOf(`&currency=usd&at=${RATED}`), [
    "currency,view,mrr (minor units),mrrExact (minor units)",
    "usd,converted,4000,4000",
    "",
  ]);
  assert.deepEqual((await csvOf("")).map((line) => line.split(",").slice(0, 2).join()), [
    "currency,mrr (minor units)",
    "eur,1000",
    "usd,2900",
    "",
  ]);
});

const shown = (rows: readonly Body[], value: string) =>
  rows.map((row) => [row.currency, row.view ?? "native", row[value]].join(" "));

Deno.test("history without a currency is native, the reporting currency's own too; with it, converted alone", async () => {
  await using dashboard = await start(30);
  const days = `from=${RATED}&to=${dayKey(TODAY - 4)}`;
  const rows = async (query: string) =>
    (await json(dashboard, `revenue/history?${query}`)).data as unknown as Body[];
  assert.deepEqual(shown(await rows(days), "mrrExact"), ["eur native 1000", "usd native 2900"]);
  assert.deepEqual(shown(await rows(`${days}&currency=usd`), "mrrExact"), ["usd converted 4000"]);
  assert.deepEqual(shown(await rows(`${days}&currency=eur`), "mrrExact"), ["eur native 1000"]);
  const [unrated] = await rows(`from=${UNRATED}&to=${dayKey(TODAY - 59)}&currency=usd`);
  assert.deepEqual([unrated!.mrr, unrated!.mrrExact, unrated!.reason], [
    null,
    null,
    "fx_rate_missing",
  ]);
});

Deno.test("every route is native where no currency is named, and marks what is converted", async () => {
  await using dashboard = await start(100);
  const from = `from=${RATED}`;
  const month = RATED.slice(0, 7);
  const of = async (path: string) => (await json(dashboard, path)).data as unknown as Body[];
  const monthly = `customers/monthly?from=${month}&to=${dayKey(TODAY - 4)}`;
  assert.deepEqual(shown(await of(monthly), `${month}Exact`), [
    "eur native 1000",
    "usd native 2900",
  ]);
  assert.deepEqual(shown(await of(`${monthly}&currency=usd`), `${month}Exact`), [
    "usd converted 2900",
    "usd converted 1100",
  ]);
  assert.deepEqual(shown(await of("subscriptions"), "mrrExact").sort(), [
    "eur native 1000",
    "usd native 2900",
  ]);
  assert.deepEqual(shown(await of("subscriptions?currency=usd"), "mrrExact"), [
    "usd converted 2900",
    "usd converted 1100",
  ]);
  for (
    const path of ["events?", `movements?interval=day&${from}&`, "renewals?", "failed-payments?"]
  ) {
    const native = await of(path);
    assert.ok(native.every(({ view }) => (view ?? "native") === "native"), path);
    const converted = await of(`${path}currency=usd`);
    assert.ok(converted.every(({ view }) => view === "converted"), path);
  }
  const trials = (await json(dashboard, "trials")).currencies as Record<string, Body>;
  assert.deepEqual(Object.keys(trials), ["eur", "usd"]);
  const inTrial = (await json(dashboard, "trials?currency=usd")).currencies as Record<string, Body>;
  assert.equal(inTrial.usd!.view, "converted");
  for (const path of ["customers", "cohorts", "forecast"]) {
    assert.equal((await json(dashboard, `${path}?currency=usd`)).view, "converted", path);
  }
});
