/**
 * What is known of an account beside its subscriptions' values: prices, coupons, products,
 * discounts, and what the past of each subscription is rebuilt from.
 *
 * @module
 */
import type { Correction } from "../metrics/history.ts";
import type { InvoiceHistory } from "../metrics/invoice_lines.ts";
import type { PastStates } from "../metrics/past_states.ts";
import type { Rational } from "../metrics/rational.ts";
import type { Coupon, Discount, Price } from "../metrics/types.ts";
import { compact } from "./compact.ts";
import { digestOf } from "./forgotten.ts";
import type { InvoiceReading, Product, SourceStore, Unreadable } from "./port.ts";

/** Objects that could not be understood are kept up to this many. */
const UNREADABLE_MAX = 10_000;
/** Subscriptions whose corrections are kept, the first ones met. */
const CORRECTED_MAX = 1_000;

export type Mirror = Pick<
  SourceStore,
  | "price"
  | "coupon"
  | "product"
  | "customerDiscount"
  | "calledCustomer"
  | "forgotten"
  | "pastDueSince"
  | "inclusiveTax"
  | "unreadable"
  | "corrections"
  | "setPrice"
  | "setCoupon"
  | "setProduct"
  | "setCustomerDiscount"
  | "setForgotten"
  | "setPastDueSince"
  | "setInclusiveTax"
  | "history"
  | "setHistory"
  | "pastStates"
  | "setPastStates"
  | "invoiceReading"
  | "setInvoiceReading"
  | "setCorrections"
  | "setUnreadable"
  | "clearUnreadable"
>;

/** @param onChange Called after each change that pages may show. */
export function createMirror(onChange: () => void): Mirror {
  const prices = new Map<string, Price>();
  const coupons = new Map<string, Coupon>();
  const products = new Map<string, Product>();
  const discounts = new Map<string, Discount>();
  const tombstones = new Map<string, string>();
  const pastDueSince = new Map<string, number>();
  const inclusiveTax = new Map<string, Readonly<Record<string, Rational>>>();
  const histories = new Map<string, InvoiceHistory>();
  const pastStates = new Map<string, PastStates>();
  const corrections = new Map<string, readonly Correction[]>();
  const unreadable = new Map<string, Unreadable>();
  let invoiceReading: InvoiceReading | null = null;

  function put<V>(map: Map<string, V>, id: string, value: V | null): void {
    if (value === null) map.delete(id);
    else map.set(id, value);
    onChange();
  }

  return {
    price: (id) => prices.get(id),
    coupon: (id) => coupons.get(id),
    product: (id) => products.get(id),
    customerDiscount: (customer) => discounts.get(customer),
    calledCustomer: (customer) =>
      tombstones.size === 0 ? customer : tombstones.get(digestOf(customer)) ?? customer,
    forgotten: (digest) => tombstones.get(digest),
    pastDueSince: (subscription) => pastDueSince.get(subscription),
    inclusiveTax: (subscription) => inclusiveTax.get(subscription),
    unreadable: () => [...unreadable.values()],
    corrections: () => [...corrections.values()].flat(),
    setPrice: (price) => put(prices, price.id, price),
    setCoupon: (coupon) => put(coupons, coupon.id, coupon),
    setProduct: (product) => put(products, product.id, product),
    setCustomerDiscount: (customer, discount) => put(discounts, customer, discount),
    setForgotten: (digest, tombstone) => put(tombstones, digest, tombstone),
    setPastDueSince: (subscription, since) => put(pastDueSince, subscription, since),
    setInclusiveTax: (subscription, percent) => put(inclusiveTax, subscription, percent),
    history: (subscription) => histories.get(subscription),
    setHistory: (subscription, history) => void histories.set(subscription, compact(history)),
    pastStates: (subscription) => pastStates.get(subscription),
    setPastStates: (subscription, states) => void pastStates.set(subscription, compact(states)),
    invoiceReading: () => invoiceReading,
    setInvoiceReading: (reading) => void (invoiceReading = reading),
    setCorrections(subscription, found) {
      const known = corrections.has(subscription);
      if (found.length === 0 && !known) return;
      if (found.length === 0) put(corrections, subscription, null);
      else if (known || corrections.size < CORRECTED_MAX) put(corrections, subscription, found);
    },
    setUnreadable(one) {
      const room = unreadable.size < UNREADABLE_MAX || unreadable.has(one.id);
      if (room) unreadable.set(one.id, one);
      onChange();
    },
    clearUnreadable(id) {
      if (unreadable.delete(id)) onChange();
    },
  };
}
