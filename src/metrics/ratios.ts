/**
 * Derived metrics (metrics.md C.1 to C.7, C.9, C.10, C.12). Inputs are exact; where there is
 * nothing to divide by, the answer is `null` with the reason, never a stand-in number.
 *
 * @module
 */
import { createExactSum } from "./exact_sum.ts";
import {
  add,
  compare,
  divide,
  minimum,
  multiply,
  ONE,
  parse,
  type Rational,
  rational,
  subtract,
  sum,
  toNumber,
} from "./rational.ts";

/** Why a derived metric has no value, and the words shown beside "-". */
export const NO_VALUE_REASONS = {
  no_mrr_at_start: "no MRR at the start",
  no_customers_at_start: "no customers at the start",
  no_customers: "no paying customers",
  no_losses: "no losses",
  no_churn: "no churn",
  fewer_than_3_months: "fewer than 3 complete months",
  no_trials_ended: "no trials ended",
  nothing_decided: "nothing decided yet",
  no_charges: "no charges",
  nothing_billed: "nothing was billed",
  no_mrr: "no MRR",
  no_new_customers: "no new customers",
  no_acquisition_cost: "no acquisition cost",
  no_margin: "no revenue or no margin",
} as const;
export type NoValueReason = keyof typeof NO_VALUE_REASONS;

export type Derived =
  | { readonly value: Rational }
  | { readonly value: null; readonly reason: NoValueReason };

/** Part / whole, or why there is none: a whole of 0 (B.1). */
export function share(part: Rational, whole: Rational, reason: NoValueReason): Derived {
  return whole.n === 0n ? { value: null, reason } : { value: divide(part, whole) };
}

function mapped(derived: Derived, change: (value: Rational) => Rational): Derived {
  return derived.value === null ? derived : { value: change(derived.value) };
}

/** 12 × MRR at the end of the period, exactly (C.1). */
export function arr(mrr: Rational): Rational {
  return multiply(rational(12), mrr);
}

/** (end − start) / start (C.2); also year on year. */
export function growth(start: Rational, end: Rational): Derived {
  return share(subtract(end, start), start, "no_mrr_at_start");
}

function wholeRoot(value: bigint, degree: number): bigint | null {
  const root = BigInt(Math.round(Math.pow(Number(value), 1 / degree)));
  return root ** BigInt(degree) === value ? root : null;
}

/**
 * Compound monthly growth, (end / start)^(1 / months) − 1 (C.2): exact where the root is, else
 * the nearest float; for display only.
 *
 * @throws {RangeError} when `months` is not a whole number of 1 or more.
 */
export function compoundMonthlyGrowth(start: Rational, end: Rational, months: number): Derived {
  if (!Number.isSafeInteger(months) || months < 1) {
    throw new RangeError(
      `Cannot compound growth as months must be a whole number >= 1: current value is ${months}`,
    );
  }
  return mapped(share(end, start, "no_mrr_at_start"), (factor) => {
    const n = wholeRoot(factor.n, months);
    const d = wholeRoot(factor.d, months);
    const root = n !== null && d !== null
      ? rational(n, d)
      : parse(String(Math.pow(toNumber(factor), 1 / months)));
    return subtract(root, ONE);
  });
}

/**
 * Customers lost in the last 30 days / (active 30 days ago + joined since) (C.3).
 *
 * @param joined Who was not there 30 days ago: the new ones, and who came back and left again.
 */
export function churnCustomersStripe30(
  lost: number,
  activeAtStart: number,
  joined: number,
): Derived {
  return share(rational(lost), rational(activeAtStart + joined), "no_customers_at_start");
}

/** Of those active at the start, the share gone at the end (C.3). */
export function churnCustomersCalendar(churnedOfStart: number, activeAtStart: number): Derived {
  return share(rational(churnedOfStart), rational(activeAtStart), "no_customers_at_start");
}

/** Sums of movements in minor units of one currency. */
export interface Flows {
  readonly start: Rational;
  readonly new: Rational;
  readonly reactivation: Rational;
  readonly expansion: Rational;
  readonly contraction: Rational;
  readonly churn: Rational;
}

/** (churn + contraction) / start (C.3). */
export function churnRevenueGross(
  { churn, contraction, start }: Pick<Flows, "churn" | "contraction" | "start">,
): Derived {
  return share(add(churn, contraction), start, "no_mrr_at_start");
}

/** (churn + contraction − expansion − reactivation) / start; may be negative (C.3). */
export function churnRevenueNet(
  { churn, contraction, expansion, reactivation, start }: Omit<Flows, "new">,
): Derived {
  const lost = subtract(add(churn, contraction), add(expansion, reactivation));
  return share(lost, start, "no_mrr_at_start");
}

/** A customer's MRR at the start and at the end of a window, at one rate. */
export type Ends = readonly [start: Rational, end: Rational];

function retained(customers: Iterable<Ends>, kept: (...ends: Ends) => Rational): Derived {
  const [whole, part] = [createExactSum(), createExactSum()];
  for (const [start, end] of customers) {
    if (start.n <= 0n) continue;
    whole.add(start);
    part.add(kept(start, end));
  }
  return share(part.total(), whole.total(), "no_mrr_at_start");
}

/** Σ end / Σ start over customers with MRR at the start (C.4). */
export function netRetention(customers: Iterable<Ends>): Derived {
  return retained(customers, (_, end) => end);
}

/** Σ min(start, end) / Σ start over customers with MRR at the start; at most 1 (C.4). */
export function grossRetention(customers: Iterable<Ends>): Derived {
  return retained(customers, minimum);
}

