/**
 * Figures from movements: what is new, what churned, retention, lifetime value (metrics.md C.3 to
 * C.6), each with the reason where it is unknown.
 *
 * @module
 */
import type { MovementTotals } from "../metrics/movements.ts";
import { churnRevenueGross, type Derived, NO_VALUE_REASONS } from "../metrics/ratios.ts";
import { divide, sum, toNumber } from "../metrics/rational.ts";
import { explainHref, moneyText, type WidgetContext } from "./context.ts";
import { definitionOf, type MeaningKey } from "./definitions.ts";
import { formatInteger, formatPercent } from "./format.ts";
import type { Figure } from "./models.ts";
import {
  closedFigures,
  daysOf,
  movementsOf,
  movementsOrNone,
  type MovementView,
  pastNote,
  periodOf,
  rateTotals,
  unlessRateMissing,
} from "./movement_view.ts";
import { inCurrency } from "./native_amounts.ts";
import {
  churnStripe30,
  costOf,
  paybackOf,
  ruleOf40Of,
  smoothedValue,
  stripeValue,
  valueToCost,
} from "./unit_costs.ts";
import { whyNoMovements } from "./why.ts";

/** The text that stands for a value, and where its rows are. */
interface Shown {
  readonly value: string;
  readonly href?: string;
}

function figureOf(
  context: WidgetContext,
  key: MeaningKey,
  name: string,
  show: (movements: MovementView) => Shown | { readonly reason: string },
): Figure {
  const label = inCurrency(context, name);
  const definition = definitionOf(key, context.view.info);
  const movements = movementsOrNone(context);
  if (!movements) return { label, value: null, reason: whyNoMovements(context), definition };
  const shown = unlessRateMissing<ReturnType<typeof show>>(
    () => show(movements),
    (reason) => ({ reason }),
  );
  const approximate = pastNote(context) ? { approximate: true } : {};
  return "reason" in shown
    ? { label, value: null, reason: shown.reason, definition }
    : { label, ...shown, definition, ...approximate };
}

function percent(derived: Derived): Shown | { readonly reason: string } {
  return derived.value === null
    ? { reason: NO_VALUE_REASONS[derived.reason] }
    : { value: formatPercent(toNumber(derived.value)) };
}

function totalsOf(context: WidgetContext, movements: MovementView): MovementTotals {
  return periodOf(context, movements, daysOf(context, "month"));
}

/** MRR of a kind of movement this month. */
export function movedFigure(
  context: WidgetContext,
  kind: "new" | "churn",
  label: string,
): Figure {
  return figureOf(context, kind === "new" ? "newMrr" : "churnedMrr", label, (movements) => {
    const amount = totalsOf(context, movements)[kind];
    const signed = kind === "churn" ? { n: -amount.n, d: amount.d } : amount;
    return {
      value: moneyText(signed, movements.currency, { signed: true }),
      href: explainHref(context, kind, { period: "month" }),
    };
  });
}

/** Customers who came or were lost this month, each once (C.3). */
export function movedCustomersFigure(
  context: WidgetContext,
  kind: "new" | "churn",
  label: string,
): Figure {
  const meaning = kind === "new" ? "newMrr" : "customersLost";
  return figureOf(context, meaning, label, (movements) => {
    const moved = movementsOf(context, movements, daysOf(context, "month"), kind);
    return {
      value: formatInteger(new Set(moved.map(({ customer }) => customer)).size),
      href: explainHref(context, kind, { period: "month" }),
    };
  });
}

export function nrrFigure(context: WidgetContext): Figure {
  return figureOf(
    context,
    "nrr",
    "NRR, 12 months",
    (movements) => ({
      ...percent(closedFigures(context, movements).nrr.trailing12),
      href: explainHref(context, "retention"),
    }),
  );
}

