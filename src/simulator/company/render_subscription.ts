/** Subscriptions and customers as Stripe objects, at a time, from the true history. */
import type Stripe from "stripe";
import { makeCustomer } from "../more_objects.ts";
import { planOf, SUBSCRIPTION_DEFAULTS } from "../objects.ts";
import { couponObject, priceObject, taxRateObject } from "./catalogue_objects.ts";
import { COUPONS, type CouponSpec, PRICES, type PriceSpec, TAXES } from "./catalogue.ts";
import { latestInvoiceId } from "./invoices.ts";
import {
  type CustomerRecord,
  type DiscountState,
  type ItemState,
  periodOf,
  stateAt,
  type Sub,
  type SubState,
} from "./state.ts";
import { isHeld } from "./worth.ts";

/** The objects that all subscriptions share, made once. */
export interface CatalogueObjects {
  readonly prices: ReadonlyMap<PriceSpec, Stripe.Price>;
  readonly plans: ReadonlyMap<PriceSpec, Stripe.Plan>;
  readonly coupons: ReadonlyMap<CouponSpec, Stripe.Coupon>;
  readonly taxes: ReadonlyMap<string, Stripe.TaxRate>;
}

/**
 * @param created When the catalogue was made, Unix seconds.
 * @param more What only the cases sell, if the company has them.
 */
export function catalogueObjects(
  created: number,
  more: { readonly prices: readonly PriceSpec[]; readonly coupons: readonly CouponSpec[] },
): CatalogueObjects {
  const coupons: readonly CouponSpec[] = [...Object.values(COUPONS), ...more.coupons];
  const prices = [...PRICES, ...more.prices].map((spec, index) =>
    [spec, Object.freeze(priceObject(spec, created + index))] as const
  );
  return {
    prices: new Map(prices),
    plans: new Map(prices.map(([spec, price]) => [spec, Object.freeze(planOf(price))])),
    coupons: new Map(coupons.map((spec, index) => [spec, couponObject(spec, created + index)])),
    taxes: new Map(
      Object.values(TAXES).map((spec, index) => [spec.id, taxRateObject(spec, created + index)]),
    ),
  };
}

interface DiscountOwner {
  readonly customer: string;
  readonly subscription: string | null;
  readonly item: string | null;
}

export function discountObject(
  { id, coupon, start, end }: DiscountState,
  owner: DiscountOwner,
  catalogue: CatalogueObjects,
): Stripe.Discount {
  return {
    id,
    object: "discount",
    checkout_session: null,
    customer: owner.customer,
    customer_account: null,
    end,
    invoice: null,
    invoice_item: null,
    promotion_code: null,
    source: { coupon: catalogue.coupons.get(coupon)!, type: "coupon" },
    start,
    subscription: owner.subscription,
    subscription_item: owner.item,
  };
}

function itemObject(
  sub: Sub,
  item: ItemState,
  period: { start: number; end: number },
  catalogue: CatalogueObjects,
): Stripe.SubscriptionItem {
  const owner = { customer: sub.customer.id, subscription: null, item: item.id };
  return {
    id: item.id,
    object: "subscription_item",
    billing_thresholds: null,
    created: item.created,
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: item.offer
      ? { start_date: item.offer.start, end_date: item.offer.end, trial_offer: "tro_1starter" }
      : null,
    discounts: item.discounts.map((each) => discountObject(each, owner, catalogue)),
    metadata: {},
    plan: catalogue.plans.get(item.price)!,
    price: catalogue.prices.get(item.price)!,
    quantity: item.quantity,
    subscription: sub.id,
    tax_rates: [],
  };
}

/** The fields that say how it ends. */
function ending(state: SubState) {
  return {
    cancel_at: state.cancelAt,
    cancel_at_period_end: state.cancelAtPeriodEnd,
    canceled_at: state.canceledAt,
    cancellation_details: {
      comment: null,
      feedback: state.feedback,
      feedback_option: null,
      reason: state.reason,
    },
    ended_at: state.endedAt,
  };
}

