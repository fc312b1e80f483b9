/**
 * Trials: how many run, what they are worth, and how those that ended came out (metrics.md C.7).
 *
 * @module
 */
import {
  type Derived,
  NO_VALUE_REASONS,
  trialConversionCohort,
  type TrialOutcome,
} from "../metrics/ratios.ts";
import { toNumber } from "../metrics/rational.ts";
import { stepsOf } from "../metrics/steps.ts";
import { trialOutcome } from "../metrics/trials.ts";
import type { SourceView } from "../store/port.ts";
import { stateOf, type WidgetContext } from "./context.ts";
import { definitionOf } from "./definitions.ts";
import { totalFigure } from "./figures.ts";
import { formatInteger, formatPercent } from "./format.ts";
import type { Figure, FiguresModel, TrialsWidget } from "./models.ts";
import { daysOf, pastNote } from "./movement_view.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";

interface Ended {
  readonly key: string;
  readonly count: number;
  readonly conversion: Derived;
}

const kept = new WeakMap<SourceView, Ended>();

/** Trials that ended in the last 30 days; worked out once a day, as it scans all subscriptions. */
export function endedTrials(context: WidgetContext): Ended {
  const { view, now } = context;
  const { from, to } = daysOf(context, "30d");
  const key = `${from} ${view.status.historyDone} ${view.status.liveSince}`;
  const known = kept.get(view);
  if (known?.key === key) return known;
  const [begin, end] = [view.calendar.startOf(from), Math.min(view.calendar.startOf(to), now)];
  const outcomes: TrialOutcome[] = [];
  for (const { sub } of view.standings()) {
    const { trialEnd, status } = sub;
    if (trialEnd === null || trialEnd < begin || trialEnd >= end) continue;
    const steps = stepsOf(view.segments(sub.id));
    outcomes.push(trialOutcome({ trialEnd, status, steps }, now));
  }
  const ended = { key, count: outcomes.length, conversion: trialConversionCohort(outcomes) };
  kept.set(view, ended);
  return ended;
}

function conversionFigure(context: WidgetContext, { conversion }: Ended): Figure {
  const label = "Conversion, 30 days";
  const definition = definitionOf("trialConversion", context.view.info);
  if (conversion.value === null) {
    return { label, value: null, reason: NO_VALUE_REASONS[conversion.reason], definition };
  }
  const approximate = pastNote(context) ? { approximate: true } : {};
  return { label, value: formatPercent(toNumber(conversion.value)), definition, ...approximate };
}

function model(context: WidgetContext): FiguresModel {
  const { view } = context;
  const ended = endedTrials(context);
  const definition = definitionOf("trialing", view.info);
  return {
    items: [
      {
        label: "Running",
        value: formatInteger(view.tally.byStatus().get("trialing") ?? 0),
        definition,
      },
      totalFigure(context, "trialingMrr", "If they convert", { whole: true }),
      { label: "Ended, 30 days", value: formatInteger(ended.count), definition },
      conversionFigure(context, ended),
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
