/** The kinds of objects the simulator keeps, with the words Stripe uses for them. */
import type Stripe from "stripe";

/** The Stripe type of each kind of object. */
export interface KindTypes {
  subscriptions: Stripe.Subscription;
  customers: Stripe.Customer;
  products: Stripe.Product;
  prices: Stripe.Price;
  coupons: Stripe.Coupon;
  tax_rates: Stripe.TaxRate;
  invoices: Stripe.Invoice;
  events: Stripe.Event;
  balance_transactions: Stripe.BalanceTransaction;
  charges: Stripe.Charge;
  credit_notes: Stripe.CreditNote;
  disputes: Stripe.Dispute;
  invoice_payments: Stripe.InvoicePayment;
  payouts: Stripe.Payout;
  promotion_codes: Stripe.PromotionCode;
  refunds: Stripe.Refund;
  subscription_schedules: Stripe.SubscriptionSchedule;
}

/** A kind of object, named as in its path: `subscriptions` is served at `/v1/subscriptions`. */
export type Kind = keyof KindTypes;

/** What the server can be asked for, and what a restricted key can be denied. */
export type Resource = Kind | "subscription_items" | "account" | "balance";

interface KindWords {
  /** The value of the field `object`, also the word in "No such …". */
  readonly object: string;
  /** The middle of the permission's name: `rak_<slug>_read`. */
  readonly permission: string;
}

/** Prices are read with `rak_plan_read`, items with the permission of their subscription. */
export const WORDS: Readonly<Record<Resource, KindWords>> = {
  subscriptions: { object: "subscription", permission: "subscription" },
  subscription_items: { object: "subscription_item", permission: "subscription" },
  customers: { object: "customer", permission: "customer" },
  products: { object: "product", permission: "product" },
  prices: { object: "price", permission: "plan" },
  coupons: { object: "coupon", permission: "coupon" },
  tax_rates: { object: "tax_rate", permission: "tax_rate" },
  invoices: { object: "invoice", permission: "invoice" },
  events: { object: "event", permission: "event" },
  balance_transactions: {
    object: "balance_transaction",
    permission: "balance_transaction_source",
  },
  charges: { object: "charge", permission: "charge" },
  credit_notes: { object: "credit_note", permission: "credit_note" },
  disputes: { object: "dispute", permission: "dispute" },
  invoice_payments: { object: "invoice_payment", permission: "invoice" },
  payouts: { object: "payout", permission: "payout" },
  promotion_codes: { object: "promotion_code", permission: "promotion_code" },
  refunds: { object: "refund", permission: "refund" },
  subscription_schedules: { object: "subscription_schedule", permission: "subscription" },
  account: { object: "account", permission: "account" },
  balance: { object: "balance", permission: "balance" },
};

export const KINDS: readonly Kind[] = [
  "subscriptions",
  "customers",
  "products",
  "prices",
  "coupons",
  "tax_rates",
  "invoices",
  "events",
  "balance_transactions",
  "charges",
  "credit_notes",
  "disputes",
  "invoice_payments",
  "payouts",
  "promotion_codes",
  "refunds",
  "subscription_schedules",
];

/** An object as the simulator handles it when its kind does not matter. */
export type StripeObject = Readonly<Record<string, unknown>>;
