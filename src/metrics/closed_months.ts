/**
 * Closed months: three days after its end a month's figures are frozen as first reported. What
 * changes them later, a repair or another definition, is kept as a restatement with the customers
 * behind it (design.md section 3).
 *
 * @module
 */
import { type Calendar, monthKey, monthStart } from "./calendar.ts";
import type { MovementBook } from "./movement_book.ts";
import type { MovementTotals } from "./movements.ts";
import { equal, type Rational, subtract, sum } from "./rational.ts";
import { closeOf, type Step } from "./steps.ts";

/** Local days between the end of a month and its closing. */
export const CLOSING_DAYS = 3;

export interface ClosedMonth {
  /** `2026-10`. */
  readonly month: string;
  /** Unix seconds. */
  readonly closedAt: number;
  /** As first reported, by currency. */
  readonly totals: ReadonlyMap<string, MovementTotals>;
}

/** A customer whose MRR at the close of a closed month is not what it was first reported to be. */
export interface Restatement {
  readonly month: string;
  readonly customer: string;
  readonly currency: string;
  /** Minor units a month. */
  readonly reported: Rational;
  readonly now: Rational;
  /** `definition`: other options or another time zone; `repair`: the facts turned out otherwise. */
  readonly cause: "repair" | "definition";
  /** When it was restated last, Unix seconds. */
  readonly at: number;
}

/** A customer's MRR in one currency, and the local days by which it is cut. */
export interface Dated {
  readonly steps: readonly Step[];
  readonly calendar: Calendar;
}

/** Closed months as a database keeps them. */
export interface SavedMonths {
  readonly months: readonly (ClosedMonth & { readonly lastDay: number })[];
  readonly restatements: readonly Restatement[];
}

export interface ClosedMonths {
  /**
   * Freezes each month since the book's first that ended `CLOSING_DAYS` before `now` (Unix
   * seconds); returns whether there was one.
   */
  close(book: MovementBook, calendar: Calendar, now: number): boolean;
  /** Compares what a customer was with what it is now, at the end of each closed month. */
  compare(
    customer: string,
    currency: string,
    before: Dated,
    after: Dated,
    cause: Restatement["cause"],
  ): void;
  month(key: string): ClosedMonth | undefined;
  /** By how much the closing MRR of a month was restated; `null` where it was not. */
  restatedBy(key: string, currency: string): Rational | null;
  /** Grows with every month that is closed and every restatement. */
  readonly revision: number;
  /** All of it as plain data, for `createClosedMonths`. */
  saved(): SavedMonths;
  /** Puts what another process closed and restated in place of what is here. */
  load(saved: SavedMonths): void;
  /** Of all closed months, the newest month first, then by customer. */
  restatements(): readonly Restatement[];
}

/** From when on two step functions differ, Unix seconds; `Infinity` when they are equal. */
function differSince(a: readonly Step[], b: readonly Step[]): number {
  for (let index = 0;; index++) {
    const [one, other] = [a[index], b[index]];
    if (!one && !other) return Infinity;
    if (one?.at === other?.at && equal(one!.value, other!.value)) continue;
    return Math.min(one?.at ?? Infinity, other?.at ?? Infinity);
  }
}

const keyOf = ({ month, currency, customer }: Restatement) => `${month} ${currency} ${customer}`;

/** @param saved What was closed before. */
export function createClosedMonths(
  saved: SavedMonths = { months: [], restatements: [] },
): ClosedMonths {
  const months = new Map<string, SavedMonths["months"][number]>();
  const restated = new Map<string, Restatement>();
  let newestDay = -Infinity;
  let lastNow = 0;
  let revision = 0;
  load(saved);

  function load({ months: closed, restatements }: SavedMonths): void {
    months.clear();
    restated.clear();
    newestDay = -Infinity;
    for (const month of closed) {
      months.set(month.month, month);
      newestDay = Math.max(newestDay, month.lastDay);
    }
    for (const row of restatements) restated.set(keyOf(row), row);
    revision += closed.length;
  }

  function restate(next: Restatement): void {
    const key = keyOf(next);
    revision++;
    const reported = restated.get(key)?.reported ?? next.reported;
    if (equal(reported, next.now)) restated.delete(key);
    else restated.set(key, { ...next, reported });
  }

  return {
    close(book, calendar, now) {
      lastNow = now;
      const today = calendar.dayOf(now);
      const open = monthStart(today - CLOSING_DAYS);
      const first = book.firstDay();
      if (first === null || newestDay >= open - 1) return false;
      let any = false;
      const from = newestDay === -Infinity ? monthStart(first) : newestDay + 1;
      for (let start = from; start < open; start = monthStart(start, 1)) {
        const end = monthStart(start, 1);
        const month = monthKey(start);
        newestDay = end - 1;
        if (months.has(month)) continue;
        const totals = new Map(
          book.currencies().map((currency) => [currency, book.period(currency, start, end)]),
        );
        months.set(month, { month, closedAt: now, totals, lastDay: end - 1 });
        any = true;
        revision++;
      }
      return any;
    },
    compare(customer, currency, before, after, cause) {
      if (months.size === 0) return;
      const moved = before.calendar !== after.calendar;
      const since = moved ? -Infinity : differSince(before.steps, after.steps);
      if (since >= after.calendar.startOf(newestDay + 1)) return;
      for (const { month, lastDay } of months.values()) {
        if (since >= after.calendar.startOf(lastDay + 1)) continue;
        const reported = closeOf(before.steps, lastDay, before.calendar);
        const now = closeOf(after.steps, lastDay, after.calendar);
        const known = restated.has(`${month} ${currency} ${customer}`);
        if (known || !equal(reported, now)) {
          restate({ month, customer, currency, reported, now, cause, at: lastNow });
        }
      }
    },
    month: (key) => months.get(key),
    get revision() {
      return revision;
    },
    load,
    saved: () => ({ months: [...months.values()], restatements: [...restated.values()] }),
    restatedBy(key, currency) {
      const rows = [...restated.values()].filter((row) =>
        row.month === key && row.currency === currency
      );
      return rows.length === 0
        ? null
        : sum(rows.map(({ now, reported }) => subtract(now, reported)));
    },
    restatements: () =>
      [...restated.values()].sort((a, b) =>
        a.month === b.month ? (a.customer < b.customer ? -1 : 1) : a.month < b.month ? 1 : -1
      ),
  };
}

/** Nothing is closed: for figures that are cut another way. */
export const NO_CLOSED_MONTHS: Omit<ClosedMonths, "close" | "compare" | "load"> = {
  revision: 0,
  saved: () => ({ months: [], restatements: [] }),
  month: () => undefined,
  restatedBy: () => null,
  restatements: () => [],
};
