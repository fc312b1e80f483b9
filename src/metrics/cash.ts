/**
 * Payments and cash of a period (metrics.md C.10), from sums by reporting category. Cash is not
 * MRR: the two never stand in one line.
 *
 * @module
 */
import { NO_SUMS, type Sums } from "./day_sums.ts";
import { type Derived, refundRate } from "./ratios.ts";
import { rational } from "./rational.ts";

/** A payout to the bank; `amount` in minor units. Times are Unix seconds. */
export interface Payout {
  readonly id: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly created: number;
  readonly arrivalDate: number;
  /** paid, pending, in_transit, canceled, failed. */
  readonly status: string;
}

/** A payment that the customer's bank contests. */
export interface Dispute {
  readonly id: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly created: number;
  readonly status: string;
}

/** What lies at Stripe, in minor units by currency. */
export interface Balance {
  readonly available: Readonly<Record<string, bigint>>;
  readonly pending: Readonly<Record<string, bigint>>;
  /** When it was read, Unix seconds. */
  readonly at: number;
}

/** Minor units of one settlement currency; what leaves is above 0, as the words say. */
export interface CashFigures {
  readonly gross: bigint;
  readonly refunds: bigint;
  readonly disputes: bigint;
  readonly fees: bigint;
  /** To connected accounts, less what came back. */
  readonly transfers: bigint;
  readonly net: bigint;
  readonly payouts: bigint;
  /** Every other category with its amount, signed, in order of the alphabet. */
  readonly other: readonly { readonly category: string; readonly amount: bigint }[];
  /** Σ net over every category: the change of the balance. */
  readonly balanceChange: bigint;
  readonly charges: number;
  /** Refunds / gross volume, by amount. */
  readonly refundRate: Derived;
}

/** Lines of cash and the categories whose amounts make each, with the sign they are shown with. */
export const CASH_LINES = {
  gross: { sign: 1n, categories: ["charge", "charge_failure", "partial_capture_reversal"] },
  refunds: { sign: -1n, categories: ["refund", "refund_failure"] },
  disputes: { sign: -1n, categories: ["dispute", "dispute_reversal"] },
  fees: { sign: -1n, categories: ["fee", "network_cost"] },
  transfers: { sign: -1n, categories: ["transfer", "transfer_reversal"] },
  payouts: { sign: -1n, categories: ["payout", "payout_reversal"] },
} as const;
export type CashLine = keyof typeof CASH_LINES;

const NAMED: ReadonlySet<string> = new Set(
  Object.values(CASH_LINES).flatMap(({ categories }) => categories),
);

/**
 * What a category of a period adds to a line, in minor units with the line's sign; fees are taken
 * from every category.
 */
export function shareOfLine(line: CashLine, category: string, { amount, fee }: Sums): bigint {
  const { sign, categories } = CASH_LINES[line];
  const own = (categories as readonly string[]).includes(category) ? sign * amount : 0n;
  return line === "fees" ? own + fee : own;
}

/** Whether a category belongs to none of the lines. */
export function isOther(category: string): boolean {
  return !NAMED.has(category);
}

/** The figures of a period from its sums by category. */
export function cashFigures(sums: ReadonlyMap<string, Sums>): CashFigures {
  const line = (name: CashLine) =>
    [...sums].reduce((total, [category, each]) => total + shareOfLine(name, category, each), 0n);
  const [gross, refunds, disputes, fees, transfers] = [
    line("gross"),
    line("refunds"),
    line("disputes"),
    line("fees"),
    line("transfers"),
  ];
  return {
    gross,
    refunds,
    disputes,
    fees,
    transfers,
    net: gross - refunds - disputes - fees - transfers,
    payouts: line("payouts"),
    other: [...sums].filter(([category]) => isOther(category))
      .map(([category, { amount }]) => ({ category, amount }))
      .sort((a, b) => a.category < b.category ? -1 : 1),
    balanceChange: [...sums.values()].reduce((total, { net }) => total + net, 0n),
    charges: (sums.get("charge") ?? NO_SUMS).count,
    refundRate: refundRate(rational(refunds), rational(gross)),
  };
}

/** Whether a dispute was lost; inquiries (`warning_…`) and prevented ones take nothing (C.10). */
export function isLost({ status }: Dispute): boolean {
  return status === "lost";
}

/** Disputes of a currency created in [from, to), Unix seconds. */
export function disputesIn(
  disputes: Iterable<Dispute>,
  currency: string,
  from: number,
  to: number,
): Dispute[] {
  return [...disputes].filter((dispute) =>
    dispute.currency === currency && dispute.created >= from && dispute.created < to
  );
}

/** The payout that arrives next: under way, or announced; `null` where there is none. */
export function nextPayout(
  payouts: Iterable<Payout>,
  currency: string,
): Payout | null {
  let next: Payout | null = null;
  for (const payout of payouts) {
    const coming = payout.status === "pending" || payout.status === "in_transit";
    if (!coming || payout.currency !== currency) continue;
    if (!next || payout.arrivalDate < next.arrivalDate) next = payout;
  }
  return next;
}
