/** The catalogue as Stripe objects. */
import type Stripe from "stripe";
import {
  type Amounts,
  COUPONS,
  type CouponSpec,
  CURRENCIES,
  type Currency,
  type PriceSpec,
  type ProductSpec,
  type TaxSpec,
  type TierSpec,
} from "./catalogue.ts";

/** In JSON a decimal is text; the SDK turns it into its Decimal. */
function decimal(value: number | string | undefined): Stripe.Decimal | null {
  return value === undefined ? null : String(value) as unknown as Stripe.Decimal;
}

/** `unit_amount` is null when the amount is not whole (metrics.md A.4). */
function whole(value: number | string | undefined): number | null {
  return value !== undefined && Number.isInteger(Number(value)) ? Number(value) : null;
}

export function productObject(spec: ProductSpec, created: number): Stripe.Product {
  return {
    id: spec.id,
    object: "product",
    active: true,
    created,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    name: spec.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: "service",
    unit_label: spec.unitLabel ?? null,
    updated: created,
    url: null,
  };
}

function tierObject({ upTo, unit, flat }: TierSpec, currency: Currency): Stripe.Price.Tier {
  return {
    flat_amount: whole(flat?.[currency]),
    flat_amount_decimal: decimal(flat?.[currency]),
    unit_amount: whole(unit[currency]),
    unit_amount_decimal: decimal(unit[currency]),
    up_to: upTo,
  };
}

function currencyOption(spec: PriceSpec, currency: Currency): Stripe.Price.CurrencyOptions {
  return {
    custom_unit_amount: null,
    tax_behavior: "unspecified",
    ...(spec.tiers ? { tiers: spec.tiers.map((tier) => tierObject(tier, currency)) } : {}),
    unit_amount: whole(spec.unit?.[currency]),
    unit_amount_decimal: decimal(spec.unit?.[currency]),
  };
}

/** The currencies that a price can be bought in. */
export function currenciesOf(spec: PriceSpec): Currency[] {
  const amounts: Amounts = spec.unit ?? spec.tiers?.[0]?.unit ?? {};
  return CURRENCIES.filter((currency) => amounts[currency] !== undefined);
}

/** A price with everything that expansion could ask for. */
export function priceObject(spec: PriceSpec, created: number): Stripe.Price {
  const options = currenciesOf(spec).map((each) => [each, currencyOption(spec, each)] as const);
  return {
    id: spec.id,
    object: "price",
    active: true,
    billing_scheme: spec.tiers ? "tiered" : "per_unit",
    created,
    currency: spec.currency,
    currency_options: Object.fromEntries(options),
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: spec.nickname,
    product: spec.product.id,
    recurring: {
      interval: spec.months === 12 ? "year" : "month",
      interval_count: 1,
      meter: null,
      trial_period_days: null,
      usage_type: "licensed",
    },
    tax_behavior: "unspecified",
    ...(spec.tiers ? { tiers: spec.tiers.map((tier) => tierObject(tier, spec.currency)) } : {}),
    tiers_mode: spec.mode ?? null,
    transform_quantity: spec.packageSize === undefined
      ? null
      : { divide_by: spec.packageSize, round: "up" },
    type: "recurring",
    unit_amount: whole(spec.unit?.[spec.currency]),
    unit_amount_decimal: decimal(spec.unit?.[spec.currency]),
  };
}

/** The old-style twin of a price that subscription items still carry. */
export function planObject(spec: PriceSpec, created: number): Stripe.Plan {
  return {
    id: spec.id,
    object: "plan",
    active: true,
    amount: whole(spec.unit?.[spec.currency]),
    amount_decimal: decimal(spec.unit?.[spec.currency]),
    billing_scheme: spec.tiers ? "tiered" : "per_unit",
    created,
    currency: spec.currency,
    interval: spec.months === 12 ? "year" : "month",
    interval_count: 1,
    livemode: false,
    metadata: {},
    meter: null,
    nickname: spec.nickname,
    product: spec.product.id,
    tiers_mode: spec.mode ?? null,
    transform_usage: spec.packageSize === undefined
      ? null
      : { divide_by: spec.packageSize, round: "up" },
    trial_period_days: null,
    usage_type: "licensed",
  };
}

export function couponObject(spec: CouponSpec, created: number): Stripe.Coupon {
  const options = Object.entries(spec.amount ?? {}).map(([currency, amount]) =>
    [currency, { amount_off: Number(amount) }] as const
  );
  return {
    id: spec.id,
    object: "coupon",
    amount_off: spec.amount ? Number(spec.amount.usd) : null,
    ...(spec.appliesTo ? { applies_to: { products: [spec.appliesTo.id] } } : {}),
    created,
    currency: spec.amount ? "usd" : null,
    ...(spec.amount ? { currency_options: Object.fromEntries(options) } : {}),
    duration: spec.duration,
    duration_in_months: spec.months ?? null,
    livemode: false,
    max_redemptions: null,
    metadata: {},
    name: spec.name,
    percent_off: spec.percent ?? null,
    redeem_by: null,
    times_redeemed: 0,
    valid: true,
  };
}

export function couponSpecs(): readonly CouponSpec[] {
  return Object.values(COUPONS);
}

export function taxRateObject(spec: TaxSpec, created: number): Stripe.TaxRate {
  return {
    id: spec.id,
    object: "tax_rate",
    active: true,
    country: spec.country,
    created,
    description: `VAT ${spec.country}`,
    display_name: "VAT",
    effective_percentage: spec.percentage,
    flat_amount: null,
    inclusive: true,
    jurisdiction: spec.country,
    jurisdiction_level: "country",
    livemode: false,
    metadata: {},
    percentage: spec.percentage,
    rate_type: "percentage",
    state: null,
    tax_type: "vat",
  };
}
