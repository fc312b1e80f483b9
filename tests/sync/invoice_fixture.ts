/** Invoices of subscriptions, with the fields that the past is rebuilt from. */
import type Stripe from "stripe";
import { DAY, NOW } from "./harness.ts";

const MONTH = 30 * DAY;
/** The first period of hand-made invoices begins here; each lasts 30 days. Unix seconds. */
export const FIRST = NOW - 100 * DAY;

export interface LineParts {
  readonly item: string;
  readonly price: string | null;
  readonly amount?: number;
  readonly quantity?: number;
  readonly from?: number;
  readonly to?: number;
  /** On a line of an invoice item instead: it names no subscription item. */
  readonly loose?: boolean;
  readonly proration?: boolean;
  readonly discounts?: readonly unknown[];
  readonly discountAmounts?: readonly { readonly discount: string; readonly amount: number }[];
}

function parentOf(subscription: string, { item, loose, proration = false }: LineParts) {
  const details = { invoice_item: null, proration, proration_details: null, subscription };
  return loose ? { type: "invoice_item_details", invoice_item_details: details } : {
    type: "subscription_item_details",
    subscription_item_details: { ...details, subscription_item: item },
  };
}

/** An invoice line; amounts in minor units, 2900 unless told. */
export function lineOf(
  subscription: string,
  invoice: string,
  index: number,
  parts: LineParts,
): Stripe.InvoiceLineItem {
  const { price, amount = 2900, quantity = 1, from = FIRST, to = FIRST + MONTH } = parts;
  return {
    id: `il_${invoice}_${index}`,
    object: "line_item",
    amount,
    currency: "usd",
    discounts: parts.discounts ?? [],
    discount_amounts: parts.discountAmounts ?? [],
    parent: parentOf(subscription, parts),
    period: { start: from, end: to },
    pricing: price === null ? null : {
      type: "price_details",
      price_details: { price, product: "prod_plain" },
      unit_amount_decimal: null,
    },
    quantity,
    taxes: [],
  } as unknown as Stripe.InvoiceLineItem;
}

/** An invoice of a subscription. */
export function invoiceWith(
  subscription: string,
  id: string,
  created: number,
  lines: readonly LineParts[],
  given: object = {},
): Stripe.Invoice {
  return {
    id,
    object: "invoice",
    created,
    customer: "cus_plain",
    currency: "usd",
    status: "paid",
    discounts: [],
    amount_due: 0,
    amount_paid: 0,
    amount_remaining: 0,
    status_transitions: { marked_uncollectible_at: null },
    parent: { type: "subscription_details", subscription_details: { subscription } },
    lines: {
      object: "list",
      has_more: false,
      url: `/v1/invoices/${id}/lines`,
      data: lines.map((parts, index) => lineOf(subscription, id, index, parts)),
    },
    ...given,
  } as unknown as Stripe.Invoice;
}

/** The renewal of one item in the nth 30 days since `FIRST`. */
export function invoiceOf(
  subscription: string,
  item: string,
  price: string | null,
  month: number,
  parts: Partial<LineParts> = {},
  given: object = {},
): Stripe.Invoice {
  const from = FIRST + month * MONTH;
  const line = { item, price, from, to: from + MONTH, ...parts };
  return invoiceWith(subscription, `in_${subscription}_${month}`, from, [line], given);
}
