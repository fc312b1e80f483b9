/** The catalogue as Stripe objects. */
import type Stripe from "stripe";
import { makeCoupon, makeProduct, makeTaxRate } from "../more_objects.ts";
import { decimal as decimalText, makePrice } from "../objects.ts";
import {
  type Amounts,
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
  return value === undefined ? null : decimalText(String(value));
}

/** `unit_amount` is null when the amount is not whole (metrics.md A.4). */
function whole(value: number | string | undefined): number | null {
  return value !== undefined && Number.isInteger(Number(value)) ? Number(value) : null;
}

export function productObject(spec: ProductSpec, created: number): Stripe.Product {
  const { id, name, unitLabel = null } = spec;
  return makeProduct({ id, name, unit_label: unitLabel, created, updated: created });
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
  return makePrice({
    id: spec.id,
    billing_scheme: spec.tiers ? "tiered" : "per_unit",
    created,
    currency: spec.currency,
    currency_options: Object.fromEntries(options),
    nickname: spec.nickname,
    product: spec.product.id,
    recurring: {
      interval: spec.every?.unit ?? (spec.months === 12 ? "year" : "month"),
      interval_count: spec.every?.count ?? 1,
      meter: null,
      trial_period_days: null,
      usage_type: "licensed",
    },
    ...(spec.tiers ? { tiers: spec.tiers.map((tier) => tierObject(tier, spec.currency)) } : {}),
    tiers_mode: spec.mode ?? null,
    transform_quantity: spec.packageSize === undefined
      ? null
      : { divide_by: spec.packageSize, round: "up" },
    unit_amount: whole(spec.unit?.[spec.currency]),
    unit_amount_decimal: decimal(spec.unit?.[spec.currency]),
  });
}

export function couponObject(spec: CouponSpec, created: number): Stripe.Coupon {
  const options = Object.entries(spec.amount ?? {}).map(([currency, amount]) =>
    [currency, { amount_off: Number(amount) }] as const
  );
  return makeCoupon({
    id: spec.id,
    amount_off: spec.amount ? Number(spec.amount.usd) : null,
    ...(spec.appliesTo ? { applies_to: { products: [spec.appliesTo.id] } } : {}),
    created,
    currency: spec.amount ? "usd" : null,
    ...(spec.amount ? { currency_options: Object.fromEntries(options) } : {}),
    duration: spec.duration,
    duration_in_months: spec.months ?? null,
    name: spec.name,
    percent_off: spec.percent ?? null,
  });
}

export function taxRateObject(spec: TaxSpec, created: number): Stripe.TaxRate {
  const { id, country, percentage } = spec;
  return makeTaxRate({
    id,
    country,
    created,
    description: `VAT ${country}`,
    effective_percentage: percentage,
    inclusive: true,
    jurisdiction: country,
    jurisdiction_level: "country",
    percentage,
  });
}
