/**
 * Movements of one currency summed by local day. A customer's changes touch only their own
 * days, so replacing them costs the same whatever the number of customers (design.md section 3).
 *
 * @module
 */
import type { Calendar } from "./calendar.ts";
import type { ChurnCause } from "./causes.ts";
import { createExactSum, type ExactSum } from "./exact_sum.ts";
import {
  type CausePart,
  changesByDay,
  createTotals,
  customersChange,
  MOVEMENT_KINDS,
  type MovementKind,
  type MovementTotals,
} from "./movements.ts";
import { add, equal, type Rational, subtract, ZERO } from "./rational.ts";
import type { Step } from "./steps.ts";
import { createTouches } from "./touches.ts";

/** MRR in minor units and paying customers at the close of a day. */
export interface Level {
  readonly mrr: Rational;
  readonly customers: number;
}

/** The movements of a day in one currency, by kind and cause. */
export interface DayParts {
  readonly sums: ReadonlyMap<MovementKind, ExactSum>;
  readonly counts: ReadonlyMap<MovementKind, number>;
  /** What churn is made of; absent on most days. */
  readonly causes: ReadonlyMap<ChurnCause, CausePart> | null;
}

interface DayCell<Owner> extends DayParts {
  /** The steps of the day summed as they are, apart from their kinds: the identity's witness. */
  readonly net: ExactSum;
  readonly counts: Map<MovementKind, number>;
  causes: Map<ChurnCause, CausePart> | null;
  /** Whose movements the day holds. */
  readonly owners: Set<Owner>;
}

export interface DayTable<Owner> {
  add(owner: Owner, steps: readonly Step[]): void;
  remove(owner: Owner, steps: readonly Step[]): void;
  /** Both at once: only the days from the first difference on are touched. */
  replace(owner: Owner, before: readonly Step[], after: readonly Step[]): void;
  level(day: number): Level;
  /** @throws {MovementIdentityError} when the identity does not hold. */
  period(fromDay: number, toDay: number): MovementTotals;
  /** Grows whenever a day before `day` changes. */
  changesBefore(day: number): number;
  /** What a day holds, if anything. */
  parts(day: number): DayParts | undefined;
  owners(day: number): ReadonlySet<Owner>;
  /** Whose movements the days [fromDay, toDay) hold; perhaps more than once. */
  ownersIn(fromDay: number, toDay: number): Iterable<Owner>;
  /** First and last day with a movement, or `null`. */
  bounds(): { readonly first: number; readonly last: number } | null;
}

/** Periods that are kept: a page asks for some forty, exports for a few hundred days. */
const PERIODS_MAX = 2_000;

/** How many steps two step functions have in common before they differ. */
function commonSteps(a: readonly Step[], b: readonly Step[]): number {
  let index = 0;
  while (index < a.length && index < b.length) {
    const [one, other] = [a[index]!, b[index]!];
    if (one.at !== other.at || one.cause !== other.cause || !equal(one.value, other.value)) break;
    index++;
  }
  return index;
}

const NOBODY: ReadonlySet<never> = new Set<never>();
const EMPTY: Level = { mrr: ZERO, customers: 0 };

function emptyCell<Owner>(): DayCell<Owner> {
  return {
    net: createExactSum(),
    sums: new Map(MOVEMENT_KINDS.map((kind) => [kind, createExactSum()])),
    counts: new Map(),
    causes: null,
    owners: new Set(),
  };
}

