/**
 * Keeps the renewals of the next 90 days in step with the subscriptions: changed ones are noted at
 * once and laid out when they are asked for, or in slices before. Each day lays out anew.
 *
 * @module
 */
import type { Calendar } from "../metrics/calendar.ts";
import { add, type Rational, subtract, ZERO } from "../metrics/rational.ts";
import { type Renewal, RENEWAL_DAYS } from "../metrics/renewals.ts";
import type { Standing } from "../metrics/standing.ts";

/** Invoices of one local day and currency. */
export interface RenewalDay {
  readonly day: number;
  readonly currency: string;
  /** Exact minor units. */
  readonly amount: Rational;
  readonly count: number;
}

/** One subscription with its renewals, in order. */
export interface SubscriptionRenewals {
  readonly subscription: string;
  readonly renewals: readonly Renewal[];
}

export interface RenewalKeeper {
  note(subscription: string): void;
  /** Lays out up to `limit` noted subscriptions for the day of `now`; returns how many are left. */
  settle(now: number, limit: number): number;
  /** Renewals of the local days from today on, by day and currency, in order. */
  days(now: number): readonly RenewalDay[];
  /** Every subscription that renews within the 90 days. */
  rows(now: number): readonly SubscriptionRenewals[];
}

/** The renewals of a subscription in [from, until), Unix seconds. */
type Layer = (standing: Standing, from: number, until: number) => readonly Renewal[];

export function createRenewalKeeper(
  calendar: Calendar,
  standingOf: (subscription: string) => Standing | undefined,
  all: () => Iterable<string>,
  lay: Layer,
): RenewalKeeper {
  const noted = new Set<string>();
  const kept = new Map<
    string,
    { readonly currency: string; readonly renewals: readonly Renewal[] }
  >();
  const sums = new Map<
    string,
    { day: number; currency: string; amount: Rational; count: number }
  >();
  let today: number | null = null;

  function count(currency: string, renewals: readonly Renewal[], by: 1 | -1): void {
    for (const { at, amount } of renewals) {
      const day = calendar.dayOf(at);
      const key = `${day} ${currency}`;
      let sum = sums.get(key);
      if (!sum) sums.set(key, sum = { day, currency, amount: ZERO, count: 0 });
      sum.amount = by === 1 ? add(sum.amount, amount) : subtract(sum.amount, amount);
      sum.count += by;
      if (sum.count === 0) sums.delete(key);
    }
  }

  function enter(id: string): void {
    const before = kept.get(id);
    if (before) count(before.currency, before.renewals, -1);
    kept.delete(id);
    const standing = standingOf(id);
    if (!standing) return;
    const from = calendar.startOf(today!);
    const renewals = lay(standing, from, calendar.startOf(today! + RENEWAL_DAYS));
    if (renewals.length === 0) return;
    const { currency } = standing.sub;
    kept.set(id, { currency, renewals });
    count(currency, renewals, 1);
  }

  function turnTo(day: number): void {
    if (day === today) return;
    today = day;
    kept.clear();
    sums.clear();
    for (const id of all()) noted.add(id);
  }

  function settle(now: number, limit: number): number {
    turnTo(calendar.dayOf(now));
    for (const id of noted) {
      if (limit-- <= 0) break;
      noted.delete(id);
      enter(id);
    }
    return noted.size;
  }

  return {
    // Before the first day is laid out, every subscription is still to come.
    note: (subscription) => void (today !== null && noted.add(subscription)),
    settle,
    days(now) {
      settle(now, Infinity);
      return [...sums.values()].sort((a, b) => a.day - b.day || (a.currency < b.currency ? -1 : 1));
    },
    rows(now) {
      settle(now, Infinity);
      return [...kept].map(([subscription, { renewals }]) => ({ subscription, renewals }));
    },
  };
}
