/**
 * Whole sums of minor units by local day, currency and name. What is kept is finer than a day, a
 * quarter of an hour of UTC, as every time zone's days begin on one: another time zone counts the
 * same facts anew (metrics.md B.3).
 *
 * @module
 */
import { type Calendar, dayKey } from "./calendar.ts";
import { createSumColumns, type SumColumns, type Sums } from "./sum_columns.ts";

export type { Sums };

export const NO_SUMS: Sums = { amount: 0n, fee: 0n, net: 0n, count: 0 };

/** Something of a moment (Unix seconds) that is added up. */
export interface Addend extends Sums {
  readonly at: number;
  readonly currency: string;
  readonly name: string;
}

/** Quarter of an hour, name, amount, fee, net as text, count … of a day of UTC, for a database. */
export type SavedDay = readonly (readonly [number, string, string, string, string, number])[];

export interface DaySums {
  add(addend: Addend): void;
  /** Adds everything that others have added up. */
  merge(other: DaySums): void;
  /** Everything in its quarters of an hour, each with its first second. */
  addends(): Iterable<Addend>;
  /** A currency's day of UTC, by its key `usd 2026-10-05`. */
  saved(key: string): SavedDay | undefined;
  /** Puts a day in place of what was known of it. */
  load(key: string, saved: SavedDay | null): void;
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

const QUARTER_SECONDS = 900;
const DAY_SECONDS = 86_400;
/** Names that columns have room for beside a quarter of an hour. */
const NAMES_MAX = 65_536;

export function plus(a: Sums, b: Sums): Sums {
  return {
    amount: a.amount + b.amount,
    fee: a.fee + b.fee,
    net: a.net + b.net,
    count: a.count + b.count,
  };
}

type ByName = Map<string, Sums>;
/** Days of one currency. */
type ByDay = Map<number, ByName>;
/** Days of UTC of one currency, each with its quarters of an hour and names. */
type Kept = Map<number, SumColumns>;

function put(of: ByDay, day: number, name: string, sums: Sums): void {
  let names = of.get(day);
  if (!names) of.set(day, names = new Map());
  names.set(name, plus(names.get(name) ?? NO_SUMS, sums));
}

function negated({ amount, fee, net, count }: Sums): Sums {
  return { amount: -amount, fee: -fee, net: -net, count: -count };
}

function keyOf(currency: string, day: number): string {
  return `${currency} ${dayKey(day)}`;
}

/** Currency and day of UTC of a key. */
function partsOf(key: string): readonly [string, number] {
  const [currency, day] = key.split(" ");
  return [currency!, Date.parse(day!) / 1000 / DAY_SECONDS];
}

function tableIn<T>(of: Map<string, Map<number, T>>, currency: string): Map<number, T> {
  let table = of.get(currency);
  if (!table) of.set(currency, table = new Map());
  return table;
}

function collect(into: ByName, from: ByName | undefined): void {
  if (!from) return;
  for (const [name, sums] of from) into.set(name, plus(into.get(name) ?? NO_SUMS, sums));
}

/** @param onChange Told the key of each currency's day of UTC that changes. */
export function createDaySums(
  initial: Calendar,
  onChange: (key: string) => void = () => {},
): DaySums {
  let calendar = initial;
  const kept = new Map<string, Kept>();
  const days = new Map<string, ByDay>();
  /** Names by their numbers. */
  const names: string[] = [];
  const numbers = new Map<string, number>();

  function numberOf(name: string): number {
    let number = numbers.get(name);
    if (number === undefined) numbers.set(name, number = names.push(name) - 1);
    return number;
  }

  function addTo({ at, currency, name, amount, fee, net, count }: Addend): void {
    const sums = { amount, fee, net, count };
    const day = Math.floor(at / DAY_SECONDS);
    const quarter = Math.floor((at - day * DAY_SECONDS) / QUARTER_SECONDS);
    const table = tableIn(kept, currency);
    let columns = table.get(day);
    if (!columns) table.set(day, columns = createSumColumns());
    columns.add(quarter * NAMES_MAX + numberOf(name), sums);
    put(tableIn(days, currency), calendar.dayOf(at), name, sums);
  }

  function add(addend: Addend): void {
    addTo(addend);
    onChange(keyOf(addend.currency, Math.floor(addend.at / DAY_SECONDS)));
  }

  function* addendsOf(currency: string, day: number): Iterable<Addend> {
    for (const [place, sums] of kept.get(currency)?.get(day)?.entries() ?? []) {
      const quarter = Math.floor(place / NAMES_MAX);
      const at = day * DAY_SECONDS + quarter * QUARTER_SECONDS;
      yield { ...sums, at, currency, name: names[place % NAMES_MAX]! };
    }
  }

  function* addends(): Iterable<Addend> {
    for (const [currency, table] of kept) {
      for (const day of table.keys()) yield* addendsOf(currency, day);
    }
  }

  /** Takes a day of UTC out, and leaves nothing where nothing is left. */
  function removeDay(currency: string, utcDay: number): void {
    const byDay = days.get(currency);
    if (!byDay) return;
    for (const { at, name, ...sums } of addendsOf(currency, utcDay)) {
      const day = calendar.dayOf(at);
      put(byDay, day, name, negated(sums));
      if (byDay.get(day)!.get(name)!.count === 0) byDay.get(day)!.delete(name);
      if (byDay.get(day)!.size === 0) byDay.delete(day);
    }
    if (byDay.size === 0) days.delete(currency);
    kept.get(currency)?.delete(utcDay);
  }

  return {
    add,
    addends,
    merge(other) {
      for (const addend of other.addends()) add(addend);
    },
    saved(key) {
      const [currency, day] = partsOf(key);
      const rows = [...addendsOf(currency, day)].map((
        { at, name, amount, fee, net, count },
      ): SavedDay[number] => {
        const quarter = (at - day * DAY_SECONDS) / QUARTER_SECONDS;
        return [quarter, name, String(amount), String(fee), String(net), count];
      });
      return rows.length > 0 ? rows : undefined;
    },
    load(key, saved) {
      const [currency, day] = partsOf(key);
      removeDay(currency, day);
      for (const [quarter, name, amount, fee, net, count] of saved ?? []) {
        const at = day * DAY_SECONDS + quarter * QUARTER_SECONDS;
        const sums = { amount: BigInt(amount), fee: BigInt(fee), net: BigInt(net), count };
        addTo({ at, currency, name, ...sums });
      }
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
      for (const { at, currency, name, ...sums } of addends()) {
        put(tableIn(days, currency), calendar.dayOf(at), name, sums);
      }
    },
    clear() {
      for (const [currency, table] of kept) {
        for (const day of table.keys()) onChange(keyOf(currency, day));
      }
      kept.clear();
      days.clear();
    },
  };
}
