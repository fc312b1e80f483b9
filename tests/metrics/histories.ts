/** Random customers for properties, and short ways to write down known ones. */
import fc from "fast-check";
import { CHURN_CAUSES } from "../../src/metrics/causes.ts";
import { createCalendar, dayNumber } from "../../src/metrics/calendar.ts";
import type { Valuer } from "../../src/metrics/history_item.ts";
import type { Held } from "../../src/metrics/history_line.ts";
import { type Rational, rational } from "../../src/metrics/rational.ts";
import type { Step, Stretch } from "../../src/metrics/steps.ts";

export const UTC = createCalendar("UTC");

/** The day number of `2026-03-10`. */
export function day(text: string): number {
  return dayNumber(Temporal.PlainDate.from(text));
}

/** Unix seconds at which a day begins in UTC, some seconds later if told. */
export function at(text: string, later = 0): number {
  return day(text) * 86_400 + later;
}

/** `[["2026-03-10", 2900], …]`: from each day on the amount in minor units. */
export function steps(...pairs: readonly (readonly [string, number])[]): readonly Step[] {
  return pairs.map(([from, value]) => ({ at: at(from), value: rational(value) }));
}

export function stretch(from: string, to: string | null, value: number): Stretch {
  return { from: at(from), to: to === null ? null : at(to), exact: rational(value) };
}

/** Values each item by itself, and knows of no discounts. */
export function valuerOf(worth: (held: Held) => Rational | null): Valuer {
  return {
    worth: (running) =>
      running.map((held) => ({
        exact: worth(held),
        quantity: held.reduce((total, { quantity }) => total + quantity, 0n),
        doubted: false,
      })),
    isFree(held) {
      const value = worth(held);
      return value && value.n === 0n;
    },
    turns: [],
    doubtful: () => false,
  };
}

/** The first second of the day in UTC. */
export function utcDayStart(at: number): number {
  return at - at % 86_400;
}

const FIRST = at("2026-01-01");
/** The days that random customers live in, and some around. */
export const LIFE = { from: day("2025-12-20"), to: day("2026-05-20") } as const;

const stretchArbitrary: fc.Arbitrary<Stretch> = fc.record({
  start: fc.integer({ min: 0, max: 480 }),
  length: fc.option(fc.integer({ min: 0, max: 240 }), { nil: null }),
  amount: fc.integer({ min: 0, max: 5 }),
  months: fc.constantFrom(1, 3, 12),
  cause: fc.constantFrom(...CHURN_CAUSES, undefined),
}).map(({ start, length, amount, months, cause }) => ({
  ...(cause && { cause }),
  // Six hours each, so that several begin and end within one day.
  from: FIRST + start * 21_600,
  to: length === null ? null : FIRST + (start + length) * 21_600,
  exact: rational(amount * 1000, months),
}));

export const stretches = fc.array(stretchArbitrary, { maxLength: 5 });
export const manyCustomers = fc.array(stretches, { maxLength: 6 });
