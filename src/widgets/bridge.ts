/**
 * The bridge of a period: start → new → reactivation → expansion → contraction → churn → now, in
 * whole minor units that add up (metrics.md B.7).
 *
 * @module
 */
import { dateOf, monthStart } from "../metrics/calendar.ts";
import { MOVEMENT_KINDS, type MovementTotals } from "../metrics/movements.ts";
import { ZERO } from "../metrics/rational.ts";
import { roundWaterfall, type Waterfall } from "../metrics/waterfall.ts";
import { countText, explainHref, monthName, stateOf, type WidgetContext } from "./context.ts";
import { definitionOf } from "./definitions.ts";
import { formatMoney } from "./format.ts";
import type {
  BridgeKey,
  BridgeModel,
  BridgeStep,
  BridgeWidget,
  MovementKind,
  Tone,
} from "./models.ts";
import { daysOf, movementView, pastNote, whyNoMovements } from "./movement_view.ts";
import type { Period } from "./query.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";

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

function valueOf(waterfall: Waterfall, key: BridgeKey): bigint {
  const value = waterfall[key];
  const loss = key === "contraction" || key === "churn";
  return loss ? -value : value;
}

function customersText(totals: MovementTotals, key: BridgeKey): string | null {
  return key === "fx" ? null : countText(totals.customers[key], "customer");
}

function step(
  context: WidgetContext,
  [key, label, tone]: typeof STEPS[number],
  totals: MovementTotals | null,
  waterfall: Waterfall | null,
): BridgeStep {
  if (!totals || !waterfall) {
    return { key, label, tone, amount: null, value: null, customers: null };
  }
  const value = valueOf(waterfall, key);
  const level = key === "start" || key === "end";
  const movement = (MOVEMENT_KINDS as readonly string[]).includes(key);
  return {
    key,
    label,
    tone: value === 0n ? "neutral" : tone,
    amount: formatMoney(value, context.slice!.currency, { signed: !level, whole: true }),
    value: Number(value),
    customers: customersText(totals, key),
    ...(movement || key === "end"
      ? { href: explainHref(context, key === "end" ? "mrr" : key) }
      : {}),
  };
}

function model(context: WidgetContext): BridgeModel {
  const movements = movementView(context);
  const { from, to } = daysOf(context, context.query.period);
  const totals = movements && movements.book.period(movements.currency, from, to);
  // Rates are fixed, so they move nothing.
  const waterfall = totals && roundWaterfall({ ...totals, fx: ZERO });
  const note = movements ? pastNote(context) : whyNoMovements(context);
  return {
    period: periodText(context),
    steps: STEPS.map((each) => step(context, each, totals, waterfall)),
    ...(note ? { reason: note } : {}),
  };
}

export function bridgeWidget(context: WidgetContext, config: WidgetConfig): BridgeWidget {
  return {
    ...widgetFrame(config, "What changed"),
    type: "bridge",
    definition: definitionOf("movements", context.view.info),
    state: stateOf(context, () => model(context)),
  };
}

/** Movement kinds that open into rows. */
export function isMovement(figure: string): figure is MovementKind {
  return (MOVEMENT_KINDS as readonly string[]).includes(figure);
}
