/**
 * Days, months, quarters and years as the JSON interface names them.
 *
 * @module
 */
import { dateOf, dayKey, monthKey, monthStart } from "../../src/metrics/calendar.ts";

export const INTERVALS = ["day", "month", "quarter", "year"] as const;
export type Interval = typeof INTERVALS[number];

/** First day after the period that holds `day`. */
export function periodEnd(day: number, interval: Interval): number {
  switch (interval) {
    case "day":
      return day + 1;
    case "month":
      return monthStart(day, 1);
    case "quarter":
      return monthStart(day, 3 - (dateOf(day).month - 1) % 3);
    case "year":
      return monthStart(day, 13 - dateOf(day).month);
  }
}

/** `2026-01-05`, `2026-01`, `2026-Q1` or `2026`. */
export function periodKey(day: number, interval: Interval): string {
  const { year, month } = dateOf(day);
  switch (interval) {
    case "day":
      return dayKey(day);
    case "month":
      return monthKey(day);
    case "quarter":
      return `${year}-Q${Math.ceil(month / 3)}`;
    case "year":
      return String(year);
  }
}
