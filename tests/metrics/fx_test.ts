import assert from "node:assert/strict";
import { fxMovements, MissingRateError } from "../../src/metrics/fx.ts";
import { format, parse, rational } from "../../src/metrics/rational.ts";

const EUR = { eur: parse("1.10") };

Deno.test("moving from EUR to USD is one expansion at today's rate", () => {
  const rates = { eur: parse("1.10"), usd: rational(1) };
  const moved = fxMovements({ eur: rational(1000) }, { usd: rational(1500) }, rates, rates, true);
  assert.equal(format(moved.expansion), "400");
  assert.equal(format(moved.churn), "0");
  assert.equal(format(moved.fx), "0");
});

Deno.test("a missing rate refuses its currency by name and is never taken as 1", () => {
  const held = { gbp: rational(1000) };
  assert.throws(
    () => fxMovements(held, held, EUR, EUR, true),
    (error) =>
      error instanceof MissingRateError &&
      error.message === "Cannot convert gbp as its rate is not known",
  );
});
