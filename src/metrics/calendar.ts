/**
 * Local days, months and years of a time zone (metrics.md B.3). A day is counted from
 * 1970-01-01 and is 23 or 25 hours long where clocks change.
 *
 * @module
 */

const DAY_SECONDS = 86_400;
const EPOCH = Temporal.PlainDate.from("1970-01-01");

export interface Calendar {
  readonly timeZone: string;
  /** The local day (days since 1970-01-01) that holds a moment in Unix seconds. */
  dayOf(seconds: number): number;
  /** Unix seconds at which a local day begins. */
  startOf(day: number): number;
}

/** Dates by day number: a page asks for the same few hundred over and over. */
const dates = new Map<number, Temporal.PlainDate>();
const DATES_MAX = 20_000;

/** The date of a day number. */
export function dateOf(day: number): Temporal.PlainDate {
  let date = dates.get(day);
  if (!date) {
    if (dates.size >= DATES_MAX) dates.clear();
    dates.set(day, date = EPOCH.add({ days: day }));
  }
  return date;
}

/** The day number of a date. */
export function dayNumber(date: Temporal.PlainDate): number {
  return EPOCH.until(date).days;
}

/** `2026-01-05`. */
export function dayKey(day: number): string {
  return dateOf(day).toString();
}

/** `2026-01`: the month of a day. */
export function monthKey(day: number): string {
  return dayKey(day).slice(0, 7);
}

/** First day of the month that holds `day`, moved by `months`. */
export function monthStart(day: number, months = 0): number {
  return dayNumber(dateOf(day).with({ day: 1 }).add({ months }));
}

/** The same day of another month, or its last day where the month is shorter. */
export function sameDayOf(day: number, months: number): number {
  return dayNumber(dateOf(day).add({ months }));
}

/** @throws {RangeError} when the runtime does not know the time zone. */
export function createCalendar(timeZone: string): Calendar {
  const starts = new Map<number, number>();
  function startOf(day: number): number {
    let start = starts.get(day);
    if (start === undefined) {
      start = dateOf(day).toZonedDateTime(timeZone).epochMilliseconds / 1000;
      starts.set(day, start);
    }
    return start;
  }
  startOf(0);
  return {
    timeZone,
    startOf,
    dayOf(seconds) {
      let day = Math.floor(seconds / DAY_SECONDS);
      while (startOf(day) > seconds) day--;
      while (startOf(day + 1) <= seconds) day++;
      return day;
    },
  };
}
