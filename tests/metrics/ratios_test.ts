import assert from "node:assert/strict";
import fc from "fast-check";
import { compare, format, ONE, parse, rational, ZERO } from "../../src/metrics/rational.ts";
import {
  acquisitionCost,
  compoundMonthlyGrowth,
  concentration,
  type Derived,
  disputeRate,
  type Ends,
  grossRetention,
  grossVolume,
  lifetimeValue,
  lifetimeValueSmoothed,
  lifetimeValueToCost,
  netRetention,
  netVolume,
  NO_VALUE_REASONS,
  quickRatio,
  recoveryRate,
  refundRate,
  ruleOf40,
  trialConversionCohort,
} from "../../src/metrics/ratios.ts";

const text = (derived: Derived) => derived.value === null ? derived.reason : format(derived.value);
const twentieth = rational(1, 20);

Deno.test("without losses there is no quick ratio, and it says so", () => {
  const flows = {
    new: ONE,
    reactivation: ZERO,
    expansion: ZERO,
    contraction: ZERO,
    churn: ZERO,
  };
  assert.equal(text(quickRatio(flows)), "no_losses");
  assert.equal(NO_VALUE_REASONS.no_losses, "no losses");
});

Deno.test("smoothed lifetime value takes the newest 6 months, at least 3, and a margin if given", () => {
  const churn = [ONE, ...Array(6).fill(twentieth)];
  assert.equal(text(lifetimeValueSmoothed(rational(1000), churn)), "20000");
  assert.equal(text(lifetimeValueSmoothed(rational(1000), churn, rational(1, 2))), "10000");
  assert.equal(text(lifetimeValueSmoothed(rational(1000), [twentieth])), "fewer_than_3_months");
  assert.equal(text(lifetimeValueSmoothed(rational(1000), [ZERO, ZERO, ZERO])), "no_churn");
});

Deno.test("compound growth is exact where its root is, and near it elsewhere", () => {
  assert.equal(text(compoundMonthlyGrowth(rational(10_000), rational(12_100), 2)), "1/10");
  const { value } = compoundMonthlyGrowth(rational(100), rational(200), 12);
  assert.ok(Math.abs(Number(value!.n) / Number(value!.d) - 0.0594630943592953) < 1e-12);
  assert.equal(text(compoundMonthlyGrowth(ZERO, ONE, 3)), "no_mrr_at_start");
  assert.throws(() => compoundMonthlyGrowth(ONE, ONE, 0), RangeError);
});

Deno.test("running trials are in neither part of the conversion, paused ones are not converted", () => {
  assert.equal(text(trialConversionCohort(["converted", "paused", "lapsed", "running"])), "1/3");
  assert.equal(text(trialConversionCohort(["running"])), "nothing_decided");
});

Deno.test("volume takes failed charges, returned refunds and won disputes into account", () => {
  const flows = {
    charges: rational(1000),
    chargeFailures: rational(100),
    partialCaptureReversals: rational(50),
    refunds: rational(200),
    refundFailures: rational(20),
    disputes: rational(80),
    disputeReversals: rational(30),
    fees: rational(25),
    connectTransfers: rational(5),
  };
  assert.equal(format(grossVolume(flows)), "850");
  assert.equal(format(netVolume(flows)), "590");
});

Deno.test("rates without anything to divide by have a reason", () => {
  assert.equal(text(refundRate(ONE, ZERO)), "no_charges");
  assert.equal(text(disputeRate(0, 0)), "no_charges");
  assert.equal(text(recoveryRate(ZERO, ZERO)), "nothing_decided");
  assert.equal(text(acquisitionCost(rational(5000), 0)), "no_new_customers");
  assert.equal(text(ruleOf40(ONE, ZERO, twentieth)), "no_mrr_at_start");
  assert.equal(text(lifetimeValueToCost(lifetimeValue(ONE, ZERO), ONE)), "no_churn");
  assert.equal(text(lifetimeValueToCost(lifetimeValue(ONE, ONE), ZERO)), "no_acquisition_cost");
  assert.equal(text(concentration([], 10)), "no_mrr");
});

Deno.test("concentration is the share of the largest customers", () => {
  const amounts = ["10", "60", "30"].map(parse);
  assert.equal(text(concentration(amounts, 1)), "3/5");
  assert.equal(text(concentration(amounts, 10)), "1");
});

const money = fc.integer({ min: 0, max: 5000 }).map((n) => rational(n, 3));
const customers = fc.array(fc.tuple(money, money) as fc.Arbitrary<Ends>);

Deno.test("gross retention is at most 1 and never above net retention", () => {
  fc.assert(fc.property(customers, (ends) => {
    const net = netRetention(ends);
    const gross = grossRetention(ends);
    assert.equal(net.value === null, gross.value === null);
    if (net.value === null || gross.value === null) return;
    assert.ok(compare(gross.value, ONE) <= 0);
    assert.ok(compare(gross.value, net.value) <= 0);
  }));
});
