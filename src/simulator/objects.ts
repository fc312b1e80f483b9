/**
 * Stripe objects by hand, complete by the types of API version 2026-10-28.endive: name what matters
 * and the rest is plain. Every time is Unix seconds, every amount minor units.
 */
import type Stripe from "stripe";

/** What is given besides the id; everything else keeps its plain value. */
export type Given<T> = Partial<T> & { readonly id: string };

/** When objects were created unless given: 2026-01-01 UTC. */
export const CREATED = 1_767_225_600;

/** The fields that are the same for every plain subscription. */
export const SUBSCRIPTION_DEFAULTS = {
  application: null,
  application_fee_percent: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_cycle_anchor_config: null,
  billing_schedules: [],
  billing_thresholds: null,
  collection_method: "charge_automatically",
  customer_account: null,
  days_until_due: null,
  default_payment_method: null,
  default_source: null,
  description: null,
  invoice_settings: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: { type: "self" },
  },
  livemode: false,
  managed_payments: { enabled: false },
  metadata: {},
  next_pending_invoice_item_invoice: null,
  on_behalf_of: null,
  payment_settings: {
    payment_method_options: null,
    payment_method_types: null,
    save_default_payment_method: "off",
  },
  pending_invoice_item_interval: null,
  pending_setup_intent: null,
  pending_update: null,
  schedule: null,
  test_clock: null,
  transfer_data: null,
  trial_settings: {
    end_behavior: { billing_cycle_anchor: null, missing_payment_method: "create_invoice" },
  },
} satisfies Partial<Stripe.Subscription>;

/** `"12.5"` as JSON carries a decimal; the SDK reads it into its Decimal. */
export function decimal(text: string): Stripe.Decimal {
  return text as unknown as Stripe.Decimal;
}

/** A monthly licensed price of `unit_amount` (1000 usd by default). */
export function makePrice(given: Given<Stripe.Price>): Stripe.Price {
  const amount = given.unit_amount === undefined ? 1000 : given.unit_amount;
  return {
    object: "price",
    active: true,
    billing_scheme: "per_unit",
    created: CREATED,
    currency: "usd",
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: "prod_plain",
    recurring: {
      interval: "month",
      interval_count: 1,
      meter: null,
      trial_period_days: null,
      usage_type: "licensed",
    },
    tax_behavior: "unspecified",
    tiers_mode: null,
    transform_quantity: null,
    type: "recurring",
    unit_amount: amount,
    unit_amount_decimal: amount === null ? null : decimal(String(amount)),
    ...given,
  };
}

/** The old-style twin of a price that items still carry. */
export function planOf(price: Stripe.Price): Stripe.Plan {
  const { recurring } = price;
  return {
    id: price.id,
    object: "plan",
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: recurring?.interval ?? "month",
    interval_count: recurring?.interval_count ?? 1,
    livemode: price.livemode,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: typeof price.product === "string" ? price.product : price.product.id,
    tiers_mode: price.tiers_mode,
    transform_usage: price.transform_quantity,
    trial_period_days: null,
    usage_type: recurring?.usage_type ?? "licensed",
  };
}

/** An item of a price; a plain price of its own unless one is given. */
export function makeItem(given: Given<Stripe.SubscriptionItem>): Stripe.SubscriptionItem {
  const price = given.price ?? makePrice({ id: `price_${given.id}` });
  return {
    object: "subscription_item",
    billing_thresholds: null,
    created: CREATED,
    current_period_end: CREATED + 31 * 86_400,
    current_period_start: CREATED,
    current_trial: null,
    discounts: [],
    metadata: {},
    plan: planOf(price),
    price,
    quantity: 1,
    subscription: "sub_plain",
    tax_rates: [],
    ...given,
  };
}

/** An active subscription; `lines` are its items, one plain one by default. */
export function makeSubscription(
  { lines, ...given }: Given<Stripe.Subscription> & {
    readonly lines?: readonly Stripe.SubscriptionItem[];
  },
): Stripe.Subscription {
  const items = lines ?? [makeItem({ id: `si_${given.id}` })];
  const created = given.created ?? CREATED;
  return {
    object: "subscription",
    ...SUBSCRIPTION_DEFAULTS,
    billing_cycle_anchor: created,
    billing_mode: { flexible: { proration_discounts: "included" }, type: "flexible" },
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    created,
    currency: "usd",
    customer: "cus_plain",
    default_tax_rates: [],
    discounts: [],
    ended_at: null,
    items: {
      object: "list",
      data: items.map((item) => ({ ...item, subscription: given.id })),
      has_more: false,
      url: `/v1/subscription_items?subscription=${given.id}`,
    },
    latest_invoice: null,
    pause_collection: null,
    start_date: created,
    status: "active",
    trial_end: null,
    trial_start: null,
    ...given,
  };
}
