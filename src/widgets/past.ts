/**
 * The past of a slice as charts want it: numbers in minor units, for drawing only.
 *
 * @module
 */
import { dateOf, monthStart } from "../metrics/calendar.ts";
import type { WidgetContext } from "./context.ts";

export interface PastMonth {
  /** First local day. */
  readonly start: number;
  /** Calendar days. */
  readonly days: number;
  readonly running: boolean;
}

/** The last `count` months, the running one last. */
export function lastMonths(context: WidgetContext, count: number): PastMonth[] {
  const today = context.view.calendar.dayOf(context.now);
  return Array.from({ length: count }, (_, index) => {
    const start = monthStart(today, index - count + 1);
    return { start, days: dateOf(start).daysInMonth, running: index === count - 1 };
  });
}

/** MRR at the close of each day of [from, to); `null` before the first day with any. */
export function dailyCloses(context: WidgetContext, from: number, to: number): (number | null)[] {
  const { slice, view } = context;
  const first = view.daily.firstDay();
  if (!slice || first === null) return Array.from({ length: Math.max(0, to - from) }, () => null);
  return slice.points(from, to).map((point, index) => from + index < first ? null : point);
}

/** MRR at the close of each of the last months, the running one as of today. */
export function monthlyCloses(context: WidgetContext, count: number): (number | null)[] {
  const today = context.view.calendar.dayOf(context.now);
  return lastMonths(context, count).map(({ start, days, running }) => {
    const day = running ? today : start + days - 1;
    return dailyCloses(context, day, day + 1)[0] ?? null;
  });
}
