/**
 * Trials: how many run and end soon, what they are worth, and how those that ended came out, in
 * both ways of counting (metrics.md C.7).
 *
 * @module
 */
import { type Derived, NO_VALUE_REASONS } from "../metrics/ratios.ts";
import { toNumber } from "../metrics/rational.ts";
import { countText, explainHref, stateOf, type WidgetContext } from "./context.ts";
import { definitionOf, type MeaningKey } from "./definitions.ts";
import { totalFigure } from "./figures.ts";
import { formatInteger, formatPercent, formatRate } from "./format.ts";
import type { Figure, FiguresModel, TrialsWidget } from "./models.ts";
import { pastNote } from "./movement_view.ts";
import { PERIOD_NAMES } from "./query.ts";
import { ENDING_DAYS, type TrialFigures, trialFigures, type TrialRow } from "./trial_view.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";

function countFigure(
  context: WidgetContext,
  label: string,
  key: MeaningKey,
  rows: readonly TrialRow[],
  show: string,
): Figure {
  return {
    label,
    value: formatInteger(rows.length),
    definition: definitionOf(key, context.view.info),
    href: explainHref(context, "trials", { show }),
  };
}

function conversionFigure(
  context: WidgetContext,
  label: string,
  key: MeaningKey,
  derived: Derived,
  part: number,
  base: number,
  show: string,
): Figure {
  const definition = definitionOf(key, context.view.info);
  if (derived.value === null) {
    return { label, value: null, reason: NO_VALUE_REASONS[derived.reason], definition };
  }
  const value = formatRate(part, base) ?? formatPercent(toNumber(derived.value));
  return {
    label,
    value,
    note: countText(base, "trial"),
    definition,
    href: explainHref(context, "trials", { show }),
    ...(pastNote(context) ? { approximate: true } : {}),
  };
}

function conversions(context: WidgetContext, figures: TrialFigures): Figure[] {
  const { ended, converted, cohort, stripe30 } = figures;
  const decided = ended.filter(({ outcome }) => outcome !== "running");
  const paying = decided.filter(({ outcome }) => outcome === "converted");
  return [
    conversionFigure(
      context,
      "Conversion, 30 days",
      "trialConversion",
      cohort,
      paying.length,
      decided.length,
      "decided",
    ),
    conversionFigure(
      context,
      "As Stripe counts it",
      "trialConversionStripe30",
      stripe30,
      converted.length,
      ended.length,
      "converted",
    ),
  ];
}

function model(context: WidgetContext): FiguresModel {
  const figures = trialFigures(context);
  return {
    items: [
      countFigure(context, "Running", "trialing", figures.running, "running"),
      totalFigure(context, "trialingMrr", "If they convert", { whole: true }),
      countFigure(context, `End in ${ENDING_DAYS} days`, "trialing", figures.ending, "ending"),
      countFigure(
        context,
        `New, ${PERIOD_NAMES[context.query.period]}`,
        "newTrials",
        figures.begun,
        "begun",
      ),
      ...conversions(context, figures),
    ],
  };
}

export function trialsWidget(context: WidgetContext, config: WidgetConfig): TrialsWidget {
  return {
    ...widgetFrame(config, "Trials"),
    type: "trials",
    state: stateOf(context, () => model(context)),
  };
}
