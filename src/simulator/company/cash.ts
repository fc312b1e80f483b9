/**
 * The company's money: a balance transaction for every paid invoice, some of them refunded or
 * disputed, a payout every Monday, all settled in dollars at fixed rates. Worked out from the
 * invoices whenever it is asked for; objects are drawn when they are served.
 */
import type Stripe from "stripe";
import { mix } from "../random.ts";
import { createShelf, type Entry, type Shelf } from "../shelf.ts";
import { DAY, HOUR } from "./calendar.ts";
import type { Currency } from "./catalogue.ts";
import { linesOf } from "./invoice_lines.ts";
import { fateOf, type InvoiceRef } from "./invoices.ts";

/** Dollars for one unit; Stripe's `exchange_rate` multiplies minor units alike. */
export const RATES: Readonly<Record<Currency, number>> = { usd: 1, eur: 1.08, gbp: 1.27 };

const FEE_SHARE = 0.029;
const FEE_FIXED = 30;
/** What the customer's bank takes for a dispute. */
const DISPUTE_FEE = 1500;
/** Payments can be paid out two days later. */
const SETTLES_AFTER = 2 * DAY;
const WEEK = 7 * DAY;
/** From Monday to the bank on Friday. */
const TRANSIT = 4 * DAY;
/** Monday, 1970-01-05. */
const FIRST_MONDAY = 4 * DAY;
/** One payment of so many is refunded or disputed. */
const REFUNDED = 110;
const DISPUTED = 450;

export type MovementKind = "charge" | "refund" | "dispute" | "dispute_reversal" | "payout";

/** A movement of the balance, in cents; `fee` is not in `amount` yet. */
export interface Movement extends Entry {
  readonly kind: MovementKind;
  readonly amount: number;
  readonly fee: number;
  readonly availableOn: number;
  /** Id of the object it belongs to. */
  readonly source: string;
  readonly currency: Currency;
}

export interface PayoutRef extends Entry {
  readonly amount: number;
  readonly arrival: number;
}

export interface DisputeRef extends Entry {
  readonly amount: number;
  readonly charge: string;
  /** When the bank decided, and for whom. */
  readonly decidedAt: number;
  readonly won: boolean;
}

/** Sums of a month and category, in cents. */
export interface TrueCash {
  readonly month: string;
  readonly category: MovementKind;
  readonly amount: number;
  readonly fee: number;
  readonly net: number;
  readonly count: number;
}

export interface Cash {
  readonly movements: Shelf<Movement>;
  readonly payouts: Shelf<PayoutRef>;
  readonly disputes: Shelf<DisputeRef>;
  readonly balance: Stripe.Balance;
}

function chargeOf(ref: InvoiceRef, total: number, paidAt: number): Movement {
  const { currency } = ref.sub.customer;
  const amount = Math.round(total * RATES[currency]);
  const settles = paidAt + SETTLES_AFTER;
  return {
    id: `txn_${ref.id.slice(3)}`,
    created: paidAt,
    kind: "charge",
    amount,
    fee: Math.round(amount * FEE_SHARE) + FEE_FIXED,
    availableOn: settles - settles % DAY,
    source: `ch_${ref.id.slice(3)}`,
    currency,
  };
}

/** Money that goes back, or comes back, at once. */
function backOf(charge: Movement, kind: MovementKind, created: number, source: string): Movement {
  const back = kind === "dispute_reversal" ? 1 : -1;
  return {
    ...charge,
    id: `txn_${kind}${charge.id.slice(4)}`,
    created,
    kind,
    amount: back * charge.amount,
    fee: kind === "dispute" ? DISPUTE_FEE : 0,
    availableOn: created,
    source,
  };
}

function disputeOf({ source, amount, created }: Movement, chance: number): DisputeRef {
  return {
    id: `dp_${source.slice(3)}`,
    created: created + 12 * DAY + 5 * HOUR,
    amount,
    charge: source,
    decidedAt: created + 40 * DAY,
    won: chance % 3 === 0,
  };
}

interface Drawn {
  readonly movements: Movement[];
  readonly disputes: DisputeRef[];
}

/** What became of one payment by a time. */
function followUps(charge: Movement, now: number, drawn: Drawn): void {
  const chance = mix(charge.created, charge.amount);
  if (chance % REFUNDED === 0) {
    const at = charge.created + 3 * DAY + 7 * HOUR;
    if (at <= now) drawn.movements.push(backOf(charge, "refund", at, `re_${charge.source}`));
    return;
  }
  if (chance % DISPUTED !== 1) return;
  const dispute = disputeOf(charge, chance);
  if (dispute.created > now) return;
  drawn.disputes.push(dispute);
  drawn.movements.push(backOf(charge, "dispute", dispute.created, dispute.id));
  if (dispute.won && dispute.decidedAt <= now) {
    drawn.movements.push(backOf(charge, "dispute_reversal", dispute.decidedAt, dispute.id));
  }
}

