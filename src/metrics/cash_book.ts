/**
 * Balance transactions as sums by day, settlement currency and reporting category (metrics.md
 * C.10), exact and each counted once, whatever is read twice. Ids are kept only for what may be
 * read again; what lies in the sealed stretch has all been read.
 *
 * @module
 */
import type { Calendar } from "./calendar.ts";
import { createDaySums, type Sums } from "./day_sums.ts";
import { createImpliedRates, type ImpliedRates } from "./implied_rates.ts";
import type { Rational } from "./rational.ts";

/** One balance transaction. Amounts in minor units of the settlement currency, signed. */
export interface CashEntry {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  /** Unix seconds from which it can be paid out. */
  readonly availableOn: number;
  readonly currency: string;
  /** Stripe's `reporting_category`. */
  readonly category: string;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly net: bigint;
  /** Whether it was not available yet when it was read. */
  readonly pending: boolean;
  /** A payment in another currency: that, and how many minor units one of its minor units gave. */
  readonly exchange?: { readonly from: string; readonly rate: Rational };
}

/** Money that becomes available at a moment (Unix seconds). */
export interface ExpectedCash {
  readonly availableOn: number;
  readonly currency: string;
  readonly net: bigint;
}

export interface CashView {
  /** Sums by category over the local days [fromDay, toDay). */
  period(currency: string, fromDay: number, toDay: number): ReadonlyMap<string, Sums>;
  /** Everything that was read, by category. */
  totals(currency: string): ReadonlyMap<string, Sums>;
  currencies(): readonly string[];
  firstDay(): number | null;
  /** What is pending at `now` (Unix seconds) by the moment at which it becomes available. */
  expected(now: number): readonly ExpectedCash[];
  /** What payments imply of rates, where they were read with their currencies. */
  readonly implied: ImpliedRates;
  /** From when on everything was read, Unix seconds; `null` before the first stretch. */
  readFrom(): number | null;
}

export interface CashBook extends CashView {
  has(entry: Pick<CashEntry, "id" | "created">): boolean;
  /** Adds a transaction; one that is known already changes nothing and gives `false`. */
  add(entry: CashEntry): boolean;
  /**
   * Everything created in [from, to) was read: what comes again from there is known, and its ids
   * are dropped. Stretches must meet the ones before.
   *
   * @throws {RangeError} when they leave a gap.
   */
  seal(from: number, to: number): void;
  setCalendar(calendar: Calendar): void;
}

export function createCashBook(calendar: Calendar): CashBook {
  const sums = createDaySums(calendar);
  const implied = createImpliedRates(calendar);
  const ids = new Map<string, number>();
  const pending = new Map<string, ExpectedCash>();
  let sealed: { readonly from: number; readonly to: number } | null = null;

  function has({ id, created }: Pick<CashEntry, "id" | "created">): boolean {
    return (sealed !== null && created >= sealed.from && created < sealed.to) || ids.has(id);
  }

  function expect({ availableOn, currency, net }: CashEntry): void {
    const key = `${availableOn} ${currency}`;
    pending.set(key, { availableOn, currency, net: net + (pending.get(key)?.net ?? 0n) });
  }

  return {
    has,
    add(entry) {
      if (has(entry)) return false;
      ids.set(entry.id, entry.created);
      const { created: at, currency, category: name, amount, fee, net } = entry;
      sums.add({ at, currency, name, amount, fee, net, count: 1 });
      if (entry.pending) expect(entry);
      if (entry.exchange) {
        implied.add({ id: entry.id, created: at, to: currency, ...entry.exchange });
      }
      return true;
    },
    seal(from, to) {
      if (sealed && (from > sealed.to || to < sealed.from)) {
        throw new RangeError(
          `Cannot seal ${from} to ${to} as it must meet what is sealed: that is ${sealed.from} to ` +
            `${sealed.to}`,
        );
      }
      sealed = sealed
        ? { from: Math.min(from, sealed.from), to: Math.max(to, sealed.to) }
        : { from, to };
      for (const [id, created] of ids) {
        if (created >= sealed.from && created < sealed.to) ids.delete(id);
      }
      for (const [key, { availableOn }] of pending) if (availableOn < to) pending.delete(key);
    },
    period: sums.period,
    totals: sums.totals,
    currencies: sums.currencies,
    firstDay: sums.firstDay,
    expected: (now) =>
      [...pending.values()].filter(({ availableOn }) => availableOn > now)
        .sort((a, b) => a.availableOn - b.availableOn || (a.currency < b.currency ? -1 : 1)),
    readFrom: () => sealed?.from ?? null,
    implied,
    setCalendar(next) {
      sums.setCalendar(next);
      implied.setCalendar(next);
    },
  };
}
