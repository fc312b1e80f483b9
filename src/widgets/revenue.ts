/**
 * The revenue widget of a column: MRR with its trend, the figures around it, twelve months.
 *
 * @module
 */
import type { Rational } from "../metrics/rational.ts";
import { formatPoint } from "./format.ts";
import { explainHref, monthName, stateOf, type WidgetContext } from "./context.ts";
import { definitionOf, type MeaningKey } from "./definitions.ts";
import { arpaFigure, arrFigure, ratioText, totalFigure } from "./figures.ts";
import { type Growth, growthOf } from "./growth.ts";
import type { Figure, MetricModel, RevenueWidget, SmallChart } from "./models.ts";
import { pastNote } from "./movement_view.ts";
import { inCurrency, soleCurrency } from "./native_amounts.ts";
import { lastMonths, monthlyCloses } from "./past.ts";
import { movedFigure, ruleOf40Figures } from "./rates.ts";
import { usageFigure } from "./usage.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";
import { WHY, whyNoGrowth } from "./why.ts";

const MONTHS = 12;

function chart(context: WidgetContext): SmallChart | null {
  const closes = monthlyCloses(context, MONTHS);
  if (closes.filter((close) => close !== null).length < 2 || !context.slice) return null;
  const { currency } = context.slice;
  return {
    title: inCurrency(context, "MRR at the close of each month"),
    points: lastMonths(context, MONTHS).map(({ start }, index) => {
      const value = closes[index] ?? null;
      const text = value === null ? "–" : formatPoint(value, currency);
      return { label: monthName(start).slice(0, 3), value, text };
    }),
  };
}

function growthFigure(
  context: WidgetContext,
  key: MeaningKey,
  name: string,
  ratio: Rational | null | undefined,
  otherwise: string,
): Figure {
  const label = inCurrency(context, name);
  const definition = definitionOf(key, context.view.info);
  if (!ratio) return { label, value: null, reason: whyNoGrowth(context, otherwise), definition };
  const period = key === "growth" ? "month" : "12m";
  const href = explainHref(context, "movements", { period });
  const approximate = pastNote(context) ? { approximate: true } : {};
  return { label, value: ratioText(ratio), definition, href, ...approximate };
}

/** This month, year on year, and compound by month. */
function growthFigures(context: WidgetContext, growth: Growth | null): Figure[] {
  const months = growth?.compound?.months;
  return [
    growthFigure(
      context,
      "growth",
      "Growth this month",
      growth?.monthToDate,
      WHY.noEarlierClose,
    ),
    growthFigure(
      context,
      "yearOnYear",
      "Year on year",
      growth?.yearOnYear,
      WHY.noYear,
    ),
    growthFigure(
      context,
      "cmgr",
      months ? `Monthly growth, ${months} months` : "Compound monthly growth",
      growth?.compound?.rate,
      WHY.noTwoMonths,
    ),
  ];
}

function model(context: WidgetContext): MetricModel {
  const { slice, view } = context;
  const today = view.calendar.dayOf(context.now);
  const growth = slice ? growthOf(slice, today, view.daily.firstDay()) : null;
  const mrr = totalFigure(context, "mrr", "MRR");
  const sole = soleCurrency(context);
  const trend = growth?.monthToDate
    ? {
      text: `${ratioText(growth.monthToDate)} this month${sole ? ` in ${sole}` : ""}`,
      tone: growth.monthToDate.n < 0n ? "bad" as const : "good" as const,
    }
    : null;
  const points = chart(context);
  const usage = usageFigure(context);
  return {
    primary: trend ? { ...mrr, trend } : mrr,
    items: [
      arrFigure(context),
      ...growthFigures(context, growth),
      ...ruleOf40Figures(context),
      movedFigure(context, "new", "New MRR, this month"),
      movedFigure(context, "churn", "Churned MRR, this month"),
      arpaFigure(context),
      totalFigure(context, "pastDueMrr", "Past due"),
      totalFigure(context, "scheduledToCancelMrr", "Scheduled to cancel"),
      totalFigure(context, "trialingMrr", "In trial"),
      totalFigure(context, "pausedMrr", "Paused"),
      ...(view.tally.currencies().some((currency) => view.tally.count(currency, "excludedMrr") > 0)
        ? [totalFigure(context, "excludedMrr", "Excluded")]
        : []),
      ...(usage ? [usage] : []),
    ],
    ...(points ? { chart: points } : { chartReason: whyNoGrowth(context, WHY.noTwoCloses) }),
  };
}

export function revenueWidget(context: WidgetContext, config: WidgetConfig): RevenueWidget {
  return {
    ...widgetFrame(config, "Revenue"),
    type: "revenue",
    state: stateOf(context, () => model(context)),
  };
}