/** The Monday on which a movement is paid out. */
function mondayOf({ availableOn }: Movement): number {
  return FIRST_MONDAY + Math.ceil((availableOn - FIRST_MONDAY) / WEEK) * WEEK;
}

/** A payout every Monday of what is available then; a debt is carried on. */
function payoutsOf(movements: readonly Movement[], now: number): PayoutRef[] {
  const byMonday = new Map<number, number>();
  for (const movement of movements) {
    const monday = mondayOf(movement);
    if (monday > now) continue;
    byMonday.set(monday, (byMonday.get(monday) ?? 0) + movement.amount - movement.fee);
  }
  let held = 0;
  return [...byMonday].sort(([a], [b]) => a - b).flatMap(([monday, net]) => {
    held += net;
    if (held <= 0) return [];
    const amount = held;
    held = 0;
    return [{
      id: `po_1${monday.toString(36)}`,
      created: monday,
      amount,
      arrival: monday + TRANSIT,
    }];
  });
}

function payoutMovement({ id, created, amount, arrival }: PayoutRef): Movement {
  return {
    id: `txn_payout${created.toString(36)}`,
    created,
    kind: "payout",
    amount: -amount,
    fee: 0,
    availableOn: arrival,
    source: id,
    currency: "usd",
  };
}

function balanceOf(movements: readonly Movement[], now: number): Stripe.Balance {
  let [available, pending] = [0, 0];
  for (const { kind, amount, fee, availableOn } of movements) {
    if (kind === "payout" || availableOn <= now) available += amount - fee;
    else pending += amount - fee;
  }
  const held = (amount: number) => [{ amount, currency: "usd", source_types: { card: amount } }];
  return {
    object: "balance",
    available: held(available),
    livemode: false,
    pending: held(pending),
  };
}

function draw(charges: Iterable<Movement>, now: number): Cash {
  const drawn: Drawn = { movements: [], disputes: [] };
  for (const charge of charges) {
    drawn.movements.push(charge);
    followUps(charge, now, drawn);
  }
  const payouts = payoutsOf(drawn.movements, now);
  const movements = [...drawn.movements, ...payouts.map(payoutMovement)];
  return {
    movements: createShelf(movements),
    payouts: createShelf(payouts),
    disputes: createShelf(drawn.disputes),
    balance: balanceOf(movements, now),
  };
}

/** True sums by month (UTC) and category, oldest first. */
export function trueCash(movements: readonly Movement[]): TrueCash[] {
  const sums = new Map<string, TrueCash>();
  for (const { created, kind, amount, fee } of movements) {
    const month = new Date(created * 1000).toISOString().slice(0, 7);
    const key = `${month} ${kind}`;
    const sum = sums.get(key) ?? { month, category: kind, amount: 0, fee: 0, net: 0, count: 0 };
    sums.set(key, {
      ...sum,
      amount: sum.amount + amount,
      fee: sum.fee + fee,
      net: sum.net + amount - fee,
      count: sum.count + 1,
    });
  }
  return [...sums.entries()].sort(([a], [b]) => a < b ? -1 : 1).map(([, sum]) => sum);
}

/** What an invoice comes to after discounts, tax included. */
export function totalOf(ref: InvoiceRef): number {
  return linesOf(ref).reduce((sum, { net }) => sum + net, 0);
}

/** Creates the till: it is drawn afresh when time moved on or an invoice came. */
export function createTill(invoices: () => Shelf<InvoiceRef>, now: () => number): () => Cash {
  /** What a payment is does not change; lines are only worked out once. */
  const known = new Map<string, Movement | null>();
  let drawn: { readonly at: number; readonly count: number; readonly cash: Cash } | null = null;

  function chargeFor(ref: InvoiceRef, at: number): Movement | null {
    const { paidAt } = fateOf(ref, at);
    if (paidAt === null) return null;
    let charge = known.get(ref.id);
    if (charge === undefined) {
      const total = totalOf(ref);
      known.set(ref.id, charge = total > 0 ? chargeOf(ref, total, paidAt) : null);
    }
    return charge;
  }
  return () => {
    const at = now();
    const shelf = invoices();
    if (drawn?.at === at && drawn.count === shelf.size()) return drawn.cash;
    const charges = shelf.all().flatMap((ref) => chargeFor(ref, at) ?? []);
    drawn = { at, count: shelf.size(), cash: draw(charges, at) };
    return drawn.cash;
  };
}
