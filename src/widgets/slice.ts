/**
 * A slice of a source's figures: one currency as Stripe has it, or everything converted to the
 * reporting currency. Sums are exact; each figure is rounded once, by its user.
 *
 * @module
 */
import { convert } from "../metrics/currency.ts";
import type { Daily } from "../metrics/daily.ts";
import {
  add,
  divide,
  multiply,
  type Rational,
  rational,
  subtract,
  sum,
  toNumber,
  ZERO,
} from "../metrics/rational.ts";
import type { FigureName } from "../metrics/tally.ts";
import type { SourceView } from "../store/port.ts";
import type { ViewQuery } from "./query.ts";

/** The reporting currency and what one unit of each other currency is worth in it. */
export interface Reporting {
  readonly currency: string;
  readonly rates: Readonly<Record<string, Rational>>;
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

/** One unit of each native currency in the reporting one; lacks those without a rate. */
export function factorsTo(
  { currency: to, rates }: Reporting,
  currencies: readonly string[],
): Map<string, Rational> {
  const factors = new Map<string, Rational>();
  for (const from of currencies) {
    const rate = from === to ? rational(1) : rates[from];
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

const unknown = (from: number, to: number): null[] => days(from, to, null);

/** Closes of several currencies, each times its factor. */
function sumCloses(
  daily: Daily,
  factors: ReadonlyMap<string, Rational>,
  from: number,
  to: number,
): Rational[] {
  const totals = days(from, to, ZERO);
  for (const [currency, factor] of factors) {
    daily.closes(currency, from, to).forEach((close, index) => {
      if (close.n !== 0n) totals[index] = add(totals[index]!, multiply(close, factor));
    });
  }
  return totals;
}

function sumPoints(
  daily: Daily,
  factors: ReadonlyMap<string, Rational>,
  from: number,
  to: number,
): number[] {
  const totals = days(from, to, 0);
  for (const [currency, factor] of factors) {
    const rate = toNumber(factor);
    daily.points(currency, from, to).forEach((point, index) => totals[index]! += point * rate);
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
    closes: (from, to) => known ? sumCloses(view.daily, factors, from, to) : unknown(from, to),
    points: (from, to) => known ? sumPoints(view.daily, factors, from, to) : unknown(from, to),
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
