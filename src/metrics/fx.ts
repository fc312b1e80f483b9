/**
 * One customer's day in one reporting currency (metrics.md A.9, B.5): a change of rates is a
 * movement of its own, never expansion or contraction. `converted_book.ts` does the same for all.
 *
 * @module
 */
import { dayKey } from "./calendar.ts";
import { classify, type MovementKind } from "./movements.ts";
import { multiply, type Rational, subtract, sum, ZERO } from "./rational.ts";

/** Minor units by currency. */
export type Holdings = Readonly<Record<string, Rational>>;

/** What one customer's day came to, in minor units of the reporting currency. */
export type FxMovements = Readonly<Record<"start" | MovementKind | "fx" | "end", Rational>>;

/**
 * The rate of a currency is not known. Its conversion is refused and it is shown natively;
 * a missing rate is never taken as 1 (metrics.md A.9).
 */
export class MissingRateError extends Error {
  override readonly name = "MissingRateError";
  constructor(readonly currency: string, readonly day: number | null = null) {
    const when = day === null ? "" : ` on ${dayKey(day)}`;
    super(`Cannot convert ${currency} as its rate${when} is not known`);
  }
}

function worth(holdings: Holdings, rates: Holdings): Rational {
  return sum(
    Object.entries(holdings).filter(([, amount]) => amount.n !== 0n).map(([currency, amount]) => {
      const rate = rates[currency];
      if (!rate) throw new MissingRateError(currency);
      return multiply(amount, rate);
    }),
  );
}

/**
 * One customer from one close to the next (B.5): the old holdings are revalued at today's rates
 * first, which is FX; what is left is the customer's doing.
 *
 * @param rates What one minor unit of each currency is worth in minor units of the reporting one.
 * @throws {MissingRateError} when a currency that is held has no rate.
 */
export function fxMovements(
  previous: Holdings,
  current: Holdings,
  ratesPrevious: Holdings,
  ratesCurrent: Holdings,
  everPositive: boolean,
): FxMovements {
  const start = worth(previous, ratesPrevious);
  const revalued = worth(previous, ratesCurrent);
  const end = worth(current, ratesCurrent);
  const change = classify(revalued, end, everPositive);
  const of = (kind: MovementKind) => change?.kind === kind ? change.amount : ZERO;
  return {
    start,
    new: of("new"),
    reactivation: of("reactivation"),
    expansion: of("expansion"),
    contraction: of("contraction"),
    churn: of("churn"),
    fx: subtract(revalued, start),
    end,
  };
}
