/**
 * Stripe's objects in the shapes of API version 2026-10-28.endive, translated once into our own
 * slim types. Field paths: metrics.md D.1. Nothing personal passes.
 *
 * @module
 */
import { type Rational, ZERO } from "../metrics/rational.ts";
import type {
  Coupon,
  Discount,
  Item,
  Price,
  PriceFace,
  Subscription,
  TaxRate,
  Tier,
} from "../metrics/types.ts";
import {
  currency as currencyOf,
  flag,
  idOf,
  list,
  object,
  optionalCount,
  optionalDecimal,
  optionalId,
  optionalObject,
  optionalText,
  optionalTime,
  optionalWhole,
  type Shape,
  shape,
  ShapeError,
  text,
  time,
  whole,
} from "./shape.ts";

/** Finds the mirrored price or coupon, so that a thousand subscriptions share one object. */
export interface Interned {
  price?(id: string): Price | undefined;
  coupon?(id: string): Coupon | undefined;
  /** Metadata keys that the configuration asks for; others are not kept. */
  readonly metadataKeys?: readonly string[];
}

const NOTHING: Interned = {};
const NONE: readonly never[] = [];
const NO_METADATA: Readonly<Record<string, string>> = {};

/** The cheaper `decimal` text first: the whole number is null where it is not whole. */
function amount(from: Shape, key: string): Rational | null {
  const value = optionalDecimal(from, `${key}_decimal`) ?? optionalDecimal(from, key);
  if (value && value.n < 0n) throw new ShapeError(`${from.path}.${key}`, "0 or more", -1);
  return value;
}

function tier(value: unknown, path: string): Tier {
  const from = shape(value, path);
  const upTo = optionalWhole(from, "up_to");
  return {
    upTo: upTo === null ? null : BigInt(upTo),
    unit: amount(from, "unit_amount") ?? ZERO,
    flat: amount(from, "flat_amount") ?? ZERO,
  };
}

function face(from: Shape): PriceFace {
  return {
    unitAmount: amount(from, "unit_amount"),
    tiers: from.fields.tiers == null
      ? null
      : list(from, "tiers").map(({ value, path }) => tier(value, path)),
    taxInclusive: from.fields.tax_behavior === "inclusive",
  };
}

function record<T>(from: Shape | null, read: (entry: Shape) => T): Record<string, T> | null {
  if (!from) return null;
  const entries = Object.keys(from.fields).map((key) => [key, read(object(from, key))] as const);
  return Object.fromEntries(entries);
}

function transform(from: Shape | null): Price["transform"] {
  if (!from) return null;
  const divideBy = whole(from, "divide_by");
  if (divideBy < 1) throw new ShapeError(`${from.path}.divide_by`, "1 or more", divideBy);
  return { divideBy: BigInt(divideBy), roundUp: text(from, "round") === "up" };
}

/** @throws {ShapeError} */
export function translatePrice(value: unknown, path = ""): Price {
  const from = shape(value, path);
  const recurring = optionalObject(from, "recurring");
  return {
    id: text(from, "id"),
    product: idOf(from, "product"),
    currency: currencyOf(from, "currency"),
    nickname: optionalText(from, "nickname"),
    tiered: text(from, "billing_scheme") === "tiered",
    volume: from.fields.tiers_mode === "volume",
    recurring: recurring && {
      interval: text(recurring, "interval"),
      count: whole(recurring, "interval_count"),
      metered: text(recurring, "usage_type") === "metered",
    },
    transform: transform(optionalObject(from, "transform_quantity")),
    currencyOptions: record(optionalObject(from, "currency_options"), face),
    ...face(from),
  };
}

/** @throws {ShapeError} */
export function translateCoupon(value: unknown, path = ""): Coupon {
  const from = shape(value, path);
  const appliesTo = optionalObject(from, "applies_to");
  const options = record(
    optionalObject(from, "currency_options"),
    (entry) => optionalDecimal(entry, "amount_off") ?? ZERO,
  );
  return {
    id: text(from, "id"),
    duration: text(from, "duration"),
    percentOff: optionalDecimal(from, "percent_off"),
    amountOff: optionalDecimal(from, "amount_off"),
    currency: optionalText(from, "currency"),
    currencyOptions: options ?? {},
    products: appliesTo && list(appliesTo, "products").map(({ value }) => String(value)),
  };
}

/** The coupon as the mirror has it; read from the discount only where the mirror lacks it. */
function discountCoupon(source: Shape, id: string, interned: Interned): Coupon | null {
  const mirrored = interned.coupon?.(id);
  if (mirrored || typeof source.fields.coupon === "string") return mirrored ?? null;
  return translateCoupon(source.fields.coupon, `${source.path}.coupon`);
}

