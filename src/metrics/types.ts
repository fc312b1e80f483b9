/**
 * What the figures are made from: a subscription and its prices and coupons in our own slim
 * types, translated from Stripe's objects in `src/stripe`. Times are Unix seconds, amounts
 * fractions of a minor unit. No personal data has a place here.
 *
 * @module
 */
import type { Rational } from "./rational.ts";

export interface Tier {
  /** Last quantity of the tier, inclusive; `null` is infinity. */
  readonly upTo: bigint | null;
  readonly unit: Rational;
  readonly flat: Rational;
}

/** What a price costs in one currency. */
export interface PriceFace {
  readonly unitAmount: Rational | null;
  /** `null` when Stripe was not asked to expand them. */
  readonly tiers: readonly Tier[] | null;
  /** `tax_behavior`: the amount already holds its tax. Counts under Stripe Tax only. */
  readonly taxInclusive: boolean;
}

export interface Price extends PriceFace {
  readonly id: string;
  readonly product: string;
  readonly currency: string;
  readonly nickname: string | null;
  readonly tiered: boolean;
  readonly volume: boolean;
  /** `null` for a one-time price. `interval` is day, week, month or year when it is known. */
  readonly recurring: {
    readonly interval: string;
    readonly count: number;
    readonly metered: boolean;
  } | null;
  readonly transform: { readonly divideBy: bigint; readonly roundUp: boolean } | null;
  /** Other currencies of the price; `null` when Stripe was not asked to expand them. */
  readonly currencyOptions: Readonly<Record<string, PriceFace>> | null;
}

export interface Coupon {
  readonly id: string;
  readonly duration: string;
  readonly percentOff: Rational | null;
  /** Minor units of `currency`, off each invoice (or each line, on an item). */
  readonly amountOff: Rational | null;
  readonly currency: string | null;
  readonly currencyOptions: Readonly<Record<string, Rational>>;
  /** Ids of the only products it applies to; `null` for all. */
  readonly products: readonly string[] | null;
}

export interface Discount {
  readonly id: string;
  /** `null` when Stripe returned the bare id of a discount, which cannot be fetched by itself. */
  readonly couponId: string | null;
  /** The coupon as it came inside the discount, used where the coupon mirror has none. */
  readonly coupon: Coupon | null;
  readonly start: number;
  readonly end: number | null;
}

export interface TaxRate {
  readonly inclusive: boolean;
  readonly percentage: Rational;
}

export interface Item {
  readonly id: string;
  /** Unix seconds; left out where it was stored by an older program. */
  readonly created?: number;
  readonly price: Price;
  /** `null` when Stripe leaves it out: one on a licensed price. */
  readonly quantity: bigint | null;
  readonly currentPeriodStart: number;
  readonly currentPeriodEnd: number;
  readonly trial: { readonly start: number; readonly end: number } | null;
  readonly discounts: readonly Discount[];
  readonly taxRates: readonly TaxRate[];
}

export interface Subscription {
  readonly id: string;
  readonly customer: string;
  readonly currency: string;
  /** Stripe's status; an unknown one is kept as it came. */
  readonly status: string;
  readonly created: number;
  readonly trialStart: number | null;
  readonly trialEnd: number | null;
  readonly cancelAt: number | null;
  readonly cancelAtPeriodEnd: boolean;
  /** The newest request to cancel; neither the end nor proof of a cancellation. */
  readonly canceledAt: number | null;
  readonly endedAt: number | null;
  /** `cancellation_details.reason`. */
  readonly cancelReason: string | null;
  readonly pause: { readonly behavior: string; readonly resumesAt: number | null } | null;
  readonly testClock: boolean;
  readonly automaticTax: boolean;
  readonly items: readonly Item[];
  /** Stripe holds more items than it returned. */
  readonly itemsTruncated: boolean;
  readonly discounts: readonly Discount[];
  readonly defaultTaxRates: readonly TaxRate[];
  /** Id of the newest invoice under automatic tax, whose rate is read there; else `null`. */
  readonly latestInvoice: string | null;
  /** Metadata, only where the configuration excludes by it; else empty. */
  readonly metadata: Readonly<Record<string, string>>;
}
