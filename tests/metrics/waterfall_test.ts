import assert from "node:assert/strict";
import fc from "fast-check";
import {
  add,
  type Rational,
  rational,
  round,
  subtract,
  sum,
  ZERO,
} from "../../src/metrics/rational.ts";
import { roundWaterfall } from "../../src/metrics/waterfall.ts";

const NOTHING = {
  start: ZERO,
  new: ZERO,
  expansion: ZERO,
  reactivation: ZERO,
  contraction: ZERO,
  churn: ZERO,
  fx: ZERO,
};

Deno.test("equal remainders are served in the order new, expansion, reactivation, contraction, churn, fx", () => {
  const third = rational(1, 3);
  const rounded = roundWaterfall({ ...NOTHING, new: third, expansion: third, reactivation: third });
  assert.deepEqual(rounded, {
    start: 0n,
    new: 1n,
    expansion: 0n,
    reactivation: 0n,
    contraction: 0n,
    churn: 0n,
    fx: 0n,
    end: 1n,
  });
});

Deno.test("the largest remainder is served first", () => {
  const rounded = roundWaterfall({
    ...NOTHING,
    new: rational(13, 10),
    expansion: rational(17, 10),
  });
  assert.equal(rounded.new, 1n);
  assert.equal(rounded.expansion, 2n);
});

Deno.test("a waterfall below 0 is refused, as MRR never is", () => {
  assert.throws(() => roundWaterfall({ ...NOTHING, churn: rational(1) }), RangeError);
});

const amount = fc.oneof(
  fc.constant(ZERO),
  fc.tuple(fc.integer({ min: 0, max: 500 }), fc.constantFrom(1, 2, 3, 7, 12))
    .map(([n, d]) => rational(n, d)),
);

Deno.test("parts always add up to the rounded ends, and what is 0 stays 0", () => {
  fc.assert(fc.property(
    fc.record({
      new: amount,
      expansion: amount,
      reactivation: amount,
      contraction: amount,
      churn: amount,
    }),
    amount,
    amount,
    fc.boolean(),
    (parts, extra, rate, down) => {
      const fx: Rational = down ? subtract(ZERO, rate) : rate;
      const start = sum([extra, parts.contraction, parts.churn, down ? rate : ZERO]);
      const w = roundWaterfall({ start, ...parts, fx });
      const exactEnd = subtract(
        sum([start, parts.new, parts.expansion, parts.reactivation, fx]),
        add(parts.contraction, parts.churn),
      );
      assert.equal(w.start, round(start));
      assert.equal(w.end, round(exactEnd));
      const reached = w.start + w.new + w.expansion + w.reactivation - w.contraction - w.churn +
        w.fx;
      assert.equal(reached, w.end);
      for (const name of ["new", "expansion", "reactivation", "contraction", "churn"] as const) {
        if (parts[name].n === 0n) assert.equal(w[name], 0n);
        assert.ok(w[name] >= 0n);
      }
      if (fx.n === 0n) assert.equal(w.fx, 0n);
    },
  ));
});
