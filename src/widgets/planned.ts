/**
 * Widgets that need the history: laid out, each with the reason why it is not there yet, never
 * with a zero in its place.
 *
 * @module
 */
import { dateOf, monthStart } from "../metrics/calendar.ts";
import { monthName, stateOf, type WidgetContext } from "./context.ts";
import { definitionOf } from "./definitions.ts";
import type {
  ActivityWidget,
  BridgeKey,
  BridgeModel,
  BridgeStep,
  BridgeWidget,
  CashWidget,
  CohortsWidget,
  Figure,
  RetentionWidget,
  Tone,
  TrialsWidget,
} from "./models.ts";
import type { Period } from "./query.ts";
import { type WidgetConfig, widgetFrame } from "./schema.ts";

const STEPS: readonly [BridgeKey, string, Tone][] = [
  ["start", "Start", "neutral"],
  ["new", "New", "good"],
  ["reactivation", "Reactivation", "good"],
  ["expansion", "Expansion", "good"],
  ["contraction", "Contraction", "bad"],
  ["churn", "Churn", "bad"],
  ["fx", "FX", "neutral"],
  ["end", "Now", "neutral"],
];

/** "This month, 1 to 24 November". */
export function periodText(context: WidgetContext): string {
  const today = context.view.calendar.dayOf(context.now);
  const texts: Readonly<Record<Period, string>> = {
    month: `This month, 1 to ${dateOf(today).day} ${monthName(monthStart(today))}`,
    "30d": "The last 30 days",
    quarter: "This quarter",
    "12m": "The last 12 months",
    all: "All time",
  };
  return texts[context.query.period];
}

function bridge(context: WidgetContext): BridgeModel {
  const step = ([key, label, tone]: typeof STEPS[number]): BridgeStep => ({
    key,
    label,
    tone,
    amount: null,
    value: null,
    customers: null,
  });
  return {
    period: periodText(context),
    steps: STEPS.map(step),
    reason: "not yet: movements come with the history",
  };
}

export function bridgeWidget(context: WidgetContext, config: WidgetConfig): BridgeWidget {
  return {
    ...widgetFrame(config, "What changed"),
    type: "bridge",
    definition: definitionOf("movements", context.view.info),
    state: stateOf(context, () => bridge(context)),
  };
}

export function activityWidget(context: WidgetContext, config: WidgetConfig): ActivityWidget {
  return {
    ...widgetFrame(config, "Activity"),
    type: "activity",
    state: stateOf(context, () => ({
      items: [],
      reason: "not yet: movements in words come with the history",
    })),
  };
}

export function cashWidget(context: WidgetContext, config: WidgetConfig): CashWidget {
  const definition = definitionOf("cash", context.view.info);
  const reason = "not yet: needs balance transactions";
  const line = (label: string): Figure => ({ label, value: null, reason, definition });
  return {
    ...widgetFrame(config, "Cash"),
    type: "cash",
    definition,
    state: stateOf(context, () => ({
      period: periodText(context),
      lines: ["Gross", "Refunds", "Fees", "Net", "Next payout"].map(line),
      reason,
    })),
  };
}

export function retentionWidget(context: WidgetContext, config: WidgetConfig): RetentionWidget {
  return {
    ...widgetFrame(config, "Retention"),
    type: "retention",
    state: stateOf(context, () => ({
      reason: "not yet: retention comes with the history of movements",
    })),
  };
}

export function cohortsWidget(context: WidgetContext, config: WidgetConfig): CohortsWidget {
  return {
    ...widgetFrame(config, "Cohorts"),
    type: "cohorts",
    state: stateOf(context, () => ({
      reason: "not yet: cohorts come with the history of movements",
    })),
  };
}

export function trialsWidget(context: WidgetContext, config: WidgetConfig): TrialsWidget {
  return {
    ...widgetFrame(config, "Trials"),
    type: "trials",
    state: stateOf(context, () => ({
      reason: "not yet: trial conversion comes with the history",
    })),
  };
}
