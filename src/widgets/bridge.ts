/**
 * The bridge of a period: start → new → reactivation → expansion → contraction → churn → now, in
 * whole minor units that add up (metrics.md B.7).
 *
 * @module
 */
import { CHURN_CAUSES } from "../metrics/causes.ts";
import { isLoss, MOVEMENT_KINDS, type MovementTotals } from "../metrics/movements.ts";
import { round } from "../metrics/rational.ts";
import { roundWaterfall, type Waterfall } from "../metrics/waterfall.ts";
import { CAUSE_WORDS } from "./causes.ts";
import { countText, explainHref, moneyText, stateOf, type WidgetContext } from "./context.ts";
import { definitionOf } from "./definitions.ts";
import { formatInteger, formatMoney } from "./format.ts";
import type {
  BridgeKey,
  BridgeModel,
  BridgeStep,
  BridgeWidget,
  MovementKind,
  Tone,
} from "./models.ts";
import {
  daysBefore,
  daysOf,
  type MovementView,
  movementView,
  pastNote,
  pausedIs,
  periodOf,
  unlessRateMissing,
} from "./movement_view.ts";
import { daysText, periodText } from "./period_text.ts";
import { whyNoMovements } from "./why.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";

const STEPS: readonly [BridgeKey, string, Tone][] = [
  ["start", "Start", "neutral"],
  ["new", "New", "good"],
  ["reactivation", "Reactivation", "good"],
  ["expansion", "Expansion", "good"],
  ["contraction", "Contraction", "bad"],
  ["churn", "Churn", "bad"],
  ["paused", "Paused", "bad"],
  ["fx", "FX", "neutral"],
  ["end", "Now", "neutral"],
];

/** `paused` is 0 where it is within churn. */
type Bars = Waterfall & { readonly paused: bigint };

function valueOf(waterfall: Bars, key: BridgeKey): bigint {
  const value = waterfall[key];
  const loss = key === "contraction" || key === "churn" || key === "paused";
  return loss ? -value : value;
}

function customersText(totals: MovementTotals, key: BridgeKey, apart: boolean): string | null {
  if (key === "fx") return null;
  const paused = totals.causes.paused.customers;
  const count = key === "paused" ? paused : totals.customers[key];
  // One who left twice is counted twice: these are movements, not customers lost (C.3).
  if (key === "churn") return `${formatInteger(apart ? count - paused : count)} left`;
  return countText(count, "customer");
}

/** "of that $120 paused, $40 payment failed"; what was cancelled needs no words. */
function churnNote(context: WidgetContext, totals: MovementTotals): string | null {
  const shown = CHURN_CAUSES.filter((cause) =>
    cause !== "voluntary" && totals.causes[cause].mrr.n > 0n &&
    (cause !== "paused" || pausedIs(context) === "gone")
  ).map((cause) => {
    const { mrr } = totals.causes[cause];
    const amount = moneyText(mrr, context.slice!.currency, { whole: true });
    return `${amount} ${CAUSE_WORDS[cause]}`;
  });
  return shown.length === 0 ? null : `of that ${shown.join(", ")}`;
}

function step(
  context: WidgetContext,
  [key, label, tone]: typeof STEPS[number],
  totals: MovementTotals | null,
  waterfall: Bars | null,
): BridgeStep {
  if (!totals || !waterfall) {
    return { key, label, tone, amount: null, value: null, customers: null };
  }
  const value = valueOf(waterfall, key);
  const level = key === "start" || key === "end";
  const movement = (MOVEMENT_KINDS as readonly string[]).includes(key);
  const note = key === "churn" ? churnNote(context, totals) : null;
  const apart = pausedIs(context) === "staying";
  return {
    key,
    label,
    tone: value === 0n ? "neutral" : tone,
    amount: formatMoney(value, context.slice!.currency, { signed: !level, whole: true }),
    value: Number(value),
    customers: customersText(totals, key, apart),
    ...(note ? { note } : {}),
    ...(movement || key === "end" || (key === "fx" && context.slice!.converted)
      ? { href: explainHref(context, key === "end" ? "mrr" : key) }
      : {}),
  };
}

/** The movements of the period before, of equal kind and as many days. */
function beforeOf(context: WidgetContext, movements: MovementView) {
  const days = daysBefore(context, context.query.period);
  if (!days) return null;
  const waterfall = roundWaterfall(periodOf(context, movements, days));
  const amounts = MOVEMENT_KINDS.map((kind) => {
    const value = isLoss(kind) ? -waterfall[kind] : waterfall[kind];
    const text = formatMoney(value, movements.currency, { signed: true, whole: true });
    return [kind, text] as const;
  });
  return { amounts: new Map<BridgeKey, string>(amounts), text: daysText(days) };
}

export function bridgeModel(context: WidgetContext): BridgeModel {
  const movements = movementView(context);
  const totals = movements && periodOf(context, movements, daysOf(context, context.query.period));
  const rounded = totals && roundWaterfall(totals);
  // Whole units are taken from churn, so that what leads from start to end stays the same.
  const paused = totals && pausedIs(context) === "staying" ? round(totals.causes.paused.mrr) : 0n;
  const waterfall = rounded && { ...rounded, churn: rounded.churn - paused, paused };
  const before = movements && unlessRateMissing(() => beforeOf(context, movements), () => null);
  const steps = STEPS.filter(([key]) => key !== "paused" || pausedIs(context) === "staying");
  const note = movements ? pastNote(context) : whyNoMovements(context);
  return {
    period: periodText(context),
    ...(before ? { compared: before.text } : {}),
    steps: steps.map((each) => {
      const made = step(context, each, totals, waterfall);
      const was = before?.amounts.get(each[0]);
      return was === undefined ? made : { ...made, before: was };
    }),
    ...(note ? { reason: note } : {}),
  };
}

export function bridgeWidget(context: WidgetContext, config: WidgetConfig): BridgeWidget {
  return {
    ...widgetFrame(config, "What changed"),
    type: "bridge",
    definition: definitionOf("movements", context.view.info),
    state: stateOf(context, () => bridgeModel(context)),
  };
}

/** Movement kinds that open into rows. */
export function isMovement(figure: string): figure is MovementKind {
  return (MOVEMENT_KINDS as readonly string[]).includes(figure);
}
