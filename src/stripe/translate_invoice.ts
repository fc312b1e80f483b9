/**
 * Invoices as the past is rebuilt from them (metrics.md B.6, field paths D.1). Nothing personal
 * passes.
 *
 * @module
 */
import { closedByPause, type LineDiscount } from "../metrics/history_line.ts";
import type { HistoryInvoice, InvoiceLine } from "../metrics/invoice_lines.ts";
import { type Rational, rational, sum } from "../metrics/rational.ts";
import type { Coupon, Discount, Price } from "../metrics/types.ts";
import { newestInvoice } from "./older_invoices.ts";
import {
  flag,
  idOf,
  list,
  object,
  optionalCount,
  optionalId,
  optionalObject,
  optionalTime,
  optionalWhole,
  type Shape,
  shape,
  ShapeError,
  text,
  time,
  whole,
} from "./shape.ts";
import { translateCoupon, translateDiscount } from "./translate.ts";

export interface TranslatedInvoice extends HistoryInvoice {
  /** `null` for a one-off invoice. */
  readonly subscription: string | null;
  /** Unix seconds. */
  readonly created: number;
  /** Stripe holds more lines than it returned. */
  readonly linesTruncated: boolean;
}

/** What is mirrored already; intervals stand on prices only. */
export interface InvoiceMirror {
  price(id: string): Price | undefined;
  coupon(id: string): Coupon | undefined;
}

/** What lines take from their invoice. */
interface Owner {
  readonly status: string;
  /** Unix seconds. */
  readonly created: number;
  /** A paused collection closed it. */
  readonly paused: boolean;
  /** When it was finalised, if it is unpaid after an attempt; else `null`. Unix seconds. */
  readonly failedAt: number | null;
  readonly mirror: InvoiceMirror;
  /** Discounts in force on the whole invoice, in order. */
  readonly shared: readonly Discount[];
}

const NONE: readonly never[] = [];
const PAUSE_SLACK_SECONDS = 3600;
/** Of an invoice in another state nobody knows what it says. */
const STATUSES: ReadonlySet<string> = new Set(["draft", "open", "paid", "uncollectible", "void"]);

/** The interval that a period of unknown price has, or `null` where it looks like none. */
function intervalOf(from: number, to: number): { interval: string; count: number } | null {
  const start = Temporal.Instant.fromEpochMilliseconds(from * 1000).toZonedDateTimeISO("UTC");
  const end = Temporal.Instant.fromEpochMilliseconds(to * 1000).toZonedDateTimeISO("UTC");
  const months = start.until(end, { largestUnit: "month", smallestUnit: "second" });
  // The end of a month is as near as its last day.
  const whole = months.days >= 28 ? months.months + 1 : months.days <= 1 ? months.months : 0;
  if (whole > 0) return { interval: "month", count: whole };
  const days = Math.round((to - from) / 86_400);
  return days > 0 ? { interval: "day", count: days } : null;
}

function recurringOf(line: Shape, price: string, proration: boolean, { mirror }: Owner) {
  const recurring = mirror.price(price)?.recurring;
  if (recurring) return { interval: recurring.interval, count: recurring.count };
  const period = object(line, "period");
  const seen = proration ? null : intervalOf(time(period, "start"), time(period, "end"));
  return seen ?? { interval: "", count: 1 };
}

function shapes(from: Shape, key: string): Shape[] {
  return list(from, key).map(({ value, path }) => shape(value, path));
}

/** Its coupon inside is kept, as it may have been deleted since; the mirror's goes first. */
function readDiscount(value: unknown, path: string, { mirror }: Pick<Owner, "mirror">): Discount {
  return translateDiscount(value, path, mirror);
}

/** Coupons that came with the invoice stand in for those that are mirrored no more. */
function withCoupons(mirror: InvoiceMirror, invoice: Shape): InvoiceMirror {
  const found = new Map<string, Coupon>();
  for (const { value, path } of list(invoice, "discounts")) {
    if (typeof value !== "object" || value === null) continue;
    const coupon = optionalObject(shape(value, path), "source")?.fields.coupon;
    if (typeof coupon !== "object" || coupon === null) continue;
    const read = translateCoupon(coupon, `${path}.source.coupon`);
    found.set(read.id, read);
  }
  if (found.size === 0) return mirror;
  return { price: mirror.price, coupon: (id) => mirror.coupon(id) ?? found.get(id) };
}

/** Discounts of the whole invoice. One that had ended before the invoice took nothing off. */
function sharedDiscounts(invoice: Shape, created: number, mirror: InvoiceMirror): Discount[] {
  return list(invoice, "discounts").flatMap(({ value, path }) => {
    // A bare id says nothing: the lines that it lowered name it too.
    if (typeof value === "string") return [];
    if (shape(value, path).fields.subscription_item != null) return [];
    const discount = readDiscount(value, path, { mirror });
    return discount.end !== null && discount.end <= created ? [] : [discount];
  });
}

interface Details {
  readonly item: string;
  readonly proration: boolean;
  readonly credited: boolean;
}

