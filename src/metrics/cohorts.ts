/**
 * Cohorts: customers by the local month or quarter of their first MRR, and what is left of them
 * and of their MRR at each later close (metrics.md C.8).
 *
 * @module
 */
import { type Calendar, dateOf } from "./calendar.ts";
import { createExactSum, type ExactSum } from "./exact_sum.ts";
import { changesByDay, customersChange, isLoss } from "./movements.ts";
import { add, divide, type Rational, rational, ZERO } from "./rational.ts";
import type { Step } from "./steps.ts";

export type CohortUnit = "month" | "quarter";

const MONTHS_IN: Readonly<Record<CohortUnit, number>> = { month: 1, quarter: 3 };

/** A column k is the close of the cohort's own month (or quarter) + k; later ones are absent. */
export interface Cohort {
  /** `2026-01` or `2026-Q1`. */
  readonly period: string;
  readonly size: number;
  /** Sum of the new amounts, in minor units. */
  readonly baseMrr: Rational;
  readonly customers: readonly Rational[];
  readonly revenue: readonly Rational[];
}

interface Cells {
  size: number;
  readonly base: ExactSum;
  readonly customers: number[];
  readonly revenue: ExactSum[];
}

/** Periods counted from year 0, so that neighbours differ by 1. */
function periodIndex(day: number, unit: CohortUnit): number {
  const { year, month } = dateOf(day);
  return Math.floor((year * 12 + month - 1) / MONTHS_IN[unit]);
}

function periodName(index: number, unit: CohortUnit): string {
  const months = index * MONTHS_IN[unit];
  const year = String(Math.floor(months / 12)).padStart(4, "0");
  const month = (months % 12) + 1;
  return unit === "quarter"
    ? `${year}-Q${(month + 2) / 3}`
    : `${year}-${String(month).padStart(2, "0")}`;
}

function emptyCells(columns: number): Cells {
  return {
    size: 0,
    base: createExactSum(),
    customers: new Array(columns).fill(0),
    revenue: Array.from({ length: columns }, createExactSum),
  };
}

function cohortOf(period: string, cells: Cells): Cohort {
  const baseMrr = cells.base.total();
  let customers = 0;
  let mrr = ZERO;
  return {
    period,
    size: cells.size,
    baseMrr,
    customers: cells.customers.map((change) => rational(customers += change, cells.size)),
    revenue: cells.revenue.map((change) => divide(mrr = add(mrr, change.total()), baseMrr)),
  };
}

/**
 * The cohorts that began in the periods of [fromDay, toDay), oldest first; the last column of
 * each is the period that holds the day before `toDay`. Cohorts without customers are absent.
 *
 * @param customers The steps of each customer, in one currency.
 */
export function cohortTable(
  customers: Iterable<readonly Step[]>,
  fromDay: number,
  toDay: number,
  unit: CohortUnit,
  calendar: Calendar,
): readonly Cohort[] {
  const indexes = new Map<number, number>();
  const indexOf = (day: number) => {
    let index = indexes.get(day);
    if (index === undefined) indexes.set(day, index = periodIndex(day, unit));
    return index;
  };
  const first = indexOf(fromDay);
  const last = indexOf(toDay - 1);
  const cohorts = new Map<number, Cells>();
  for (const steps of customers) {
    const changes = changesByDay(steps, calendar);
    const joined = changes[0];
    if (!joined) continue;
    const begun = indexOf(joined.day);
    if (begun < first || begun > last) continue;
    let cells = cohorts.get(begun);
    if (!cells) cohorts.set(begun, cells = emptyCells(last - begun + 1));
    cells.size++;
    cells.base.add(joined.amount);
    for (const { day, kind, amount } of changes) {
      const column = indexOf(day) - begun;
      if (begun + column > last) break;
      cells.customers[column]! += customersChange(kind);
      if (isLoss(kind)) cells.revenue[column]!.subtract(amount);
      else cells.revenue[column]!.add(amount);
    }
  }
  return [...cohorts].sort(([a], [b]) => a - b)
    .map(([index, cells]) => cohortOf(periodName(index, unit), cells));
}
