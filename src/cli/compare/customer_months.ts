/**
 * What each customer was worth at the close of each month, by a source's own books.
 *
 * @module
 */
import { dateOf, dayNumber, monthKey, monthStart } from "../../metrics/calendar.ts";
import { type Rational, subtract, ZERO } from "../../metrics/rational.ts";
import { closeOf } from "../../metrics/steps.ts";
import type { SourceView } from "../../store/port.ts";
import type { ExportKind } from "./export_file.ts";

/** Exact minor units by `customer currency month`. */
export type CustomerMonths = ReadonlyMap<string, Rational>;

export const cellKey = (customer: string, currency: string, month: string) =>
  `${customer} ${currency} ${month}`;

/** `2026-10` moved by some months. */
export function monthAfter(month: string, months = 1): string {
  return monthKey(monthStart(firstDayOf(month), months));
}

/** The first local day of a month, as a day number. */
export function firstDayOf(month: string): number {
  return dayNumber(
    dateOf(0).with({
      year: Number(month.slice(0, 4)),
      month: Number(month.slice(5)),
      day: 1,
    }),
  );
}

/** The levels at the close of each of the months, or the changes within them; zeros left out. */
export function customerMonths(
  view: SourceView,
  months: readonly string[],
  kind: ExportKind,
): CustomerMonths {
  const found = new Map<string, Rational>();
  const closes = months.map((month) => {
    const first = firstDayOf(month);
    return { month, before: first - 1, last: monthStart(first, 1) - 1 };
  });
  for (const currency of view.movements.currencies()) {
    for (const { customer, steps } of view.movements.histories(currency)) {
      for (const { month, before, last } of closes) {
        const close = closeOf(steps, last, view.calendar);
        const value = kind === "level"
          ? close
          : subtract(close, closeOf(steps, before, view.calendar));
        if (value.n !== ZERO.n) found.set(cellKey(customer, currency, month), value);
      }
    }
  }
  return found;
}
