/**
 * The company's own books: monthly recurring revenue from its true history, under the `stripe`
 * preset of metrics.md (A.2 to A.8). Written apart from the product, to be compared with it.
 */
import { addMonths, monthStart } from "./calendar.ts";
import type { Currency, PriceSpec } from "./catalogue.ts";
import * as exact from "./fraction.ts";
import type { Fraction } from "./fraction.ts";
import {
  type CustomerRecord,
  type DiscountState,
  periodOf,
  stateAt,
  type Sub,
  type SubState,
} from "./state.ts";

/** Tiers' units and flat fees, packages or plain units, for one interval. */
export function grossOf(price: PriceSpec, quantity: number, currency: Currency): Fraction {
  const { tiers, mode, unit, packageSize } = price;
  if (!tiers) {
    const units = packageSize === undefined ? quantity : Math.ceil(quantity / packageSize);
    return exact.multiply(exact.parse(units), exact.parse(unit![currency]!));
  }
  let sum = exact.ZERO;
  let below = 0;
  for (const { upTo, unit, flat } of tiers) {
    const reached = upTo === null || quantity <= upTo;
    const units = mode === "volume" ? quantity : Math.min(quantity, upTo ?? quantity) - below;
    if (mode !== "volume" || reached) {
      const amount = exact.multiply(exact.parse(units), exact.parse(unit[currency]!));
      sum = exact.add(sum, exact.add(amount, exact.parse(flat?.[currency] ?? 0)));
    }
    if (reached) break;
    below = upTo;
  }
  return sum;
}

interface Line {
  readonly product: string;
  amount: Fraction;
}

/** Takes one discount off the lines it applies to, in proportion to what is left on them. */
function takeOff(lines: readonly Line[], { coupon }: DiscountState, currency: Currency): void {
  if (coupon.duration !== "forever") return;
  const { percent, amount, appliesTo } = coupon;
  const eligible = lines.filter(({ product }) => !appliesTo || product === appliesTo.id);
  if (percent !== undefined) {
    const kept = exact.subtract(
      exact.parse(1),
      exact.divide(exact.parse(percent), exact.parse(100)),
    );
    for (const line of eligible) line.amount = exact.multiply(line.amount, kept);
    return;
  }
  const off = exact.parse(amount?.[currency] ?? 0);
  const sum = eligible.reduce((total, line) => exact.add(total, line.amount), exact.ZERO);
  if (sum.n === 0n) return;
  const kept = exact.isLess(sum, off) ? exact.ZERO : exact.divide(exact.subtract(sum, off), sum);
  for (const line of eligible) line.amount = exact.multiply(line.amount, kept);
}

function counts(state: SubState, at: number): boolean {
  if (state.status !== "active" && state.status !== "past_due") return false;
  const { pause, cancelAt, cancelAtPeriodEnd } = state;
  if (pause && pause.resumesAt > at && pause.behavior !== "keep_as_draft") return false;
  if (cancelAtPeriodEnd) return false;
  return cancelAt === null || cancelAt > periodOf(state, at).end;
}

/** Exact monthly revenue of a subscription in a state at a time, in its currency's minor units. */
export function revenueOf(sub: Sub, state: SubState, at: number): Fraction {
  if (!counts(state, at)) return exact.ZERO;
  const { currency, discount, tax } = sub.customer;
  const lines = state.items.map(({ price, quantity, discounts }) => {
    const line = { product: price.product.id, amount: grossOf(price, quantity, currency) };
    for (const each of discounts) takeOff([line], each, currency);
    return line;
  });
  const shared = state.discounts.length > 0 ? state.discounts : discount ? [discount] : [];
  for (const each of shared) takeOff(lines, each, currency);
  const sum = lines.reduce((total, { amount }) => exact.add(total, amount), exact.ZERO);
  const months = state.items[0]!.price.months;
  const gross = exact.divide(sum, exact.parse(months));
  return tax ? exact.divide(gross, exact.fraction(BigInt(100 + tax.percentage), 100n)) : gross;
}

export interface Amount {
  /** Minor units as a fraction, `5000/3`. */
  readonly exact: string;
  /** Minor units, rounded once, half away from zero. */
  readonly minor: number;
}

export interface Books {
  /** Every currency that has any subscription. */
  readonly mrr: Readonly<Record<string, Amount>>;
  /** Customers with exact revenue above zero. */
  readonly activeCustomers: number;
  /** Subscriptions with exact revenue above zero. */
  readonly activeSubscriptions: number;
  readonly byStatus: Readonly<Record<string, number>>;
}

function amountOf(value: Fraction): Amount {
  return { exact: exact.text(value), minor: exact.round(value) };
}

/** The books at a time (Unix seconds). */
export function keepBooks(customers: readonly CustomerRecord[], at: number): Books {
  // One sum a denominator keeps the numbers small until the end.
  const sums = new Map<Currency, Map<bigint, bigint>>();
  const byStatus: Record<string, number> = {};
  let activeCustomers = 0;
  let activeSubscriptions = 0;
  for (const customer of customers) {
    const active = customer.subscriptions.filter((sub) => {
      const state = stateAt(sub, at);
      if (!state) return false;
      byStatus[state.status] = (byStatus[state.status] ?? 0) + 1;
      const { n, d } = revenueOf(sub, state, at);
      const sum = sums.get(customer.currency) ?? new Map<bigint, bigint>();
      sums.set(customer.currency, sum.set(d, (sum.get(d) ?? 0n) + n));
      return n > 0n;
    }).length;
    activeSubscriptions += active;
    if (active > 0) activeCustomers++;
  }
  const mrr = [...sums].sort(([a], [b]) => a < b ? -1 : 1).map(([currency, sum]) => {
    const total = [...sum].reduce(
      (all, [d, n]) => exact.add(all, exact.fraction(n, d)),
      exact.ZERO,
    );
    return [currency, amountOf(total)] as const;
  });
  return { mrr: Object.fromEntries(mrr), activeCustomers, activeSubscriptions, byStatus };
}

/** Books at the last second of each month since the founding, in UTC, and now. */
export function monthEnds(
  customers: readonly CustomerRecord[],
  from: number,
  now: number,
): { readonly month: string; readonly at: number; readonly books: Books }[] {
  const closes: { month: string; at: number; books: Books }[] = [];
  for (let start = monthStart(from); start <= now; start = addMonths(start, 1)) {
    const at = Math.min(addMonths(start, 1) - 1, now);
    const month = new Date(start * 1000).toISOString().slice(0, 7);
    closes.push({ month, at, books: keepBooks(customers, at) });
  }
  return closes;
}

/** What one subscription truly was worth, whatever its objects tell. */
export interface TrueLife {
  readonly subscription: string;
  readonly customer: string;
  readonly currency: string;
  /** What happened to it and when, oldest first (Unix seconds). */
  readonly changes: readonly { readonly at: number; readonly cause: string }[];
  /** Exact monthly revenue at a time, minor units as a fraction. */
  worthAt(at: number): string;
}

/** The true life of every subscription, in the order in which they were opened by customer. */
export function trueLives(customers: readonly CustomerRecord[]): readonly TrueLife[] {
  return customers.flatMap((customer) =>
    customer.subscriptions.map((sub) => ({
      subscription: sub.id,
      customer: customer.id,
      currency: customer.currency,
      changes: sub.states.map(({ at, cause }) => ({ at, cause })),
      worthAt(at: number) {
        const state = stateAt(sub, at);
        return exact.text(state ? revenueOf(sub, state, at) : exact.ZERO);
      },
    }))
  );
}
