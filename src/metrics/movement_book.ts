/**
 * The movements of all customers, kept up to date customer by customer (metrics.md B.1 to B.3;
 * design.md section 3, "a live change"). Native totals treat (customer, currency) apart; for the
 * converted view see `converted_book.ts`.
 *
 * @module
 */
import type { CountName, CustomerCounts, CustomerHistory, MovementBook } from "./books.ts";
import type { Calendar } from "./calendar.ts";
import { createDayTable, type DayTable } from "./day_table.ts";
import { distinctIn } from "./distinct_moves.ts";
import {
  changesByDay,
  changesIn,
  type Grain,
  type Movement,
  type MovementKind,
  totalsOf,
} from "./movements.ts";
import { createLargest, type Largest } from "./largest.ts";
import { type Rational, ZERO } from "./rational.ts";
import { createSeveral } from "./several.ts";
import { closeOf, presenceOf, type Step, stepsOf, type Stretch } from "./steps.ts";

export type { MovementBook } from "./books.ts";

interface Entry extends CustomerHistory {
  steps: readonly Step[];
}

function checkStretches(customer: string, stretches: readonly Stretch[]): void {
  for (const { from, to, exact } of stretches) {
    if ((to !== null && to < from) || exact.n < 0n) {
      throw new RangeError(
        `Cannot book a stretch of ${customer} as it must not end before it begins nor be worth ` +
          `less than 0: it runs from ${from} to ${to}, worth ${exact.n}/${exact.d}`,
      );
    }
  }
}

function valueNow({ steps }: Entry): Rational {
  return steps.at(-1)?.value ?? ZERO;
}

function movementsOf(entry: Entry, calendar: Calendar): Movement[] {
  const { customer, currency } = entry;
  return changesByDay(entry.steps, calendar).map((change) => ({ customer, currency, ...change }));
}

export function inOrder(a: Movement, b: Movement): number {
  return a.at - b.at || (a.customer < b.customer ? -1 : a.customer > b.customer ? 1 : 0) ||
    (a.currency < b.currency ? -1 : a.currency > b.currency ? 1 : 0);
}

