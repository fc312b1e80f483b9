/**
 * Parameters of the routes of money.
 *
 * @module
 */
import type { SourceView } from "../../src/store/port.ts";
import type { DayRange } from "../../src/widgets/movement_view.ts";
import { readDay } from "./params.ts";

/** The local days [from, to) that are asked for, up to and including today. */
export function readPeriod(
  search: URLSearchParams,
  view: SourceView,
  now: number,
  fallback: number,
): DayRange {
  const tomorrow = view.calendar.dayOf(now) + 1;
  return {
    from: readDay(search, "from", view) ?? fallback,
    to: Math.min(readDay(search, "to", view) ?? tomorrow, tomorrow),
  };
}