/** (new + reactivation + expansion) / (contraction + churn) (C.5). */
export function quickRatio(flows: Omit<Flows, "start">): Derived {
  const gained = sum([flows.new, flows.reactivation, flows.expansion]);
  return share(gained, add(flows.contraction, flows.churn), "no_losses");
}

/** MRR / paying customers, both at the end (C.6). */
export function arpa(mrr: Rational, customers: number): Derived {
  return share(mrr, rational(customers), "no_customers");
}

/** ARPA × gross margin / churn, `churn` a share a month; without a margin it is left out (C.6). */
export function lifetimeValue(arpa: Rational, churn: Rational, grossMargin = ONE): Derived {
  return share(multiply(arpa, grossMargin), churn, "no_churn");
}

const SMOOTHED_MONTHS_MIN = 3;
const SMOOTHED_MONTHS_MAX = 6;

/**
 * Lifetime value by the mean monthly customer churn of the newest 6 complete months, at least 3
 * (C.6). Months without customers at their start have no churn and are left out by the caller.
 *
 * @param monthlyChurn Oldest first.
 */
export function lifetimeValueSmoothed(
  arpa: Rational,
  monthlyChurn: readonly Rational[],
  grossMargin = ONE,
): Derived {
  const months = monthlyChurn.slice(-SMOOTHED_MONTHS_MAX);
  if (months.length < SMOOTHED_MONTHS_MIN) return { value: null, reason: "fewer_than_3_months" };
  return lifetimeValue(arpa, divide(sum(months), rational(months.length)), grossMargin);
}

/** Trials converted / trials ended, both in the last 30 days; may pass 1 (C.7). */
export function trialConversionStripe30(converted: number, ended: number): Derived {
  return share(rational(converted), rational(ended), "no_trials_ended");
}

/** How a trial came out; `running` is not decided yet. */
export const TRIAL_OUTCOMES = ["converted", "canceled", "paused", "lapsed", "running"] as const;
export type TrialOutcome = typeof TRIAL_OUTCOMES[number];

/** Of the trials that are decided, the share converted (C.7). */
export function trialConversionCohort(outcomes: Iterable<TrialOutcome>): Derived {
  const decided = [...outcomes].filter((outcome) => outcome !== "running");
  const converted = decided.filter((outcome) => outcome === "converted");
  return share(rational(converted.length), rational(decided.length), "nothing_decided");
}

/** Recovered / (recovered + lost), by amount or by count; what is open is in neither (C.9). */
export function recoveryRate(recovered: Rational, lost: Rational): Derived {
  return share(recovered, add(recovered, lost), "nothing_decided");
}

/** Sums by reporting category as amounts above 0, in minor units of one currency (C.10). */
export interface CashFlows {
  readonly charges: Rational;
  readonly chargeFailures: Rational;
  readonly partialCaptureReversals: Rational;
  readonly refunds: Rational;
  readonly refundFailures: Rational;
  readonly disputes: Rational;
  readonly disputeReversals: Rational;
  readonly fees: Rational;
  readonly connectTransfers: Rational;
}

/** Charges less those that failed later (C.10). */
export function grossVolume(
  flows: Pick<CashFlows, "charges" | "chargeFailures" | "partialCaptureReversals">,
): Rational {
  return subtract(flows.charges, add(flows.chargeFailures, flows.partialCaptureReversals));
}

/** Gross volume less refunds, disputes, fees and transfers to connected accounts (C.10). */
export function netVolume(flows: CashFlows): Rational {
  const refunds = subtract(flows.refunds, flows.refundFailures);
  const disputes = subtract(flows.disputes, flows.disputeReversals);
  const taken = sum([refunds, disputes, flows.fees, flows.connectTransfers]);
  return subtract(grossVolume(flows), taken);
}

/** Refunds / gross volume of the same period, by amount (C.10). */
export function refundRate(refunds: Rational, gross: Rational): Derived {
  return share(refunds, gross, "no_charges");
}

/** Paid / billed of subscription invoices, by amount (C.11, cash forecast). */
export function collectionRate(paid: Rational, billed: Rational): Derived {
  return share(paid, billed, "nothing_billed");
}

/** Disputes created / charges, by count (C.10). */
export function disputeRate(disputes: number, charges: number): Derived {
  return share(rational(disputes), rational(charges), "no_charges");
}

/** Marketing spend of a month / new customers of the month (C.12). */
export function acquisitionCost(spend: Rational, newCustomers: number): Derived {
  return share(spend, rational(newCustomers), "no_new_customers");
}

/** Months until the gross margin of a customer has paid for its acquisition (C.12). */
export function paybackMonths(cac: Rational, arpa: Rational, grossMargin: Rational): Derived {
  return share(cac, multiply(arpa, grossMargin), "no_margin");
}

/** Lifetime value / acquisition cost (C.12). */
export function lifetimeValueToCost(lifetimeValue: Derived, cac: Rational): Derived {
  if (lifetimeValue.value === null) return lifetimeValue;
  return share(lifetimeValue.value, cac, "no_acquisition_cost");
}

/** ARR growth year on year + profit margin (C.12). */
export function ruleOf40(
  arrNow: Rational,
  arrYearAgo: Rational,
  profitMargin: Rational,
): Derived {
  return mapped(growth(arrYearAgo, arrNow), (value) => add(value, profitMargin));
}

/** Share of MRR that the `top` largest customers have. */
export function concentration(amounts: Iterable<Rational>, top: number): Derived {
  const sorted = [...amounts].sort((a, b) => compare(b, a));
  return share(sum(sorted.slice(0, top)), sum(sorted), "no_mrr");
}
