/**
 * Customers of several currencies, and the days on which they move: the few whose movements the
 * converted view nets (metrics.md B.2, B.5).
 *
 * @module
 */
import type { CustomerHistory } from "./books.ts";
import type { Calendar } from "./calendar.ts";
import { changesByDay } from "./movements.ts";

const NOBODY: ReadonlySet<string> = new Set();

/** A register; what is removed must be as it was added. */
export function createSeveral(calendar: Calendar) {
  const customers = new Set<string>();
  const days = new Map<number, Set<string>>();
  const daysOf = (entries: readonly CustomerHistory[]) =>
    entries.flatMap(({ steps }) => changesByDay(steps, calendar).map(({ day }) => day));
  return {
    customers,
    on: (day: number) => days.get(day) ?? NOBODY,
    add(customer: string, entries: readonly CustomerHistory[]): void {
      customers.add(customer);
      for (const day of daysOf(entries)) {
        let known = days.get(day);
        if (!known) days.set(day, known = new Set());
        known.add(customer);
      }
    },
    remove(customer: string, entries: readonly CustomerHistory[]): void {
      customers.delete(customer);
      for (const day of daysOf(entries)) {
        const known = days.get(day);
        known?.delete(customer);
        if (known?.size === 0) days.delete(day);
      }
    },
  };
}
