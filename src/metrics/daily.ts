/**
 * MRR at the close of each local day, from the differences that segments make: one segment
 * touches two days, so a live change costs the same whatever the history (design.md section 3).
 *
 * @module
 */
import type { Calendar } from "./calendar.ts";
import { createExactSum, type ExactSum } from "./exact_sum.ts";
import { add, type Rational, toNumber, ZERO } from "./rational.ts";
import { QUALITIES, type Quality, type Segment } from "./segments.ts";

/** What days need of a segment. */
export type DailyPart = Pick<Segment, "currency" | "from" | "to" | "exact">;

export interface Daily {
  add(segment: DailyPart): void;
  remove(segment: DailyPart): void;
  /** Both at once: what both have in common touches no day. */
  replace(before: readonly DailyPart[], after: readonly DailyPart[]): void;
  /** Minor units of `currency` at the close of each day of [from, to), exactly. */
  closes(currency: string, from: number, to: number): Rational[];
  /** The same for charts: the nearest floats (metrics.md A.8). */
  points(currency: string, from: number, to: number): number[];
  /** First day with any MRR in any currency, or `null`. */
  firstDay(): number | null;
}

interface Close {
  readonly exact: Rational;
  readonly point: number;
}

/** A day at which MRR of a currency changes. */
interface Edge {
  readonly currency: string;
  readonly day: number;
  readonly exact: Rational;
}

const NOTHING: Close = { exact: ZERO, point: 0 };

/** The days of one currency. */
interface CurrencyDays {
  readonly differences: Map<number, ExactSum>;
  /** Days that have a difference, in order; `null` when one was added. */
  ordered: readonly number[] | null;
  /** Closes by day, right up to and including `validTo`. */
  readonly closes: Map<number, Close>;
  validTo: number;
}

function orderedDays(days: CurrencyDays): readonly number[] {
  return days.ordered ??= [...days.differences.keys()].sort((a, b) => a - b);
}

function change(days: CurrencyDays, day: number, value: Rational, by: 1 | -1): void {
  let difference = days.differences.get(day);
  if (!difference) {
    days.differences.set(day, difference = createExactSum());
    days.ordered = null;
  }
  if (by === 1) difference.add(value);
  else difference.subtract(value);
  days.validTo = Math.min(days.validTo, day - 1);
}

/** Brings the closes up to `last`, from the first day whose difference has changed. */
function extend(days: CurrencyDays, last: number): void {
  const first = orderedDays(days)[0];
  if (first === undefined || days.validTo >= last) return;
  const start = Math.max(days.validTo + 1, first);
  let close = start === first ? NOTHING : days.closes.get(start - 1)!;
  for (let day = start; day <= last; day++) {
    const difference = days.differences.get(day)?.total();
    if (difference && difference.n !== 0n) {
      const exact = add(close.exact, difference);
      close = { exact, point: toNumber(exact) };
    }
    days.closes.set(day, close);
  }
  days.validTo = last;
}

export function createDaily(calendar: Calendar): Daily {
  const currencies = new Map<string, CurrencyDays>();

  function daysOf(currency: string): CurrencyDays {
    let days = currencies.get(currency);
    if (!days) {
      days = { differences: new Map(), ordered: [], closes: new Map(), validTo: -Infinity };
      currencies.set(currency, days);
    }
    return days;
  }

  function apply({ currency, from, to, exact }: DailyPart, by: 1 | -1): void {
    const days = daysOf(currency);
    change(days, calendar.dayOf(from), exact, by);
    if (to !== null) change(days, calendar.dayOf(to), exact, by === 1 ? -1 : 1);
  }

  function range(currency: string, from: number, to: number): Close[] {
    const days = currencies.get(currency);
    if (days) extend(days, to - 1);
    const first = (days && orderedDays(days)[0]) ?? Infinity;
    return Array.from({ length: Math.max(0, to - from) }, (_, index) => {
      const day = from + index;
      return day < first ? NOTHING : days?.closes.get(day) ?? NOTHING;
    });
  }

  /** The differences that segments make, each with how often it is to be added. */
  function collect(
    found: Map<string, { readonly edge: Edge; times: number }>,
    parts: readonly DailyPart[],
    by: 1 | -1,
  ): void {
    for (const { currency, from, to, exact } of parts) {
      const edges: readonly (readonly [number | null, 1 | -1])[] = [[from, by], [
        to,
        by === 1 ? -1 : 1,
      ]];
      for (const [at, times] of edges) {
        if (at === null) continue;
        const day = calendar.dayOf(at);
        const key = `${currency} ${day} ${exact.n}/${exact.d}`;
        const known = found.get(key);
        if (known) known.times += times;
        else found.set(key, { edge: { currency, day, exact }, times });
      }
    }
  }

  return {
    add: (segment) => apply(segment, 1),
    remove: (segment) => apply(segment, -1),
    replace(before, after) {
      if (before.length === 0) return after.forEach((segment) => apply(segment, 1));
      const found = new Map<string, { readonly edge: Edge; times: number }>();
      collect(found, before, -1);
      collect(found, after, 1);
      for (const { edge: { currency, day, exact }, times } of found.values()) {
        const by = times > 0 ? 1 : -1;
        for (let left = Math.abs(times); left > 0; left--) {
          change(daysOf(currency), day, exact, by);
        }
      }
    },
    closes: (currency, from, to) => range(currency, from, to).map(({ exact }) => exact),
    points: (currency, from, to) => range(currency, from, to).map(({ point }) => point),
    firstDay() {
      let earliest: number | null = null;
      for (const days of currencies.values()) {
        const first = orderedDays(days).find((day) => days.differences.get(day)!.total().n !== 0n);
        if (first !== undefined && (earliest === null || first < earliest)) earliest = first;
      }
      return earliest;
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