/** (churn + contraction) / start over the last 30 days. */
export function grossChurnFigure(context: WidgetContext): Figure {
  return figureOf(context, "revenueChurn", "Gross MRR churn, 30 days", (movements) => {
    return {
      ...percent(churnRevenueGross(rateTotals(context, movements))),
      href: explainHref(context, "churn", { period: "30d" }),
    };
  });
}

export function customerChurnFigure(context: WidgetContext): Figure {
  return figureOf(
    context,
    "customerChurn",
    "Churn, 30 days",
    () => ({
      ...percent(churnStripe30(context)),
      href: explainHref(context, "churn", { period: "30d" }),
    }),
  );
}

function moneyOf(movements: MovementView, amount: Derived): Shown | { readonly reason: string } {
  return amount.value === null
    ? { reason: NO_VALUE_REASONS[amount.reason] }
    : { value: moneyText(amount.value, movements.currency, { whole: true }) };
}

function timesOf(derived: Derived): Shown | { readonly reason: string } {
  return derived.value === null
    ? { reason: NO_VALUE_REASONS[derived.reason] }
    : { value: `${toNumber(derived.value).toFixed(1)}\u00a0×` };
}

function marginText({ inputs }: WidgetContext): string {
  return inputs.grossMargin ? "with margin" : "without margin";
}

export function ltvFigure(context: WidgetContext): Figure {
  const show = (movements: MovementView) => moneyOf(movements, smoothedValue(context, movements));
  return figureOf(context, "ltv", `LTV, ${marginText(context)}`, show);
}

export function ltvStripeFigure(context: WidgetContext): Figure {
  const show = (movements: MovementView) => moneyOf(movements, stripeValue(context));
  return figureOf(context, "ltvStripe", `LTV as Stripe, ${marginText(context)}`, show);
}

/** Cost, LTV to cost and payback: none of them without what the operator has to give. */
export function costFigures(context: WidgetContext): Figure[] {
  const movements = movementsOrNone(context);
  if (!movements) return [];
  return unlessRateMissing(() => costsWith(context, movements), () => []);
}

function costsWith(context: WidgetContext, movements: MovementView): Figure[] {
  const cost = costOf(context, movements);
  const toCost = valueToCost(context, movements);
  const payback = paybackOf(context, movements);
  const months = (derived: Derived): Shown | { readonly reason: string } =>
    derived.value === null
      ? { reason: NO_VALUE_REASONS[derived.reason] }
      : { value: `${toNumber(derived.value).toFixed(1)} months` };
  return [
    ...(cost ? [figureOf(context, "cac", "CAC", () => moneyOf(movements, cost))] : []),
    ...(toCost ? [figureOf(context, "ltvToCac", "LTV : CAC", () => timesOf(toCost))] : []),
    ...(payback ? [figureOf(context, "payback", "CAC payback", () => months(payback))] : []),
  ];
}

/** The Rule of 40, where a profit margin is configured. */
export function ruleOf40Figures(context: WidgetContext): Figure[] {
  const rule = ruleOf40Of(context);
  return rule ? [figureOf(context, "ruleOf40", "Rule of 40", () => percent(rule))] : [];
}

/** The share of MRR that the largest customers have. */
export function concentrationFigure(context: WidgetContext, top: 1 | 10): Figure {
  const label = top === 1 ? "Largest customer" : "Ten largest customers";
  return figureOf(context, "concentration", label, (movements) => {
    const share = percent(concentrationOf(context, movements, top));
    return "reason" in share ? share : { ...share, href: explainHref(context, `top${top}`) };
  });
}

/** The share of MRR that the `top` largest customers have now. */
export function concentrationOf(
  { slice, view, now }: WidgetContext,
  { book, currency }: MovementView,
  top: number,
): Derived {
  const mrr = slice?.total("mrr");
  const largest = book.largest(currency, top, view.calendar.dayOf(now)).map((customer) =>
    customer.mrr
  );
  return mrr && mrr.n > 0n
    ? { value: divide(sum(largest), mrr) }
    : { value: null, reason: "no_mrr" };
}
