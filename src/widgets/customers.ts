/**
 * The customers widget of a column: how many there are, and what they are worth.
 *
 * @module
 */
import { explainHref, stateOf, type WidgetContext } from "./context.ts";
import { definitionOf } from "./definitions.ts";
import { arpaFigure, customersFigure, notYet } from "./figures.ts";
import { formatInteger } from "./format.ts";
import type { CustomersWidget, Figure, MetricModel } from "./models.ts";
import { type WidgetConfig, widgetFrame } from "./schema.ts";

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

function model(context: WidgetContext): MetricModel {
  const { view } = context;
  const { tally } = view;
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
      notYet(context, "newMrr", "New this month"),
      notYet(context, "churnedMrr", "Churned this month"),
      notYet(context, "customerChurn", "Churn, 30 days"),
      arpaFigure(context),
      notYet(context, "ltv", "LTV"),
    ],
    chartReason: "not yet: customers by month come with the history",
  };
}

export function customersWidget(context: WidgetContext, config: WidgetConfig): CustomersWidget {
  return {
    ...widgetFrame(config, "Customer Metrics"),
    type: "customers",
    state: stateOf(context, () => model(context)),
  };
}
