/**
 * Amounts of several currencies that cannot be added up: each as billed, side by side.
 *
 * @module
 */
import { add, multiply, ONE, type Rational, sum, ZERO } from "../metrics/rational.ts";
import type { FigureName } from "../metrics/tally.ts";
import { moneyText, type WidgetContext } from "./context.ts";
import { factorsTo } from "./slice.ts";

/** Currencies written out before "2 more". */
const NAMED_MAX = 2;

/** The currency of the account first, then those that more customers pay in. */
export function orderedCurrencies({ view, slice }: WidgetContext): string[] {
  const first = view.info.defaultCurrency ?? slice?.currency;
  const { tally } = view;
  return [...tally.currencies()].sort((a, b) =>
    Number(b === first) - Number(a === first) || tally.payingIn(b) - tally.payingIn(a) ||
    (a < b ? -1 : 1)
  );
}

/**
 * The currencies that stand side by side: none is chosen, and they are not added up, as there is no
 * reporting currency or a rate is missing. `null` where one amount says it all.
 */
export function severalCurrencies(context: WidgetContext): string[] | null {
  const { view, query, slice } = context;
  if (!slice || query.native) return null;
  if (slice.converted ? slice.missingRates.length === 0 : query.currency !== null) return null;
  const paying = orderedCurrencies(context).filter((currency) => view.tally.payingIn(currency) > 0);
  const [first] = paying;
  if (first === undefined) return null;
  return slice.converted || paying.length > 1 || first !== slice.currency ? paying : null;
}

/**
 * The currency that a figure of one currency is of, where the page shows several: "USD". `null`
 * where it is of all, or where the visitor chose one.
 */
export function soleCurrency(context: WidgetContext): string | null {
  const { slice } = context;
  if (!slice || slice.converted || severalCurrencies(context) === null) return null;
  return slice.currency.toUpperCase();
}

/** "NRR, 12 months, USD": names the currency where the figure is of one out of several. */
export function inCurrency(context: WidgetContext, label: string): string {
  const currency = soleCurrency(context);
  return currency === null ? label : `${label}, ${currency}`;
}

/** Amounts by currency, zeros left out, "USD 12,797 · EUR 1,247 · 2 more". */
export function sideBySide(
  amounts: Iterable<readonly [currency: string, amount: Rational]>,
  namedMax = NAMED_MAX,
): string {
  const all = [...amounts].filter(([, { n }]) => n !== 0n);
  const named = all.slice(0, namedMax).map(([currency, amount]) =>
    moneyText(amount, currency, { whole: true, coded: true })
  );
  const more = all.length - named.length;
  return [...named, ...(more > 0 ? [`${more}\u00a0more`] : [])].join("\u00a0· ");
}

/** A sum of each of these currencies, side by side. */
export function totalsText(
  { view }: WidgetContext,
  figure: FigureName,
  currencies: readonly string[],
  factor?: Rational,
): string {
  return sideBySide(currencies.map((currency) => {
    const total = view.tally.total(currency, figure);
    return [currency, factor ? multiply(total, factor) : total] as const;
  }));
}

/** Amounts of a need: in the shown currency where they can be added up, else side by side. */
export interface Amounts {
  /** For the order of needs: the known part in the shown currency. */
  readonly known: Rational;
  /** `null` without any. */
  readonly text: string | null;
}

/** Whether a list of needs looks at a currency: at all, unless the visitor chose one. */
export function isShown({ slice, query }: WidgetContext, currency: string): boolean {
  if (!slice) return false;
  const all = slice.converted || (query.currency === null && !query.native);
  return all || currency === slice.currency;
}

/** What one unit of each currency is worth in the shown one, as far as that is known. */
function knownFactors({ slice, reporting }: WidgetContext, currencies: readonly string[]) {
  if (slice?.converted && reporting) return factorsTo(reporting, currencies);
  return new Map<string, Rational>(slice ? [[slice.currency, ONE]] : []);
}

/** Adds amounts up as far as rates allow; what they do not allow stands side by side. */
export function amountsOf(
  context: WidgetContext,
  amounts: readonly (readonly [currency: string, amount: Rational])[],
): Amounts {
  const sums = new Map<string, Rational>();
  for (const [currency, amount] of amounts) {
    sums.set(currency, add(sums.get(currency) ?? ZERO, amount));
  }
  const factors = knownFactors(context, [...sums.keys()]);
  const known = sum(
    [...sums].flatMap(([currency, amount]) => {
      const factor = factors.get(currency);
      return factor ? [multiply(amount, factor)] : [];
    }),
  );
  if (!context.slice) return { known, text: null };
  const whole = [...sums].every(([currency, { n }]) => n === 0n || factors.has(currency));
  const order = orderedCurrencies(context);
  const inOrder = [...sums].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  return {
    known,
    text: whole ? moneyText(known, context.slice.currency) : sideBySide(inOrder),
  };
}
