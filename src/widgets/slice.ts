/**
 * A slice of a source's figures: one currency as Stripe has it, or everything converted to the
 * reporting currency. Sums are exact; each figure is rounded once, by its user.
 *
 * @module
 */
import { convert } from "../metrics/currency.ts";
import {
  add,
  divide,
  multiply,
  ONE,
  type Rational,
  rational,
  subtract,
  sum,
  toNumber,
  ZERO,
} from "../metrics/rational.ts";
import { createDailyRates, type DailyRates } from "../metrics/rates.ts";
import type { FigureName } from "../metrics/tally.ts";
import type { SourceView } from "../store/port.ts";
import type { ViewQuery } from "./query.ts";

/** The reporting currency and what one unit of each other currency is worth in it. */
export interface Reporting {
  readonly currency: string;
  /** Those of today. */
  readonly rates: Readonly<Record<string, Rational>>;
  /** Those of every day; left out where they are the same on each. */
  readonly daily?: DailyRates;
}

/** The reporting currency of a source with the rates of a day; `null` where it has none. */
export function reportingOn(view: SourceView, day: number): Reporting | null {
  const { rates: daily } = view;
  if (!daily) return null;
  const rates = view.tally.currencies().flatMap((currency) => {
    const dated = currency === daily.to ? null : daily.rateOn(currency, day);
    return dated ? [[currency, dated.rate] as const] : [];
  });
  return { currency: daily.to, rates: Object.fromEntries(rates), daily };
}

/** The same as of a moment in Unix seconds. */
export function reportingAt(view: SourceView, now: number): Reporting | null {
  return reportingOn(view, view.calendar.dayOf(now));
}

export interface Slice {
  readonly currency: string;
  /** Whether amounts were converted to the reporting currency. */
  readonly converted: boolean;
  /** Currencies that could not be converted; then every total is `null`. */
  readonly missingRates: readonly string[];
  /** Exact minor units; `null` where a rate is missing. */
  total(figure: FigureName): Rational | null;
  /** Customers with MRR above 0. */
  readonly customers: number;
  /** MRR at the close of each day of [from, to). */
  closes(from: number, to: number): (Rational | null)[];
  /** The same for charts, as floats. */
  points(from: number, to: number): (number | null)[];
}

/**
 * One unit of each native currency in the reporting one, today or on a day; lacks those without a
 * rate.
 */
export function factorsTo(
  { currency: to, rates, daily }: Reporting,
  currencies: readonly string[],
  day?: number,
): Map<string, Rational> {
  const factors = new Map<string, Rational>();
  for (const from of currencies) {
    const known = day === undefined ? undefined : daily?.rateOn(from, day)?.rate;
    const rate = from === to ? ONE : day === undefined || !daily ? rates[from] : known;
    if (rate) factors.set(from, convert(rational(1), from, to, rate));
  }
  return factors;
}

/** The currency shown first: the reporting one, else the account's, else the one most pay in. */
export function defaultCurrency(view: SourceView, reporting: Reporting | null): string | null {
  if (reporting) return reporting.currency;
  const currencies = view.tally.currencies();
  const { defaultCurrency } = view.info;
  if (defaultCurrency && currencies.includes(defaultCurrency)) return defaultCurrency;
  const byCustomers = [...currencies].sort((a, b) =>
    view.tally.payingIn(b) - view.tally.payingIn(a)
  );
  return byCustomers[0] ?? defaultCurrency;
}

function native(view: SourceView, currency: string): Slice {
  return {
    currency,
    converted: false,
    missingRates: [],
    total: (figure) => view.tally.total(currency, figure),
    customers: view.tally.payingIn(currency),
    closes: (from, to) => view.daily.closes(currency, from, to),
    points: (from, to) => view.daily.points(currency, from, to),
  };
}

function days<T>(from: number, to: number, value: T): T[] {
  return Array.from({ length: Math.max(0, to - from) }, () => value);
}

/** The closes of each day of [from, to), converted at its rates; `null` where one is missing. */
function convertedDays<T>(
  { currency: to, rates, daily }: Reporting,
  currencies: readonly string[],
  [from, until]: readonly [number, number],
  part: {
    readonly closes: (currency: string) => readonly T[];
    readonly zero: T;
    readonly isZero: (close: T) => boolean;
    readonly plus: (total: T, close: T, factor: Rational) => T;
  },
): (T | null)[] {
  const table = daily ?? createDailyRates({ to, fixed: rates });
  const totals: (T | null)[] = days(from, until, part.zero);
  for (const currency of currencies) {
    let rate: Rational | null = null;
    let factor: Rational | null = null;
    part.closes(currency).forEach((close, index) => {
      const total = totals[index];
      if (total === null || total === undefined || part.isZero(close)) return;
      const dated = table.rateOn(currency, from + index);
      if (dated && dated.rate !== rate) {
        rate = dated.rate;
        factor = convert(ONE, currency, to, rate);
      }
      totals[index] = dated ? part.plus(total, close, factor!) : null;
    });
  }
  return totals;
}

function converted(view: SourceView, reporting: Reporting): Slice {
  const currencies = view.tally.currencies();
  const factors = factorsTo(reporting, currencies);
  const missingRates = currencies.filter((currency) => !factors.has(currency));
  const known = missingRates.length === 0;
  return {
    currency: reporting.currency,
    converted: true,
    missingRates,
    total: (figure) =>
      known
        ? sum(
          [...factors].map(([from, factor]) => multiply(view.tally.total(from, figure), factor)),
        )
        : null,
    customers: view.tally.active(),
    closes: (from, to) =>
      convertedDays<Rational>(reporting, currencies, [from, to], {
        closes: (currency) => view.daily.closes(currency, from, to),
        zero: ZERO,
        isZero: ({ n }) => n === 0n,
        plus: (total, close, factor) => add(total, multiply(close, factor)),
      }),
    points: (from, to) =>
      convertedDays<number>(reporting, currencies, [from, to], {
        closes: (currency) => view.daily.points(currency, from, to),
        zero: 0,
        isZero: (point) => point === 0,
        plus: (total, point, factor) => total + point * toNumber(factor),
      }),
  };
}

/** The slice that a visitor chose, or `null` for an account without any currency. */
export function sliceOf(
  view: SourceView,
  query: Pick<ViewQuery, "currency"> & { readonly native?: boolean },
  reporting: Reporting | null,
): Slice | null {
  const currency = query.currency ?? defaultCurrency(view, reporting);
  if (currency === null) return null;
  return reporting?.currency === currency && query.native !== true
    ? converted(view, reporting)
    : native(view, currency);
}

/** (end − start) / start, or `null` when there is no start (metrics.md C.2). */
export function growth(start: Rational | null, end: Rational | null): Rational | null {
  if (!start || !end || start.n === 0n) return null;
  return divide(subtract(end, start), start);
}
