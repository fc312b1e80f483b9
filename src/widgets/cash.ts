/**
 * Cash: laid out, with the reason why it is not there yet, never with a zero in its place.
 *
 * @module
 */
import { periodText } from "./bridge.ts";
import { stateOf, type WidgetContext } from "./context.ts";
import { definitionOf } from "./definitions.ts";
import type { CashWidget, Figure } from "./models.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";

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
