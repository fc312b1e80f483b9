/**
 * Monthly recurring revenue of one subscription (metrics.md section A). Pure: no clock, no
 * network, no rounding.
 *
 * @module
 */
import { faceOf, grossAmount, type Issue, ofNothing, Unresolved } from "./amount.ts";
import {
  applyToItem,
  applyToSubscription,
  type DiscountContext,
  reductionsOf,
} from "./discounts.ts";
import { monthlyFactor, type Span, spanOf } from "./interval.ts";
import type { MrrOptions } from "./options.ts";
import { divide, type Rational, sum, ZERO } from "./rational.ts";
import { taxDivisor } from "./tax.ts";
import type { Coupon, Discount, Item, Price, Subscription } from "./types.ts";

/** Why a subscription's MRR is 0. */
export type ZeroReason =
  | "status"
  | "trial"
  | "cancel_scheduled"
  | "paused"
  | "test_clock"
  | "not_yet_paid"
  | "free"
  | "zero_quantity"
  | "discounted_to_zero"
  | "metered_only";

export interface LineMrr {
  readonly itemId: string;
  readonly priceId: string;
  readonly productId: string;
  readonly interval: string;
  readonly intervalCount: number;
  readonly quantity: bigint;
  /** Per billing interval, before discounts and tax. */
  readonly gross: Rational;
  /** Share of a month: what an amount per interval is multiplied with. */
  readonly factor: Rational;
  /** Per month, after discounts, tax still in it. */
  readonly discounted: Rational;
  /** Per month, after discounts and inclusive tax: the line's MRR. */
  readonly amount: Rational;
}

export type MrrResult =
  | {
    readonly kind: "value";
    readonly currency: string;
    readonly amount: Rational;
    /** They add up to `amount`. */
    readonly lines: readonly LineMrr[];
    readonly reason?: ZeroReason;
    readonly issues: readonly Issue[];
  }
  | { readonly kind: "unresolved"; readonly issues: readonly Issue[] };

/** What is known beside the subscription itself. */
export interface MrrFacts {
  /** The coupon mirror; `undefined` leaves the coupon inside the discount in force. */
  coupon?(id: string): Coupon | undefined;
  /** The price mirror with tiers and currency options. */
  price?(id: string): Price | undefined;
  readonly customerDiscount?: Discount | null;
  readonly pastDueSince?: number | undefined;
  /** Percent of the inclusive automatic tax by item id, read from the newest invoice. */
  readonly inclusiveTaxPercent?: Readonly<Record<string, Rational>> | undefined;
  /** When an invoice above 0 was first paid; `null`: never yet. */
  readonly firstPaidAt?: number | null;
}

/** Nothing beside the subscription. */
export const NO_FACTS: MrrFacts = {};
/** Shared by the many results that have none. */
const NONE: readonly never[] = [];
const DAY_SECONDS = 86_400;

/** Status values that never count. */
const DEAD = new Set(["unpaid", "incomplete", "incomplete_expired", "canceled"]);

/** Whether the collection of invoices is paused in a way that takes MRR to 0 (A.2 step 3). */
export function collectionPaused(sub: Subscription, at: number, options: MrrOptions): boolean {
  if (!sub.pause || options.pauseCollection === "count") return false;
  if (sub.pause.resumesAt !== null && sub.pause.resumesAt <= at) return false;
  return options.pauseCollection === "exclude" || sub.pause.behavior !== "keep_as_draft";
}

/** The reason why the whole subscription is 0, or `null` when its items decide (A.2 1–3). */
function zeroAsAWhole(
  sub: Subscription,
  at: number,
  options: MrrOptions,
  facts: MrrFacts,
  report: (issue: Issue) => void,
): ZeroReason | null {
  if (sub.testClock && options.testClocks === "exclude") return "test_clock";
  if (DEAD.has(sub.status)) return "status";
  switch (sub.status) {
    case "active":
      break;
    case "past_due": {
      const { pastDue } = options;
      if (pastDue === "exclude") return "status";
      const since = facts.pastDueSince;
      const late = typeof pastDue === "object" && since !== undefined &&
        at - since > pastDue.maxDays * DAY_SECONDS;
      if (late) return "status";
      break;
    }
    case "trialing":
      if (options.trialing === "exclude") return "trial";
      break;
    case "paused":
      return "paused";
    default:
      report("unknown_status");
      return "status";
  }
  if (collectionPaused(sub, at, options)) return "paused";
  if (options.activation === "first_payment" && facts.firstPaidAt !== undefined) {
    if (facts.firstPaidAt === null || facts.firstPaidAt > at) return "not_yet_paid";
  }
  return null;
}

/** Why an item adds nothing, or `null` when it counts (A.2 step 5). */
function skipReason(
  sub: Subscription,
  item: Item,
  at: number,
  options: MrrOptions,
): ZeroReason | null {
  const { recurring } = item.price;
  if (!recurring) return "free";
  if (recurring.metered) return "metered_only";
  const { trial } = item;
  if (options.trialOffers === "exclude" && trial && trial.start <= at && at < trial.end) {
    return "trial";
  }
  if (options.cancellation === "at_request") {
    const ends = sub.cancelAtPeriodEnd ||
      (sub.cancelAt !== null && sub.cancelAt <= item.currentPeriodEnd);
    if (ends) return "cancel_scheduled";
  }
  return null;
}

