/**
 * Payments, cash and schedules in our own slim types (metrics.md C.9 to C.11, field paths D.1).
 * Nothing personal passes.
 *
 * @module
 */
import type { Balance, Dispute, Payout } from "../metrics/cash.ts";
import type { CashEntry } from "../metrics/cash_book.ts";
import { isOfCourse, type PaymentFact } from "../metrics/failed_payments.ts";
import type { Phase, Schedule } from "../metrics/schedules.ts";
import type { Discount, Price } from "../metrics/types.ts";
import { newestInvoice } from "./older_invoices.ts";
import {
  currency as currencyOf,
  idOf,
  list,
  optionalDecimal,
  optionalId,
  optionalObject,
  optionalText,
  optionalTime,
  optionalWhole,
  type Shape,
  shape,
  text,
  time,
  whole,
} from "./shape.ts";

/** Prices by id, to tell metered lines. */
export type PriceOf = (id: string) => Price | undefined;

function minor(from: Shape, key: string): bigint {
  return BigInt(whole(from, key));
}

function optionalMinor(from: Shape, key: string): bigint {
  return BigInt(optionalWhole(from, key) ?? 0);
}

function sumIn(from: Shape, key: string, counts: (each: Shape) => boolean = () => true): bigint {
  return list(from, key).map(({ value, path }) => shape(value, path)).filter(counts)
    .reduce((total, each) => total + minor(each, "amount"), 0n);
}

/** The metered lines of an invoice, after discounts and without inclusive tax. */
function usageOf(invoice: Shape, price: PriceOf): bigint {
  const lines = optionalObject(invoice, "lines");
  if (!lines) return 0n;
  return list(lines, "data").reduce((total, { value, path }) => {
    const line = shape(value, path);
    const pricing = optionalObject(line, "pricing");
    const details = pricing && optionalObject(pricing, "price_details");
    const metered = details && price(idOf(details, "price"))?.recurring?.metered;
    if (!metered) return total;
    const tax = sumIn(line, "taxes", ({ fields }) => fields.tax_behavior === "inclusive");
    return total + minor(line, "amount") - sumIn(line, "discount_amounts") - tax;
  }, 0n);
}

/**
 * Whether a payment of the invoice has failed: it is unpaid after an attempt, or took more than
 * one (C.9).
 */
function hasFailed(invoice: Shape, status: string): boolean {
  const attempts = optionalWhole(invoice, "attempt_count") ?? 0;
  if (attempts > 1) return true;
  const unpaid = status !== "paid" && status !== "draft" && minor(invoice, "amount_remaining") > 0n;
  return attempts === 1 && unpaid;
}

function subscriptionOf(invoice: Shape): string | null {
  const parent = optionalObject(invoice, "parent");
  const details = parent && optionalObject(parent, "subscription_details");
  return details && optionalId(details, "subscription");
}

/**
 * The payment of a subscription's invoice; `null` for an invoice of no subscription. Its first
 * failure is dated by its first attempt, at finalisation, unless an event has told it.
 *
 * @param failedAt Time of the `invoice.payment_failed` event, Unix seconds, where one was seen.
 * @throws {ShapeError}
 */
export function translatePayment(
  value: unknown,
  price: PriceOf,
  failedAt: number | null = null,
): PaymentFact | null {
  const from = shape(newestInvoice(value));
  const subscription = subscriptionOf(from);
  if (subscription === null) return null;
  const status = text(from, "status");
  const created = time(from, "created");
  const transitions = optionalObject(from, "status_transitions");
  const at = (key: string) => transitions && optionalTime(transitions, key);
  const details = optionalObject(from, "status_details");
  const uncollectible = details && optionalObject(details, "uncollectible");
  const finalizedAt = at("finalized_at");
  const failed = isOfCourse(optionalText(from, "billing_reason")) &&
    (failedAt !== null || hasFailed(from, status));
  return {
    invoice: text(from, "id"),
    subscription,
    currency: currencyOf(from, "currency"),
    status,
    created,
    finalizedAt,
    due: minor(from, "amount_due"),
    paid: minor(from, "amount_paid"),
    remaining: minor(from, "amount_remaining"),
    paidOffStripe: optionalMinor(from, "amount_paid_off_stripe"),
    attempts: optionalWhole(from, "attempt_count") ?? 0,
    firstFailureAt: failed ? failedAt ?? finalizedAt ?? created : null,
    failedAmount: minor(from, status === "paid" ? "amount_due" : "amount_remaining"),
    nextAttemptAt: optionalTime(from, "next_payment_attempt"),
    paidAt: at("paid_at"),
    lostAt: at("marked_uncollectible_at") ?? at("voided_at"),
    lossReason: uncollectible && optionalText(uncollectible, "reason"),
    usage: usageOf(from, price),
  };
}

