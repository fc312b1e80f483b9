import assert from "node:assert/strict";
import fc from "fast-check";
import { monthlyFactor, sameSpan, spanOf } from "../../src/metrics/interval.ts";
import { PRESETS } from "../../src/metrics/options.ts";
import { equal, format } from "../../src/metrics/rational.ts";

const factor = (interval: string, count: number, preset: keyof typeof PRESETS = "stripe") =>
  monthlyFactor(spanOf(interval, count)!, PRESETS[preset]);

const counts = fc.integer({ min: 1, max: 1000 });

Deno.test("the share of a month of each interval, as a literal", () => {
  const cases: [interval: string, count: number, expected: string][] = [
    ["month", 1, "1"],
    ["month", 3, "1/3"],
    ["year", 1, "1/12"],
    ["year", 3, "1/36"],
    ["week", 1, "13/3"],
    ["week", 2, "13/6"],
    ["week", 4, "13/12"],
    ["day", 7, "13/3"],
    ["day", 14, "13/6"],
    ["day", 1, "365/12"],
    ["day", 30, "73/72"],
  ];
  for (const [interval, count, expected] of cases) {
    assert.equal(format(factor(interval, count)), expected, `${count} ${interval}`);
  }
});

Deno.test("12 k months are k years, for every k", () => {
  fc.assert(fc.property(counts, (k) => equal(factor("month", 12 * k), factor("year", k))));
});

Deno.test("7 k days are k weeks, for every k and under every preset", () => {
  fc.assert(fc.property(counts, fc.constantFrom("stripe", "profitwell", "recurly"), (k, preset) => {
    assert.deepEqual(
      factor("day", 7 * k, preset as "stripe"),
      factor("week", k, preset as "stripe"),
    );
  }));
});

Deno.test("52 weeks are a year and 365 days are a year", () => {
  assert.deepEqual(factor("week", 52), factor("year", 1));
  assert.deepEqual(factor("day", 365), factor("year", 1));
});

Deno.test("twice the interval is half the share", () => {
  fc.assert(fc.property(fc.constantFrom("month", "year", "week"), counts, (interval, k) => {
    const [once, twice] = [factor(interval, k), factor(interval, 2 * k)];
    return once.n * twice.d === 2n * twice.n * once.d;
  }));
});

Deno.test("ProfitWell's month has 4.33 weeks and 30 days, Recurly's 30 days", () => {
  assert.equal(format(factor("week", 1, "profitwell")), "433/100");
  assert.equal(format(factor("day", 1, "profitwell")), "30");
  assert.equal(format(factor("week", 1, "recurly")), "13/3");
  assert.equal(format(factor("day", 1, "recurly")), "30");
});

Deno.test("an interval that is not known, or no whole number of it, has no span", () => {
  assert.equal(spanOf("fortnight", 1), null);
  for (const count of [0, -1, 1.5, NaN, 2 ** 60]) assert.equal(spanOf("month", count), null);
});

Deno.test("spans that always end together are the same", () => {
  assert.ok(sameSpan(spanOf("year", 1)!, spanOf("month", 12)!));
  assert.ok(sameSpan(spanOf("week", 2)!, spanOf("day", 14)!));
  assert.ok(!sameSpan(spanOf("day", 30)!, spanOf("month", 1)!));
});
