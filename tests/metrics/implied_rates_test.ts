import assert from "node:assert/strict";
import { createCalendar } from "../../src/metrics/calendar.ts";
import { createImpliedRates } from "../../src/metrics/implied_rates.ts";
import { format, parse } from "../../src/metrics/rational.ts";
import { at, day, UTC } from "./histories.ts";

function exchange(id: string, created: number, from: string, rate: string, to = "usd") {
  return { id, created, from, to, rate: parse(rate) };
}

function shown(rates: ReturnType<typeof createImpliedRates>, from: string, on: string, to = "usd") {
  const rate = rates.rateOf(from, to, day(on));
  return rate && format(rate);
}

Deno.test("Stripe's rate is of minor units: 100 yen at 0.67 cents each are 67 cents", () => {
  const rates = createImpliedRates(UTC);
  // 1,000 JPY (1000) became 6.70 USD (670): 0.67 a minor unit, 0.0067 a yen.
  rates.add(exchange("txn_1", at("2026-03-09"), "jpy", "0.67"));
  rates.add(exchange("txn_2", at("2026-03-09"), "kwd", "0.325"));
  rates.add(exchange("txn_3", at("2026-03-09"), "eur", "1.0834"));
  assert.equal(shown(rates, "jpy", "2026-03-09"), "67/10000");
  assert.equal(shown(rates, "kwd", "2026-03-09"), "13/4");
  assert.equal(shown(rates, "eur", "2026-03-09"), "5417/5000");
});

Deno.test("of a day the newest payment counts, in whatever order they are read", () => {
  const early = exchange("txn_1", at("2026-03-09", 10), "eur", "1.1");
  const late = exchange("txn_2", at("2026-03-09", 20), "eur", "1.2");
  for (const order of [[early, late], [late, early], [late, early, late]]) {
    const rates = createImpliedRates(UTC);
    order.forEach(rates.add);
    assert.equal(shown(rates, "eur", "2026-03-09"), "6/5");
    assert.equal(shown(rates, "eur", "2026-03-10"), null);
    assert.equal(shown(rates, "eur", "2026-03-09", "gbp"), null);
  }
});

Deno.test("a new rate is told to what looks at later days, the same one again is not", () => {
  const rates = createImpliedRates(UTC);
  rates.add(exchange("txn_1", at("2026-03-09"), "eur", "1.1"));
  const [on, after] = [day("2026-03-09"), day("2026-03-10")];
  const before = [rates.changesBefore(on), rates.changesBefore(after)];
  rates.add(exchange("txn_2", at("2026-03-09", 5), "eur", "1.1"));
  assert.deepEqual([rates.changesBefore(on), rates.changesBefore(after)], before);
  rates.add(exchange("txn_3", at("2026-03-09", 9), "eur", "1.2"));
  assert.equal(rates.changesBefore(on), before[0]);
  assert.ok(rates.changesBefore(after) > before[1]!);
});

Deno.test("another time zone puts payments on other days", () => {
  const rates = createImpliedRates(UTC);
  rates.add(exchange("txn_1", at("2026-03-09", 3600), "eur", "1.1"));
  rates.setCalendar(createCalendar("America/New_York"));
  assert.equal(shown(rates, "eur", "2026-03-08"), "11/10");
  assert.equal(shown(rates, "eur", "2026-03-09"), null);
});
