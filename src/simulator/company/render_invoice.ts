/** Invoices as Stripe objects: lines by item and tier, prorations, discounts, inclusive tax. */
import type Stripe from "stripe";
import { DAY } from "./calendar.ts";
import { INVOICE_DEFAULTS } from "./invoice_defaults.ts";
import { fateOf, finalizedAt, type InvoiceRef } from "./invoices.ts";
import { type LineAmount, linesOf, sharedDiscounts } from "./invoice_lines.ts";
import { type CatalogueObjects, discountObject, personOf } from "./render_subscription.ts";
import { periodOf } from "./state.ts";

/** Where a line comes from: an item, or what waited for the next invoice. */
function parentObject(
  { sub, id }: InvoiceRef,
  line: LineAmount,
  index: number,
): Stripe.InvoiceLineItem["parent"] {
  const details = {
    proration: line.proration,
    proration_details: line.credits
      ? { credited_items: { invoice: line.credits.id, invoice_line_items: [] } }
      : null,
    subscription: sub.id,
  };
  if (line.pending) {
    const item = { ...details, invoice_item: `ii_${id.slice(3)}${index}` };
    return {
      invoice_item_details: item,
      subscription_item_details: null,
      type: "invoice_item_details",
    };
  }
  return {
    invoice_item_details: null,
    subscription_item_details: { ...details, invoice_item: null, subscription_item: line.item.id },
    type: "subscription_item_details",
  };
}

function lineObject(
  ref: InvoiceRef,
  line: LineAmount,
  index: number,
  catalogue: CatalogueObjects,
): Stripe.InvoiceLineItem {
  const { sub, id } = ref;
  const tax = sub.customer.tax;
  return {
    id: `il_${id.slice(3)}${String(index).padStart(2, "0")}`,
    object: "line_item",
    amount: line.amount,
    currency: sub.customer.currency,
    description: line.description,
    discount_amounts: line.discounts.map(({ discount, amount }) => ({
      amount,
      discount: discount.id,
    })),
    discountable: !line.proration,
    discounts: line.discounts.map(({ discount, onItem }) =>
      discountObject(discount, {
        customer: sub.customer.id,
        subscription: onItem ? null : sub.id,
        item: onItem ? line.item.id : null,
      }, catalogue)
    ),
    invoice: id,
    livemode: false,
    metadata: {},
    parent: parentObject(ref, line, index),
    period: line.period,
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: line.item.price.id, product: line.item.price.product.id },
      type: "price_details",
      unit_amount_decimal: line.unit as unknown as Stripe.Decimal | null,
    },
    quantity: line.quantity,
    quantity_decimal: String(line.quantity) as unknown as Stripe.Decimal,
    subscription: sub.id,
    subtotal: line.amount,
    taxes: tax
      ? [{
        amount: line.tax,
        tax_behavior: "inclusive",
        tax_rate_details: { tax_rate: tax.id },
        taxability_reason: "standard_rated",
        taxable_amount: line.net - line.tax,
        type: "tax_rate_details",
      }]
      : [],
  };
}

/** The sums of an invoice from its lines, all in minor units. */
function sumsOf(ref: InvoiceRef, lines: readonly LineAmount[]) {
  const sum = (pick: (line: LineAmount) => number) =>
    lines.reduce((total, line) => total + pick(line), 0);
  const subtotal = sum(({ amount }) => amount);
  const total = sum(({ net }) => net);
  const tax = sum((line) => line.tax);
  const byDiscount = new Map<string, number>();
  for (const { discount, amount } of lines.flatMap(({ discounts }) => discounts)) {
    byDiscount.set(discount.id, (byDiscount.get(discount.id) ?? 0) + amount);
  }
  const rate = ref.sub.customer.tax;
  return {
    subtotal,
    subtotal_excluding_tax: subtotal - tax,
    total,
    total_excluding_tax: total - tax,
    total_discount_amounts: [...byDiscount].map(([discount, amount]) => ({ amount, discount })),
    total_pretax_credit_amounts: [],
    total_taxes: rate
      ? [{
        amount: tax,
        tax_behavior: "inclusive",
        tax_rate_details: { tax_rate: rate.id },
        taxability_reason: "standard_rated",
        taxable_amount: total - tax,
        type: "tax_rate_details" as const,
      }]
      : [],
  };
}

