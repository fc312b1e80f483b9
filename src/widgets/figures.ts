/**
 * Single figures as the page shows them: label, value or reason, definition, rows.
 *
 * @module
 */
import { divide, multiply, type Rational, rational, round, toNumber } from "../metrics/rational.ts";
import type { FigureName } from "../metrics/tally.ts";
import { explainHref, moneyText, type WidgetContext } from "./context.ts";
import { definitionOf, type MeaningKey } from "./definitions.ts";
import { formatInteger, formatPercent, type MoneyStyle } from "./format.ts";
import type { Figure, Trend } from "./models.ts";
import { orderedCurrencies, severalCurrencies, totalsText } from "./native_amounts.ts";
import type { Slice } from "./slice.ts";
import { noRateText, WHY, whyNoMoney } from "./why.ts";

export function moneyFigure(
  context: WidgetContext,
  key: MeaningKey & string,
  label: string,
  value: Rational | null,
  href: string,
  style: MoneyStyle = {},
): Figure {
  const { slice } = context;
  const definition = definitionOf(key, context.view.info);
  if (!slice || !value) return { label, value: null, reason: whyNoMoney(context), definition };
  return {
    label,
    value: moneyText(value, slice.currency, style),
    definition,
    href: explainHref(context, href),
  };
}

/** A figure of currencies that are not added up, side by side. */
function nativeFigure(
  context: WidgetContext,
  key: MeaningKey & string,
  label: string,
  value: string,
  figure: string,
): Figure {
  const definition = definitionOf(key, context.view.info);
  const { missingRates = [] } = context.slice ?? {};
  return {
    label,
    value: value === "" ? "0" : value,
    definition,
    href: explainHref(context, figure),
    ...(missingRates.length > 0 ? { note: noRateText(missingRates) } : {}),
  };
}

/** A sum of the slice; where currencies cannot be added up, that of each. */
export function totalFigure(
  context: WidgetContext,
  figure: FigureName,
  label: string,
  style: MoneyStyle = {},
): Figure {
  const several = severalCurrencies(context);
  if (several) {
    const text = totalsText(context, figure, orderedCurrencies(context));
    return nativeFigure(context, figure, label, text, figure);
  }
  const total = context.slice?.total(figure) ?? null;
  return moneyFigure(context, figure, label, total, figure, style);
}

const TWELVE = rational(12);

export function arrFigure(context: WidgetContext, style: MoneyStyle = {}): Figure {
  const several = severalCurrencies(context);
  if (several) {
    return nativeFigure(context, "arr", "ARR", totalsText(context, "mrr", several, TWELVE), "arr");
  }
  const mrr = context.slice?.total("mrr") ?? null;
  return moneyFigure(context, "arr", "ARR", mrr && multiply(mrr, TWELVE), "arr", style);
}

/** MRR per active customer, or `null` where there is none. */
export function arpaOf(slice: Slice): Rational | null {
  const mrr = slice.total("mrr");
  return mrr && slice.customers > 0 ? divide(mrr, rational(slice.customers)) : null;
}

export function arpaFigure(context: WidgetContext): Figure {
  const { slice } = context;
  const definition = definitionOf("arpa", context.view.info);
  const several = severalCurrencies(context);
  if (several) {
    const reason = slice!.converted ? whyNoMoney(context) : WHY.currenciesNotAdded;
    return { label: "ARPA", value: null, reason, definition };
  }
  const arpa = slice && arpaOf(slice);
  return arpa
    ? moneyFigure(context, "arpa", "ARPA", arpa, "mrr")
    : { label: "ARPA", value: null, reason: WHY.noActiveCustomers, definition };
}

/** Customers with MRR above 0: over all currencies, unless the visitor chose one. */
export function activeCustomers(context: WidgetContext): number {
  return severalCurrencies(context) ? context.view.tally.active() : context.slice?.customers ?? 0;
}

export function customersFigure(context: WidgetContext): Figure {
  return {
    label: "Customers",
    value: formatInteger(activeCustomers(context)),
    definition: definitionOf("active", context.view.info),
    href: explainHref(context, "active"),
  };
}

/** A signed change of an amount that is better the higher it is. */
export function changeTrend(amount: Rational, currency: string, after: string): Trend {
  const sign = round(amount);
  return {
    text: `${moneyText(amount, currency, { signed: true, whole: true })}${after}`,
    tone: sign > 0n ? "good" : sign < 0n ? "bad" : "neutral",
  };
}

export function ratioText(ratio: Rational): string {
  return formatPercent(toNumber(ratio), true);
}
