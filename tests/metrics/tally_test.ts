import assert from "node:assert/strict";
import fc from "fast-check";
import { PRESETS } from "../../src/metrics/options.ts";
import { format, sum } from "../../src/metrics/rational.ts";
import { type Standing, standingOf } from "../../src/metrics/standing.ts";
import { createTally, FIGURES, type Tally } from "../../src/metrics/tally.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import { optionSets, subscriptions } from "./arbitraries.ts";
import { AT, itemOf, makeDiscount, makeSub } from "./fixture.ts";

function standing(parts: Partial<Subscription>, excluded = false): Standing {
  return standingOf(makeSub(parts), AT, PRESETS.stripe, {}, excluded).standing;
}

/** Everything that a tally tells. */
function all(tally: Tally) {
  return {
    active: tally.active(),
    customers: tally.customers(),
    byStatus: Object.fromEntries([...tally.byStatus()].sort()),
    currencies: tally.currencies().map((currency) => ({
      currency,
      paying: tally.payingIn(currency),
      ...Object.fromEntries(FIGURES.map((figure) => [figure, [
        format(tally.total(currency, figure)),
        tally.count(currency, figure),
      ]])),
    })),
    plans: tally.plans().map(({ mrr, ...plan }) => ({ ...plan, mrr: format(mrr) }))
      .sort((a, b) => `${a.price} ${a.currency}` < `${b.price} ${b.currency}` ? -1 : 1),
  };
}

function tallyOf(standings: readonly Standing[]): Tally {
  const tally = createTally();
  standings.forEach(tally.add);
  return tally;
}

Deno.test("an empty tally has nothing", () => {
  const nothing = { active: 0, customers: 0, byStatus: {}, currencies: [], plans: [] };
  assert.deepEqual(all(createTally()), nothing);
  assert.equal(format(createTally().total("usd", "mrr")), "0");
});

Deno.test("one of two subscriptions of a customer ending does not lose the customer", () => {
  const first = standing({ id: "sub_1" });
  const second = standing({ id: "sub_2" });
  const tally = tallyOf([first, second]);
  tally.remove(second);
  tally.add(standing({ id: "sub_2", status: "canceled" }));
  assert.equal(tally.active(), 1);
  assert.equal(format(tally.total("usd", "mrr")), "1000");
  tally.remove(first);
  tally.add(standing({ id: "sub_1", status: "canceled" }));
  assert.equal(tally.active(), 0);
  assert.equal(tally.customers(), 1);
});

Deno.test("free, fully discounted, trialing and unvalued customers are not active", () => {
  const tally = tallyOf([
    standing({ id: "sub_1", customer: "cus_1", items: [itemOf({ amount: 0 })] }),
    standing({ id: "sub_2", customer: "cus_2", discounts: [makeDiscount({ percent: 100 })] }),
    standing({ id: "sub_3", customer: "cus_3", status: "trialing" }),
    standing({ id: "sub_4", customer: "cus_4", itemsTruncated: true }),
  ]);
  assert.equal(tally.active(), 0);
  assert.equal(tally.customers(), 4);
});

Deno.test("a customer who pays in two currencies is one customer, and pays in each", () => {
  const tally = tallyOf([
    standing({ id: "sub_1" }),
    standing({ id: "sub_2", currency: "eur", items: [itemOf({ currency: "eur" })] }),
  ]);
  assert.deepEqual(tally.currencies(), ["eur", "usd"]);
  assert.deepEqual([tally.active(), tally.payingIn("usd"), tally.payingIn("eur")], [1, 1, 1]);
});

Deno.test("past-due MRR is a part of MRR; leaving, trialing, paused and excluded MRR are beside it", () => {
  const tally = tallyOf([
    standing({ id: "sub_1", status: "past_due" }),
    standing({ id: "sub_2", cancelAtPeriodEnd: true }),
    standing({ id: "sub_3", status: "trialing" }),
    standing({ id: "sub_4", status: "paused" }),
    standing({ id: "sub_5", pause: { behavior: "void", resumesAt: null } }),
    standing({ id: "sub_6" }, true),
  ]);
  const totals = FIGURES.map((figure) => [
    figure,
    format(tally.total("usd", figure)),
    tally.count("usd", figure),
  ]);
  assert.deepEqual(totals, [
    ["mrr", "1000", 1],
    ["pastDueMrr", "1000", 1],
    ["scheduledToCancelMrr", "1000", 1],
    ["trialingMrr", "1000", 1],
    ["pausedMrr", "2000", 2],
    ["excludedMrr", "1000", 1],
  ]);
});

Deno.test("an excluded subscription adds nothing but what would be", () => {
  const { mrr, lines, reason, excluded, scheduledToCancel } = standing(
    { cancelAtPeriodEnd: false },
    true,
  );
  assert.deepEqual([
    format(mrr!),
    lines.length,
    reason,
    format(excluded),
    format(scheduledToCancel),
  ], [
    "0",
    0,
    "excluded",
    "1000",
    "0",
  ]);
});

Deno.test("a subscription that cannot be valued has no MRR, and says why", () => {
  const { mrr, reason, issues } = standing({ itemsTruncated: true });
  assert.deepEqual([mrr, reason, issues], [null, null, ["items_truncated"]]);
});

Deno.test("two items of one price are one customer of the plan", () => {
  const items = [itemOf({}, { id: "si_1" }), itemOf({}, { id: "si_2" })];
  const [plan] = tallyOf([standing({ items })]).plans();
  assert.deepEqual([plan?.price, plan?.customers, format(plan!.mrr)], ["price_a", 1, "2000"]);
});

const standings = fc.record({
  sub: subscriptions,
  options: optionSets,
  id: fc.integer({ min: 1, max: 6 }),
  customer: fc.integer({ min: 1, max: 3 }),
  excluded: fc.integer({ min: 0, max: 5 }).map((dice) => dice === 0),
}).map(({ sub, options, id, customer, excluded }) => {
  const named = { ...sub, id: `sub_${id}`, customer: `cus_${customer}` };
  return standingOf(named, AT, options, {}, excluded).standing;
});

Deno.test("after any changes a tally is the same as one of what is left", () => {
  fc.assert(
    fc.property(fc.array(standings, { maxLength: 20 }), (changes) => {
      const tally = createTally();
      const current = new Map<string, Standing>();
      for (const next of changes) {
        const before = current.get(next.sub.id);
        if (before) tally.remove(before);
        current.set(next.sub.id, next);
        tally.add(next);
      }
      assert.deepEqual(all(tally), all(tallyOf([...current.values()])));
      for (const each of current.values()) tally.remove(each);
      assert.deepEqual(all(tally), all(createTally()));
    }),
    { numRuns: 300 },
  );
});

Deno.test("plans add up to MRR in every currency", () => {
  fc.assert(fc.property(fc.array(standings, { maxLength: 8 }), (found) => {
    const tally = tallyOf(found);
    for (const currency of tally.currencies()) {
      const plans = tally.plans().filter((plan) => plan.currency === currency);
      assert.deepEqual(sum(plans.map(({ mrr }) => mrr)), tally.total(currency, "mrr"));
    }
  }));
});
