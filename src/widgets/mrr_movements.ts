/**
 * MRR movements: the waterfall of the period above the months as bars, in one widget.
 *
 * @module
 */
import { bridgeModel } from "./bridge.ts";
import { chart13Model } from "./chart13.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";
import { stateOf, type WidgetContext } from "./context.ts";
import { definitionOf } from "./definitions.ts";
import type { MrrMovementsWidget } from "./models.ts";

export function mrrMovementsWidget(
  context: WidgetContext,
  config: WidgetConfig,
): MrrMovementsWidget {
  return {
    ...widgetFrame(config, "MRR movements"),
    type: "mrr-movements",
    definition: definitionOf("movements", context.view.info),
    state: stateOf(context, () => ({
      bridge: bridgeModel(context),
      months: chart13Model(context),
    })),
  };
}
