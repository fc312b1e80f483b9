import assert from "node:assert/strict";
import fc from "fast-check";
import { createLargest } from "../../src/metrics/largest.ts";
import { type Rational, rational } from "../../src/metrics/rational.ts";

Deno.test("top() is what sorting all values gives, whatever changes came before", () => {
  const change = fc.record({ key: fc.nat(400), value: fc.nat(60) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 900, size: "max" }), (changes) => {
      const values = new Map<number, Rational>();
      const largest = createLargest(() => values);
      changes.forEach(({ key, value }, index) => {
        values.set(key, rational(value));
        largest.set(key, rational(value));
        if (index % 90 !== 0) return;
        const expected = [...values.values()].map(({ n }) => Number(n)).filter((n) => n > 0)
          .sort((a, b) => b - a).slice(0, 10);
        assert.deepEqual(largest.top(10).map(([, { n }]) => Number(n)), expected);
      });
    }),
    { numRuns: 40 },
  );
});
