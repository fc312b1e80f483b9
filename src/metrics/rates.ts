/**
 * What a currency is worth in the reporting currency on a day (metrics.md A.9). Sources in order:
 * fixed rates of the configuration, quoted rates of a file, rates that Stripe's payments imply.
 * Days without a quote, such as weekends, take the last one before, up to a week old; a currency
 * without any has no rate and is not converted.
 *
 * @module
 */
import type { ImpliedRates } from "./implied_rates.ts";
import type { QuotedRates } from "./quoted_rates.ts";
import { compare, divide, multiply, ONE, type Rational, rational, round } from "./rational.ts";

/** Days that a rate may be old. */
export const RATE_AGE_MAX = 7;

/**
 * Digits of a rate that is worked out from others. As decimals, a year of daily rates keeps a
 * small common denominator, so that sums over it stay exact and fast; the error of the rate is
 * below a cent in ten billion dollars.
 */
const DIGITS = 12;

/** Where a rate comes from. */
export type RateOrigin = "fixed" | "quoted" | "payments";

export interface DatedRate {
  /** What one MAJOR unit is worth in major units of the reporting currency. */
  readonly rate: Rational;
  readonly origin: RateOrigin;
  /** The day that it is of; `null` for a fixed one. */
  readonly day: number | null;
}

export interface DailyRates {
  /** The reporting currency. */
  readonly to: string;
  /** The rate in force on a local day; `null` where none is known. */
  rateOn(currency: string, day: number): DatedRate | null;
  /** Grows whenever a rate of a day before `day` changes; never for rates that do not. */
  changesBefore(day: number): number;
}

/** A rate of exactly one day, or `null`. */
type RateOfDay = (currency: string, day: number) => Rational | null;

export interface RateSources {
  readonly to: string;
  readonly fixed: Readonly<Record<string, Rational>>;
  readonly quotes?: QuotedRates | null;
  /** What payments imply; more of them may come. */
  readonly implied?: ImpliedRates;
}

function powerOfTen(exponent: number): Rational {
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent >= 0 ? rational(power) : rational(1n, power);
}

/** To `DIGITS` significant digits, half away from zero. `value` is above 0. */
export function significant(value: Rational): Rational {
  // Where the first digit stands: that, or one lower.
  const top = value.n.toString().length - value.d.toString().length;
  const first = compare(value, powerOfTen(top)) >= 0 ? top : top - 1;
  const scale = DIGITS - 1 - first;
  return multiply(rational(round(multiply(value, powerOfTen(scale)))), powerOfTen(-scale));
}

/** The rate of a currency through the euro, on a day on which both are quoted. */
function crossOf(quotes: QuotedRates, from: string, to: string, day: number): Rational | null {
  const [below, above] = [quotes.perEuro(from, day), quotes.perEuro(to, day)];
  if (!below || !above) return null;
  return below === ONE ? above : significant(divide(above, below));
}

export function createDailyRates({ to, fixed, quotes, implied }: RateSources): DailyRates {
  const own: DatedRate = { rate: ONE, origin: "fixed", day: null };
  const fixedRates = new Map<string, DatedRate>(
    Object.entries(fixed).map((
      [currency, rate],
    ) => [currency, { rate, origin: "fixed", day: null }]),
  );
  fixedRates.set(to, own);
  const crosses = new Map<string, Map<number, DatedRate | null>>();

  function newest(ofDay: RateOfDay, origin: RateOrigin, currency: string, day: number) {
    for (let age = 0; age <= RATE_AGE_MAX; age++) {
      const rate = ofDay(currency, day - age);
      if (rate) return { rate, origin, day: day - age };
    }
    return null;
  }

  function quoted(currency: string, day: number): DatedRate | null {
    if (!quotes) return null;
    let ofCurrency = crosses.get(currency);
    if (!ofCurrency) crosses.set(currency, ofCurrency = new Map());
    let found = ofCurrency.get(day);
    if (found === undefined) {
      const cross: RateOfDay = (from, on) => crossOf(quotes, from, to, on);
      ofCurrency.set(day, found = newest(cross, "quoted", currency, day));
    }
    return found;
  }

  const ofPayments: RateOfDay = (currency, day) => implied!.rateOf(currency, to, day);
  return {
    to,
    rateOn: (currency, day) =>
      fixedRates.get(currency) ?? quoted(currency, day) ??
        (implied ? newest(ofPayments, "payments", currency, day) : null),
    changesBefore: (day) => implied?.changesBefore(day) ?? 0,
  };
}
