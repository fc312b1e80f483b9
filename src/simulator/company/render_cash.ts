/** Balance transactions, payouts and disputes as Stripe objects. */
import type Stripe from "stripe";
import { type DisputeRef, type Movement, type PayoutRef, RATES } from "./cash.ts";

const TYPES = {
  charge: "charge",
  refund: "refund",
  dispute: "adjustment",
  dispute_reversal: "adjustment",
  payout: "payout",
} as const;

const DESCRIPTIONS = {
  charge: "Subscription",
  refund: "REFUND FOR CHARGE",
  dispute: "Chargeback withdrawal",
  dispute_reversal: "Chargeback reversal",
  payout: "STRIPE PAYOUT",
} as const;

/** The fields of a charge that say what was paid; served as its id unless it is expanded. */
function chargeObject({ source, created, amount, currency }: Movement): Stripe.Charge {
  return {
    id: source,
    object: "charge",
    amount: Math.round(amount / RATES[currency]),
    created,
    currency,
    livemode: false,
    paid: true,
    status: "succeeded",
  } as Stripe.Charge;
}

export function transactionObject(movement: Movement, now: number): Stripe.BalanceTransaction {
  const { id, created, kind, amount, fee, availableOn, source, currency } = movement;
  const rate = RATES[currency];
  return {
    id,
    object: "balance_transaction",
    amount,
    available_on: availableOn,
    balance_type: "payments",
    created,
    currency: "usd",
    description: DESCRIPTIONS[kind],
    exchange_rate: kind === "payout" || rate === 1 ? null : rate,
    fee,
    fee_details: fee === 0 ? [] : [{
      amount: fee,
      application: null,
      currency: "usd",
      description: kind === "dispute" ? "Dispute fee" : "Stripe processing fees",
      type: "stripe_fee",
    }],
    net: amount - fee,
    reporting_category: kind,
    source: kind === "charge" ? chargeObject(movement) : source,
    status: kind === "payout" || availableOn <= now ? "available" : "pending",
    type: TYPES[kind],
  };
}

export function payoutObject(ref: PayoutRef, now: number): Stripe.Payout {
  const { id, created, amount, arrival } = ref;
  return {
    id,
    object: "payout",
    amount,
    application_fee: null,
    application_fee_amount: null,
    arrival_date: arrival,
    automatic: true,
    balance_transaction: `txn_payout${created.toString(36)}`,
    created,
    currency: "usd",
    description: DESCRIPTIONS.payout,
    destination: "ba_1simulated",
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    livemode: false,
    metadata: {},
    method: "standard",
    original_payout: null,
    payout_method: null,
    reconciliation_status: arrival <= now ? "completed" : "in_progress",
    reversed_by: null,
    source_type: "card",
    statement_descriptor: null,
    status: arrival <= now ? "paid" : "in_transit",
    trace_id: null,
    type: "bank_account",
  };
}

/** The fields of a dispute that say what it is about; evidence is left out. */
export function disputeObject(ref: DisputeRef, now: number) {
  const { id, created, amount, charge, decidedAt, won } = ref;
  return {
    id,
    object: "dispute" as const,
    amount,
    balance_transactions: [],
    charge,
    created,
    currency: "usd",
    enhanced_eligibility_types: [],
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: `pi_${charge.slice(3)}`,
    reason: "fraudulent",
    status: decidedAt > now ? "needs_response" : won ? "won" : "lost",
  };
}
