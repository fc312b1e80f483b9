/**
 * Retention: what the customers of a month and of a year ago bring in now.
 *
 * @module
 */
import { dateOf } from "../metrics/calendar.ts";
import type { MonthRetention } from "../metrics/retention_past.ts";
import { churnRevenueNet, type Derived, NO_VALUE_REASONS, quickRatio } from "../metrics/ratios.ts";
import { toNumber } from "../metrics/rational.ts";
import { explainHref, monthName, stateOf, type WidgetContext } from "./context.ts";
import { definitionOf, type MeaningKey } from "./definitions.ts";
import { formatPercent } from "./format.ts";
import type { Figure, PlannedModel, RetentionModel, RetentionWidget } from "./models.ts";
import {
  closedFigures,
  daysOf,
  movementView,
  pastNote,
  periodOf,
  rateTotals,
} from "./movement_view.ts";
import { whyNoMovements } from "./why.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";

function figure(
  context: WidgetContext,
  key: MeaningKey,
  label: string,
  derived: Derived,
  href: string,
  show: (value: number) => string = formatPercent,
): Figure {
  const definition = definitionOf(key, context.view.info);
  if (derived.value === null) {
    return { label, value: null, reason: NO_VALUE_REASONS[derived.reason], definition };
  }
  const approximate = pastNote(context) ? { approximate: true } : {};
  return { label, value: show(toNumber(derived.value)), definition, href, ...approximate };
}

/** The months since the first that began with customers. */
function monthsOf(past: readonly MonthRetention[]): RetentionModel["months"] {
  const number = ({ value }: Derived) => value === null ? null : toNumber(value);
  const first = past.findIndex(({ nrr }) => nrr.value !== null);
  return first < 0 ? [] : past.slice(first).map(({ start, nrr, grr, churn }) => ({
    label: monthName(start).slice(0, 3),
    title: `${monthName(start)} ${dateOf(start).year}`,
    nrr: number(nrr),
    grr: number(grr),
    churn: number(churn),
  }));
}

function model(context: WidgetContext): RetentionModel | PlannedModel {
  const movements = movementView(context);
  if (!movements) return { reason: whyNoMovements(context) };
  const { nrr, grr, past } = closedFigures(context, movements);
  const totals = periodOf(context, movements, daysOf(context, "30d"));
  const rates = rateTotals(context, movements);
  const rows = (window?: string) => explainHref(context, "retention", window ? { window } : {});
  const moved = explainHref(context, "movements", { period: "30d" });
  return {
    months: monthsOf(past),
    items: [
      figure(context, "nrr", "NRR, 12 months", nrr.trailing12, rows()),
      figure(context, "grr", "GRR, 12 months", grr.trailing12, rows()),
      figure(context, "nrr", "NRR, last month", nrr.month, rows("month")),
      figure(context, "grr", "GRR, last month", grr.month, rows("month")),
      figure(context, "netChurn", "Net MRR churn, 30 days", churnRevenueNet(rates), moved),
      figure(
        context,
        "quickRatio",
        "Quick ratio, 30 days",
        quickRatio(totals),
        moved,
        (value) => value.toFixed(1),
      ),
    ],
  };
}

export function retentionWidget(context: WidgetContext, config: WidgetConfig): RetentionWidget {
  return {
    ...widgetFrame(config, "Retention"),
    type: "retention",
    state: stateOf(context, () => model(context)),
  };
}
