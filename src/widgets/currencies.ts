/**
 * Several currencies side by side, and the reporting currency where rates are configured.
 *
 * @module
 */
import { divide, multiply, type Rational, toNumber } from "../metrics/rational.ts";
import {
  BRING_RATES,
  countText,
  explainHref,
  moneyText,
  stateOf,
  type WidgetContext,
} from "./context.ts";
import type { CurrenciesModel, CurrenciesWidget, CurrencyRow } from "./models.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";
import { ratesText, rateText } from "./rate_text.ts";
import { factorsTo, sliceOf } from "./slice.ts";

function row(context: WidgetContext, currency: string, total: Rational | null): CurrencyRow {
  const { view, reporting } = context;
  const mrr = view.tally.total(currency, "mrr");
  const factor = reporting && factorsTo(reporting, [currency]).get(currency);
  const rate = reporting?.rates[currency];
  const converted = reporting && factor && currency !== reporting.currency
    ? `${moneyText(multiply(mrr, factor), reporting.currency)} at ${rate ? rateText(rate) : "1"}`
    : null;
  return {
    currency: currency.toUpperCase(),
    mrr: moneyText(mrr, currency),
    customers: countText(view.tally.payingIn(currency), "customer"),
    change: null,
    converted,
    ...(factor && total && total.n > 0n
      ? { share: toNumber(divide(multiply(mrr, factor), total)) }
      : {}),
    href: explainHref(context, "mrr", { currency, ...(reporting ? { native: "1" } : {}) }),
  };
}

function noteOf(context: WidgetContext, missing: readonly string[]): string | undefined {
  if (!context.reporting) {
    return "No reporting currency is configured, so nothing is added up across currencies";
  }
  if (missing.length > 0) {
    return `No rate for ${missing.join(", ").toUpperCase()}, and nothing is added up without: ` +
      BRING_RATES;
  }
  const rates = ratesText(context);
  return rates === ""
    ? undefined
    : `Added up in ${context.reporting.currency.toUpperCase()}: ${rates}`;
}

function model(context: WidgetContext): CurrenciesModel {
  const { view, reporting } = context;
  const all = reporting &&
    sliceOf(view, { currency: reporting.currency }, reporting);
  const total = all?.total("mrr") ?? null;
  const note = noteOf(context, all?.missingRates ?? []);
  return {
    rows: view.tally.currencies().map((currency) => row(context, currency, total)),
    reporting: reporting && total
      ? {
        currency: reporting.currency.toUpperCase(),
        mrr: moneyText(total, reporting.currency),
        href: explainHref(context, "mrr", { currency: reporting.currency }),
      }
      : null,
    ...(note ? { note } : {}),
  };
}

export function currenciesWidget(context: WidgetContext, config: WidgetConfig): CurrenciesWidget {
  return {
    ...widgetFrame(config, "Currencies"),
    type: "currencies",
    state: stateOf(context, () => model(context)),
  };
}
