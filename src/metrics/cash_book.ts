/**
 * Balance transactions as sums by day, settlement currency and reporting category (metrics.md
 * C.10), exact and each counted once, whatever is read twice. Ids are kept only for what may be
 * read again; what lies in the sealed stretch has all been read.
 *
 * @module
 */
import { type Calendar, dayKey } from "./calendar.ts";
import { createDaySums, type DaySums, type SavedDay, type Sums } from "./day_sums.ts";
import { createIdLog, type SavedIds } from "./id_log.ts";
import { createImpliedRates, type Exchange, type ImpliedRates } from "./implied_rates.ts";
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

/** What is kept of cash in a database: sums, ids that may come again, what is pending, rates. */
export const CASH_PARTS = ["cash", "cash_counted", "cash_pending", "exchange"] as const;
export type CashPart = typeof CASH_PARTS[number];

/** A stretch [from, to) of creation times of which everything was read, Unix seconds. */
export interface Sealed {
  readonly from: number;
  readonly to: number;
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
  sealed(): Sealed | null;
  /** Ids that are kept. */
  size(): number;
  loadSealed(sealed: Sealed | null): void;
  /** Takes over what another book of other transactions has; ids of what is sealed are not kept. */
  merge(other: CashBook): void;
  /** What `merge` takes. */
  readonly content: CashContent;
  /** A part as a database keeps it, by an id that `onChange` was told. */
  saved(part: CashPart, id: string): unknown;
  load(part: CashPart, id: string, saved: unknown): void;
  setCalendar(calendar: Calendar): void;
}

/** What a book is made of beside its seal. */
export interface CashContent {
  readonly sums: DaySums;
  exchanges(): Iterable<Exchange>;
  ids(): Iterable<readonly [id: string, created: number]>;
  pending(): Iterable<ExpectedCash>;
}

const DAY_SECONDS = 86_400;

/** What is pending is kept by the day of UTC on which it becomes available. */
function pendingKey({ availableOn, currency }: ExpectedCash): string {
  return `${currency} ${dayKey(Math.floor(availableOn / DAY_SECONDS))}`;
}

/** @param onChange Told each part that changes. */
export function createCashBook(
  calendar: Calendar,
  onChange: (part: CashPart, id: string) => void = () => {},
): CashBook {
  const sums = createDaySums(calendar, (key) => onChange("cash", key));
  const implied = createImpliedRates(calendar, (key) => onChange("exchange", key));
  const ids = createIdLog((segment) => onChange("cash_counted", segment));
  const pending = new Map<string, ExpectedCash>();
  let sealed: Sealed | null = null;

  function isSealed(created: number): boolean {
    return sealed !== null && created >= sealed.from && created < sealed.to;
  }

  function has({ id, created }: Pick<CashEntry, "id" | "created">): boolean {
    return isSealed(created) || ids.has(id);
  }

  function expect({ availableOn, currency, net }: ExpectedCash): void {
    const key = `${availableOn} ${currency}`;
    const expected = { availableOn, currency, net: net + (pending.get(key)?.net ?? 0n) };
    pending.set(key, expected);
    onChange("cash_pending", pendingKey(expected));
  }

  function pendingOf(id: string): ExpectedCash[] {
    return [...pending.values()].filter((each) => pendingKey(each) === id);
  }

  return {
    has,
    add(entry) {
      if (has(entry)) return false;
      ids.add(entry.id, entry.created);
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
      ids.dropBefore(sealed.to);
      for (const [key, expected] of pending) {
        if (expected.availableOn >= to) continue;
        pending.delete(key);
        onChange("cash_pending", pendingKey(expected));
      }
    },
    sealed: () => sealed,
    size: ids.size,
    loadSealed: (saved) => void (sealed = saved),
    merge({ content }) {
      sums.merge(content.sums);
      for (const [id, created] of content.ids()) if (!isSealed(created)) ids.add(id, created);
      for (const expected of content.pending()) expect(expected);
      for (const exchange of content.exchanges()) implied.add(exchange);
    },
    content: {
      sums,
      ids: ids.entries,
      pending: () => pending.values(),
      exchanges: implied.exchanges,
    },
    saved(part, id) {
      if (part === "cash") return sums.saved(id);
      if (part === "cash_counted") return ids.saved(id);
      if (part === "exchange") return implied.saved(id);
      const found = pendingOf(id);
      return found.length > 0 ? found : undefined;
    },
    load(part, id, saved) {
      if (part === "cash") return sums.load(id, saved as SavedDay | null);
      if (part === "cash_counted") return ids.load(id, saved as SavedIds | null);
      if (part === "exchange") return void (saved && implied.add(saved as Exchange));
      for (const { availableOn, currency } of pendingOf(id)) {
        pending.delete(`${availableOn} ${currency}`);
      }
      for (const expected of saved as ExpectedCash[] | null ?? []) {
        pending.set(`${expected.availableOn} ${expected.currency}`, expected);
      }
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