/** A discount, or the mark of one that Stripe returned as a bare id. @throws {ShapeError} */
export function translateDiscount(
  value: unknown,
  path = "",
  interned: Interned = NOTHING,
): Discount {
  if (typeof value === "string") {
    return { id: value, couponId: null, coupon: null, start: 0, end: null };
  }
  const from = shape(value, path);
  const source = object(from, "source");
  const couponId = optionalId(source, "coupon");
  return {
    id: text(from, "id"),
    couponId,
    coupon: couponId === null ? null : discountCoupon(source, couponId, interned),
    start: time(from, "start"),
    end: optionalTime(from, "end"),
  };
}

function discounts(from: Shape, interned: Interned): readonly Discount[] {
  const found = list(from, "discounts");
  return found.length === 0
    ? NONE
    : found.map(({ value, path }) => translateDiscount(value, path, interned));
}

/** @throws {ShapeError} */
export function translateTaxRate(value: unknown, path = ""): TaxRate {
  const from = shape(value, path);
  return {
    inclusive: flag(from, "inclusive"),
    percentage: optionalDecimal(from, "effective_percentage") ??
      optionalDecimal(from, "percentage") ?? ZERO,
  };
}

function taxRates(from: Shape, key: string): readonly TaxRate[] {
  const found = list(from, key);
  return found.length === 0 ? NONE : found.map(({ value, path }) => translateTaxRate(value, path));
}

/** The price as the mirror has it; read from the item only where the mirror lacks it. */
function itemPrice(from: Shape, interned: Interned): Price {
  const price = object(from, "price");
  return interned.price?.(text(price, "id")) ?? translatePrice(price.fields, price.path);
}

/** @throws {ShapeError} */
export function translateItem(value: unknown, path = "", interned: Interned = NOTHING): Item {
  const from = shape(value, path);
  const quantity = optionalCount(from, "quantity");
  const trial = optionalObject(from, "current_trial");
  const created = optionalTime(from, "created");
  return {
    id: text(from, "id"),
    ...(created === null ? {} : { created }),
    price: itemPrice(from, interned),
    // Most have one: they share it.
    quantity: quantity === null ? null : quantity === 1 ? 1n : BigInt(quantity),
    currentPeriodStart: time(from, "current_period_start"),
    currentPeriodEnd: time(from, "current_period_end"),
    trial: trial && { start: time(trial, "start_date"), end: time(trial, "end_date") },
    discounts: discounts(from, interned),
    taxRates: taxRates(from, "tax_rates"),
  };
}

function metadata(from: Shape, keys: readonly string[] | undefined) {
  if (!keys || keys.length === 0) return NO_METADATA;
  const all = optionalObject(from, "metadata")?.fields ?? {};
  return Object.fromEntries(
    keys.flatMap((key) => typeof all[key] === "string" ? [[key, all[key]]] : []),
  );
}

function pause(from: Shape | null): Subscription["pause"] {
  return from && { behavior: text(from, "behavior"), resumesAt: optionalTime(from, "resumes_at") };
}

/** @throws {ShapeError} */
export function translateSubscription(
  value: unknown,
  interned: Interned = NOTHING,
): Subscription {
  const from = shape(value);
  const items = object(from, "items");
  const tax = optionalObject(from, "automatic_tax");
  const automaticTax = tax !== null && flag(tax, "enabled");
  const details = optionalObject(from, "cancellation_details");
  return {
    id: text(from, "id"),
    customer: idOf(from, "customer"),
    currency: currencyOf(from, "currency"),
    status: text(from, "status"),
    created: time(from, "created"),
    trialStart: optionalTime(from, "trial_start"),
    trialEnd: optionalTime(from, "trial_end"),
    cancelAt: optionalTime(from, "cancel_at"),
    cancelAtPeriodEnd: flag(from, "cancel_at_period_end"),
    canceledAt: optionalTime(from, "canceled_at"),
    endedAt: optionalTime(from, "ended_at"),
    cancelReason: details && optionalText(details, "reason"),
    pause: pause(optionalObject(from, "pause_collection")),
    testClock: from.fields.test_clock != null,
    automaticTax,
    items: list(items, "data").map(({ value, path }) => translateItem(value, path, interned)),
    itemsTruncated: flag(items, "has_more"),
    discounts: discounts(from, interned),
    defaultTaxRates: taxRates(from, "default_tax_rates"),
    latestInvoice: automaticTax ? optionalId(from, "latest_invoice") : null,
    metadata: metadata(from, interned.metadataKeys),
  };
}
