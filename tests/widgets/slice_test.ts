import assert from "node:assert/strict";
import { dayNumber } from "../../src/metrics/calendar.ts";
import { format, round, toNumber } from "../../src/metrics/rational.ts";
import { totalFigure } from "../../src/widgets/figures.ts";
import { growthOf } from "../../src/widgets/growth.ts";
import { defaultCurrency, growth, sliceOf } from "../../src/widgets/slice.ts";
import { AT, DAY, itemOf } from "../metrics/fixture.ts";
import { contextOf, reportingIn, storeOf } from "./fixture.ts";

const yearly = (currency: string, amount: number) => ({
  currency,
  items: [itemOf({ id: `price_${currency}`, currency, amount, every: ["year", 1] })],
});
const ALL = { currency: null };

Deno.test("converted totals are rounded once, after everything is added", () => {
  // Three of 10000 yen a year: 833.33 each, 2500 together, 16.75 dollars at 0.0067.
  const store = storeOf([yearly("jpy", 10_000), yearly("jpy", 10_000), yearly("jpy", 10_000)]);
  const slice = sliceOf(store, ALL, reportingIn("usd", { jpy: "0.0067" }))!;
  assert.equal(format(slice.total("mrr")!), "1675");
  assert.deepEqual([slice.currency, slice.converted, slice.customers], ["usd", true, 3]);
});

Deno.test("two currencies of half a minor unit each are one unit, not two", () => {
  const store = storeOf([yearly("usd", 6), yearly("eur", 6)]);
  const slice = sliceOf(store, ALL, reportingIn("usd", { eur: "1" }))!;
  assert.equal(round(slice.total("mrr")!), 1n);
});

Deno.test("a missing rate makes totals and days unknown, with the reason; it is never 1.0", () => {
  const store = storeOf([yearly("usd", 12_000), yearly("eur", 12_000)]);
  const reporting = reportingIn("usd", {});
  const slice = sliceOf(store, ALL, reporting)!;
  assert.equal(slice.total("mrr"), null);
  assert.deepEqual(slice.missingRates, ["eur"]);
  const today = store.calendar.dayOf(AT);
  assert.deepEqual(slice.closes(today, today + 2), [null, null]);
  const figure = totalFigure(contextOf(store, {}, reporting), "mrr", "MRR");
  assert.deepEqual([figure.value, figure.note], [
    "USD\u00a010\u00a0· EUR\u00a010",
    "no rate for EUR: set figures.rates, or take daily rates with glance rates:import",
  ]);
});

Deno.test("a currency that is chosen is shown as it is, whatever the reporting currency", () => {
  const store = storeOf([yearly("usd", 12_000), yearly("eur", 24_000)]);
  const slice = sliceOf(store, { currency: "eur" }, reportingIn("usd", {}))!;
  assert.deepEqual([slice.converted, format(slice.total("mrr")!)], [false, "2000"]);
});

Deno.test("without a reporting currency nothing is added up across currencies", () => {
  const store = storeOf([yearly("usd", 12_000), yearly("eur", 24_000)]);
  assert.equal(format(sliceOf(store, ALL, null)!.total("mrr")!), "1000");
});

Deno.test("the first currency: the reporting one, the account's, the one most pay in", () => {
  const subs = [yearly("eur", 12_000), yearly("eur", 12_000), yearly("usd", 12_000)];
  assert.equal(defaultCurrency(storeOf(subs), reportingIn("gbp", {})), "gbp");
  assert.equal(defaultCurrency(storeOf(subs), null), "usd");
  assert.equal(defaultCurrency(storeOf(subs, { defaultCurrency: "chf" }), null), "eur");
  assert.equal(defaultCurrency(storeOf([], { defaultCurrency: null }), null), null);
  assert.equal(sliceOf(storeOf([], { defaultCurrency: null }), ALL, null), null);
});

Deno.test("growth from nothing, or from what is not known, is not a number", () => {
  const store = storeOf([{}]);
  const total = store.tally.total("usd", "mrr");
  assert.equal(growth(null, total), null);
  assert.equal(growth(store.tally.total("usd", "pausedMrr"), total), null);
  assert.equal(growth(total, null), null);
  assert.equal(format(growth(total, total)!), "0");
});

Deno.test("growth is against the close of last month, not against the last look", () => {
  // 2026-11-15: one customer since July, one since 3 November, one since 20 October.
  const since = (date: string) => ({ created: Date.parse(`${date}T12:00:00Z`) / 1000 });
  const store = storeOf([since("2026-07-01"), since("2026-11-03"), since("2026-10-20")]);
  const slice = sliceOf(store, ALL, null)!;
  const { compound, ...told } = growthOf(
    slice,
    store.calendar.dayOf(AT),
    store.daily.firstDay(),
  );
  // From July's close to October's: twice as much in three months.
  assert.equal(compound!.months, 3);
  assert.ok(Math.abs(toNumber(compound!.rate) - 0.259921) < 1e-6);
  const text = Object.fromEntries(
    Object.entries(told).map(([key, value]) => [key, value && format(value)]),
  );
  assert.deepEqual(text, {
    monthToDate: "1/2",
    monthToDateAmount: "1000",
    lastMonthByNow: "0",
    lastMonth: "1",
    yearOnYear: null,
  });
});

Deno.test("on the 31st last month is taken to its own last day", () => {
  const now = Date.parse("2026-03-31T12:00:00Z") / 1000;
  const since = (date: string) => ({ created: Date.parse(`${date}T12:00:00Z`) / 1000 });
  const store = storeOf([since("2025-12-01"), since("2026-02-28")]);
  const slice = sliceOf(store, ALL, null)!;
  const told = growthOf(slice, store.calendar.dayOf(now), store.daily.firstDay());
  assert.equal(format(told.lastMonthByNow!), "1000");
});

Deno.test("before the first day of MRR nothing is known, not 0", () => {
  const store = storeOf([{ created: AT - DAY }]);
  const { monthToDate, lastMonth } = growthOf(
    sliceOf(store, ALL, null)!,
    store.calendar.dayOf(AT),
    dayNumber(Temporal.PlainDate.from("2026-11-14")),
  );
  assert.deepEqual([monthToDate, lastMonth], [null, null]);
});
