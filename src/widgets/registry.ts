/**
 * Every widget by its configured type.
 *
 * @module
 */
import { activityWidget } from "./activity.ts";
import { bridgeWidget } from "./bridge.ts";
import { chart13Widget } from "./chart13.ts";
import type { WidgetContext } from "./context.ts";
import { currenciesWidget } from "./currencies.ts";
import { customersWidget } from "./customers.ts";
import { headWidget } from "./head.ts";
import type { Widget } from "./models.ts";
import { mrrMovementsWidget } from "./mrr_movements.ts";
import { needsYouWidget } from "./needs_you.ts";
import { cashWidget } from "./cash.ts";
import { cohortsWidget } from "./cohorts.ts";
import { retentionWidget } from "./retention.ts";
import { failedPaymentsWidget } from "./failed_payments.ts";
import { forecastWidget } from "./forecast.ts";
import { renewalsWidget } from "./renewals.ts";
import { trialsWidget } from "./trials.ts";
import { plansWidget } from "./plans.ts";
import { revenueWidget } from "./revenue.ts";
import { soleCurrency } from "./native_amounts.ts";
import { sentences, widgetReasons } from "./reasons.ts";
import type { WidgetConfig } from "./config.ts";

type Maker = (context: WidgetContext, config: WidgetConfig) => Widget;

const MAKERS: Readonly<Record<WidgetConfig["type"], Maker>> = {
  head: headWidget,
  chart13: chart13Widget,
  bridge: bridgeWidget,
  "mrr-movements": mrrMovementsWidget,
  plans: plansWidget,
  currencies: currenciesWidget,
  "needs-you": needsYouWidget,
  activity: activityWidget,
  cash: cashWidget,
  revenue: revenueWidget,
  customers: customersWidget,
  retention: retentionWidget,
  cohorts: cohortsWidget,
  trials: trialsWidget,
  "failed-payments": failedPaymentsWidget,
  renewals: renewalsWidget,
  forecast: forecastWidget,
};

/** Marks figures that are incomplete on this widget alone. */
function marked(context: WidgetContext, widget: Widget): Widget {
  const codes = widgetReasons(context.view.status.reasons, widget.type);
  if (codes.length === 0 || widget.state.kind !== "fresh") return widget;
  const state = { ...widget.state, kind: "partial", reason: sentences(codes) } as const;
  return { ...widget, state } as Widget;
}

/** Widgets that show one currency alone, and so name it where the page has several. */
const OF_ONE_CURRENCY: ReadonlySet<WidgetConfig["type"]> = new Set([
  "chart13",
  "bridge",
  "mrr-movements",
  "retention",
  "cohorts",
  "failed-payments",
  "renewals",
  "forecast",
]);

/** A widget's view model. */
export function widgetModel(context: WidgetContext, config: WidgetConfig): Widget {
  const widget = marked(context, MAKERS[config.type](context, config));
  const currency = OF_ONE_CURRENCY.has(widget.type) ? soleCurrency(context) : null;
  return currency === null ? widget : { ...widget, title: `${widget.title}, ${currency}` };
}
