/**
 * The customers widget of a column: how many there are, and what they are worth.
 *
 * @module
 */
import { explainHref, monthName, stateOf, type WidgetContext } from "./context.ts";
import { definitionOf } from "./definitions.ts";
import { arpaFigure, customersFigure } from "./figures.ts";
import { formatInteger } from "./format.ts";
import type { CustomersWidget, Figure, MetricModel, SmallChart } from "./models.ts";
import { movementsOrNone } from "./movement_view.ts";
import { whyNoMovements } from "./why.ts";
import { inCurrency } from "./native_amounts.ts";
import { lastMonths } from "./past.ts";
import {
  concentrationFigure,
  costFigures,
  customerChurnFigure,
  ltvFigure,
  ltvStripeFigure,
  movedCustomersFigure,
} from "./rates.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";

function countFigure(
  context: WidgetContext,
  key: "total" | "trialing" | "unresolved",
  label: string,
  count: number,
  figure: string | null,
): Figure {
  return {
    label,
    value: formatInteger(count),
    definition: definitionOf(key, context.view.info),
    ...(figure ? { href: explainHref(context, figure) } : {}),
  };
}

const MONTHS = 12;

/** Paying customers at the close of each of the last months, the running one as of today. */
function chart(context: WidgetContext): SmallChart | null {
  const movements = movementsOrNone(context);
  if (!movements) return null;
  const { book, currency } = movements;
  const today = context.view.calendar.dayOf(context.now);
  return {
    title: inCurrency(context, "Customers at the close of each month"),
    points: lastMonths(context, MONTHS).map(({ start, days, running }) => {
      const { customers } = book.levelAt(currency, running ? today : start + days - 1);
      const label = monthName(start).slice(0, 3);
      return { label, value: customers, text: formatInteger(customers) };
    }),
  };
}

function model(context: WidgetContext): MetricModel {
  const { view } = context;
  const { tally } = view;
  const points = chart(context);
  return {
    primary: { ...customersFigure(context), label: "Active customers" },
    items: [
      countFigure(context, "total", "All customers, ever", tally.customers(), null),
      countFigure(
        context,
        "trialing",
        "Trials",
        tally.byStatus().get("trialing") ?? 0,
        "trialingMrr",
      ),
      movedCustomersFigure(context, "new", "New this month"),
      movedCustomersFigure(context, "churn", "Customers lost this month"),
      customerChurnFigure(context),
      arpaFigure(context),
      ltvFigure(context),
      ltvStripeFigure(context),
      ...costFigures(context),
      concentrationFigure(context, 1),
      concentrationFigure(context, 10),
    ],
    ...(points ? { chart: points } : { chartReason: whyNoMovements(context) }),
  };
}

export function customersWidget(context: WidgetContext, config: WidgetConfig): CustomersWidget {
  return {
    ...widgetFrame(config, "Customer Metrics"),
    type: "customers",
    state: stateOf(context, () => model(context)),
  };
}
