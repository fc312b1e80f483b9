/**
 * Retention and churn month by month, for lines (metrics.md C.3, C.4).
 *
 * @module
 */
import { type Calendar, monthStart } from "./calendar.ts";
import { createExactSum } from "./exact_sum.ts";
import { minimum, type Rational } from "./rational.ts";
import { churnCustomersCalendar, type Derived, share } from "./ratios.ts";
import type { Paused } from "./books.ts";
import { type Step, stepBefore } from "./steps.ts";

/** A complete month: of the customers at its start, what is left at its end. */
export interface MonthRetention {
  /** First day of the month. */
  readonly start: number;
  readonly nrr: Derived;
  readonly grr: Derived;
  /** Share of the customers at the start who are gone at the end (calendar churn). */
  readonly churn: Derived;
}

function emptyMonth(start: number) {
  return {
    start,
    before: createExactSum(),
    after: createExactSum(),
    kept: createExactSum(),
    customers: 0,
    gone: 0,
  };
}

function valueOf(step: Step | undefined): Rational | null {
  return step && step.value.n > 0n ? step.value : null;
}

/**
 * The last `months` complete months before the day `today`, oldest first, in one pass.
 *
 * @param customers The steps of each customer in one currency.
 */
export function retentionPast(
  customers: Iterable<readonly Step[]>,
  today: number,
  months: number,
  calendar: Calendar,
  paused: Paused,
): readonly MonthRetention[] {
  const starts = Array.from(
    { length: months + 1 },
    (_, index) => monthStart(today, index - months),
  );
  const moments = starts.map((day) => calendar.startOf(day));
  const found = starts.slice(0, -1).map(emptyMonth);
  for (const steps of customers) {
    let before = valueOf(stepBefore(steps, moments[0]!));
    for (let index = 0; index < months; index++) {
      const last = stepBefore(steps, moments[index + 1]!);
      const after = valueOf(last);
      const month = found[index]!;
      if (before) {
        month.customers++;
        month.before.add(before);
        if (after) month.after.add(after);
        if (after) month.kept.add(minimum(before, after));
        if (!after && (paused === "gone" || last?.cause !== "paused")) month.gone++;
      }
      before = after;
    }
  }
  return found.map(({ start, before, after, kept, customers: count, gone }) => ({
    start,
    nrr: share(after.total(), before.total(), "no_mrr_at_start"),
    grr: share(kept.total(), before.total(), "no_mrr_at_start"),
    churn: churnCustomersCalendar(gone, count),
  }));
}

/**
 * NRR over the `span` months that end with each of the last `count` complete months, oldest first.
 *
 * @param customers The steps of each customer in one currency.
 */
export function trailingNrrPast(
  customers: Iterable<readonly Step[]>,
  today: number,
  count: number,
  span: number,
  calendar: Calendar,
): readonly Derived[] {
  const months = count - 1 + span;
  const moments = Array.from(
    { length: months + 1 },
    (_, index) => calendar.startOf(monthStart(today, index - months)),
  );
  const found = Array.from({ length: count }, () => [createExactSum(), createExactSum()] as const);
  for (const steps of customers) {
    const values = moments.map((moment) => valueOf(stepBefore(steps, moment)));
    found.forEach(([before, after], index) => {
      const start = values[index];
      const end = values[index + span];
      if (start) before.add(start);
      if (start && end) after.add(end);
    });
  }
  return found.map(([before, after]) => share(after.total(), before.total(), "no_mrr_at_start"));
}
