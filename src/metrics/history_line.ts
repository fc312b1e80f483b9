/**
 * Lines of invoices as the past is rebuilt from them, slim (metrics.md B.6 step 2).
 *
 * @module
 */
import type { Rational } from "./rational.ts";

/** A discount as an invoice line carries it: what it took off, in minor units. */
export interface LineDiscount {
  readonly amount: Rational;
  /** `coupon.duration`: forever, repeating, once. */
  readonly duration: string;
}

/** A line of an invoice that belongs to a subscription item. Amounts are minor units. */
export interface HistoryLine {
  readonly item: string;
  readonly price: string;
  readonly product: string;
  readonly quantity: bigint;
  readonly interval: string;
  readonly intervalCount: number;
  /** The service period [from, to) in Unix seconds. */
  readonly period: { readonly from: number; readonly to: number };
  readonly proration: boolean;
  /** A proration that gives back: below 0, or naming the lines that it credits. */
  readonly credit: boolean;
  /** Before discounts; below 0 for a credit. */
  readonly amount: Rational;
  readonly discounts: readonly LineDiscount[];
  /** Tax within `amount`. */
  readonly inclusiveTax: Rational;
  /** draft, open, paid, uncollectible, void. */
  readonly invoiceStatus: string;
  /**
   * A paused collection closed its invoice: at once and without an attempt. One that was voided or
   * written off later, or after an attempt, was somebody's decision about that invoice alone.
   */
  readonly paused: boolean;
  /** When its invoice, still unpaid after an attempt, was finalised; else `null`. Unix seconds. */
  readonly failedAt: number | null;
}

/** The lines that hold for an item: one, or several where its price is tiered; none in a hole. */
export type Held = readonly HistoryLine[];

/** An invoice that was closed so soon after it was finalised was closed by a pause. */
const CLOSED_AT_ONCE_SECONDS = 3600;

/** How an invoice was closed; times are Unix seconds. */
export interface InvoiceEnd {
  /** `attempt_count`. */
  readonly attempts: number;
  readonly finalizedAt: number | null;
  /** `voided_at` or `marked_uncollectible_at`. */
  readonly closedAt: number | null;
}

/** Whether a paused collection closed an invoice (metrics.md B.6 step 2.2). */
export function closedByPause({ attempts, finalizedAt, closedAt }: InvoiceEnd): boolean {
  return attempts === 0 && closedAt !== null &&
    (finalizedAt === null || closedAt - finalizedAt <= CLOSED_AT_ONCE_SECONDS);
}

export function isDraft({ invoiceStatus }: HistoryLine): boolean {
  return invoiceStatus === "draft";
}

/** Lines that carry a state: those of zero length say nothing (metrics.md B.6 step 2.3). */
export function withLength<L extends HistoryLine>(lines: readonly L[]): readonly L[] {
  return lines.some(({ period }) => period.to <= period.from)
    ? lines.filter(({ period }) => period.to > period.from)
    : lines;
}

/** Since when the newest invoices have failed to be paid, without a paid one after; or `null`. */
export function lateSince(lines: readonly HistoryLine[]): number | null {
  const regular = lines.filter(({ proration }) => !proration);
  const paidTo = regular.reduce(
    (latest, { invoiceStatus, period }) =>
      invoiceStatus === "paid" ? Math.max(latest, period.from) : latest,
    -Infinity,
  );
  const failed = regular.filter(({ failedAt, period }) => failedAt !== null && period.from > paidTo)
    .map(({ failedAt }) => failedAt!);
  return failed.length === 0 ? null : Math.min(...failed);
}
