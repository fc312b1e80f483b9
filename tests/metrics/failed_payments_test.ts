import assert from "node:assert/strict";
import {
  failureOf,
  failureTotals,
  isOfCourse,
  type PaymentFact,
} from "../../src/metrics/failed_payments.ts";
import { rational } from "../../src/metrics/rational.ts";
import { at } from "./histories.ts";

function fact(parts: Partial<PaymentFact> = {}): PaymentFact {
  return {
    invoice: "in_1",
    subscription: "sub_1",
    currency: "usd",
    status: "open",
    created: at("2026-03-01"),
    finalizedAt: at("2026-03-01"),
    due: 5000n,
    paid: 0n,
    remaining: 5000n,
    paidOffStripe: 0n,
    attempts: 1,
    firstFailureAt: at("2026-03-01"),
    failedAmount: 5000n,
    nextAttemptAt: at("2026-03-04"),
    paidAt: null,
    lostAt: null,
    lossReason: null,
    usage: 0n,
    ...parts,
  };
}

const outcome = (parts: Partial<PaymentFact>, status = "past_due") =>
  failureOf(fact(parts), status)?.outcome ?? null;

Deno.test("invoices of a subscription's course count: create, cycle, update, threshold", () => {
  assert.deepEqual(
    [
      "subscription_create",
      "subscription_cycle",
      "subscription_update",
      "subscription_threshold",
      "manual",
      "upcoming",
    ].map(isOfCourse),
    [true, true, true, true, false, false],
  );
  assert.equal(isOfCourse(null), false);
});

Deno.test("paid after a failure is recovered, without one it is no failed payment", () => {
  assert.equal(outcome({ status: "paid", paid: 5000n, remaining: 0n, attempts: 2 }), "recovered");
  assert.equal(outcome({ status: "paid", firstFailureAt: null }), null);
});

Deno.test("uncollectible, void, or open with its subscription ended or unpaid is lost", () => {
  assert.equal(outcome({ status: "uncollectible" }), "lost");
  assert.equal(outcome({ status: "void" }), "lost");
  assert.equal(outcome({}, "canceled"), "lost");
  assert.equal(outcome({}, "unpaid"), "lost");
});

Deno.test("the rest is open, with a retry left or without", () => {
  assert.equal(outcome({}), "open");
  assert.equal(outcome({ nextAttemptAt: null }), "open");
  assert.equal(outcome({}, "active"), "open");
});

Deno.test("what was paid off Stripe stands on its own line, in no recovery", () => {
  const paid = { status: "paid", paid: 5000n, remaining: 0n } as const;
  const whole = failureOf(fact({ ...paid, paidOffStripe: 5000n }), "active")!;
  assert.deepEqual([whole.outcome, whole.recovered, whole.paidOffStripe], [
    "paidOffStripe",
    rational(0),
    rational(5000),
  ]);
  const part = failureOf(fact({ ...paid, paidOffStripe: 2000n }), "active")!;
  assert.deepEqual([part.outcome, part.recovered, part.paidOffStripe], [
    "recovered",
    rational(3000),
    rational(2000),
  ]);
});

Deno.test("the recovery rate leaves out what is open: 7000 of 10000, though 5000 are open", () => {
  const totals = failureTotals([
    failureOf(fact({ status: "paid", failedAmount: 4000n }), "active")!,
    failureOf(fact({ status: "paid", failedAmount: 3000n }), "active")!,
    failureOf(fact({ status: "uncollectible", failedAmount: 3000n }), "canceled")!,
    failureOf(fact({ failedAmount: 5000n }), "past_due")!,
  ]);
  assert.deepEqual(totals.entered, { amount: rational(15_000), count: 4 });
  assert.deepEqual(totals.recovered, { amount: rational(7000), count: 2 });
  assert.deepEqual(totals.lost, { amount: rational(3000), count: 1 });
  assert.deepEqual(totals.open, { amount: rational(5000), count: 1 });
  assert.deepEqual(totals.rateByAmount, { value: rational(7, 10) });
  assert.deepEqual(totals.rateByCount, { value: rational(2, 3) });
});

Deno.test("nothing decided gives no rate, and says so", () => {
  const { rateByAmount } = failureTotals([failureOf(fact(), "past_due")!]);
  assert.deepEqual(rateByAmount, { value: null, reason: "nothing_decided" });
});