export function createDayTable<Owner>(calendar: Calendar): DayTable<Owner> {
  const cells = new Map<number, DayCell<Owner>>();
  let first = Infinity;
  let last = -Infinity;
  /** Closes of the days from `first` on; cut off where a difference has changed. */
  let levels: Level[] = [];
  /** Periods as they were asked for, forgotten where a day in or before them changes. */
  const periods = new Map<string, { readonly toDay: number; readonly totals: MovementTotals }>();
  let touchedSince = Infinity;
  const touches = createTouches();

  function forgetPeriods(): void {
    if (touchedSince === Infinity) return;
    for (const [key, { toDay }] of periods) if (toDay > touchedSince) periods.delete(key);
    if (periods.size > PERIODS_MAX) periods.clear();
    touchedSince = Infinity;
  }

  function cellOf(day: number): DayCell<Owner> {
    touchedSince = Math.min(touchedSince, day);
    touches.note(day);
    let cell = cells.get(day);
    if (!cell) {
      cells.set(day, cell = emptyCell());
      if (day < first) [first, levels] = [day, []];
      last = Math.max(last, day);
    }
    if (day - first < levels.length) levels.length = day - first;
    return cell;
  }

  function changeNet(steps: readonly Step[], by: 1 | -1, from: number): void {
    let before = steps[from - 1]?.value ?? ZERO;
    for (let index = from; index < steps.length; index++) {
      const { at, value } = steps[index]!;
      const { net } = cellOf(calendar.dayOf(at));
      if (by === 1) net.add(value);
      else net.subtract(value);
      if (before.n !== 0n) {
        if (by === 1) net.subtract(before);
        else net.add(before);
      }
      before = value;
    }
  }

  function changeCause(
    cell: DayCell<Owner>,
    cause: ChurnCause,
    amount: Rational,
    by: 1 | -1,
  ): void {
    const causes = cell.causes ??= new Map();
    const { mrr, customers } = causes.get(cause) ?? { mrr: ZERO, customers: 0 };
    const after = by === 1 ? add(mrr, amount) : subtract(mrr, amount);
    causes.set(cause, { mrr: after, customers: customers + by });
  }

  /** Changes what steps from `from` on do; days before `since` stay as they are. */
  function change(
    owner: Owner,
    steps: readonly Step[],
    by: 1 | -1,
    from = 0,
    since = -Infinity,
  ): void {
    changeNet(steps, by, from);
    for (const { day, kind, amount, cause } of changesByDay(steps, calendar)) {
      if (day < since) continue;
      const cell = cellOf(day);
      if (kind === "churn") changeCause(cell, cause ?? "other", amount, by);
      const total = cell.sums.get(kind)!;
      if (by === 1) total.add(amount);
      else total.subtract(amount);
      cell.counts.set(kind, (cell.counts.get(kind) ?? 0) + by);
      if (by === 1) cell.owners.add(owner);
      else cell.owners.delete(owner);
    }
  }

  function level(day: number): Level {
    const index = Math.min(day, last) - first;
    if (!(index >= 0)) return EMPTY;
    let current = levels.at(-1) ?? EMPTY;
    while (levels.length <= index) {
      const cell = cells.get(first + levels.length);
      if (cell) {
        let { customers } = current;
        for (const [kind, count] of cell.counts) customers += customersChange(kind) * count;
        current = { mrr: add(current.mrr, cell.net.total()), customers };
      }
      levels.push(current);
    }
    return levels[index]!;
  }

  return {
    add: (owner, steps) => change(owner, steps, 1),
    remove: (owner, steps) => change(owner, steps, -1),
    replace(owner, before, after) {
      const from = commonSteps(before, after);
      if (from === before.length && from === after.length) return;
      const at = Math.min(before[from]?.at ?? Infinity, after[from]?.at ?? Infinity);
      const since = calendar.dayOf(at);
      change(owner, before, -1, from, since);
      change(owner, after, 1, from, since);
    },
    level,
    period(fromDay, toDay) {
      forgetPeriods();
      const key = `${fromDay} ${toDay}`;
      const known = periods.get(key);
      if (known) return known.totals;
      const totals = createTotals();
      const start = level(fromDay - 1);
      const end = level(toDay - 1);
      totals.put("start", start.mrr, start.customers);
      totals.put("end", end.mrr, end.customers);
      const final = Math.min(toDay - 1, last);
      for (let day = Math.max(fromDay, first); day <= final; day++) {
        const cell = cells.get(day);
        for (const [kind, count] of cell?.counts ?? []) {
          if (count !== 0) totals.put(kind, cell!.sums.get(kind)!.total(), count);
        }
        for (const [cause, { mrr, customers }] of cell?.causes ?? []) {
          totals.putCause(cause, mrr, customers);
        }
      }
      const found = totals.totals();
      periods.set(key, { toDay, totals: found });
      return found;
    },
    changesBefore: touches.before,
    parts: (day) => cells.get(day),
    owners: (day) => cells.get(day)?.owners ?? NOBODY,
    *ownersIn(fromDay, toDay) {
      const end = Math.min(toDay, last + 1);
      for (let day = Math.max(fromDay, first); day < end; day++) {
        yield* cells.get(day)?.owners ?? NOBODY;
      }
    },
    bounds() {
      const days = [...cells].filter(([, { owners }]) => owners.size > 0).map(([day]) => day);
      if (days.length === 0) return null;
      return {
        first: days.reduce((a, b) => Math.min(a, b)),
        last: days.reduce((a, b) => Math.max(a, b)),
      };
    },
  };
}
