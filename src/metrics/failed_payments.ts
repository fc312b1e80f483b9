/**
 * Failed payments of subscription invoices (metrics.md C.9): which failed, and what became of
 * them.
 *
 * @module
 */
import { type Derived, recoveryRate } from "./ratios.ts";
import { multiply, type Rational, rational, sum, ZERO } from "./rational.ts";

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

export const FAILURE_OUTCOMES = ["recovered", "paidOffStripe", "lost", "open"] as const;
export type FailureOutcome = typeof FAILURE_OUTCOMES[number];

/** Shares of the amount that failed, in exact minor units; they add up to it. */
export type FailureShares = Readonly<Record<FailureOutcome, Rational>>;

export interface Failure extends FailureShares {
  readonly fact: PaymentFact;
  readonly firstFailureAt: number;
  readonly outcome: FailureOutcome;
  /** What failed. */
  readonly entered: Rational;
}

/** Statuses of a subscription that nothing is retried for. */
const ENDED: ReadonlySet<string> = new Set(["canceled", "unpaid", "incomplete_expired"]);

const NOTHING: FailureShares = { recovered: ZERO, paidOffStripe: ZERO, lost: ZERO, open: ZERO };

/**
 * What became of an invoice, or `null` where no payment of it failed.
 *
 * @param subscriptionStatus Stripe's status of its subscription now; left out where it is not known.
 */
export function failureOf(
  fact: PaymentFact,
  subscriptionStatus: string | undefined,
): Failure | null {
  const { firstFailureAt, status, failedAmount } = fact;
  if (firstFailureAt === null || status === "draft") return null;
  const entered = rational(failedAmount);
  const base = { ...NOTHING, fact, firstFailureAt, entered };
  if (status === "paid") {
    const off = fact.paidOffStripe < failedAmount ? fact.paidOffStripe : failedAmount;
    const recovered = failedAmount - off;
    return {
      ...base,
      outcome: recovered > 0n || off === 0n ? "recovered" : "paidOffStripe",
      recovered: rational(recovered),
      paidOffStripe: rational(off),
    };
  }
  const ended = subscriptionStatus !== undefined && ENDED.has(subscriptionStatus);
  return status === "uncollectible" || status === "void" || ended
    ? { ...base, outcome: "lost", lost: entered }
    : { ...base, outcome: "open", open: entered };
}

/** A failure with its amounts in another currency: one unit is worth `factor` there. */
export function scaleFailure(failure: Failure, factor: Rational): Failure {
  const scaled = (amount: Rational) => multiply(amount, factor);
  return {
    ...failure,
    entered: scaled(failure.entered),
    recovered: scaled(failure.recovered),
    paidOffStripe: scaled(failure.paidOffStripe),
    lost: scaled(failure.lost),
    open: scaled(failure.open),
  };
}

/** entered = recovered + paidOffStripe + lost + open, in amounts and in counts. */
export const FAILURE_PARTS = ["entered", ...FAILURE_OUTCOMES] as const;
export type FailurePart = typeof FAILURE_PARTS[number];

export interface FailureSum {
  /** Exact minor units. */
  readonly amount: Rational;
  readonly count: number;
}

export type FailureTotals = Readonly<Record<FailurePart, FailureSum>> & {
  /** recovered / (recovered + lost), by amount and by count; open is in neither. */
  readonly rateByAmount: Derived;
  readonly rateByCount: Derived;
};

function sumOf(part: FailurePart, failures: readonly Failure[]): FailureSum {
  return {
    amount: sum(failures.map((failure) => failure[part])),
    count: part === "entered"
      ? failures.length
      : failures.filter(({ outcome }) => outcome === part).length,
  };
}

/** Sums of failures, all in one currency. */
export function failureTotals(failures: readonly Failure[]): FailureTotals {
  const [recovered, lost] = [sumOf("recovered", failures), sumOf("lost", failures)];
  return {
    entered: sumOf("entered", failures),
    recovered,
    paidOffStripe: sumOf("paidOffStripe", failures),
    lost,
    open: sumOf("open", failures),
    rateByAmount: recoveryRate(recovered.amount, lost.amount),
    rateByCount: recoveryRate(rational(recovered.count), rational(lost.count)),
  };
}
