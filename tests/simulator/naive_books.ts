/** Revenue from served objects by plain sums: neither the product's code nor the company's. */
import type { Body } from "./support.ts";

type Ratio = readonly [n: bigint, d: bigint];

function ratio(text: unknown): Ratio {
  const [whole = "0", decimals = ""] = String(text).split(".");
  return [BigInt(whole + decimals), 10n ** BigInt(decimals.length)];
}

const plus = ([a, b]: Ratio, [c, d]: Ratio): Ratio => [a * d + c * b, b * d];
const times = ([a, b]: Ratio, [c, d]: Ratio): Ratio => [a * c, b * d];
const over = ([a, b]: Ratio, [c, d]: Ratio): Ratio => [a * d, b * c];
const less = ([a, b]: Ratio, [c, d]: Ratio): Ratio => [a * d - c * b, b * d];
const ZERO: Ratio = [0n, 1n];

export interface Mirror {
  readonly prices: ReadonlyMap<string, Body>;
  readonly coupons: ReadonlyMap<string, Body>;
  readonly customers: ReadonlyMap<string, Body>;
}

/** Each unit at the price of its tier: slow, and plain to see. */
function tiered(tiers: Body[], mode: string, quantity: number): Ratio {
  let sum = ZERO;
  let below = 0;
  for (const tier of tiers) {
    const top = tier["up_to"] ?? Infinity;
    const units = mode === "volume" ? quantity : Math.min(quantity, top) - below;
    const isHere = quantity <= top;
    if (mode === "graduated" || isHere) {
      sum = plus(sum, times(ratio(tier["unit_amount_decimal"] ?? 0), ratio(units)));
      sum = plus(sum, ratio(tier["flat_amount_decimal"] ?? 0));
    }
    if (isHere) return sum;
    below = top;
  }
  throw new Error("No tier holds the quantity");
}

function gross(item: Body, currency: string, { prices }: Mirror): Ratio {
  const price = prices.get(item["price"].id)!;
  const face = price["currency"] === currency ? price : price["currency_options"][currency];
  const quantity = item["quantity"];
  if (price["billing_scheme"] === "tiered") {
    return tiered(face.tiers, price["tiers_mode"], quantity);
  }
  const pack = price["transform_quantity"]?.divide_by ?? 1;
  return times(ratio(face.unit_amount_decimal), ratio(Math.ceil(quantity / pack)));
}

function takeOff(amount: Ratio, coupon: Body, currency: string): Ratio {
  if (coupon["duration"] !== "forever") return amount;
  if (coupon["percent_off"] !== null) {
    const [n, d] = ratio(coupon["percent_off"]);
    return times(amount, [100n * d - n, 100n * d]);
  }
  const off = coupon["currency"] === currency
    ? coupon["amount_off"]
    : coupon["currency_options"][currency].amount_off;
  const left = less(amount, ratio(off));
  return left[0] < 0n ? ZERO : left;
}

function counts(sub: Body, at: number): boolean {
  if (!["active", "past_due"].includes(sub["status"])) return false;
  const pause = sub["pause_collection"];
  if (pause && pause.behavior !== "keep_as_draft" && (pause.resumes_at ?? Infinity) > at) {
    return false;
  }
  const { current_period_end } = sub["items"].data[0];
  if (sub["cancel_at_period_end"]) return false;
  return sub["cancel_at"] === null || sub["cancel_at"] > current_period_end;
}

/** Intervals in a month, of 52 weeks or 365 days in a year. */
function timesAMonth({ interval, interval_count: count }: Body): Ratio {
  if (interval === "month") return [1n, BigInt(count)];
  if (interval === "year") return [1n, 12n * BigInt(count)];
  const days = interval === "week" ? 7 * count : count;
  return days % 7 === 0 ? [52n, BigInt(12 * days / 7)] : [365n, BigInt(12 * days)];
}

/** Whether a trial of the item alone runs. */
function isOffered({ current_trial: offer }: Body, at: number): boolean {
  return offer !== null && offer.start_date <= at && at < offer.end_date;
}

function revenue(sub: Body, mirror: Mirror, at: number): Ratio {
  const couponOf = (discount: Body) => {
    const { coupon } = discount["source"];
    return mirror.coupons.get(coupon.id ?? coupon)!;
  };
  let sum = ZERO;
  for (const item of sub["items"].data) {
    if (isOffered(item, at)) continue;
    let line = gross(item, sub["currency"], mirror);
    for (const each of item.discounts) {
      const coupon = couponOf(each);
      const products = coupon["applies_to"]?.products;
      if (products && !products.includes(item.price.product)) continue;
      line = takeOff(line, coupon, sub["currency"]);
    }
    sum = plus(sum, line);
  }
  const own = mirror.customers.get(sub["customer"])!["discount"];
  const discounts = sub["discounts"].length > 0 ? sub["discounts"] : own ? [own] : [];
  for (const each of discounts) sum = takeOff(sum, couponOf(each), sub["currency"]);
  sum = times(sum, timesAMonth(sub["items"].data[0].price.recurring));
  for (const rate of sub["default_tax_rates"]) {
    if (rate.inclusive) sum = over(sum, [BigInt(100 + rate.percentage), 100n]);
  }
  return sum;
}

/** Minor units by currency, rounded once, half up (revenue is never negative), and counts. */
export function naiveBooks(subscriptions: readonly Body[], mirror: Mirror, at: number) {
  const sums: Record<string, Ratio> = {};
  const active = new Set<string>();
  const byStatus: Record<string, number> = {};
  for (const sub of subscriptions) {
    byStatus[sub["status"]] = (byStatus[sub["status"]] ?? 0) + 1;
    const amount = counts(sub, at) ? revenue(sub, mirror, at) : ZERO;
    if (amount[0] > 0n) active.add(sub["customer"]);
    const [n, d] = plus(sums[sub["currency"]] ?? ZERO, amount);
    const shared = gcd(n, d);
    sums[sub["currency"]] = [n / shared, d / shared];
  }
  const mrr = Object.fromEntries(
    Object.entries(sums).map(([currency, [n, d]]) => [currency, Number((2n * n + d) / (2n * d))]),
  );
  return { mrr, activeCustomers: active.size, byStatus };
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}
