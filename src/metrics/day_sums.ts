/**
 * Whole sums of minor units by local day, currency and name. What is kept is finer than a day, a
 * quarter of an hour of UTC, as every time zone's days begin on one: another time zone counts the
 * same facts anew (metrics.md B.3).
 *
 * @module
 */
import { type Calendar, dayKey } from "./calendar.ts";

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

const SLOT_SECONDS = 900;
const DAY_SLOTS = 96;

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

function negated({ amount, fee, net, count }: Sums): Sums {
  return { amount: -amount, fee: -fee, net: -net, count: -count };
}

function keyOf(currency: string, slot: number): string {
  return `${currency} ${dayKey(Math.floor(slot / DAY_SLOTS))}`;
}

/** Currency and first slot of a key. */
function partsOf(key: string): readonly [string, number] {
  const [currency, day] = key.split(" ");
  return [currency!, Date.parse(day!) / 1000 / SLOT_SECONDS];
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
  const slots = new Map<string, ByTime>();
  const days = new Map<string, ByTime>();

  function tableIn(of: Map<string, ByTime>, currency: string): ByTime {
    let table = of.get(currency);
    if (!table) of.set(currency, table = new Map());
    return table;
  }

  function addTo({ at, currency, name, amount, fee, net, count }: Addend): void {
    const sums = { amount, fee, net, count };
    put(tableIn(slots, currency), Math.floor(at / SLOT_SECONDS), name, sums);
    put(tableIn(days, currency), calendar.dayOf(at), name, sums);
  }

  function add(addend: Addend): void {
    addTo(addend);
    onChange(keyOf(addend.currency, Math.floor(addend.at / SLOT_SECONDS)));
  }

  /** Takes a slot out, and leaves nothing where nothing is left. */
  function removeSlot(currency: string, slot: number): void {
    const names = slots.get(currency)?.get(slot);
    if (!names) return;
    const byDay = days.get(currency)!;
    const day = calendar.dayOf(slot * SLOT_SECONDS);
    for (const [name, sums] of names) {
      put(byDay, day, name, negated(sums));
      if (byDay.get(day)!.get(name)!.count === 0) byDay.get(day)!.delete(name);
    }
    if (byDay.get(day)!.size === 0) byDay.delete(day);
    if (byDay.size === 0) days.delete(currency);
    slots.get(currency)!.delete(slot);
  }

  function* addends(): Iterable<Addend> {
    for (const [currency, table] of slots) {
      for (const [slot, names] of table) {
        for (const [name, sums] of names) {
          yield { ...sums, at: slot * SLOT_SECONDS, currency, name };
        }
      }
    }
  }

  return {
    add,
    addends,
    merge(other) {
      for (const addend of other.addends()) add(addend);
    },
    saved(key) {
      const [currency, first] = partsOf(key);
      const table = slots.get(currency);
      const rows: SavedDay[number][] = [];
      for (let quarter = 0; quarter < DAY_SLOTS; quarter++) {
        for (const [name, { amount, fee, net, count }] of table?.get(first + quarter) ?? []) {
          rows.push([quarter, name, String(amount), String(fee), String(net), count]);
        }
      }
      return rows.length > 0 ? rows : undefined;
    },
    load(key, saved) {
      const [currency, first] = partsOf(key);
      for (let quarter = 0; quarter < DAY_SLOTS; quarter++) removeSlot(currency, first + quarter);
      for (const [quarter, name, amount, fee, net, count] of saved ?? []) {
        const at = (first + quarter) * SLOT_SECONDS;
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
      for (const [currency, table] of slots) {
        const byDay = tableIn(days, currency);
        for (const [slot, names] of table) {
          const day = calendar.dayOf(slot * SLOT_SECONDS);
          for (const [name, sums] of names) put(byDay, day, name, sums);
        }
      }
    },
    clear() {
      for (const [currency, table] of slots) {
        for (const slot of table.keys()) onChange(keyOf(currency, slot));
      }
      slots.clear();
      days.clear();
    },
  };
}
