/**
 * Retention and customer churn over the book (metrics.md C.3, C.4). Days are local; a window
 * [fromDay, toDay) starts with the close of the day before it.
 *
 * @module
 */
import type { Movements, Paused } from "./books.ts";
import { type Calendar, monthStart } from "./calendar.ts";
import type { Grain } from "./movements.ts";
import type { Rational } from "./rational.ts";
import {
  churnCustomersCalendar,
  churnCustomersStripe30,
  type Derived,
  type Ends,
  grossRetention,
  netRetention,
} from "./ratios.ts";
import { type Step, stepBefore, valueBefore } from "./steps.ts";

const STRIPE_WINDOW_DAYS = 30;
const SMOOTHED_MONTHS = 6;

/** Days [from, to). */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** The last complete month before a day, and the twelve complete months before it. */
export function retentionWindows(today: number): {
  readonly month: Window;
  readonly trailing12: Window;
} {
  const to = monthStart(today);
  return {
    month: { from: monthStart(today, -1), to },
    trailing12: { from: monthStart(today, -12), to },
  };
}

/** What each customer of the start has at start and end. Who was not there is left out. */
function endsOf(
  customers: Iterable<readonly Step[]>,
  { from, to }: Window,
  calendar: Calendar,
): readonly Ends[] {
  const [start, end] = [calendar.startOf(from), calendar.startOf(to)];
  const ends: Ends[] = [];
  for (const steps of customers) {
    const before = valueBefore(steps, start);
    if (before.n > 0n) ends.push([before, valueBefore(steps, end)]);
  }
  return ends;
}

/**
 * Net and gross retention of a window (C.4).
 *
 * @param customers The steps of each customer in one currency; where they are converted, start
 * and end at the END date's rate.
 */
export function retention(
  customers: Iterable<readonly Step[]>,
  window: Window,
  calendar: Calendar,
): { readonly nrr: Derived; readonly grr: Derived } {
  const ends = endsOf(customers, window, calendar);
  return { nrr: netRetention(ends), grr: grossRetention(ends) };
}

/**
 * Customer churn of the 30 days up to and including `today` (C.3, `churn_customers_stripe30`), over
 * distinct customers: who came back within them and left again stands in both parts.
 */
export function customerChurnStripe30(
  book: Pick<Movements, "distinct">,
  today: number,
  grain: Grain,
  paused: Paused = "gone",
): Derived {
  const counts = book.distinct(today + 1 - STRIPE_WINDOW_DAYS, today + 1, grain, paused);
  const { lost, start, lostOnReturn } = counts;
  return churnCustomersStripe30(lost, start, counts.new + lostOnReturn);
}

/** Calendar churn between each two neighbours of `bounds` (days), in one pass. */
function churnBetween(
  customers: Iterable<readonly Step[]>,
  bounds: readonly number[],
  calendar: Calendar,
  paused: Paused,
): readonly Derived[] {
  const moments = bounds.map((day) => calendar.startOf(day));
  const active = moments.map(() => 0);
  const gone = moments.map(() => 0);
  for (const steps of customers) {
    let before = false;
    moments.forEach((moment, index) => {
      const last = stepBefore(steps, moment);
      const there = last !== undefined && last.value.n > 0n;
      const counts = paused === "gone" || last?.cause !== "paused";
      if (there) active[index]!++;
      if (before && !there && counts) gone[index]!++;
      before = there;
    });
  }
  return moments.slice(1).map((_, index) =>
    churnCustomersCalendar(gone[index + 1]!, active[index]!)
  );
}

/**
 * Of those active at the start of the window, the share gone at its end (C.3,
 * `churn_customers_calendar`). Who leaves and returns within it counts in neither.
 */
export function customerChurnCalendar(
  customers: Iterable<readonly Step[]>,
  { from, to }: Window,
  calendar: Calendar,
  paused: Paused = "gone",
): Derived {
  return churnBetween(customers, [from, to], calendar, paused)[0]!;
}

/**
 * Calendar churn of the 6 complete months before the running one, oldest first, for the smoothed
 * lifetime value (C.6). Months that began without customers are left out.
 */
export function monthlyCustomerChurn(
  customers: Iterable<readonly Step[]>,
  today: number,
  calendar: Calendar,
  paused: Paused = "gone",
): readonly Rational[] {
  const bounds = Array.from(
    { length: SMOOTHED_MONTHS + 1 },
    (_, index) => monthStart(today, index - SMOOTHED_MONTHS),
  );
  return churnBetween(customers, bounds, calendar, paused).flatMap(({ value }) => value ?? []);
}
