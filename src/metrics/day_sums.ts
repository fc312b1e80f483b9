/**
 * Whole sums of minor units by local day, currency and name. What is kept is finer than a day, a
 * quarter of an hour of UTC, as every time zone's days begin on one: another time zone counts the
 * same facts anew (metrics.md B.3).
 *
 * @module
 */
import type { Calendar } from "./calendar.ts";

/** Sums in minor units of one currency; `net` is `amount` − `fee`. */
export interface Sums {
  readonly amount: bigint;
  readonly fee: bigint;
  readonly net: bigint;
  readonly count: number;
}

export const NO_SUMS: Sums = { amount: 0n, fee: 0n, net: 0n, count: 0 };

/** Something of a moment (Unix seconds) that is added up. */
export interface Addend extends Sums {
  readonly at: number;
  readonly currency: string;
  readonly name: string;
}

export interface DaySums {
  add(addend: Addend): void;
  /** Sums by name over the local days [fromDay, toDay). */
  period(currency: string, fromDay: number, toDay: number): ReadonlyMap<string, Sums>;
  /** Everything of a currency by name. */
  totals(currency: string): ReadonlyMap<string, Sums>;
  /** Every currency, in order of the alphabet. */
  currencies(): readonly string[];
  /** First day with anything in any currency, or `null`. */
  firstDay(): number | null;
  /** Counts by the days of another calendar. */
  setCalendar(calendar: Calendar): void;
  clear(): void;
}

const SLOT_SECONDS = 900;

export function plus(a: Sums, b: Sums): Sums {
  return {
    amount: a.amount + b.amount,
    fee: a.fee + b.fee,
    net: a.net + b.net,
    count: a.count + b.count,
  };
}

type ByName = Map<string, Sums>;
/** Slots or days of one currency. */
type ByTime = Map<number, ByName>;

function put(of: ByTime, time: number, name: string, sums: Sums): void {
  let names = of.get(time);
  if (!names) of.set(time, names = new Map());
  names.set(name, plus(names.get(name) ?? NO_SUMS, sums));
}

function collect(into: ByName, from: ByName | undefined): void {
  if (!from) return;
  for (const [name, sums] of from) into.set(name, plus(into.get(name) ?? NO_SUMS, sums));
}

export function createDaySums(initial: Calendar): DaySums {
  let calendar = initial;
  const slots = new Map<string, ByTime>();
  const days = new Map<string, ByTime>();

  function tableIn(of: Map<string, ByTime>, currency: string): ByTime {
    let table = of.get(currency);
    if (!table) of.set(currency, table = new Map());
    return table;
  }

  return {
    add({ at, currency, name, amount, fee, net, count }) {
      const sums = { amount, fee, net, count };
      put(tableIn(slots, currency), Math.floor(at / SLOT_SECONDS), name, sums);
      put(tableIn(days, currency), calendar.dayOf(at), name, sums);
    },
    period(currency, fromDay, toDay) {
      const found: ByName = new Map();
      const table = days.get(currency);
      if (!table) return found;
      if (toDay - fromDay > table.size) {
        for (const [day, names] of table) {
          if (day >= fromDay && day < toDay) collect(found, names);
        }
        return found;
      }
      for (let day = fromDay; day < toDay; day++) collect(found, table.get(day));
      return found;
    },
    totals(currency) {
      const found: ByName = new Map();
      for (const names of days.get(currency)?.values() ?? []) collect(found, names);
      return found;
    },
    currencies: () => [...days.keys()].sort(),
    firstDay() {
      let first: number | null = null;
      for (const table of days.values()) {
        for (const day of table.keys()) if (first === null || day < first) first = day;
      }
      return first;
    },
    setCalendar(next) {
      calendar = next;
      days.clear();
      for (const [currency, table] of slots) {
        const byDay = tableIn(days, currency);
        for (const [slot, names] of table) {
          const day = calendar.dayOf(slot * SLOT_SECONDS);
          for (const [name, sums] of names) put(byDay, day, name, sums);
        }
      }
    },
    clear() {
      slots.clear();
      days.clear();
    },
  };
}