export function createMovementBook(calendar: Calendar): MovementBook {
  const customers = new Map<string, readonly Entry[]>();
  const tables = new Map<string, DayTable<Entry>>();
  const largest = new Map<string, Largest<Entry>>();
  /**
   * Customers of several currencies are counted by each of them: here is what the sum of those
   * counts must be changed by for each to be counted once.
   */
  const corrections = createDayTable<string>(calendar);
  const several = createSeveral(calendar);

  function tableOf(currency: string): DayTable<Entry> {
    let table = tables.get(currency);
    if (!table) tables.set(currency, table = createDayTable(calendar));
    return table;
  }

  function largestIn(currency: string): Largest<Entry> {
    let found = largest.get(currency);
    if (!found) {
      const all = () => [...entriesIn(currency)].map((entry) => [entry, valueNow(entry)] as const);
      largest.set(currency, found = createLargest(all));
    }
    return found;
  }

  function put(entry: Entry, steps: readonly Step[]): void {
    const table = tableOf(entry.currency);
    table.replace(entry, entry.steps, steps);
    entry.steps = steps;
    largestIn(entry.currency).set(entry, valueNow(entry));
  }

  function countOnce(customer: string, entries: readonly Entry[], by: "add" | "remove"): void {
    if (entries.length < 2) return;
    several[by](customer, entries);
    corrections[by](customer, presenceOf(entries.map(({ steps }) => steps)));
    const back = by === "add" ? "remove" : "add";
    for (const entry of entries) corrections[back](customer, presenceOf([entry.steps]));
  }

  function set(customer: string, currency: string, stretches: readonly Stretch[]): void {
    checkStretches(customer, stretches);
    const steps = stepsOf(stretches);
    let entries: readonly Entry[] = customers.get(customer) ?? [];
    let entry = entries.find((one) => one.currency === currency);
    if (!entry && steps.length === 0) return;
    countOnce(customer, entries, "remove");
    // Not spread, as an array that grows keeps room for sixteen more.
    if (!entry) entries = entries.concat(entry = { customer, currency, steps: [] });
    put(entry, steps);
    const kept = steps.length > 0 ? entries : entries.filter((one) => one !== entry);
    if (kept.length > 0) customers.set(customer, kept);
    else customers.delete(customer);
    countOnce(customer, kept, "add");
  }

  function* entriesIn(currency: string): Iterable<Entry> {
    for (const entries of customers.values()) {
      for (const entry of entries) if (entry.currency === currency) yield entry;
    }
  }

  function* stepsIn(currency: string): Iterable<readonly Step[]> {
    for (const { steps } of entriesIn(currency)) yield steps;
  }

  function changesOfAll(
    currency: string,
    fromDay: number,
    toDay: number,
    kind: MovementKind | undefined,
    grain: Grain,
  ): readonly Movement[] {
    return [...entriesIn(currency)].flatMap(({ customer, steps }) =>
      changesIn(steps, fromDay, toDay, grain, calendar)
        .filter((change) => kind === undefined || change.kind === kind)
        .map((change) => ({ customer, currency, ...change }))
    ).sort(inOrder);
  }

  function movementsOn(table: DayTable<Entry>, day: number): Movement[] {
    return [...table.owners(day)].flatMap((entry) =>
      movementsOf(entry, calendar).filter((movement) => movement.day === day)
    );
  }

  function countsIn(fromDay: number, toDay: number): CustomerCounts {
    const parts = [...tables.values(), corrections].map((table) => table.period(fromDay, toDay));
    const count = (name: CountName) =>
      parts.reduce((total, { customers }) => total + customers[name], 0);
    return {
      start: count("start"),
      new: count("new"),
      reactivation: count("reactivation"),
      churn: count("churn"),
      paused: parts.reduce((total, { causes }) => total + causes.paused.customers, 0),
      end: count("end"),
    };
  }

  /** Who has a movement in any currency on a day of [fromDay, toDay). */
  function movedIn(fromDay: number, toDay: number): ReadonlySet<string> {
    const moved = new Set<string>();
    for (const table of tables.values()) {
      for (const { customer } of table.ownersIn(fromDay, toDay)) moved.add(customer);
    }
    return moved;
  }

  function bounds() {
    const all = [...tables.values()].flatMap((table) => table.bounds() ?? []);
    if (all.length === 0) return null;
    return {
      first: Math.min(...all.map(({ first }) => first)),
      last: Math.max(...all.map(({ last }) => last)),
    };
  }

  return {
    set,
    currencies: () =>
      [...tables].filter(([, table]) => table.bounds()).map(([currency]) => currency).sort(),
    firstDay: () => bounds()?.first ?? null,
    levelAt: (currency, day) => tableOf(currency).level(day),
    period(currency, fromDay, toDay, grain = "day") {
      if (grain === "day") return tableOf(currency).period(fromDay, toDay);
      return totalsOf(stepsIn(currency), fromDay, toDay, grain, calendar);
    },
    customers: countsIn,
    distinct(fromDay, toDay, grain, paused) {
      const { start } = countsIn(fromDay, fromDay);
      const moved = grain === "event" ? customers.keys() : movedIn(fromDay, toDay);
      const presences = function* () {
        for (const customer of moved) {
          yield presenceOf((customers.get(customer) ?? []).map(({ steps }) => steps));
        }
      };
      return { start, ...distinctIn(presences(), { fromDay, toDay, grain, paused }, calendar) };
    },
    recent(limit) {
      if (!Number.isSafeInteger(limit) || limit < 0) {
        throw new RangeError(
          `Cannot list movements as limit must be a whole number >= 0: current value is ${limit}`,
        );
      }
      const span = bounds();
      const newest: Movement[] = [];
      for (let day = span?.last ?? 0; span && day >= span.first && newest.length < limit; day--) {
        const ofDay = [...tables.values()].flatMap((table) => movementsOn(table, day));
        newest.push(...ofDay.sort((a, b) => inOrder(b, a)));
      }
      return newest.slice(0, limit);
    },
    movementsIn(currency, fromDay, toDay, kind, grain = "day") {
      if (grain !== "day") return changesOfAll(currency, fromDay, toDay, kind, grain);
      const table = tableOf(currency);
      const span = table.bounds();
      const rows: Movement[] = [];
      if (!span) return rows;
      const final = Math.min(toDay - 1, span.last);
      for (let day = Math.max(fromDay, span.first); day <= final; day++) {
        for (const row of movementsOn(table, day).sort(inOrder)) {
          if (kind === undefined || row.kind === kind) rows.push(row);
        }
      }
      return rows;
    },
    activeAt(currency, day) {
      const active = [];
      for (const { customer, steps } of entriesIn(currency)) {
        const mrr = closeOf(steps, day, calendar);
        if (mrr.n > 0n) active.push({ customer, mrr });
      }
      return active;
    },
    largest: (currency, count) =>
      largestIn(currency).top(count).map(([{ customer }, mrr]) => ({ customer, mrr })),
    histories: entriesIn,
    historiesOf: (customer) => customers.get(customer) ?? [],
    byCustomer: () => customers.values(),
    changesBefore: (day) =>
      [...tables.values()].reduce((total, table) => total + table.changesBefore(day), 0),
    partsOn: (currency, day) => tables.get(currency)?.parts(day),
    severalOn: several.on,
    several: () => several.customers,
    *presence() {
      for (const entries of customers.values()) yield presenceOf(entries.map(({ steps }) => steps));
    },
  };
}
