/** More objects by hand: products, coupons, discounts, customers, tax rates. */
import type Stripe from "stripe";
import { CREATED, type Given } from "./objects.ts";

export function makeProduct(given: Given<Stripe.Product>): Stripe.Product {
  return {
    object: "product",
    active: true,
    created: CREATED,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    name: given.id,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: "service",
    unit_label: null,
    updated: CREATED,
    url: null,
    ...given,
  };
}

/** A coupon of 10 % for ever unless something else is given. */
export function makeCoupon(given: Given<Stripe.Coupon>): Stripe.Coupon {
  return {
    object: "coupon",
    amount_off: null,
    created: CREATED,
    currency: null,
    duration: "forever",
    duration_in_months: null,
    livemode: false,
    max_redemptions: null,
    metadata: {},
    name: null,
    percent_off: given.amount_off == null ? 10 : null,
    redeem_by: null,
    times_redeemed: 0,
    valid: true,
    ...given,
  };
}

/** A discount of a coupon (an object, or an id). */
export function makeDiscount(
  { coupon, ...given }: Given<Stripe.Discount> & { readonly coupon: string | Stripe.Coupon },
): Stripe.Discount {
  return {
    object: "discount",
    checkout_session: null,
    customer: "cus_plain",
    customer_account: null,
    end: null,
    invoice: null,
    invoice_item: null,
    promotion_code: null,
    source: { coupon, type: "coupon" },
    start: CREATED,
    subscription: null,
    subscription_item: null,
    ...given,
  };
}

export function makeCustomer(given: Given<Stripe.Customer>): Stripe.Customer {
  return {
    object: "customer",
    address: null,
    balance: 0,
    created: CREATED,
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: given.id.slice(-8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: null,
    ...given,
  };
}

/** An exclusive rate of 20 % unless something else is given. */
export function makeTaxRate(given: Given<Stripe.TaxRate>): Stripe.TaxRate {
  return {
    object: "tax_rate",
    active: true,
    country: null,
    created: CREATED,
    description: null,
    display_name: "VAT",
    effective_percentage: null,
    flat_amount: null,
    inclusive: false,
    jurisdiction: null,
    jurisdiction_level: null,
    livemode: false,
    metadata: {},
    percentage: 20,
    rate_type: "percentage",
    state: null,
    tax_type: "vat",
    ...given,
  };
}
