/**
 * Days, months, quarters and years as the JSON interface names them, and how well they are known.
 *
 * @module
 */
import { dateOf, dayKey, monthKey, monthStart } from "../../src/metrics/calendar.ts";
import type { Quality } from "../../src/metrics/segments.ts";
import type { SourceView } from "../../src/store/port.ts";

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

/**
 * How well a period that begins on a day is known: seen as it happened, rebuilt from invoices, or
 * inferred from the subscriptions alone.
 */
export function qualityOf({ status, calendar }: SourceView, start: number): Quality {
  const { liveSince, historyDone } = status;
  if (liveSince !== null && calendar.startOf(start) >= liveSince) return "live";
  return historyDone ? "invoice" : "inferred";
}