interface Counted {
  readonly item: Item;
  readonly span: Span;
  readonly gross: Rational;
}

function countedItems(sub: Subscription, items: readonly Item[]): Counted[] {
  return items.map((item) => {
    const { interval, count } = item.price.recurring!;
    const span = spanOf(interval, count);
    if (!span) throw new Unresolved("unknown_interval");
    return { item, span, gross: grossAmount(item, sub.currency) };
  });
}

function valueLines(
  sub: Subscription,
  counted: readonly Counted[],
  at: number,
  options: MrrOptions,
  facts: MrrFacts,
  report: (issue: Issue) => void,
): LineMrr[] {
  const context: DiscountContext = {
    at,
    currency: sub.currency,
    options,
    coupon: (id) => facts.coupon?.(id),
    report,
  };
  const lines = counted.map(({ item, span, gross }) => {
    const line = { product: item.price.product, span, left: gross };
    return { ...line, left: applyToItem(line, reductionsOf(item.discounts, context)) };
  });
  const level = sub.discounts.length > 0
    ? sub.discounts
    : facts.customerDiscount
    ? [facts.customerDiscount]
    : [];
  const discounted = applyToSubscription(lines, reductionsOf(level, context), options);
  return counted.map(({ item, span, gross }, index) => {
    const { price } = item;
    const left = discounted[index]!;
    const divisor = options.inclusiveTax === "ignore" || left.n === 0n ? null : taxDivisor(
      sub,
      item,
      faceOf(price, sub.currency),
      facts.inclusiveTaxPercent?.[item.id],
      report,
    );
    return {
      itemId: item.id,
      priceId: price.id,
      productId: price.product,
      interval: price.recurring!.interval,
      intervalCount: price.recurring!.count,
      quantity: item.quantity ?? 1n,
      gross,
      factor: monthlyFactor(span, options),
      discounted: left,
      amount: divisor ? divide(left, divisor) : left,
    };
  });
}

/** Why lines that count add up to nothing. */
function whyNothing(sub: Subscription, items: readonly Item[], lines: readonly LineMrr[]) {
  if (lines.some(({ gross }) => gross.n !== 0n)) return "discounted_to_zero";
  return items.some((item) => ofNothing(item, sub.currency)) ? "zero_quantity" : "free";
}

/** Of several reasons for items to add nothing, the one worth telling. */
const SKIP_ORDER: readonly ZeroReason[] = ["cancel_scheduled", "trial", "metered_only", "free"];

/** The subscription with its prices taken from the mirror, which has tiers and options. */
function withMirroredPrices(items: readonly Item[], facts: MrrFacts): readonly Item[] {
  if (!facts.price) return items;
  return items.map((item) => {
    const price = facts.price!(item.price.id);
    return price && price !== item.price ? { ...item, price } : item;
  });
}

/**
 * The MRR of a subscription at a moment, exactly, in minor units of its currency.
 *
 * @param sub The subscription as it is now.
 * @param at Unix seconds.
 * @returns The value with its lines, or `unresolved` with the codes of what is missing: a figure
 * is refused rather than guessed (metrics.md section 0, 13).
 */
export function mrr(
  sub: Subscription,
  at: number,
  options: MrrOptions,
  facts: MrrFacts = NO_FACTS,
): MrrResult {
  const issues = new Set<Issue>();
  const report = (issue: Issue) => void issues.add(issue);
  const zero = (reason: ZeroReason): MrrResult => ({
    kind: "value",
    currency: sub.currency,
    amount: ZERO,
    lines: NONE,
    reason,
    issues: issues.size === 0 ? NONE : [...issues],
  });
  const whole = zeroAsAWhole(sub, at, options, facts, report);
  if (whole) return zero(whole);
  if (sub.itemsTruncated) return { kind: "unresolved", issues: ["items_truncated"] };

  const skips = new Set<ZeroReason>();
  const items = withMirroredPrices(sub.items, facts).filter((item) => {
    const reason = skipReason(sub, item, at, options);
    if (reason) skips.add(reason);
    return reason === null;
  });
  if (items.length === 0) return zero(SKIP_ORDER.find((reason) => skips.has(reason)) ?? "free");
  try {
    const lines = valueLines(sub, countedItems(sub, items), at, options, facts, report);
    const amount = sum(lines.map((line) => line.amount));
    const value = { kind: "value", currency: sub.currency, amount, lines } as const;
    if (amount.n !== 0n) return { ...value, issues: issues.size === 0 ? NONE : [...issues] };
    return { ...value, reason: whyNothing(sub, items, lines), issues: [...issues] };
  } catch (error) {
    if (error instanceof Unresolved) return { kind: "unresolved", issues: [error.issue] };
    throw error;
  }
}
