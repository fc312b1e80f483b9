/**
 * Daily rates for the demo's company: made up, the same on every machine, and with the weekends
 * that the European Central Bank leaves out.
 *
 * @module
 */
import { dateOf, dayKey } from "../metrics/calendar.ts";
import { parseQuotedRates, type QuotedRates } from "../metrics/quoted_rates.ts";

const DAYS_BACK = 900;
/** A demo may be left running. */
const DAYS_AHEAD = 400;

/** A slow wave with a quick one on it, around a middle. */
function wave(day: number, middle: number, slowDays: number, quickDays: number): number {
  return middle * (1 + 0.03 * Math.sin(day / slowDays) + 0.006 * Math.sin(day / quickDays));
}

/** @param today Day number. */
export function demoRates(today: number): QuotedRates {
  const lines = ["Date,USD,GBP"];
  for (let day = today - DAYS_BACK; day <= today + DAYS_AHEAD; day++) {
    if (dateOf(day).dayOfWeek > 5) continue;
    const [dollars, pounds] = [wave(day, 1.08, 41, 2.7), wave(day, 0.85, 53, 3.9)];
    lines.push(`${dayKey(day)},${dollars.toFixed(4)},${pounds.toFixed(5)}`);
  }
  return parseQuotedRates(lines.join("\n"), "the demo's rates");
}
