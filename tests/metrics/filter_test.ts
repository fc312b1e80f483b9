import assert from "node:assert/strict";
import { billingOf, filterSegment, filterStanding, NO_FILTER } from "../../src/metrics/filter.ts";
import { PRESETS } from "../../src/metrics/options.ts";
import { format } from "../../src/metrics/rational.ts";
import { inferSegments } from "../../src/metrics/infer.ts";
import { standingOf } from "../../src/metrics/standing.ts";
import type { Subscription } from "../../src/metrics/types.ts";
import { AT, DAY, itemOf, makeSub } from "./fixture.ts";

const PLAN_B = { ...NO_FILTER, price: "price_b" };
const items = [itemOf({}, { id: "si_1" }), itemOf({ id: "price_b", amount: 250 }, { id: "si_2" })];

function standing(parts: Partial<Subscription>) {
  return standingOf(makeSub({ items, ...parts }), AT, PRESETS.stripe, {}, false);
}

Deno.test("billingOf() names twelve months a year, seven days a week, three months a quarter", () => {
  const cases: [string, number, string][] = [
    ["month", 1, "month"],
    ["month", 3, "quarter"],
    ["month", 6, "half-year"],
    ["month", 12, "year"],
    ["month", 24, "2-year"],
    ["month", 2, "2-month"],
    ["year", 1, "year"],
    ["day", 7, "week"],
    ["day", 14, "2-week"],
    ["day", 30, "30-day"],
  ];
  for (const [interval, count, name] of cases) assert.equal(billingOf(interval, count), name);
});

Deno.test("filterStanding() leaves the lines of the plan, and what they are worth", () => {
  const left = filterStanding(standing({}).standing, PLAN_B)!;
  assert.equal(format(left.mrr!), "250");
  assert.deepEqual(left.lines.map(({ item }) => item), ["si_2"]);
});

Deno.test("filterStanding() splits what stands beside MRR: in trial, paused, leaving", () => {
  const trial = standing({ status: "trialing", trialEnd: AT + DAY }).standing;
  assert.equal(format(trial.trialing), "1250");
  assert.equal(format(filterStanding(trial, PLAN_B)!.trialing), "250");
  const paused = standing({ pause: { behavior: "void", resumesAt: null } }).standing;
  assert.equal(format(filterStanding(paused, PLAN_B)!.paused), "250");
  const leaving = standing({ cancelAtPeriodEnd: true, canceledAt: AT - DAY }).standing;
  assert.equal(format(filterStanding(leaving, PLAN_B)!.scheduledToCancel), "250");
});

Deno.test("filterStanding() gives nothing for a subscription without such an item", () => {
  assert.equal(filterStanding(standing({}).standing, { ...NO_FILTER, price: "price_c" }), null);
});

Deno.test("filterSegment() leaves a segment as it is where all of it is let through", () => {
  const { result } = standing({});
  const [segment] = inferSegments(makeSub({ items }), AT, PRESETS.stripe, {}, result);
  assert.equal(filterSegment(segment!, { ...NO_FILTER, product: "prod_a" }), segment);
  assert.equal(format(filterSegment(segment!, PLAN_B)!.exact), "250");
});
