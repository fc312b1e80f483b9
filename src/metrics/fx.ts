/**
 * The converted view: movements in one reporting currency, netted per customer (metrics.md A.9,
 * B.5). A change of rates is a movement of its own, never expansion or contraction.
 *
 * @module
 */
import type { Calendar } from "./calendar.ts";
import { preferredCause } from "./causes.ts";
import { convert } from "./currency.ts";
import type { MovementBook } from "./movement_book.ts";
import {
  changesByDay,
  classify,
  createTotals,
  type MovementKind,
  type MovementTotals,
} from "./movements.ts";
import { add, multiply, ONE, type Rational, subtract, sum, ZERO } from "./rational.ts";
import type { Segment } from "./segments.ts";
import { closeOf, stepBefore } from "./steps.ts";

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
  constructor(readonly currency: string) {
    super(`Cannot convert ${currency} as its rate is not known`);
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

/**
 * Segments in one reporting currency at fixed rates, for a book of the converted view: its FX is
 * 0 always.
 *
 * @param rates What one MAJOR unit of each currency is worth in major units of `to`.
 * @throws {MissingRateError} when a currency has no rate.
 */
export function convertStretches<T extends Pick<Segment, "currency" | "exact">>(
  segments: readonly T[],
  to: string,
  rates: Holdings,
): readonly T[] {
  return segments.map((segment) => {
    const { currency } = segment;
    if (currency === to) return segment;
    const rate = rates[currency];
    if (!rate) throw new MissingRateError(currency);
    return { ...segment, currency: to, exact: convert(segment.exact, currency, to, rate) };
  });
}

/** Sums of a period with the part that rates alone have made. */
export interface ConvertedTotals extends MovementTotals {
  readonly fx: Rational;
}

/**
 * The movements of the days [fromDay, toDay) over a book of native currencies at daily rates.
 * The effect of rates follows from the native levels, so only customers who moved are looked at.
 *
 * @param rateOn What one MAJOR unit is worth in major units of `to` on a day; `null` when unknown.
 * @throws {MissingRateError} when a currency in use has no rate on a day.
 * @throws {MovementIdentityError} when start and parts do not lead to end.
 */
export function convertedPeriod(
  book: MovementBook,
  to: string,
  rateOn: (currency: string, day: number) => Rational | null,
  fromDay: number,
  toDay: number,
  calendar: Calendar,
): ConvertedTotals {
  function value(amount: Rational, currency: string, day: number): Rational {
    if (amount.n === 0n) return ZERO;
    const rate = currency === to ? ONE : rateOn(currency, day);
    if (!rate) throw new MissingRateError(currency);
    return convert(amount, currency, to, rate);
  }
  const currencies = book.currencies();
  const levels = (day: number, rateDay: number) =>
    sum(currencies.map((one) => value(book.levelAt(one, day).mrr, one, rateDay)));
  const totals = createTotals();
  const counts = book.customers(fromDay, toDay);
  totals.put("start", levels(fromDay - 1, fromDay - 1), counts.start);
  let fx = ZERO;
  for (let day = fromDay; day < toDay; day++) {
    fx = add(fx, subtract(levels(day - 1, day), levels(day - 1, day - 1)));
    for (const customer of book.customersOn(day)) {
      const histories = book.historiesOf(customer);
      const at = (close: number) =>
        sum(
          histories.map(({ currency, steps }) =>
            value(closeOf(steps, close, calendar), currency, day)
          ),
        );
      const everPositive = histories.some(({ steps }) =>
        changesByDay(steps, calendar).some((change) => change.day < day)
      );
      const change = classify(at(day - 1), at(day), everPositive);
      if (!change) continue;
      totals.put(change.kind, change.amount, 1);
      if (change.kind === "churn") {
        const last = histories.flatMap(({ steps }) =>
          stepBefore(steps, calendar.startOf(day + 1)) ?? []
        );
        const end = Math.max(...last.map(({ at }) => at));
        const causes = last.filter(({ at }) => at === end).map(({ cause }) => cause);
        totals.putCause(causes.reduce(preferredCause) ?? "other", change.amount, 1);
      }
    }
  }
  totals.put("end", subtract(levels(toDay - 1, toDay - 1), fx), counts.end);
  const { end, ...others } = totals.totals();
  return { ...others, fx, end: add(end, fx) };
}
