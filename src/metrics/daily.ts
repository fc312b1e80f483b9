/**
 * MRR at the close of each local day, from the differences that segments make: one segment
 * touches two days, so a live change costs the same whatever the history (design.md section 3).
 *
 * @module
 */
import type { Calendar } from "./calendar.ts";
import { createExactSum, type ExactSum } from "./exact_sum.ts";
import { add, type Rational, ZERO } from "./rational.ts";
import { QUALITIES, type Quality, type Segment } from "./segments.ts";

export interface Daily {
  add(segment: Segment): void;
  remove(segment: Segment): void;
  /** Minor units of `currency` at the close of each day of [from, to), exactly. */
  closes(currency: string, from: number, to: number): Rational[];
  /** First day with any MRR in any currency, or `null`. */
  firstDay(): number | null;
}

interface CurrencyDays {
  readonly differences: Map<number, ExactSum>;
  /** Closes by day, right up to and including `validTo`. */
  readonly closes: Map<number, Rational>;
  validTo: number;
}

export function createDaily(calendar: Calendar): Daily {
  const currencies = new Map<string, CurrencyDays>();

  function daysOf(currency: string): CurrencyDays {
    let days = currencies.get(currency);
    if (!days) {
      days = { differences: new Map(), closes: new Map(), validTo: -Infinity };
      currencies.set(currency, days);
    }
    return days;
  }

  function change(days: CurrencyDays, day: number, value: Rational, by: 1 | -1): void {
    let difference = days.differences.get(day);
    if (!difference) days.differences.set(day, difference = createExactSum());
    if (by === 1) difference.add(value);
    else difference.subtract(value);
    days.validTo = Math.min(days.validTo, day - 1);
  }

  function apply({ currency, from, to, exact }: Segment, by: 1 | -1): void {
    const days = daysOf(currency);
    change(days, calendar.dayOf(from), exact, by);
    if (to !== null) change(days, calendar.dayOf(to), exact, by === 1 ? -1 : 1);
  }

  /** Brings the closes up to `last`, from the first day whose difference has changed. */
  function extend(days: CurrencyDays, last: number): void {
    if (days.validTo >= last || days.differences.size === 0) return;
    const first = Math.min(...days.differences.keys());
    const start = Math.max(days.validTo + 1, first);
    let close = days.closes.get(start - 1) ?? ZERO;
    if (start === first) close = ZERO;
    for (let day = start; day <= last; day++) {
      const difference = days.differences.get(day);
      if (difference) close = add(close, difference.total());
      days.closes.set(day, close);
    }
    days.validTo = last;
  }

  return {
    add: (segment) => apply(segment, 1),
    remove: (segment) => apply(segment, -1),
    closes(currency, from, to) {
      const days = currencies.get(currency);
      const values: Rational[] = [];
      if (days) extend(days, to - 1);
      const first = days && days.differences.size > 0
        ? Math.min(...days.differences.keys())
        : Infinity;
      for (let day = from; day < to; day++) {
        values.push(day < first ? ZERO : days!.closes.get(day) ?? ZERO);
      }
      return values;
    },
    firstDay() {
      const firsts = [...currencies.values()].flatMap(({ differences }) =>
        [...differences].filter(([, sum]) => sum.total().n !== 0n).map(([day]) => day)
      );
      return firsts.length === 0 ? null : firsts.reduce((a, b) => Math.min(a, b));
    },
  };
}

/** The worst of several qualities; `live` for none. */
export function worstQuality(qualities: Iterable<Quality>): Quality {
  let worst: Quality = "live";
  for (const quality of qualities) {
    if (QUALITIES.indexOf(quality) < QUALITIES.indexOf(worst)) worst = quality;
  }
  return worst;
}
