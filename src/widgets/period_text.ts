/**
 * Periods in words. One that has a single day is that day: "1 December", not "1 to 1 December".
 *
 * @module
 */
import { dateOf } from "../metrics/calendar.ts";
import { countText, monthName, type WidgetContext } from "./context.ts";
import type { DayRange } from "./movement_view.ts";
import type { Period } from "./query.ts";

/** "2026-10 to 2026-11": from the first to the last of what stands in a row, both written alike. */
export function spanText(first: string, last: string): string {
  return first === last ? first : `${first} to ${last}`;
}

/** "This month, 1 to 24 November". */
export function periodText(context: WidgetContext): string {
  const today = context.view.calendar.dayOf(context.now);
  const texts: Readonly<Record<Period, string>> = {
    month: `This month, ${spanText("1", String(dateOf(today).day))} ${monthName(today)}`,
    "30d": "The last 30 days",
    quarter: "This quarter",
    "12m": "The last 12 months",
    all: "All time",
  };
  return texts[context.query.period];
}

/** "the 24 days from 1 October 2026", "1 October 2026". */
export function daysText({ from, to }: DayRange): string {
  const { day, year } = dateOf(from);
  const first = `${day} ${monthName(from)} ${year}`;
  const count = to - from;
  return count === 1 ? first : `the ${countText(count, "day")} from ${first}`;
}
