/**
 * The movements of all customers, kept up to date customer by customer (metrics.md B.1 to B.3;
 * design.md section 3, "a live change"). Native totals treat (customer, currency) apart; for the
 * converted view, a second book takes segments converted at fixed rates (`convertStretches`).
 *
 * @module
 */
import type { Calendar } from "./calendar.ts";
import { createDayTable, type DayTable, type Level } from "./day_table.ts";
import {
  changesByDay,
  type Movement,
  type MovementKind,
  type MovementTotals,
} from "./movements.ts";
import { createLargest, type Largest } from "./largest.ts";
import { type Rational, ZERO } from "./rational.ts";
import { closeOf, presenceOf, type Step, stepsOf, type Stretch } from "./steps.ts";

/** One customer's MRR in one currency over time. */
export interface CustomerHistory {
  readonly customer: string;
  readonly currency: string;
  readonly steps: readonly Step[];
}

type CountName = "start" | "new" | "reactivation" | "churn" | "end";

/** How many customers came and went, each once whatever its currencies. */
export type CustomerCounts = Readonly<Record<CountName | "paused", number>>;

export interface MovementBook {
  /**
   * Replaces what the book knows of a customer in a currency; no stretches forget it. Costs the
   * same whatever the number of customers.
   *
   * @throws {RangeError} when a stretch ends before it begins or is worth less than 0.
   */
  set(customer: string, currency: string, stretches: readonly Stretch[]): void;
  /** Every currency with a movement, in order of the alphabet. */
  currencies(): readonly string[];
  /** First day with a movement in any currency, or `null`. */
  firstDay(): number | null;
  /** MRR and paying customers of a currency at the close of a day. */
  levelAt(currency: string, day: number): Level;
  /**
   * Sums over the days [fromDay, toDay), in minor units of the currency.
   *
   * @throws {MovementIdentityError} when start and parts do not lead to end.
   */
  period(currency: string, fromDay: number, toDay: number): MovementTotals;
  /** The same in customers alone, over all currencies: moving between two is no movement. */
  customers(fromDay: number, toDay: number): CustomerCounts;
  /** The newest movements of all currencies, newest first. */
  recent(limit: number): readonly Movement[];
  /** The movements behind a figure of [fromDay, toDay), one a (customer, day), oldest first. */
  movementsIn(
    currency: string,
    fromDay: number,
    toDay: number,
    kind?: MovementKind,
  ): readonly Movement[];
  /** Customers with MRR above 0 at the close of a day. */
  activeAt(
    currency: string,
    day: number,
  ): readonly { readonly customer: string; readonly mrr: Rational }[];
  /** The customers with the most MRR now, greatest first. */
  largest(
    currency: string,
    count: number,
  ): readonly { readonly customer: string; readonly mrr: Rational }[];
  /** All customers of a currency. */
  histories(currency: string): Iterable<CustomerHistory>;
  /** What one customer has in each currency. */
  historiesOf(customer: string): readonly CustomerHistory[];
  /** All customers, once each: 1 while MRR is above 0 in any currency, else 0. */
  presence(): Iterable<readonly Step[]>;
  /** Ids of the customers that a day's movements belong to, in any currency. */
  customersOn(day: number): ReadonlySet<string>;
}

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

function inOrder(a: Movement, b: Movement): number {
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

  function movementsOn(table: DayTable<Entry>, day: number): Movement[] {
    return [...table.owners(day)].flatMap((entry) =>
      movementsOf(entry, calendar).filter((movement) => movement.day === day)
    );
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
    period: (currency, fromDay, toDay) => tableOf(currency).period(fromDay, toDay),
    customers(fromDay, toDay) {
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
    movementsIn(currency, fromDay, toDay, kind) {
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
    *presence() {
      for (const entries of customers.values()) yield presenceOf(entries.map(({ steps }) => steps));
    },
    customersOn: (day) =>
      new Set(
        [...tables.values()].flatMap((table) =>
          [...table.owners(day)].map(({ customer }) => customer)
        ),
      ),
  };
}
