/**
 * The company's own books: monthly recurring revenue from its true history, under any way of
 * counting (metrics.md A.1). Written apart from the product, to be compared with it.
 */
import type { Currency } from "./catalogue.ts";
import { type Counting, COUNTINGS } from "./counting.ts";
import * as exact from "./fraction.ts";
import type { Fraction } from "./fraction.ts";
import { type CustomerRecord, stateAt } from "./state.ts";
import { revenueOf } from "./worth.ts";

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
export function keepBooks(
  customers: readonly CustomerRecord[],
  at: number,
  counting: Counting = COUNTINGS.stripe,
): Books {
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
      const { n, d } = revenueOf(sub, state, at, counting);
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

/** The first second of the month that holds a time, in a time zone; Unix seconds. */
function monthIn(timeZone: string, at: number, more = 0) {
  const first = Temporal.Instant.fromEpochMilliseconds(at * 1000).toZonedDateTimeISO(timeZone)
    .toPlainDate().toPlainYearMonth().add({ months: more });
  const start = first.toPlainDate({ day: 1 }).toZonedDateTime(timeZone);
  return { month: first.toString(), start: start.epochMilliseconds / 1000 };
}

/** What the books are to be kept by. */
export interface BooksOptions {
  /** As Stripe counts, by default. */
  readonly counting?: Counting;
  /** IANA name; UTC by default. */
  readonly timeZone?: string;
}

/** Books at the last second of each month since the founding, in a time zone, and now. */
export function monthEnds(
  customers: readonly CustomerRecord[],
  from: number,
  now: number,
  { counting, timeZone = "UTC" }: BooksOptions = {},
): { readonly month: string; readonly at: number; readonly books: Books }[] {
  const closes: { month: string; at: number; books: Books }[] = [];
  for (let each = monthIn(timeZone, from); each.start <= now;) {
    const next = monthIn(timeZone, each.start, 1);
    const at = Math.min(next.start - 1, now);
    closes.push({ month: each.month, at, books: keepBooks(customers, at, counting) });
    each = next;
  }
  return closes;
}

/** What one subscription truly was worth, whatever its objects tell. */
export interface TrueLife {
  readonly subscription: string;
  readonly customer: string;
  readonly currency: string;
  /** The case whose script it follows; `null` for a plain life. */
  readonly script: string | null;
  /** What happened to it and when, oldest first (Unix seconds). */
  readonly changes: readonly { readonly at: number; readonly cause: string }[];
  /** Exact monthly revenue at a time, minor units as a fraction. */
  worthAt(at: number): string;
}

/** The true life of every subscription, in the order in which they were opened by customer. */
export function trueLives(
  customers: readonly CustomerRecord[],
  counting: Counting = COUNTINGS.stripe,
): readonly TrueLife[] {
  return customers.flatMap((customer) =>
    customer.subscriptions.map((sub) => ({
      subscription: sub.id,
      customer: customer.id,
      currency: customer.currency,
      script: sub.traits?.name ?? null,
      changes: sub.states.map(({ at, cause }) => ({ at, cause })),
      worthAt(at: number) {
        const state = stateAt(sub, at);
        return exact.text(state ? revenueOf(sub, state, at, counting) : exact.ZERO);
      },
    }))
  );
}
