/**
 * Amounts in one reporting currency at daily rates, and what a change of rates makes of holdings
 * (metrics.md A.9, B.5).
 *
 * @module
 */
import type { MovementBook } from "./books.ts";
import { convert } from "./currency.ts";
import { MissingRateError } from "./fx.ts";
import type { Grain } from "./movements.ts";
import type { DailyRates } from "./rates.ts";
import { equal, multiply, ONE, type Rational, subtract, sum, ZERO } from "./rational.ts";

/** What a change of rates has made of one currency's holdings. */
export interface FxPart {
  readonly currency: string;
  /** The day at whose close it is revalued. */
  readonly day: number;
  /** Minor units of `currency` at the close before. */
  readonly level: Rational;
  /** What one MAJOR unit was worth at the two closes. */
  readonly before: Rational;
  readonly after: Rational;
  /** level × (after − before), in minor units of the reporting currency. */
  readonly amount: Rational;
}

export interface Conversion {
  /** The reporting currency. */
  readonly to: string;
  /** An amount in minor units of `to` at a day's rate. @throws {MissingRateError} */
  worth(amount: Rational, from: string, day: number): Rational;
  /** Everything at the close of a day. @throws {MissingRateError} */
  levelAt(day: number): Rational;
  /**
   * What FX of the days [fromDay, toDay) is made of, oldest first: of every day, or for grain
   * `period` of the two ends.
   *
   * @throws {MissingRateError}
   */
  fxIn(fromDay: number, toDay: number, grain?: Grain): readonly FxPart[];
}

export function createConversion(base: MovementBook, rates: DailyRates): Conversion {
  const { to: currency } = rates;
  const factors = new Map<string, WeakMap<Rational, Rational>>();

  function rateOf(from: string, day: number): Rational {
    const dated = rates.rateOn(from, day);
    if (!dated) throw new MissingRateError(from, day);
    return dated.rate;
  }

  /** What one minor unit is worth in minor units of the reporting currency. */
  function factorOf(from: string, day: number): Rational {
    const rate = rateOf(from, day);
    let known = factors.get(from);
    if (!known) factors.set(from, known = new WeakMap());
    let factor = known.get(rate);
    if (!factor) known.set(rate, factor = convert(ONE, from, currency, rate));
    return factor;
  }

  function worth(amount: Rational, from: string, day: number): Rational {
    return amount.n === 0n ? ZERO : multiply(amount, factorOf(from, day));
  }

  function levelAt(day: number): Rational {
    return sum(base.currencies().map((each) => worth(base.levelAt(each, day).mrr, each, day)));
  }

  /** What was held at the close of `from`, revalued at the rates of the close of `day`. */
  function revalued(each: string, from: number, day: number): FxPart | null {
    const level = base.levelAt(each, from).mrr;
    if (level.n === 0n || each === currency) return null;
    const [before, after] = [rateOf(each, from), rateOf(each, day)];
    if (equal(before, after)) return null;
    const amount = subtract(worth(level, each, day), worth(level, each, from));
    return { currency: each, day, level, before, after, amount };
  }

  function fxIn(fromDay: number, toDay: number, grain: Grain = "day"): FxPart[] {
    const step = grain === "period" ? Math.max(1, toDay - fromDay) : 1;
    const first = grain === "period" ? fromDay : Math.max(fromDay, base.firstDay() ?? toDay);
    const currencies = base.currencies();
    const parts: FxPart[] = [];
    for (let day = first; day < toDay; day += step) {
      for (const each of currencies) {
        const part = revalued(each, day - 1, day + step - 1);
        if (part) parts.push(part);
      }
    }
    return parts;
  }

  return { to: currency, worth, levelAt, fxIn };
}
