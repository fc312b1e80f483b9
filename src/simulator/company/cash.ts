/**
 * The company's money: a balance transaction for every paid invoice, a payout every Monday, all
 * settled in dollars at fixed rates. Drawn from the invoices whenever it is asked for.
 */
import type Stripe from "stripe";
import { createShelf, type Shelf } from "../shelf.ts";
import { DAY } from "./calendar.ts";
import type { Currency } from "./catalogue.ts";
import { linesOf } from "./invoice_lines.ts";
import { fateOf, type InvoiceRef } from "./invoices.ts";

/** Dollars for one unit; Stripe's `exchange_rate` multiplies minor units alike. */
const RATES: Readonly<Record<Currency, number>> = { usd: 1, eur: 1.08, gbp: 1.27 };

const FEE_SHARE = 0.029;
const FEE_FIXED = 30;
/** Payments can be paid out two days later. */
const SETTLES_AFTER = 2 * DAY;
const WEEK = 7 * DAY;
/** Monday, 1970-01-05. */
const FIRST_MONDAY = 4 * DAY;

export interface Cash {
  readonly transactions: Shelf<Stripe.BalanceTransaction>;
  readonly payouts: Shelf<Stripe.Payout>;
  readonly balance: Stripe.Balance;
}

function startOfDay(at: number): number {
  return at - at % DAY;
}

function chargeOf(ref: InvoiceRef, total: number, paidAt: number): Stripe.BalanceTransaction {
  const rate = RATES[ref.sub.customer.currency];
  const amount = Math.round(total * rate);
  const fee = Math.round(amount * FEE_SHARE) + FEE_FIXED;
  return {
    id: `txn_${ref.id.slice(3)}`,
    object: "balance_transaction",
    amount,
    available_on: startOfDay(paidAt + SETTLES_AFTER),
    balance_type: "payments",
    created: paidAt,
    currency: "usd",
    description: "Subscription",
    exchange_rate: rate === 1 ? null : rate,
    fee,
    fee_details: [{
      amount: fee,
      application: null,
      currency: "usd",
      description: "Stripe processing fees",
      type: "stripe_fee",
    }],
    net: amount - fee,
    reporting_category: "charge",
    source: `ch_${ref.id.slice(3)}`,
    status: "available",
    type: "charge",
  };
}

function payoutOf(created: number, amount: number, now: number): Stripe.Payout {
  const arrival = created + 2 * DAY;
  const id = created.toString(36);
  return {
    id: `po_1${id}`,
    object: "payout",
    amount,
    application_fee: null,
    application_fee_amount: null,
    arrival_date: arrival,
    automatic: true,
    balance_transaction: `txn_payout${id}`,
    created,
    currency: "usd",
    description: "STRIPE PAYOUT",
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

function transactionOf(payout: Stripe.Payout): Stripe.BalanceTransaction {
  return {
    id: `txn_payout${payout.created.toString(36)}`,
    object: "balance_transaction",
    amount: -payout.amount,
    available_on: payout.arrival_date,
    balance_type: "payments",
    created: payout.created,
    currency: "usd",
    description: payout.description,
    exchange_rate: null,
    fee: 0,
    fee_details: [],
    net: -payout.amount,
    reporting_category: "payout",
    source: payout.id,
    status: "available",
    type: "payout",
  };
}

/** The Monday on which a transaction is paid out. */
function mondayOf({ available_on }: Stripe.BalanceTransaction): number {
  return FIRST_MONDAY + Math.ceil((available_on - FIRST_MONDAY) / WEEK) * WEEK;
}

/** The balance at once, its many transactions once somebody asks for them. */
function draw(charges: () => Iterable<Stripe.BalanceTransaction>, now: number): Cash {
  const byMonday = new Map<number, number>();
  let pending = 0;
  let available = 0;
  for (const charge of charges()) {
    const monday = mondayOf(charge);
    if (monday <= now) byMonday.set(monday, (byMonday.get(monday) ?? 0) + charge.net);
    else if (charge.available_on <= now) available += charge.net;
    else pending += charge.net;
  }
  const payouts = [...byMonday].map(([monday, amount]) => payoutOf(monday, amount, now));
  const seen = (charge: Stripe.BalanceTransaction): Stripe.BalanceTransaction =>
    charge.available_on <= now ? charge : { ...charge, status: "pending" };
  let transactions: Cash["transactions"] | undefined;
  const held = (amount: number) => [{ amount, currency: "usd", source_types: { card: amount } }];
  return {
    get transactions() {
      return transactions ??= createShelf([
        ...Array.from(charges(), seen),
        ...payouts.map(transactionOf),
      ]);
    },
    payouts: createShelf(payouts),
    balance: {
      object: "balance",
      available: held(available),
      livemode: false,
      pending: held(pending),
    },
  };
}

/** Creates the till: it is drawn afresh when time moved on or an invoice came. */
export function createTill(invoices: () => Shelf<InvoiceRef>, now: () => number): () => Cash {
  /** What invoices came to does not change; lines are only worked out once. */
  const totals = new Map<string, number>();
  let drawn: { readonly at: number; readonly count: number; readonly cash: Cash } | null = null;

  function totalOf(ref: InvoiceRef): number {
    let total = totals.get(ref.id);
    if (total === undefined) {
      total = linesOf(ref).reduce((sum, { net }) => sum + net, 0);
      totals.set(ref.id, total);
    }
    return total;
  }
  return () => {
    const at = now();
    const shelf = invoices();
    if (drawn?.at === at && drawn.count === shelf.size()) return drawn.cash;
    function* charges() {
      for (const ref of shelf.all()) {
        const { paidAt } = fateOf(ref, at);
        if (paidAt !== null && totalOf(ref) > 0) yield chargeOf(ref, totalOf(ref), paidAt);
      }
    }
    drawn = { at, count: shelf.size(), cash: draw(charges, at) };
    return drawn.cash;
  };
}
