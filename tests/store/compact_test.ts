import assert from "node:assert/strict";
import fc from "fast-check";
import { compact } from "../../src/store/compact.ts";

Deno.test("a value in less room is the same value", () => {
  const leaf = fc.oneof(
    fc.bigInt({ min: -300n, max: 300n }),
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("tree")),
      fc.dictionary(fc.constantFrom("price", "product", "coupon", "lines", "n"), tie("tree"), {
        noNullPrototype: true,
      }),
    ),
  }));
  fc.assert(fc.property(tree, (value) => {
    const before = structuredClone(value);
    assert.deepEqual(compact(value), before);
  }));
});

Deno.test("lists without a member are one list, and are read only", () => {
  const kept = compact({ runs: [] as number[], lines: [{ discounts: [] as number[] }] });
  assert.equal(kept.runs, kept.lines[0]!.discounts);
  assert.throws(() => kept.runs.push(1), TypeError);
});

Deno.test("what is no plain object stays itself: maps, dates, what is frozen", () => {
  const map = new Map([["price", []]]);
  const frozen = Object.freeze({ lines: [] });
  const kept = compact({ map, frozen });
  assert.equal(kept.map, map);
  assert.equal(kept.frozen, frozen);
});