/** Which item a line belongs to, or `null` for a one-off line (B.6 step 2.2). */
function detailsOf(line: Shape): Details | null {
  const parent = optionalObject(line, "parent");
  const own = parent && optionalObject(parent, "subscription_item_details");
  if (own) {
    const item = optionalId(own, "subscription_item");
    return item === null
      ? null
      : { item, proration: flag(own, "proration"), credited: credits(own) };
  }
  const once = parent && optionalObject(parent, "invoice_item_details");
  if (!once || !flag(once, "proration") || optionalId(once, "subscription") === null) return null;
  // This shape does not name the item: it is found by the price.
  return { item: "", proration: true, credited: credits(once) };
}

function credits(details: Shape): boolean {
  const proration = optionalObject(details, "proration_details");
  return proration?.fields.credited_items != null;
}

function lineDiscounts(line: Shape, known: readonly Discount[]): LineDiscount[] {
  return shapes(line, "discount_amounts").map((each) => {
    const id = idOf(each, "discount");
    const discount = known.find((one) => one.id === id);
    const coupon = discount?.coupon;
    const limited = discount && discount.end !== null;
    return {
      amount: rational(whole(each, "amount")),
      duration: coupon?.duration ?? (limited ? "repeating" : "forever"),
    };
  });
}

function inclusiveTax(line: Shape): Rational {
  return sum(
    shapes(line, "taxes").filter(({ fields }) => fields.tax_behavior === "inclusive")
      .map((tax) => rational(whole(tax, "amount"))),
  );
}

function translateLine(value: unknown, path: string, owner: Owner): InvoiceLine | null {
  const from = shape(value, path);
  const details = detailsOf(from);
  if (!details) return null;
  const pricing = optionalObject(from, "pricing");
  const priced = pricing && optionalObject(pricing, "price_details");
  const price = priced ? idOf(priced, "price") : "";
  const { interval, count } = recurringOf(from, price, details.proration, owner);
  const amount = whole(from, "amount");
  const period = object(from, "period");
  const start = time(period, "start");
  const named = list(from, "discounts").map((each) => ({
    discount: readDiscount(each.value, each.path, owner),
    onItem: typeof each.value === "object" &&
      (each.value as Record<string, unknown>).subscription_item != null,
  }));
  const itemDiscounts = named.filter(({ onItem }) => onItem).map(({ discount }) => discount);
  const shared = new Map(owner.shared.map((one) => [one.id, one]));
  for (const { discount, onItem } of named) {
    if (!onItem && !shared.has(discount.id)) shared.set(discount.id, discount);
  }
  return {
    item: details.item,
    price,
    product: priced ? idOf(priced, "product") : "",
    quantity: BigInt(optionalCount(from, "quantity") ?? 1),
    interval,
    intervalCount: count,
    period: { from: start, to: time(period, "end") },
    proration: details.proration,
    credit: details.proration && (amount < 0 || details.credited),
    amount: rational(amount),
    discounts: lineDiscounts(from, [...itemDiscounts, ...shared.values()]),
    inclusiveTax: inclusiveTax(from),
    invoiceStatus: owner.status,
    // A proration of the time before its invoice was made tells of that time, not of the pause.
    paused: owner.paused && !(details.proration && start < owner.created - PAUSE_SLACK_SECONDS),
    failedAt: owner.failedAt,
    itemDiscounts: itemDiscounts.length === 0 ? NONE : itemDiscounts,
    sharedDiscounts: shared.size === 0 ? NONE : [...shared.values()],
  };
}

function subscriptionOf(invoice: Shape): string | null {
  const parent = optionalObject(invoice, "parent");
  const details = parent && optionalObject(parent, "subscription_details");
  return details && optionalId(details, "subscription");
}

/** How an invoice ended, and whether a pause did it. */
function endOf(invoice: Shape, status: string) {
  const transitions = optionalObject(invoice, "status_transitions");
  const moment = (key: string) => transitions && optionalTime(transitions, key);
  const attempts = optionalWhole(invoice, "attempt_count") ?? 0;
  const finalizedAt = moment("finalized_at");
  const uncollectibleAt = moment("marked_uncollectible_at");
  const closed = status === "void" || status === "uncollectible";
  const closedAt = moment("voided_at") ?? uncollectibleAt;
  const paused = closed && closedByPause({ attempts, finalizedAt, closedAt });
  const attempted = attempts > 0 || invoice.fields.attempted === true;
  return {
    paused,
    uncollectibleAt: paused ? null : uncollectibleAt,
    failedAt: attempted && status !== "paid" && status !== "draft" ? finalizedAt : null,
  };
}

/** @throws {ShapeError} */
export function translateInvoice(value: unknown, mirror: InvoiceMirror): TranslatedInvoice {
  const from = shape(newestInvoice(value));
  const id = text(from, "id");
  const created = time(from, "created");
  const subscription = subscriptionOf(from);
  const lines = object(from, "lines");
  const status = text(from, "status");
  if (!STATUSES.has(status)) {
    throw new ShapeError("status", "a state of an invoice", status);
  }
  const { paused, uncollectibleAt, failedAt } = endOf(from, status);
  const head = {
    id,
    subscription,
    status,
    created,
    uncollectibleAt,
    linesTruncated: flag(lines, "has_more"),
  };
  if (subscription === null) return { ...head, lines: NONE };
  const known = withCoupons(mirror, from);
  const owner: Owner = {
    status,
    created,
    paused,
    failedAt,
    mirror: known,
    shared: sharedDiscounts(from, created, known),
  };
  return {
    ...head,
    lines: list(lines, "data").flatMap(({ value, path }) =>
      translateLine(value, path, owner) ?? []
    ),
  };
}
