import assert from "node:assert/strict";
import fc from "fast-check";
import { plus } from "../../src/metrics/day_sums.ts";
import { createSumColumns, type Sums } from "../../src/metrics/sum_columns.ts";

const sums = fc.record({
  amount: fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
  fee: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
  net: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
  count: fc.integer({ min: -1000, max: 1000 }),
});

Deno.test("columns hold for each place the sum of what was added there, by place", () => {
  const additions = fc.array(fc.tuple(fc.nat({ max: 2 ** 32 - 1 }), sums), { maxLength: 60 })
    .chain((each) => fc.constant([...each, ...each.slice(0, 20)]));
  fc.assert(fc.property(additions, (all) => {
    const columns = createSumColumns();
    const expected = new Map<number, Sums>();
    for (const [place, one] of all) {
      columns.add(place, one);
      const before = expected.get(place);
      expected.set(place, before ? plus(before, one) : one);
    }
    assert.deepEqual(columns.entries(), [...expected].sort(([a], [b]) => a - b));
  }));
});

Deno.test("a sum of more than 64 bits is as exact as any other, and may come back to fewer", () => {
  const columns = createSumColumns();
  const most = { amount: 2n ** 63n - 1n, fee: 0n, net: 0n, count: 1 };
  const one = { amount: 1n, fee: 0n, net: 0n, count: 1 };
  columns.add(0, most);
  columns.add(0, one);
  assert.deepEqual(columns.entries(), [[0, { amount: 2n ** 63n, fee: 0n, net: 0n, count: 2 }]]);
  columns.add(0, { ...one, amount: -1n, count: -1 });
  assert.deepEqual(columns.entries(), [[0, most]]);
});
