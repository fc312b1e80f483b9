/** Daily rates on the page: FX, closes of each day, and where rates come from. */
import assert from "node:assert/strict";
import { explainFx } from "../../routes/explain_fx.ts";
import { dayKey } from "../../src/metrics/calendar.ts";
import { parseQuotedRates } from "../../src/metrics/quoted_rates.ts";
import { format, parse } from "../../src/metrics/rational.ts";
import { bridgeModel } from "../../src/widgets/bridge.ts";
import { chart13Model } from "../../src/widgets/chart13.ts";
import { currenciesWidget } from "../../src/widgets/currencies.ts";
import { ratesText } from "../../src/widgets/rate_text.ts";
import { reportingAt } from "../../src/widgets/slice.ts";
import { AT, DAY, itemOf, makePrice } from "../metrics/fixture.ts";
import { contextOf, storeOf } from "./fixture.ts";

/** 2026-11-15. */
const TODAY = Math.floor(AT / DAY);
const CREATED = AT - 100 * DAY;

/** €10 a month for a hundred days, and $20; a euro is worth each of the rates, today's first. */
function storeAt(...rates: readonly string[]) {
  const euros = itemOf(makePrice({ currency: "eur" }));
  const store = storeOf(
    [
      { currency: "eur", items: [euros], created: CREATED },
      { created: CREATED },
    ],
    { reporting: { to: "usd", rates: { gbp: parse("1.27") } } },
  );
  const lines = rates.map((rate, age) => `${dayKey(TODAY - age)},${rate}`);
  store.setQuotes(parseQuotedRates(["Date,USD", ...lines].join("\n"), "rates.csv"));
  store.publish();
  return store;
}

function contextAt(...rates: readonly string[]) {
  const store = storeAt(...rates);
  return contextOf(store, {}, reportingAt(store, AT));
}

/** 1.20 today, 1.10 on every day before. */
const RISEN = ["1.20", ...Array.from({ length: 120 }, () => "1.10")];

Deno.test("the bridge has FX as a bar of its own, which opens into its rows", () => {
  const { steps } = bridgeModel(contextAt(...RISEN));
  const shown = steps.map(({ key, amount, href }) => [key, amount, key === "fx" ? href : ""]);
  assert.deepEqual(shown.filter(([key]) => ["start", "fx", "end"].includes(key!)), [
    ["start", "$21", ""],
    ["fx", "+$1", "/explain/fx"],
    ["end", "$22", ""],
  ]);
});

Deno.test("each day is converted at its own rate, and today's total at today's", () => {
  const { slice } = contextAt(...RISEN);
  assert.deepEqual(slice!.closes(TODAY - 1, TODAY + 1).map((close) => close && format(close)), [
    "2100",
    "2200",
  ]);
  assert.deepEqual(slice!.points(TODAY - 1, TODAY + 1), [2100, 2200]);
  assert.equal(format(slice!.total("mrr")!), "2200");
});

Deno.test("the rows behind FX are what was held times the change of its rate", () => {
  const { total, tables } = explainFx(contextAt(...RISEN));
  assert.equal(total, "+$1.00");
  assert.deepEqual(tables[0]!.rows.map((row) => row.slice(1)), [[
    "EUR",
    "€10.00",
    "1.10000 → 1.20000",
    "ECB\u00a0rate\u00a0of\u00a015\u00a0Nov",
    "+$1.00",
    "100",
  ]]);
  assert.deepEqual(tables[0]!.foot!.at(-1)!.slice(-2), ["+$1.00", "100"]);
});

Deno.test("currencies say at which rates of which day they are added up", () => {
  const context = contextAt(...RISEN);
  assert.equal(ratesText(context), "EUR at ECB rate of 15 Nov");
  const { state } = currenciesWidget(context, { id: "w1", type: "currencies" });
  assert.ok(state.kind === "fresh");
  assert.equal(state.data.note, "Added up in USD: EUR at ECB rate of 15 Nov");
  assert.equal(state.data.rows[0]!.converted, "$12.00 at 1.2");
});

Deno.test("where days have no rate, their months have no bars and the total stays", () => {
  const context = contextAt("1.20", "1.10");
  assert.equal(format(context.slice!.total("mrr")!), "2200");
  const { months, daily } = chart13Model(context);
  assert.equal(months.at(-1)!.movements, null);
  assert.equal(daily.at(-1), 2200);
  assert.equal(daily.at(-20), null);
});

Deno.test("rates older than a week are none: nothing is added up", () => {
  const store = storeAt(...RISEN);
  const later = AT + 8 * DAY;
  assert.deepEqual(reportingAt(store, later)!.rates, {});
});
