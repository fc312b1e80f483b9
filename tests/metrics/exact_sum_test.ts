import assert from "node:assert/strict";
import fc from "fast-check";
import { createExactSum } from "../../src/metrics/exact_sum.ts";
import { format, rational, round, sum } from "../../src/metrics/rational.ts";

Deno.test("six plans of 1201 a year are 600.5, rounded once to 601", () => {
  const total = createExactSum();
  for (let plan = 0; plan < 6; plan++) total.add(rational(1201, 12));
  assert.equal(format(total.total()), "1201/2");
  assert.equal(round(total.total()), 601n);
});

Deno.test("three plans of 10000 a year are 2500, not 3 × 833", () => {
  const total = createExactSum();
  for (let plan = 0; plan < 3; plan++) total.add(rational(10_000, 12));
  assert.equal(format(total.total()), "2500");
});

Deno.test("what was added and subtracted again leaves nothing", () => {
  const total = createExactSum();
  total.add(rational(5, 7));
  total.add(rational(1, 3));
  total.subtract(rational(5, 7));
  assert.equal(format(total.total()), "1/3");
  total.subtract(rational(1, 3));
  assert.equal(format(total.total()), "0");
});

Deno.test("an empty sum is 0", () => {
  assert.equal(format(createExactSum().total()), "0");
});

Deno.test("the running sum is the sum of its parts, in any order", () => {
  const fraction = fc.tuple(fc.integer(), fc.integer({ min: 1, max: 60 }))
    .map(([n, d]) => rational(n, d));
  fc.assert(fc.property(fc.array(fraction), (values) => {
    const total = createExactSum();
    for (const value of [...values].reverse()) total.add(value);
    assert.deepEqual(total.total(), sum(values));
  }));
});
