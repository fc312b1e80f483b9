import assert from "node:assert/strict";
import { forecast, type ForecastMonth } from "../../src/metrics/forecast.ts";
import { format, rational, ZERO } from "../../src/metrics/rational.ts";

function month(parts: Partial<Record<keyof ForecastMonth, number>>): ForecastMonth {
  const part = (name: keyof ForecastMonth) => rational(parts[name] ?? 0);
  return {
    start: part("start"),
    new: part("new"),
    reactivation: part("reactivation"),
    expansion: part("expansion"),
    contraction: part("contraction"),
    churn: part("churn"),
  };
}

const GROWS = month({ start: 1000, new: 100 });
const SHRINKS = month({ start: 1000, churn: 100 });

Deno.test("the band is what the best and the worst single month would give", () => {
  const result = forecast(rational(1000), [GROWS, SHRINKS, GROWS], 2);
  assert.equal(result.kind, "value");
  if (result.kind !== "value") return;
  assert.deepEqual(result.low.map(format), ["900", "810"]);
  assert.deepEqual(result.high.map(format), ["1100", "1200"]);
  assert.equal(result.months, 3);
});

Deno.test("only the newest 6 complete months are continued", () => {
  const months = [SHRINKS, ...Array(6).fill(GROWS)];
  const result = forecast(rational(1000), months, 1);
  assert.ok(result.kind === "value");
  assert.deepEqual(result.path.map(format), ["1100"]);
  assert.equal(result.months, 6);
});

Deno.test("a forecast never falls below 0", () => {
  const lost = month({ start: 100, churn: 150 });
  const result = forecast(rational(1000), [lost, lost, lost], 1);
  assert.ok(result.kind === "value");
  assert.deepEqual(result.path, [ZERO]);
});

Deno.test("too few months, or months without MRR, give the reason instead", () => {
  assert.deepEqual(forecast(ZERO, [GROWS, GROWS], 1), {
    kind: "none",
    reason: "fewer_than_3_months",
  });
  const empty = month({});
  assert.deepEqual(forecast(ZERO, [empty, empty, empty], 1), {
    kind: "none",
    reason: "no_mrr_at_start",
  });
});

Deno.test("a horizon that is not a whole number of months is refused", () => {
  assert.throws(
    () => forecast(ZERO, [GROWS], 0.5),
    new RangeError("Cannot forecast as horizon must be a whole number >= 1: current value is 0.5"),
  );
});