/** How often it was tried to collect. */
function attemptsOf({ sub, state, created }: InvoiceRef, due: number, status: string): number {
  const { closings, paysAfter } = sub.traits ?? {};
  // Nothing is tried while collection is paused, nor what is sent and closed by hand.
  if (status === "draft" || due === 0 || state.pause || closings?.has(created)) return 0;
  if (state.status === "past_due") return status === "paid" ? 2 : sub.traits?.closes ? 3 : 1;
  return paysAfter !== undefined && status !== "paid" ? 0 : 1;
}

/** The fields that say what became of it by a time. */
function paymentOf(ref: InvoiceRef, total: number, at: number) {
  const { status, paidAt, changedAt } = fateOf(ref, at);
  const due = Math.max(0, total);
  const failed = ref.state.status === "past_due";
  const paid = status === "paid" ? due : 0;
  const attempts = attemptsOf(ref, due, status);
  const retry = failed && status === "open" ? ref.state.outcome?.at ?? null : null;
  return {
    amount_due: due,
    amount_paid: paid,
    amount_remaining: status === "paid" ? 0 : due,
    attempt_count: attempts,
    attempted: attempts > 0 || status === "paid",
    auto_advance: status === "open",
    next_payment_attempt: retry,
    status,
    status_transitions: {
      finalized_at: status === "draft" ? null : finalizedAt(ref),
      marked_uncollectible_at: status === "uncollectible" ? changedAt : null,
      paid_at: paidAt,
      voided_at: status === "void" ? changedAt : null,
    },
    payments: paymentList(ref, due, status, paidAt),
  };
}

function paymentList(ref: InvoiceRef, due: number, status: string, paidAt: number | null) {
  const payment: Stripe.InvoicePayment = {
    id: `inpay_${ref.id.slice(3)}`,
    object: "invoice_payment",
    amount_paid: paidAt === null ? null : due,
    amount_requested: due,
    created: ref.created,
    currency: ref.sub.customer.currency,
    invoice: ref.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: `pi_${ref.id.slice(3)}`, type: "payment_intent" },
    status: paidAt === null ? "open" : "paid",
    status_transitions: { canceled_at: null, paid_at: paidAt },
  };
  return {
    object: "list" as const,
    data: due === 0 || status === "draft" || status === "void" ? [] : [payment],
    has_more: false,
    url: "/v1/invoice_payments",
  };
}

/** An invoice as it was at a time, with everything expanded. */
export function invoiceObject(
  ref: InvoiceRef,
  at: number,
  catalogue: CatalogueObjects,
): Stripe.Invoice {
  const { id, sub, created, state } = ref;
  const { name, email } = personOf(sub.customer);
  const lines = linesOf(ref);
  const sums = sumsOf(ref, lines);
  const tax = sub.customer.tax;
  const owner = { customer: sub.customer.id, subscription: sub.id, item: null };
  return {
    id,
    object: "invoice",
    ...INVOICE_DEFAULTS,
    ...sums,
    ...paymentOf(ref, sums.total, at),
    billing_reason: ref.reason,
    ...(sub.traits?.paysAfter === undefined ? {} : {
      collection_method: "send_invoice",
      due_date: created + 30 * DAY,
    }),
    created,
    currency: sub.customer.currency,
    customer: sub.customer.id,
    customer_email: email,
    customer_name: name,
    default_tax_rates: tax ? [catalogue.taxes.get(tax.id)!] : [],
    discounts: sharedDiscounts(ref).map((each) => discountObject(each, owner, catalogue)),
    effective_at: created,
    ending_balance: Math.min(0, sums.total),
    lines: {
      object: "list",
      data: lines.map((line, index) => lineObject(ref, line, index, catalogue)),
      has_more: false,
      url: `/v1/invoices/${id}/lines`,
    },
    number: id.slice(-8).toUpperCase(),
    parent: {
      quote_details: null,
      subscription_details: { metadata: {}, subscription: sub.id },
      type: "subscription_details",
    },
    // Not the service period (metrics.md D.1): Stripe gives the cycle that ended.
    period_end: created,
    period_start: ref.reason === "subscription_cycle" && created > state.anchor
      ? periodOf(state, created - 1).start
      : created,
  };
}
