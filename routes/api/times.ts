/**
 * Days, ranges of days and moments as parameters of the JSON interface.
 *
 * @module
 */
import { type Calendar, dayNumber } from "../../src/metrics/calendar.ts";
import type { SourceView } from "../../src/store/port.ts";
import type { DayRange } from "../../src/widgets/movement_view.ts";
import { type Interval, periodEnd } from "./periods.ts";
import { Problem } from "./problem.ts";

const SHAPES: readonly (readonly [Interval, RegExp])[] = [
  ["day", /^\d{4}-\d{2}-\d{2}$/],
  ["month", /^\d{4}-\d{2}$/],
  ["quarter", /^\d{4}-Q[1-4]$/],
  ["year", /^\d{4}$/],
];

/** The local days [from, to) of `2026-01-05`, `2026-01`, `2026-Q1` or `2026`. */
function daysIn(text: string): DayRange | null {
  const interval = SHAPES.find(([, shape]) => shape.test(text))?.[0];
  if (!interval) return null;
  const [year, rest] = [text.slice(0, 4), text.slice(5)];
  const month = interval === "quarter"
    ? String(Number(rest[1]) * 3 - 2).padStart(2, "0")
    : rest.slice(0, 2) || "01";
  const date = `${year}-${month}-${rest.slice(3) || "01"}`;
  try {
    const from = dayNumber(Temporal.PlainDate.from(date, { overflow: "reject" }));
    return { from, to: periodEnd(from, interval) };
  } catch {
    return null;
  }
}

/** Unix seconds of an RFC 3339 time. */
function secondsOf(text: string): number | null {
  if (!/T/i.test(text)) return null;
  try {
    return Math.floor(Temporal.Instant.from(text).epochMilliseconds / 1000);
  } catch {
    return null;
  }
}

function malformed(name: string): Problem {
  return new Problem(
    "parameter_invalid",
    name,
    "write 2026-01-05, 2026-01, 2026-Q1, 2026 or a time",
  );
}

function readDay(search: URLSearchParams, name: string, calendar: Calendar): number | null {
  const text = search.get(name);
  if (text === null) return null;
  const seconds = secondsOf(text);
  const day = seconds === null ? daysIn(text)?.from : calendar.dayOf(seconds);
  if (day === undefined) throw malformed(name);
  return day;
}

/** What a range is read with. */
export interface RangeRequest {
  readonly view: SourceView;
  readonly search: URLSearchParams;
  /** Unix seconds. */
  readonly now: number;
}

/**
 * The local days [from, to) that are asked for, up to and including today.
 *
 * @param fallback Makes the first day of today, where none is asked for.
 * @throws {Problem} `parameter_invalid`, for a `to` before `from` too.
 */
export function readRange(
  { view: { calendar }, search, now }: RangeRequest,
  fallback: (today: number) => number,
): DayRange {
  const today = calendar.dayOf(now);
  const from = readDay(search, "from", calendar) ?? fallback(today);
  const to = readDay(search, "to", calendar);
  if (to !== null && to < from) {
    throw new Problem("parameter_invalid", "to", "it lies before from");
  }
  return { from, to: Math.min(to ?? today + 1, today + 1) };
}

/** A moment of the past. */
export interface Moment {
  /** The local day that holds it. */
  readonly day: number;
  /** What happened before this (Unix seconds) counts. */
  readonly before: number;
}

/**
 * The moment that is asked for: a time, or the close of a day, month, quarter or year. Of one that
 * is still running it is now.
 *
 * @returns `null` when none is asked for.
 * @throws {Problem} `parameter_invalid`, for one that has not come yet too.
 */
export function readAt({ view: { calendar }, search, now }: RangeRequest): Moment | null {
  const text = search.get("at");
  if (text === null) return null;
  const today = calendar.dayOf(now);
  const seconds = secondsOf(text);
  const days = seconds === null ? daysIn(text) : null;
  if (seconds === null && !days) throw malformed("at");
  if (seconds === null ? days!.from > today : seconds > now) {
    throw new Problem("parameter_invalid", "at", "it has not come yet");
  }
  if (seconds !== null) return { day: calendar.dayOf(seconds), before: seconds + 1 };
  const day = Math.min(days!.to - 1, today);
  return { day, before: calendar.startOf(day + 1) };
}
