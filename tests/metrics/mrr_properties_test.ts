import assert from "node:assert/strict";
import fc from "fast-check";
import { mrr } from "../../src/metrics/mrr.ts";
import { nextChangeAt } from "../../src/metrics/next_change.ts";
import type { MrrOptions } from "../../src/metrics/options.ts";
import {
  compare,
  equal,
  multiply,
  type Rational,
  rational,
  sum,
  ZERO,
} from "../../src/metrics/rational.ts";
import type { Price, Subscription } from "../../src/metrics/types.ts";
import {
  facts,
  factsWithoutAmountsOff,
  moments,
  optionSets,
  percentages,
  subscriptions,
  withoutAmountsOff,
  withoutDiscounts,
} from "./arbitraries.ts";
import { AT } from "./fixture.ts";

const RUNS = { numRuns: 400 };

function amount(...args: Parameters<typeof mrr>): Rational {
  const result = mrr(...args);
  assert.ok(result.kind === "value");
  return result.amount;
}

Deno.test("MRR is never negative, and a reason is given exactly where it is 0", () => {
  fc.assert(
    fc.property(subscriptions, moments, optionSets, facts, (sub, at, options, facts) => {
      const result = mrr(sub, at, options, facts);
      assert.ok(result.kind === "value");
      assert.ok(result.amount.n >= 0n);
      assert.equal(result.amount.n === 0n, result.reason !== undefined);
    }),
    RUNS,
  );
});

Deno.test("lines add up to the total, none below 0", () => {
  fc.assert(
    fc.property(subscriptions, moments, optionSets, facts, (sub, at, options, facts) => {
      const result = mrr(sub, at, options, facts);
      assert.ok(result.kind === "value");
      assert.deepEqual(sum(result.lines.map((line) => line.amount)), result.amount);
      assert.ok(result.lines.every((line) => line.amount.n >= 0n));
    }),
    RUNS,
  );
});

function scaled(sub: Subscription, k: Rational): Subscription {
  const price = (of: Price): Price => ({
    ...of,
    unitAmount: of.unitAmount && multiply(of.unitAmount, k),
    tiers: of.tiers &&
      of.tiers.map((tier) => ({
        ...tier,
        unit: multiply(tier.unit, k),
        flat: multiply(tier.flat, k),
      })),
  });
  return { ...sub, items: sub.items.map((item) => ({ ...item, price: price(item.price) })) };
}

Deno.test("amounts scaled by k scale MRR by k, where no discount is an amount", () => {
  const factor = fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(withoutAmountsOff, moments, optionSets, factor, (sub, at, options, [n, d]) => {
      const k = rational(n, d);
      const expected = multiply(amount(sub, at, options), k);
      assert.deepEqual(amount(scaled(sub, k), at, options), expected);
    }),
    RUNS,
  );
});

Deno.test("percentages commute with each other", () => {
  fc.assert(
    fc.property(withoutDiscounts, percentages, optionSets, (sub, discounts, options) => {
      const forth = amount({ ...sub, discounts }, AT, options);
      assert.deepEqual(amount({ ...sub, discounts: [...discounts].reverse() }, AT, options), forth);
    }),
    RUNS,
  );
});

/** Never less with `more` than with `less`. */
function neverLess(
  name: string,
  less: Partial<MrrOptions>,
  more: Partial<MrrOptions>,
  [subs, known] = [subscriptions, facts],
): void {
  Deno.test(name, () => {
    fc.assert(
      fc.property(subs, moments, optionSets, known, (sub, at, options, facts) => {
        const low = amount(sub, at, { ...options, ...less }, facts);
        const high = amount(sub, at, { ...options, ...more }, facts);
        assert.ok(compare(low, high) <= 0);
      }),
      RUNS,
    );
  });
}

// Where days and months mix, an amount off goes at the pace of the shortest interval: without
// that item it is smaller, so the rule holds for percentages only.
neverLess("MRR to the end is never below MRR to the request", { cancellation: "at_request" }, {
  cancellation: "at_end",
}, [withoutAmountsOff, factsWithoutAmountsOff]);
neverLess("subtracting repeating discounts never raises MRR", { subtractRepeating: true }, {
  subtractRepeating: false,
});
neverLess("subtracting one-time discounts never raises MRR", { subtractOnce: true }, {
  subtractOnce: false,
});
neverLess("deducting inclusive tax never raises MRR", { inclusiveTax: "deduct" }, {
  inclusiveTax: "ignore",
});
neverLess("leaving out past-due subscriptions never raises MRR", { pastDue: { maxDays: 9 } }, {
  pastDue: "count",
});

Deno.test("between two moments of change the value is constant", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  fc.assert(
    fc.property(
      subscriptions,
      moments,
      optionSets,
      facts,
      share,
      (sub, at, options, facts, part) => {
        const next = nextChangeAt(sub, at, options, facts);
        const between = at + Math.floor(((next ?? at + 1e9) - at) * part);
        assert.ok(next === null || next > at);
        assert.ok(equal(amount(sub, between, options, facts), amount(sub, at, options, facts)));
      },
    ),
    { numRuns: 1000 },
  );
});

Deno.test("an empty subscription is worth nothing", () => {
  fc.assert(fc.property(subscriptions, optionSets, (sub, options) => {
    assert.deepEqual(amount({ ...sub, items: [] }, AT, options), ZERO);
  }));
});
