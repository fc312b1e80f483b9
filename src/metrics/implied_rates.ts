/**
 * Rates that payments imply (metrics.md A.9, the last of the sources): where money of one currency
 * was settled in another, what Stripe changed it at. Of each day the newest payment counts.
 *
 * @module
 */
import type { Calendar } from "./calendar.ts";
import { exponentOf } from "./currency.ts";
import { multiply, type Rational, rational } from "./rational.ts";
import { createTouches } from "./touches.ts";

/** A payment that was changed into another currency. */
export interface Exchange {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly from: string;
  readonly to: string;
  /** Stripe's `exchange_rate`: minor units of `to` for one minor unit of `from`. */
  readonly rate: Rational;
}

export interface ImpliedRates {
  /** What one MAJOR unit of `from` was worth in `to` on exactly that day, or `null`. */
  rateOf(from: string, to: string, day: number): Rational | null;
  /** Grows whenever a rate of a day before `day` changes. */
  changesBefore(day: number): number;
}

export interface ImpliedRatesBook extends ImpliedRates {
  add(exchange: Exchange): void;
  /** The newest payments of each day, which count. */
  exchanges(): Iterable<Exchange>;
  /** The one that counts, by the key that `onChange` was told. */
  saved(key: string): Exchange | undefined;
  setCalendar(calendar: Calendar): void;
}

/** Minor units are no units: a yen is one, a dollar has a hundred of them. */
function perMajorUnit({ from, to, rate }: Exchange): Rational {
  const shift = exponentOf(from) - exponentOf(to);
  const scale = shift >= 0 ? rational(10n ** BigInt(shift)) : rational(1n, 10n ** BigInt(-shift));
  return multiply(rate, scale);
}

function isNewer(a: Exchange, b: Exchange): boolean {
  return a.created > b.created || (a.created === b.created && a.id > b.id);
}

/** @param onChange Told the key of each day's exchange that changes. */
export function createImpliedRates(
  initial: Calendar,
  onChange: (key: string) => void = () => {},
): ImpliedRatesBook {
  let calendar = initial;
  const days = new Map<string, { readonly exchange: Exchange; readonly rate: Rational }>();
  const touches = createTouches();

  function add(exchange: Exchange): void {
    const day = calendar.dayOf(exchange.created);
    const key = `${exchange.from} ${exchange.to} ${day}`;
    const known = days.get(key);
    if (known && !isNewer(exchange, known.exchange)) return;
    const rate = perMajorUnit(exchange);
    days.set(key, { exchange, rate });
    onChange(key);
    if (known?.rate.n !== rate.n || known.rate.d !== rate.d) touches.note(day);
  }

  return {
    add,
    exchanges: () => days.values().map(({ exchange }) => exchange),
    saved: (key) => days.get(key)?.exchange,
    rateOf: (from, to, day) => days.get(`${from} ${to} ${day}`)?.rate ?? null,
    changesBefore: (day) => touches.before(day),
    setCalendar(next) {
      calendar = next;
      const kept = [...days];
      days.clear();
      for (const [key] of kept) onChange(key);
      for (const [, { exchange }] of kept) add(exchange);
    },
  };
}
