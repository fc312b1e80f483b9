/**
 * Which fields of which objects Stripe leaves out, or gives as an id, unless they are expanded
 * (metrics.md A.4, A.5, D.1).
 */
import type { Kind } from "./kinds.ts";

/**
 * - `ref`, `refs`: an id (or ids) unless expanded; the object is inline or on the shelf of `kind`;
 * - `hidden`: left out unless expanded; `keyed` holds one part a currency;
 * - `part`, `parts`: always there, with rules of its own inside;
 * - `list`: always there, cut at ten.
 */
export type Rule =
  | { readonly is: "ref" | "refs"; readonly kind?: Kind; readonly schema?: Schema }
  | { readonly is: "hidden"; readonly keyed?: Schema; readonly list?: Schema }
  | { readonly is: "part" | "parts" | "list"; readonly schema: Schema };

export type Schema = { readonly [field: string]: Rule };

const OTHER: Rule = { is: "ref" };

const PRODUCT: Schema = { default_price: { is: "ref", kind: "prices" }, tax_code: OTHER };

const PRICE: Schema = {
  product: { is: "ref", kind: "products", schema: PRODUCT },
  tiers: { is: "hidden" },
  currency_options: { is: "hidden", keyed: { tiers: { is: "hidden" } } },
};

const COUPON: Schema = {
  applies_to: { is: "hidden" },
  currency_options: { is: "hidden", keyed: {} },
};

const DISCOUNT: Schema = {
  customer: { is: "ref", kind: "customers" },
  promotion_code: OTHER,
  source: {
    is: "part",
    schema: { coupon: { is: "ref", kind: "coupons", schema: COUPON } },
  },
};

const DISCOUNTS: Rule = { is: "refs", schema: DISCOUNT };

const CUSTOMER: Schema = {
  default_source: OTHER,
  discount: { is: "part", schema: DISCOUNT },
  test_clock: OTHER,
};

const ITEM: Schema = {
  discounts: DISCOUNTS,
  plan: {
    is: "part",
    schema: { product: { is: "ref", kind: "products" }, tiers: { is: "hidden" } },
  },
  price: { is: "part", schema: PRICE },
};

const LINE: Schema = {
  discounts: DISCOUNTS,
  pricing: {
    is: "part",
    schema: {
      price_details: {
        is: "part",
        schema: { price: { is: "ref", kind: "prices", schema: PRICE } },
      },
    },
  },
};

// Expanding an invoice from a subscription, and the other way round, is a circle: it is closed below.
const SUBSCRIPTION: { [field: string]: Rule } = {
  application: OTHER,
  customer: { is: "ref", kind: "customers", schema: CUSTOMER },
  default_payment_method: OTHER,
  default_source: OTHER,
  discounts: DISCOUNTS,
  items: { is: "list", schema: ITEM },
  pending_setup_intent: OTHER,
  schedule: OTHER,
  test_clock: OTHER,
};

const INVOICE: Schema = {
  customer: { is: "ref", kind: "customers", schema: CUSTOMER },
  default_payment_method: OTHER,
  discounts: DISCOUNTS,
  lines: { is: "list", schema: LINE },
  parent: {
    is: "part",
    schema: {
      subscription_details: {
        is: "part",
        schema: { subscription: { is: "ref", kind: "subscriptions", schema: SUBSCRIPTION } },
      },
    },
  },
  payments: { is: "hidden", list: {} },
};

SUBSCRIPTION["latest_invoice"] = { is: "ref", kind: "invoices", schema: INVOICE };

const CUSTOMER_REFERENCE: Rule = { is: "ref", kind: "customers", schema: CUSTOMER };
const CHARGE_REFERENCE: Rule = { is: "ref", kind: "charges" };

/** The rules by kind; `lines` are the lines of an invoice. */
export const SCHEMAS: Readonly<Record<Kind | "subscription_items" | "lines", Schema>> = {
  subscriptions: SUBSCRIPTION,
  subscription_items: ITEM,
  customers: CUSTOMER,
  products: PRODUCT,
  prices: PRICE,
  coupons: COUPON,
  tax_rates: {},
  invoices: INVOICE,
  events: {},
  balance_transactions: { source: OTHER },
  charges: {
    balance_transaction: { is: "ref", kind: "balance_transactions" },
    customer: CUSTOMER_REFERENCE,
    payment_intent: OTHER,
  },
  credit_notes: { customer: CUSTOMER_REFERENCE, invoice: { is: "ref", kind: "invoices" } },
  disputes: { charge: CHARGE_REFERENCE, payment_intent: OTHER },
  invoice_payments: { invoice: { is: "ref", kind: "invoices" } },
  payouts: {
    balance_transaction: { is: "ref", kind: "balance_transactions" },
    destination: OTHER,
  },
  promotion_codes: { customer: CUSTOMER_REFERENCE },
  refunds: {
    balance_transaction: { is: "ref", kind: "balance_transactions" },
    charge: CHARGE_REFERENCE,
    payment_intent: OTHER,
  },
  subscription_schedules: {
    customer: CUSTOMER_REFERENCE,
    subscription: { is: "ref", kind: "subscriptions", schema: SUBSCRIPTION },
  },
  lines: LINE,
};