/** A subscription as it was in a state at a time, with everything expanded. */
export function subscriptionObject(
  sub: Sub,
  state: SubState,
  at: number,
  catalogue: CatalogueObjects,
): Stripe.Subscription {
  const period = periodOf(state, at);
  const owner = { customer: sub.customer.id, subscription: sub.id, item: null };
  const tax = sub.customer.tax;
  return {
    id: sub.id,
    object: "subscription",
    ...SUBSCRIPTION_DEFAULTS,
    billing_cycle_anchor: state.anchor,
    billing_mode: {
      flexible: { proration_discounts: "included" },
      type: "flexible",
      updated_at: sub.created,
    },
    ...ending(state),
    ...(sub.traits?.paysAfter === undefined
      ? {}
      : { collection_method: "send_invoice", days_until_due: 30 }),
    created: sub.created,
    currency: sub.customer.currency,
    customer: sub.customer.id,
    default_tax_rates: tax ? [catalogue.taxes.get(tax.id)!] : [],
    discounts: state.discounts.map((each) => discountObject(each, owner, catalogue)),
    items: {
      object: "list",
      data: state.items.map((item) => itemObject(sub, item, period, catalogue)),
      has_more: false,
      url: `/v1/subscription_items?subscription=${sub.id}`,
    },
    latest_invoice: latestInvoiceId(sub, state, at),
    pause_collection: state.pause
      ? { behavior: state.pause.behavior, resumes_at: state.pause.resumesAt }
      : null,
    schedule: state.planned?.id ?? null,
    start_date: sub.created,
    status: state.status,
    trial_end: state.trialEnd,
    trial_start: state.trialStart,
  };
}

/** A subscription as it is at a time. */
export function subscriptionAt(sub: Sub, at: number, catalogue: CatalogueObjects) {
  return subscriptionObject(sub, stateAt(sub, at) ?? sub.states[0]!, at, catalogue);
}

const NAMES =
  ("Northwind Bluebird Quartz Harbor Maple Orbit Cedar Lumen Alder Basalt Copper Delta " +
    "Ember Fjord Granite Hazel Indigo Juniper Kestrel Linden Meridian Nimbus Onyx Pebble Quill " +
    "Rowan Saffron Tundra Umber Velvet Willow Zephyr Amber Beacon Cobalt Dune Elm Falcon Glacier")
    .split(" ");
const KINDS_OF_FIRM = ("Labs Studio Works Group Foods Media Robotics Health Energy Travel " +
  "Logistics Design Systems Finance Games Press").split(" ");
/** Between the two for those after the first round of names. */
const PLACES = [
  "",
  "Nordic ",
  "Pacific ",
  "Alpine ",
  "Atlantic ",
  "Baltic ",
  "Iberian ",
  "Prairie ",
];

/** Name and e-mail of a customer: made up, and there so that a test can look for leaks of them. */
export function personOf({ index }: CustomerRecord): { name: string; email: string } {
  const first = NAMES[index % NAMES.length]!;
  const kind = KINDS_OF_FIRM[index % KINDS_OF_FIRM.length]!;
  // The lists' lengths have no common divisor, so each pair comes once a round.
  const round = Math.floor(index / (NAMES.length * KINDS_OF_FIRM.length));
  return {
    name: `${first} ${PLACES[round] ?? `${round} `}${kind}`,
    email: `billing@${first.toLowerCase()}-${index}.example`,
  };
}

/** A customer as it was at a time (Unix seconds). */
export function customerObject(
  customer: CustomerRecord,
  at: number,
  catalogue: CatalogueObjects,
): Stripe.Customer {
  const { discount } = customer;
  const owner = { customer: customer.id, subscription: null, item: null };
  return makeCustomer({
    id: customer.id,
    created: customer.created,
    currency: customer.currency,
    delinquent: customer.subscriptions.some(({ states }) => states.at(-1)!.status === "past_due"),
    discount: discount && isHeld(discount, at) ? discountObject(discount, owner, catalogue) : null,
    ...personOf(customer),
  });
}
