/**
 * MRR of each price at the close of each local day, so that plans have a past too (metrics.md
 * B.6). A change touches the days of its own prices only.
 *
 * @module
 */
import type { Calendar } from "./calendar.ts";
import { createDaily } from "./daily.ts";
import type { Rational } from "./rational.ts";
import type { Segment } from "./segments.ts";

export interface PriceDays {
  add(segment: Segment): void;
  remove(segment: Segment): void;
  /** Minor units of `currency` that a price made at the close of a day, exactly. */
  closeOf(price: string, currency: string, day: number): Rational;
}

export function createPriceDays(calendar: Calendar): PriceDays {
  const daily = createDaily(calendar);
  const key = (price: string, currency: string) => `${currency} ${price}`;
  function change(by: "add" | "remove", { currency, from, to, lines }: Segment): void {
    for (const { price, exact } of lines) {
      if (exact.n !== 0n) daily[by]({ currency: key(price, currency), from, to, exact });
    }
  }
  return {
    add: (segment) => change("add", segment),
    remove: (segment) => change("remove", segment),
    closeOf: (price, currency, day) => daily.closes(key(price, currency), day, day + 1)[0]!,
  };
}
