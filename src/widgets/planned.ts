/**
 * Widgets that need the history: laid out, each with the reason why it is not there yet, never
 * with a zero in its place.
 *
 * @module
 */
import { periodText } from "./bridge.ts";
import { stateOf, type WidgetContext } from "./context.ts";
import { definitionOf } from "./definitions.ts";
import type { CashWidget, CohortsWidget, Figure, RetentionWidget, TrialsWidget } from "./models.ts";
import { type WidgetConfig, widgetFrame } from "./schema.ts";

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
