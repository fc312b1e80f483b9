/**
 * Failed payments of subscription invoices (metrics.md C.9): which failed, and what became of
 * them.
 *
 * @module
 */
import { type Calendar, monthKey } from "./calendar.ts";
import { type Derived, recoveryRate } from "./ratios.ts";
import { rational } from "./rational.ts";

/** What is kept of a subscription invoice's payment. Amounts in minor units, times Unix seconds. */
export interface PaymentFact {
  readonly invoice: string;
  readonly subscription: string;
  readonly currency: string;
  /** draft, open, paid, uncollectible, void. */
  readonly status: string;
  readonly created: number;
  readonly finalizedAt: number | null;
  readonly due: bigint;
  readonly paid: bigint;
  readonly remaining: bigint;
  readonly paidOffStripe: bigint;
  readonly attempts: number;
  /** When a payment first failed; `null` where none did, or where the invoice is of no cycle. */
  readonly firstFailureAt: number | null;
  /** `amount_remaining` when it first failed. */
  readonly failedAmount: bigint;
  /** `null`: no retry is left. */
  readonly nextAttemptAt: number | null;
  readonly paidAt: number | null;
  /** When it was marked uncollectible or voided. */
  readonly lostAt: number | null;
  /** `status_details.uncollectible.reason`. */
  readonly lossReason: string | null;
  /** Its metered lines, after discounts and without inclusive tax. */
  readonly usage: bigint;
}

/** Reasons for an invoice that make it one of a subscription's course (C.9). */
const COURSE: ReadonlySet<string> = new Set([
  "subscription_create",
  "subscription_cycle",
  "subscription_update",
  "subscription_threshold",
]);

/** Whether a failure of the invoice is one of failed payments. */
export function isOfCourse(billingReason: string | null): boolean {
  return billingReason !== null && COURSE.has(billingReason);
}

export const FAILURE_OUTCOMES = ["recovered", "paid_off_stripe", "lost", "open"] as const;
export type FailureOutcome = typeof FAILURE_OUTCOMES[number];

export interface Failure {
  readonly fact: PaymentFact;
  readonly firstFailureAt: number;
  readonly outcome: FailureOutcome;
  readonly recovered: bigint;
  readonly paidOffStripe: bigint;
  readonly lost: bigint;
  readonly open: bigint;
}

/** Statuses of a subscription that nothing is retried for. */
const ENDED: ReadonlySet<string> = new Set(["canceled", "unpaid", "incomplete_expired"]);

/**
 * What became of an invoice, or `null` where no payment of it failed. The four shares add up to
 * the amount that failed.
 *
 * @param subscriptionStatus Stripe's status of its subscription now; left out where it is not known.
 */
export function failureOf(
  fact: PaymentFact,
  subscriptionStatus: string | undefined,
): Failure | null {
  const { firstFailureAt, status, failedAmount } = fact;
  if (firstFailureAt === null || status === "draft") return null;
  const none = { recovered: 0n, paidOffStripe: 0n, lost: 0n, open: 0n };
  if (status === "paid") {
    const off = fact.paidOffStripe < failedAmount ? fact.paidOffStripe : failedAmount;
    const recovered = failedAmount - off;
    const outcome = recovered > 0n || off === 0n ? "recovered" : "paid_off_stripe";
    return { ...none, fact, firstFailureAt, outcome, recovered, paidOffStripe: off };
  }
  const ended = subscriptionStatus !== undefined && ENDED.has(subscriptionStatus);
  return status === "uncollectible" || status === "void" || ended
    ? { ...none, fact, firstFailureAt, outcome: "lost", lost: failedAmount }
    : { ...none, fact, firstFailureAt, outcome: "open", open: failedAmount };
}

export interface FailureSum {
  /** Minor units. */
  readonly amount: bigint;
  readonly count: number;
}

/** entered = recovered + paidOffStripe + lost + open, in amounts and in counts. */
export interface FailureTotals {
  readonly entered: FailureSum;
  readonly recovered: FailureSum;
  readonly paidOffStripe: FailureSum;
  readonly lost: FailureSum;
  readonly open: FailureSum;
  /** recovered / (recovered + lost), by amount and by count; open is in neither. */
  readonly rateByAmount: Derived;
  readonly rateByCount: Derived;
}

/** Sums of failures of one currency. */
export function failureTotals(failures: readonly Failure[]): FailureTotals {
  const sumOf = (outcome: FailureOutcome, share: (failure: Failure) => bigint): FailureSum => ({
    amount: failures.reduce((total, failure) => total + share(failure), 0n),
    count: failures.filter((failure) => failure.outcome === outcome).length,
  });
  const recovered = sumOf("recovered", (failure) => failure.recovered);
  const lost = sumOf("lost", (failure) => failure.lost);
  return {
    entered: {
      amount: failures.reduce((total, { fact }) => total + fact.failedAmount, 0n),
      count: failures.length,
    },
    recovered,
    paidOffStripe: sumOf("paid_off_stripe", (failure) => failure.paidOffStripe),
    lost,
    open: sumOf("open", (failure) => failure.open),
    rateByAmount: recoveryRate(rational(recovered.amount), rational(lost.amount)),
    rateByCount: recoveryRate(rational(recovered.count), rational(lost.count)),
  };
}

/** Failures by the local month of their first failure, `2026-01`, oldest first. */
export function failureCohorts(
  failures: readonly Failure[],
  calendar: Calendar,
): { readonly month: string; readonly totals: FailureTotals }[] {
  const months = new Map<string, Failure[]>();
  for (const failure of failures) {
    const month = monthKey(calendar.dayOf(failure.firstFailureAt));
    const found = months.get(month);
    if (found) found.push(failure);
    else months.set(month, [failure]);
  }
  return [...months].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([month, found]) => ({ month, totals: failureTotals(found) }));
}
