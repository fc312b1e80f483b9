import assert from "node:assert/strict";
import { PRESET_NAMES, PRESETS } from "../../src/metrics/options.ts";
import { add, format, ZERO } from "../../src/metrics/rational.ts";
import { comparePresets } from "../../src/widgets/compare.ts";
import { AT, itemOf, makeDiscount } from "../metrics/fixture.ts";
import { companyStore, contextOf, reportingIn, storeOf } from "./fixture.ts";

Deno.test("causes lead exactly from one way of counting to the other, for every pair and currency", () => {
  for (const seed of [1, 2]) {
    for (const from of PRESET_NAMES) {
      const store = companyStore(seed, { preset: from, options: PRESETS[from] });
      for (const to of PRESET_NAMES) {
        const other = companyStore(seed, { preset: to, options: PRESETS[to] });
        for (const currency of store.tally.currencies()) {
          const found = comparePresets(contextOf(store, { currency }), PRESETS[to])!;
          assert.deepEqual(found.from, store.tally.total(currency, "mrr"));
          assert.deepEqual(found.to, other.tally.total(currency, "mrr"));
          for (const { amount, rows } of found.causes) {
            assert.deepEqual(rows.map(({ change }) => change).reduce(add, ZERO), amount);
          }
          assert.deepEqual(
            found.causes.reduce((sum, { amount }) => add(sum, amount), found.from),
            found.to,
          );
        }
      }
    }
  }
});

Deno.test("each cause is told with its amount and how many subscriptions it moves", () => {
  const store = storeOf([
    { cancelAtPeriodEnd: true },
    { discounts: [makeDiscount({ percent: 30, duration: "once" })] },
    { pause: { behavior: "void", resumesAt: AT + 9 } },
    { items: [itemOf({ amount: 700 })] },
  ]);
  const { from, to, causes } = comparePresets(contextOf(store), PRESETS.chartmogul)!;
  assert.deepEqual([format(from), format(to)], ["1700", "3400"]);
  assert.deepEqual(
    causes.map(({ text, amount, rows }) => [text, format(amount), rows.length]),
    [
      ["cancelled subscriptions count to the end of their period", "1000", 1],
      ["paused collection counts", "1000", 1],
      ["discounts for some months are subtracted", "0", 0],
      ["one-time discounts are subtracted", "-300", 1],
    ],
  );
});

Deno.test("the same way of counting has no causes", () => {
  assert.deepEqual(comparePresets(contextOf(companyStore(3)), PRESETS.stripe)!.causes, []);
});

Deno.test("where a rate is missing nothing is compared", () => {
  const store = storeOf([{ currency: "eur", items: [itemOf({ currency: "eur" })] }]);
  assert.equal(comparePresets(contextOf(store, {}, reportingIn("usd", {})), PRESETS.recurly), null);
});
