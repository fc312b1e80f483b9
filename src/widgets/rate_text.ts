/**
 * Rates and where they come from, in words (metrics.md A.9: their provenance is shown).
 *
 * @module
 */
import { dateOf } from "../metrics/calendar.ts";
import type { DailyRates, DatedRate } from "../metrics/rates.ts";
import { equal, format, parse, type Rational, toNumber } from "../metrics/rational.ts";
import { monthName, type WidgetContext } from "./context.ts";

/** Digits of a rate that has more. */
const DIGITS = 6;

/** "1.0834" where a decimal of few digits says it exactly; else the nearest of six digits. */
export function rateText(rate: Rational): string {
  const decimal = String(Number(toNumber(rate).toPrecision(DIGITS)));
  if (equal(parse(decimal), rate)) return decimal;
  return rate.d < 10_000n && rate.d % 10n !== 0n ? format(rate) : decimal;
}

/** "1.06400": of six digits, for rates below each other. */
export function shortRate(rate: Rational): string {
  return toNumber(rate).toPrecision(DIGITS);
}

function dayWords(day: number): string {
  return `${dateOf(day).day} ${monthName(day).slice(0, 3)}`;
}

/** "the configured rate", "the ECB rate of 24 Nov". */
export function originText({ origin, day }: DatedRate, many = false): string {
  const rate = many ? "rates" : "rate";
  const of = day === null ? "" : ` of ${dayWords(day)}`;
  if (origin === "fixed") return `the configured ${rate}`;
  return origin === "quoted" ? `ECB ${rate}${of}` : `the ${rate} of payments${of}`;
}

/**
 * "EUR, GBP at ECB rates of 24 Nov": at which rates currencies are converted today; empty where
 * nothing is.
 */
export function ratesText({ view, now }: Pick<WidgetContext, "view" | "now">): string {
  const { rates } = view;
  if (!rates) return "";
  const groups = new Map<string, { readonly dated: DatedRate; readonly currencies: string[] }>();
  for (
    const [currency, dated] of datedRates(rates, view.tally.currencies(), view.calendar.dayOf(now))
  ) {
    const key = `${dated.origin} ${dated.day}`;
    const group = groups.get(key);
    if (group) group.currencies.push(currency.toUpperCase());
    else groups.set(key, { dated, currencies: [currency.toUpperCase()] });
  }
  return [...groups.values()].map(({ dated, currencies }) =>
    `${currencies.join(", ")} at ${originText(dated, currencies.length > 1)}`
  ).join("; ");
}

/** The rates in force on a day of the currencies that have one. */
function datedRates(
  rates: DailyRates,
  currencies: readonly string[],
  day: number,
): (readonly [string, DatedRate])[] {
  return currencies.flatMap((currency) => {
    const dated = currency === rates.to ? null : rates.rateOn(currency, day);
    return dated ? [[currency, dated] as const] : [];
  });
}
