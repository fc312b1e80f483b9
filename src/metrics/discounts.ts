/**
 * Discounts: which are in force, and what they leave of each line (metrics.md A.5).
 *
 * @module
 */
import { type Issue, Unresolved } from "./amount.ts";
import { monthlyFactor, sameSpan, type Span } from "./interval.ts";
import type { MrrOptions } from "./options.ts";
import {
  add,
  compare,
  divide,
  minimum,
  multiply,
  ONE,
  type Rational,
  rational,
  subtract,
  sum,
  ZERO,
} from "./rational.ts";
import type { Coupon, Discount } from "./types.ts";

/** One common cycle of mixed intervals is simulated up to this many invoices. */
const CYCLE_STEPS_MAX = 10_000;

/** A discount that lowers an amount now. Exactly one of the two is set. */
export interface Reduction {
  readonly coupon: Coupon;
  readonly keep: Rational | null;
  readonly amountOff: Rational | null;
}

/** A line that discounts work on: `left` is per billing interval. */
export interface DiscountLine {
  readonly product: string;
  readonly span: Span;
  readonly left: Rational;
}

export interface DiscountContext {
  readonly at: number;
  readonly currency: string;
  readonly options: MrrOptions;
  coupon(id: string): Coupon | undefined;
  report(issue: Issue): void;
}

function durationCounts(duration: string, options: MrrOptions): boolean {
  if (duration === "repeating") return options.subtractRepeating;
  if (duration === "once") return options.subtractOnce;
  return true;
}

function amountOffIn(coupon: Coupon, currency: string): Rational | null {
  return coupon.currency === currency ? coupon.amountOff : coupon.currencyOptions[currency] ?? null;
}

/**
 * The reductions that discounts of one level make at `at`, in array order.
 *
 * @throws {Unresolved} `discount_not_expanded`, `coupon_missing`: either could be 100 %.
 */
export function reductionsOf(
  discounts: readonly Discount[],
  context: DiscountContext,
): Reduction[] {
  const found: Reduction[] = [];
  for (const discount of discounts) {
    if (discount.couponId === null) throw new Unresolved("discount_not_expanded");
    const { start, end } = discount;
    if (start > context.at || (end !== null && end <= context.at)) continue;
    const coupon = context.coupon(discount.couponId) ?? discount.coupon;
    if (!coupon) throw new Unresolved("coupon_missing");
    if (!durationCounts(coupon.duration, context.options)) continue;
    if (coupon.percentOff) {
      const keep = subtract(ONE, divide(coupon.percentOff, rational(100)));
      found.push({ coupon, keep, amountOff: null });
      continue;
    }
    const amountOff = amountOffIn(coupon, context.currency);
    if (amountOff) found.push({ coupon, keep: null, amountOff });
    else context.report("coupon_currency_mismatch");
  }
  return found;
}

function matches(coupon: Coupon, product: string): boolean {
  return coupon.products === null || coupon.products.includes(product);
}

/** Applies reductions, each on what is left, to the lines of one invoice. */
export function applyToInvoice(
  lines: readonly { readonly product: string; readonly left: Rational }[],
  reductions: readonly Reduction[],
  amountScale: Rational = ONE,
): Rational[] {
  let left = lines.map((line) => line.left);
  for (const { coupon, keep, amountOff } of reductions) {
    const hit = lines.map((line) => matches(coupon, line.product));
    const base = sum(left.filter((_, index) => hit[index]));
    if (base.n === 0n) continue;
    const kept = keep ??
      divide(subtract(base, minimum(multiply(amountOff!, amountScale), base)), base);
    left = left.map((value, index) => hit[index] ? multiply(value, kept) : value);
  }
  return left;
}

/** What item-level reductions leave of one line, per billing interval. */
export function applyToItem(line: DiscountLine, reductions: readonly Reduction[]): Rational {
  return reductions.length === 0 ? line.left : applyToInvoice([line], reductions)[0]!;
}

function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/** Mean net per occurrence over one common cycle, or `null` where there is none. */
function simulateCycle(
  lines: readonly DiscountLine[],
  reductions: readonly Reduction[],
): Rational[] | null {
  const base = lines[0]!.span.base;
  if (lines.some(({ span }) => span.base !== base)) return null;
  const lengths = lines.map(({ span }) => span.length);
  const step = lengths.reduce(gcd);
  const cycle = lengths.reduce((a, b) => a / gcd(a, b) * b);
  if (cycle / step > CYCLE_STEPS_MAX) return null;

  // Invoices with the same lines on them come out the same, so each kind is worked out once.
  const kinds = new Map<string, { due: number[]; times: bigint }>();
  for (let time = 0; time < cycle; time += step) {
    const due = lengths.flatMap((length, index) => time % length === 0 ? [index] : []);
    if (due.length === 0) continue;
    const key = due.join();
    const kind = kinds.get(key);
    if (kind) kind.times += 1n;
    else kinds.set(key, { due, times: 1n });
  }
  const totals = lines.map(() => ZERO);
  for (const { due, times } of kinds.values()) {
    const nets = applyToInvoice(due.map((index) => lines[index]!), reductions);
    due.forEach((index, position) => {
      totals[index] = add(totals[index]!, multiply(nets[position]!, rational(times)));
    });
  }
  return totals.map((total, index) => divide(total, rational(cycle / lengths[index]!)));
}

/**
 * What subscription-level reductions leave of each line, per month.
 *
 * An amount off is off each invoice. Lines of different intervals meet on some invoices only,
 * so one common cycle of invoices is simulated; where day and month intervals mix there is
 * none, and the amount is taken at the pace of the shortest interval (metrics.md A.5).
 */
export function applyToSubscription(
  lines: readonly DiscountLine[],
  reductions: readonly Reduction[],
  options: MrrOptions,
): Rational[] {
  const factors = lines.map(({ span }) => monthlyFactor(span, options));
  const monthly = (values: readonly Rational[]) =>
    values.map((value, index) => multiply(value, factors[index]!));
  if (lines.length === 0) return [];
  if (reductions.length === 0) return monthly(lines.map(({ left }) => left));

  const plain = lines.every(({ span }) => sameSpan(span, lines[0]!.span)) ||
    reductions.every(({ keep }) => keep !== null);
  const perOccurrence = plain
    ? applyToInvoice(lines, reductions)
    : simulateCycle(lines, reductions);
  if (perOccurrence) return monthly(perOccurrence);

  const normalised = lines.map(({ product, left }, index) => ({
    product,
    left: multiply(left, factors[index]!),
  }));
  const shortest = factors.reduce((a, b) => compare(a, b) >= 0 ? a : b);
  return applyToInvoice(normalised, reductions, shortest);
}
