/**
 * What MRR becomes if the last months continue (metrics.md C.11, part 2). A projection, and
 * labelled as one: the past is never extended backwards, and no confidence is claimed.
 *
 * @module
 */
import type { MovementTotals } from "./movements.ts";
import {
  add,
  compare,
  divide,
  multiply,
  ONE,
  type Rational,
  rational,
  subtract,
  sum,
  ZERO,
} from "./rational.ts";

const MONTHS_MIN = 3;
const MONTHS_MAX = 6;

/** The movements of one complete month, in minor units of one currency. */
export type ForecastMonth = Omit<MovementTotals, "fx" | "end" | "customers" | "causes">;

export type Forecast =
  | {
    readonly kind: "value";
    /** MRR at the end of each coming month. */
    readonly path: readonly Rational[];
    /** Lowest and highest of the paths that each single month's rates would give. */
    readonly low: readonly Rational[];
    readonly high: readonly Rational[];
    /** How many months it is drawn from. */
    readonly months: number;
  }
  | { readonly kind: "none"; readonly reason: "fewer_than_3_months" | "no_mrr_at_start" };

interface Rates {
  /** 1 + expansion − contraction − churn, each as a share of the MRR at the start. */
  readonly kept: Rational;
  /** New and reactivated MRR a month. */
  readonly gained: Rational;
}

function ratesOf(months: readonly ForecastMonth[]): Rates | null {
  const start = sum(months.map((month) => month.start));
  if (start.n === 0n) return null;
  const change = months.map(({ expansion, contraction, churn }) =>
    subtract(expansion, add(contraction, churn))
  );
  const gained = months.map((month) => add(month.new, month.reactivation));
  return {
    kept: add(ONE, divide(sum(change), start)),
    gained: divide(sum(gained), rational(months.length)),
  };
}

function pathOf(mrr: Rational, { kept, gained }: Rates, horizon: number): readonly Rational[] {
  const path: Rational[] = [];
  let value = mrr;
  for (let month = 0; month < horizon; month++) {
    const next = add(multiply(value, kept), gained);
    value = next.n > 0n ? next : ZERO;
    path.push(value);
  }
  return path;
}

/**
 * Continues the last min(6, n) complete months.
 *
 * @param mrr MRR now, in minor units.
 * @param months Complete months, oldest first.
 * @param horizon How many months to look ahead.
 * @throws {RangeError} when `horizon` is not a whole number of 1 or more.
 */
export function forecast(
  mrr: Rational,
  months: readonly ForecastMonth[],
  horizon: number,
): Forecast {
  if (!Number.isSafeInteger(horizon) || horizon < 1) {
    throw new RangeError(
      `Cannot forecast as horizon must be a whole number >= 1: current value is ${horizon}`,
    );
  }
  if (months.length < MONTHS_MIN) return { kind: "none", reason: "fewer_than_3_months" };
  const used = months.slice(-MONTHS_MAX);
  const pooled = ratesOf(used);
  if (!pooled) return { kind: "none", reason: "no_mrr_at_start" };
  const singles = used.flatMap((month) => {
    const rates = ratesOf([month]);
    return rates ? [pathOf(mrr, rates, horizon)] : [];
  });
  const extreme = (sign: 1 | -1) =>
    Array.from(
      { length: horizon },
      (_, index) =>
        singles.map((path) => path[index]!).reduce((a, b) => sign * compare(a, b) >= 0 ? a : b),
    );
  return {
    kind: "value",
    path: pathOf(mrr, pooled, horizon),
    low: extreme(-1),
    high: extreme(1),
    months: used.length,
  };
}
