/**
 * Keeps the book of movements in step with the segments of each customer's subscriptions. Changed
 * customers are noted at once and booked when the book is read, or in slices before, so that a
 * first reading of a large account does not stall the process.
 *
 * @module
 */
import type { Calendar } from "../metrics/calendar.ts";
import {
  type ClosedMonths,
  createClosedMonths,
  type SavedMonths,
} from "../metrics/closed_months.ts";
import { type ConvertedBook, createConvertedBook } from "../metrics/converted_book.ts";
import { createMovementBook, type MovementBook } from "../metrics/movement_book.ts";
import type { DailyRates } from "../metrics/rates.ts";
import type { Segment } from "../metrics/segments.ts";

export interface MovementKeeper {
  /** Notes that a subscription of a customer has other segments now, or that it is gone. */
  note(customer: string, subscription: string, present: boolean): void;
  /** Ids of a customer's subscriptions. */
  subscriptionsOf(customer: string): readonly string[];
  /** Books up to `limit` noted customers; returns how many are left. */
  settle(limit: number): number;
  /** The book, with every noted customer in it. */
  book(): MovementBook;
  /** The months that were closed over this book and the ones before it. */
  readonly closed: ClosedMonths;
  readonly calendar: Calendar;
  /** The book at daily rates, the same one for the same rates; `null` without any. */
  converted(rates: DailyRates | null): ConvertedBook | null;
}

/** @param segmentsOf What a subscription was worth, with the causes of its ends. */
export function createMovementKeeper(
  calendar: Calendar,
  segmentsOf: (subscription: string) => readonly Segment[],
  earlier: MovementKeeper | null = null,
  saved: SavedMonths | null = null,
): MovementKeeper {
  const closed = earlier?.closed ?? createClosedMonths(saved ?? undefined);
  /** What a database gives back was there before: it restates nothing. */
  let restoring = saved !== null;
  /** The book as it was counted before, until everything is booked anew. */
  let before: { readonly book: MovementBook; readonly calendar: Calendar } | null = earlier &&
    { book: earlier.book(), calendar: earlier.calendar };
  const book = createMovementBook(calendar);
  let converted: { readonly rates: DailyRates; readonly book: ConvertedBook } | null = null;
  /** Subscriptions by customer: most customers have one. */
  const subscriptions = new Map<string, readonly string[]>();
  const noted = new Set<string>();

  function enter(customer: string): void {
    const segments = (subscriptions.get(customer) ?? []).flatMap(segmentsOf);
    const currencies = new Set(segments.map(({ currency }) => currency));
    for (const { currency } of book.historiesOf(customer)) currencies.add(currency);
    const was = before ?? { book, calendar };
    for (const one of was.book.historiesOf(customer)) currencies.add(one.currency);
    for (const currency of currencies) {
      const stepsIn = (from: MovementBook) =>
        from.historiesOf(customer).find((one) => one.currency === currency)?.steps ?? [];
      const old = { steps: stepsIn(was.book), calendar: was.calendar };
      book.set(customer, currency, segments.filter((segment) => segment.currency === currency));
      const now = { steps: stepsIn(book), calendar };
      if (!restoring) {
        closed.compare(customer, currency, old, now, before ? "definition" : "repair");
      }
    }
  }

  function settle(limit: number): number {
    const any = noted.size > 0;
    for (const customer of noted) {
      if (limit-- <= 0) break;
      noted.delete(customer);
      enter(customer);
    }
    if (any && noted.size === 0) {
      before = null;
      restoring = false;
    }
    return noted.size;
  }

  return {
    closed,
    calendar,
    note(customer, subscription, present) {
      const others = (subscriptions.get(customer) ?? []).filter((id) => id !== subscription);
      // An array that grows keeps room for sixteen more; one that is joined does not.
      const now = present ? others.concat(subscription) : others;
      if (now.length === 0) subscriptions.delete(customer);
      else subscriptions.set(customer, now);
      noted.add(customer);
    },
    subscriptionsOf: (customer) => subscriptions.get(customer) ?? [],
    settle,
    book() {
      settle(Infinity);
      return book;
    },
    converted(rates) {
      settle(Infinity);
      if (!rates) return null;
      if (converted?.rates !== rates) {
        converted = { rates, book: createConvertedBook(book, rates, calendar) };
      }
      return converted.book;
    },
  };
}
