/**
 * Compares an export of Stripe's dashboard with our own books, month by month, and says by what
 * each difference comes about.
 *
 * @module
 */
import { monthStart } from "../../metrics/calendar.ts";
import { add, type Rational, round, subtract, ZERO } from "../../metrics/rational.ts";
import type { SourceView } from "../../store/port.ts";
import {
  cellKey,
  type CustomerMonths,
  customerMonths,
  firstDayOf,
  monthAfter,
} from "./customer_months.ts";
import { type ExportFile, ExportFileError, minorOf } from "./export_file.ts";
import { agree, isLone, isMoved, type Sides } from "./neighbours.ts";

/** One customer's month that differs; exact minor units. */
export interface Difference {
  readonly customer: string;
  readonly month: string;
  readonly currency: string;
  readonly here: Rational;
  readonly there: Rational;
}

export interface MonthComparison {
  readonly month: string;
  readonly currency: string;
  readonly here: Rational;
  readonly there: Rational;
  /** Customers with a value on either side, and those of them that agree to the minor unit. */
  readonly customers: number;
  readonly agreeing: number;
}

export interface CauseGroup {
  readonly cause: string;
  readonly differences: readonly Difference[];
}

export interface ComparisonReport {
  readonly kind: ExportFile["kind"];
  readonly months: readonly MonthComparison[];
  readonly causes: readonly CauseGroup[];
}

/** Our books as they would be with one option changed. */
export interface Variation {
  readonly cause: string;
  readonly values: CustomerMonths;
}

/** The file's values by the same keys as ours; changes of one month are summed. */
export function valuesOf(file: ExportFile, currency: string): CustomerMonths {
  const found = new Map<string, Rational>();
  for (const row of file.rows) {
    const code = row.currency ?? currency;
    const key = cellKey(row.customer, code, row.month);
    const value = minorOf(row.amount, file.unit, code);
    if (file.kind === "level" && found.has(key)) {
      throw new ExportFileError(`${row.customer} stands twice for ${row.month}`);
    }
    found.set(key, add(found.get(key) ?? ZERO, value));
  }
  return found;
}

/** The months of a file that have ended before `running`, oldest first. */
export function monthsOf(file: ExportFile, running: string): readonly string[] {
  return [...new Set(file.rows.map(({ month }) => month))].filter((month) => month < running)
    .sort();
}

function compareMonths({ here, there }: Sides, months: readonly string[]) {
  const wanted = new Set(months);
  const totals = new Map<string, MonthComparison>();
  const differences: Difference[] = [];
  for (const key of new Set([...here.keys(), ...there.keys()])) {
    const [customer, currency, month] = key.split(" ") as [string, string, string];
    if (!wanted.has(month)) continue;
    const [ours, theirs] = [here.get(key) ?? ZERO, there.get(key) ?? ZERO];
    const same = agree(ours, theirs);
    const before = totals.get(`${month} ${currency}`) ??
      { month, currency, here: ZERO, there: ZERO, customers: 0, agreeing: 0 };
    totals.set(`${month} ${currency}`, {
      ...before,
      here: add(before.here, ours),
      there: add(before.there, theirs),
      customers: before.customers + 1,
      agreeing: before.agreeing + (same ? 1 : 0),
    });
    if (!same) differences.push({ customer, month, currency, here: ours, there: theirs });
  }
  const order = (a: { month: string; currency: string }, b: { month: string; currency: string }) =>
    a.month.localeCompare(b.month) || a.currency.localeCompare(b.currency);
  return { months: [...totals.values()].sort(order), differences };
}

/** Whether the past of a customer at the close of a month is not known for certain. */
function isInferred(view: SourceView, { customer, month }: Difference): boolean {
  const close = view.calendar.startOf(monthStart(firstDayOf(month), 1));
  return view.subscriptionsOf(customer).some((id) =>
    view.segments(id).some(({ from, to, quality }) =>
      quality === "inferred" && from < close && (to === null || to >= close)
    )
  );
}

function isUnvalued(view: SourceView, customer: string): boolean {
  return view.subscriptionsOf(customer).some((id) => view.standing(id)?.mrr === null);
}

function isExcluded(view: SourceView, customer: string): boolean {
  return view.subscriptionsOf(customer).some((id) => view.standing(id)?.reason === "excluded");
}

/** A difference is charged to the first cause that explains it whole. */
function causeOf(
  difference: Difference,
  view: SourceView,
  sides: Sides,
  variations: readonly Variation[],
  named: ReadonlySet<string>,
): string {
  const { customer, currency, month } = difference;
  const key = cellKey(customer, currency, month);
  const subscriptions = view.subscriptionsOf(customer);
  if (subscriptions.length === 0) return "customers that this account does not have";
  if (!named.has(customer)) return "customers that the file does not have";
  const other = variations.find(({ values }) => agree(values.get(key) ?? ZERO, difference.there));
  if (other) return `there, ${other.cause}`;
  if (isExcluded(view, customer)) return "left out here by exclude";
  if (isUnvalued(view, customer)) return "subscriptions that could not be valued here";
  const gap = subtract(difference.here, difference.there);
  const units = round(gap);
  if (units <= subscriptions.length && -units <= subscriptions.length) {
    return "each subscription is rounded there, here only the sum";
  }
  if (isMoved(sides, difference)) return "the change is dated in a neighbouring month";
  return isInferred(view, difference) && !isLone(sides, difference)
    ? "the past here is inferred: no invoice tells the change"
    : "not explained";
}

/**
 * @param currency Of the rows that name none, lower case.
 * @param months Months that have ended.
 */
export function compareExport(
  file: ExportFile,
  view: SourceView,
  currency: string,
  months: readonly string[],
  variations: readonly Variation[],
): ComparisonReport {
  const around = [
    ...months,
    ...months.map((month) => monthAfter(month, -1)),
    ...months.map((m) => monthAfter(m)),
  ];
  const here = customerMonths(view, [...new Set(around)], file.kind);
  const written = file.rows.map(({ month }) => month).sort();
  const sides: Sides = {
    kind: file.kind,
    here,
    there: valuesOf(file, currency),
    told: { from: written[0]!, to: written.at(-1)! },
  };
  const compared = compareMonths(sides, months);
  const named = new Set(file.rows.map(({ customer }) => customer));
  const causes = new Map<string, Difference[]>();
  for (const difference of compared.differences) {
    const cause = causeOf(difference, view, sides, variations, named);
    causes.set(cause, [...causes.get(cause) ?? [], difference]);
  }
  return {
    kind: file.kind,
    months: compared.months,
    causes: [...causes].map(([cause, differences]) => ({ cause, differences }))
      .sort((a, b) => b.differences.length - a.differences.length),
  };
}