/** The currency of a payment that was settled in another, where its charge came with it. */
function exchangeOf(from: Shape): CashEntry["exchange"] {
  const rate = optionalDecimal(from, "exchange_rate");
  const { source } = from.fields;
  if (!rate || typeof source !== "object" || source === null) return undefined;
  const charge = shape(source, "source");
  return text(charge, "object") === "charge"
    ? { from: currencyOf(charge, "currency"), rate }
    : undefined;
}

/**
 * A balance transaction, with the currency of its charge where that was expanded.
 *
 * @throws {ShapeError}
 */
export function translateCashEntry(value: unknown): CashEntry {
  const from = shape(value);
  const exchange = exchangeOf(from);
  return {
    ...(exchange ? { exchange } : {}),
    id: text(from, "id"),
    created: time(from, "created"),
    availableOn: time(from, "available_on"),
    currency: currencyOf(from, "currency"),
    category: text(from, "reporting_category"),
    amount: minor(from, "amount"),
    fee: minor(from, "fee"),
    net: minor(from, "net"),
    pending: text(from, "status") === "pending",
  };
}

/** @throws {ShapeError} */
export function translatePayout(value: unknown): Payout {
  const from = shape(value);
  return {
    id: text(from, "id"),
    amount: minor(from, "amount"),
    currency: currencyOf(from, "currency"),
    created: time(from, "created"),
    arrivalDate: time(from, "arrival_date"),
    status: text(from, "status"),
  };
}

/** @throws {ShapeError} */
export function translateDispute(value: unknown): Dispute {
  const from = shape(value);
  return {
    id: text(from, "id"),
    amount: minor(from, "amount"),
    currency: currencyOf(from, "currency"),
    created: time(from, "created"),
    status: text(from, "status"),
  };
}

function byCurrency(from: Shape, keys: readonly string[]): Record<string, bigint> {
  const totals: Record<string, bigint> = {};
  for (const key of keys) {
    for (const { value, path } of list(from, key)) {
      const each = shape(value, path);
      const currency = currencyOf(each, "currency");
      totals[currency] = (totals[currency] ?? 0n) + minor(each, "amount");
    }
  }
  return totals;
}

/** The balance; what is held back for connected accounts counts as available. @throws {ShapeError} */
export function translateBalance(value: unknown, at: number): Balance {
  const from = shape(value);
  return {
    available: byCurrency(from, ["available", "connect_reserved"]),
    pending: byCurrency(from, ["pending"]),
    at,
  };
}

/** A phase names a coupon, or a discount or promotion code that exists already. */
function phaseDiscount(from: Shape, start: number): Discount {
  const couponId = optionalId(from, "coupon");
  const id = couponId ?? optionalId(from, "discount") ?? optionalId(from, "promotion_code") ?? "";
  return { id, couponId, coupon: null, start, end: null };
}

function translatePhase(value: unknown, path: string): Phase {
  const from = shape(value, path);
  const start = time(from, "start_date");
  return {
    start,
    end: time(from, "end_date"),
    currency: currencyOf(from, "currency"),
    trialEnd: optionalTime(from, "trial_end"),
    items: list(from, "items").map((each) => {
      const item = shape(each.value, each.path);
      const quantity = optionalWhole(item, "quantity");
      return { price: idOf(item, "price"), quantity: quantity === null ? null : BigInt(quantity) };
    }),
    discounts: list(from, "discounts").map((each) =>
      phaseDiscount(shape(each.value, each.path), start)
    ),
  };
}

/** @throws {ShapeError} */
export function translateSchedule(value: unknown): Schedule {
  const from = shape(value);
  return {
    id: text(from, "id"),
    customer: idOf(from, "customer"),
    subscription: optionalId(from, "subscription"),
    status: text(from, "status"),
    phases: list(from, "phases").map((each) => translatePhase(each.value, each.path)),
  };
}
