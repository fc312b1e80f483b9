/**
 * MRR of each price at the close of each local day, so that plans have a past too (metrics.md
 * B.6). A change touches the days of its own prices only.
 *
 * @module
 */
import type { Calendar } from "./calendar.ts";
import { createDaily, type DailyPart } from "./daily.ts";
import type { Rational } from "./rational.ts";
import type { Segment } from "./segments.ts";

export interface PriceDays {
  add(segment: Segment): void;
  /** Puts a subscription's segments in place of the ones that were there. */
  replace(before: readonly Segment[], after: readonly Segment[]): void;
  /** Minor units of `currency` that a price made at the close of a day, exactly. */
  closeOf(price: string, currency: string, day: number): Rational;
}

export function createPriceDays(calendar: Calendar): PriceDays {
  const daily = createDaily(calendar);
  const key = (price: string, currency: string) => `${currency} ${price}`;
  const partsOf = (segments: readonly Segment[]): DailyPart[] =>
    segments.flatMap(({ currency, from, to, lines }) =>
      lines.flatMap(({ price, exact }) =>
        exact.n === 0n ? [] : [{ currency: key(price, currency), from, to, exact }]
      )
    );
  return {
    add: (segment) => partsOf([segment]).forEach(daily.add),
    replace: (before, after) => daily.replace(partsOf(before), partsOf(after)),
    closeOf: (price, currency, day) => daily.closes(key(price, currency), day, day + 1)[0]!,
  };
}
