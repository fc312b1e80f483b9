/**
 * Figures from movements: what is new, what churned, retention, lifetime value (metrics.md C.3 to
 * C.6), each with the reason where it is unknown.
 *
 * @module
 */
import { customerChurnStripe30 } from "../metrics/retention.ts";
import type { MovementTotals } from "../metrics/movements.ts";
import {
  churnRevenueGross,
  type Derived,
  lifetimeValueSmoothed,
  NO_VALUE_REASONS,
} from "../metrics/ratios.ts";
import { type Rational, toNumber } from "../metrics/rational.ts";
import { explainHref, moneyText, type WidgetContext } from "./context.ts";
import { definitionOf, type MeaningKey } from "./definitions.ts";
import { arpaOf } from "./figures.ts";
import { formatInteger, formatPercent } from "./format.ts";
import type { Figure } from "./models.ts";
import {
  closedFigures,
  daysOf,
  lastThirtyDays,
  type MovementView,
  movementView,
  pastNote,
  whyNoMovements,
} from "./movement_view.ts";

/** The text that stands for a value, and where its rows are. */
interface Shown {
  readonly value: string;
  readonly href?: string;
}

function figureOf(
  context: WidgetContext,
  key: MeaningKey,
  label: string,
  show: (movements: MovementView) => Shown | { readonly reason: string },
): Figure {
  const definition = definitionOf(key, context.view.info);
  const movements = movementView(context);
  if (!movements) return { label, value: null, reason: whyNoMovements(context), definition };
  const shown = show(movements);
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

function totalsOf(context: WidgetContext, { book, currency }: MovementView): MovementTotals {
  const { from, to } = daysOf(context, "month");
  return book.period(currency, from, to);
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

/** Customers who came or left this month. */
export function movedCustomersFigure(
  context: WidgetContext,
  kind: "new" | "churn",
  label: string,
): Figure {
  return figureOf(context, kind === "new" ? "newMrr" : "churnedMrr", label, (movements) => ({
    value: formatInteger(totalsOf(context, movements).customers[kind]),
    href: explainHref(context, kind, { period: "month" }),
  }));
}

export function nrrFigure(context: WidgetContext): Figure {
  return figureOf(
    context,
    "nrr",
    "NRR, 12 months",
    (movements) => percent(closedFigures(context, movements).nrr.trailing12),
  );
}

/** (churn + contraction) / start over the last 30 days. */
export function grossChurnFigure(context: WidgetContext): Figure {
  return figureOf(context, "revenueChurn", "Gross MRR churn, 30 days", ({ book, currency }) => {
    const { from, to } = lastThirtyDays(context);
    return percent(churnRevenueGross(book.period(currency, from, to)));
  });
}

export function customerChurnFigure(context: WidgetContext): Figure {
  return figureOf(
    context,
    "customerChurn",
    "Churn, 30 days",
    ({ book }) => percent(customerChurnStripe30(book, context.view.calendar.dayOf(context.now))),
  );
}

/** Lifetime value by the churn of the last complete months, or why it is unknown. */
export function lifetimeValueOf(context: WidgetContext, movements: MovementView): Derived {
  const arpa: Rational | null = context.slice && arpaOf(context.slice);
  if (!arpa) return { value: null, reason: "no_customers" };
  return lifetimeValueSmoothed(arpa, closedFigures(context, movements).monthlyChurn);
}

export function ltvFigure(context: WidgetContext): Figure {
  return figureOf(context, "ltv", "LTV, without margin", (movements) => {
    const ltv = lifetimeValueOf(context, movements);
    return ltv.value === null
      ? { reason: NO_VALUE_REASONS[ltv.reason] }
      : { value: moneyText(ltv.value, movements.currency, { whole: true }) };
  });
}
