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
import type { Slice } from "./slice.ts";

/** Why a total of the slice is unknown. */
export function whyUnknown({ missingRates }: Slice): string {
  return missingRates.length > 0
    ? `no rate for ${missingRates.join(", ").toUpperCase()}: set figures.rates`
    : "not known";
}

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
  if (!slice || !value) {
    return {
      label,
      value: null,
      reason: slice ? whyUnknown(slice) : "no subscriptions yet",
      definition,
    };
  }
  return {
    label,
    value: moneyText(value, slice.currency, style),
    definition,
    href: explainHref(context, href),
  };
}

/** A sum of the slice. */
export function totalFigure(
  context: WidgetContext,
  figure: FigureName,
  label: string,
  style: MoneyStyle = {},
): Figure {
  const total = context.slice?.total(figure) ?? null;
  return moneyFigure(context, figure, label, total, figure, style);
}

export function arrFigure(context: WidgetContext, style: MoneyStyle = {}): Figure {
  const mrr = context.slice?.total("mrr") ?? null;
  return moneyFigure(context, "arr", "ARR", mrr && multiply(mrr, rational(12)), "arr", style);
}

/** MRR per active customer, or `null` where there is none. */
export function arpaOf(slice: Slice): Rational | null {
  const mrr = slice.total("mrr");
  return mrr && slice.customers > 0 ? divide(mrr, rational(slice.customers)) : null;
}

export function arpaFigure(context: WidgetContext): Figure {
  const { slice } = context;
  const arpa = slice && arpaOf(slice);
  if (arpa) return moneyFigure(context, "arpa", "ARPA", arpa, "mrr");
  return {
    label: "ARPA",
    value: null,
    reason: "no active customers",
    definition: definitionOf("arpa", context.view.info),
  };
}

export function customersFigure(context: WidgetContext): Figure {
  const { slice } = context;
  return {
    label: "Customers",
    value: formatInteger(slice?.customers ?? 0),
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
