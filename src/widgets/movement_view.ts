/**
 * The movements that a visitor's slice shows: the native book of its currency, or the converted
 * one. What scans all customers is worked out once a day, as it ends at closed months.
 *
 * @module
 */
import { dateOf, monthStart } from "../metrics/calendar.ts";
import type { MovementBook } from "../metrics/movement_book.ts";
import type { Derived } from "../metrics/ratios.ts";
import { monthlyCustomerChurn, retention, retentionWindows } from "../metrics/retention.ts";
import type { Rational } from "../metrics/rational.ts";
import { dayText, type WidgetContext } from "./context.ts";
import type { Period } from "./query.ts";

export interface MovementView {
  readonly book: MovementBook;
  readonly currency: string;
}

/** Days [from, to); `to` is tomorrow while the period runs. */
export interface DayRange {
  readonly from: number;
  readonly to: number;
}

/** The movements of the slice; `null` while a rate is missing. */
export function movementView({ view, slice }: WidgetContext): MovementView | null {
  if (!slice) return null;
  const { currency } = slice;
  if (!slice.converted) return { book: view.movements, currency };
  const book = slice.missingRates.length === 0 ? view.convertedMovements : null;
  return book && { book, currency };
}

/** Why there are no movements to show. */
export function whyNoMovements({ slice }: WidgetContext): string {
  if (slice && slice.missingRates.length > 0) {
    return `no rate for ${slice.missingRates.join(", ").toUpperCase()}: set figures.rates`;
  }
  return "no subscriptions yet";
}

/** How well the past of a movement figure is known; `null` where all of it was seen. */
export function pastNote(context: WidgetContext): string | null {
  const { status, calendar } = context.view;
  const { liveSince, historyDone, permissions } = status;
  const first = calendar.startOf(monthStart(calendar.dayOf(context.now), -12));
  if (liveSince !== null && liveSince <= first) return null;
  if (historyDone && liveSince !== null) {
    return `Approximate before ${dayText(context, liveSince)}: rebuilt from invoices, where a ` +
      "change between two of them is dated late or by its amount";
  }
  return permissions.invoices === "missing"
    ? "Approximate: the key may not read invoices, so past plan changes are not known"
    : "Approximate: past plan changes come as the past is rebuilt from invoices";
}

/** The days of a period that a visitor chose, up to and including today. */
export function daysOf(context: WidgetContext, period: Period): DayRange {
  const today = context.view.calendar.dayOf(context.now);
  const to = today + 1;
  switch (period) {
    case "month":
      return { from: monthStart(today), to };
    case "30d":
      return { from: to - 30, to };
    case "quarter":
      return { from: monthStart(today, -((dateOf(today).month - 1) % 3)), to };
    case "12m":
      return { from: monthStart(today, -11), to };
    case "all":
      return { from: Math.min(context.view.daily.firstDay() ?? today, today), to };
  }
}

/** Figures over all customers that end with the last complete month. */
export interface ClosedFigures {
  readonly nrr: { readonly month: Derived; readonly trailing12: Derived };
  readonly grr: { readonly month: Derived; readonly trailing12: Derived };
  /** Calendar churn of the six complete months, oldest first. */
  readonly monthlyChurn: readonly Rational[];
}

interface Kept {
  readonly key: string;
  readonly figures: ClosedFigures;
}

const kept = new WeakMap<MovementBook, Kept>();

/** Retention and monthly churn: they change with the day, and with a rebuilt past. */
export function closedFigures(
  context: WidgetContext,
  { book, currency }: MovementView,
): ClosedFigures {
  const { calendar, status } = context.view;
  const today = calendar.dayOf(context.now);
  const key = `${currency} ${today} ${status.historyDone} ${status.liveSince}`;
  const known = kept.get(book);
  if (known?.key === key) return known.figures;
  const { month, trailing12 } = retentionWindows(today);
  const steps = [...book.histories(currency)].map((history) => history.steps);
  const [inMonth, inYear] = [month, trailing12].map((window) => retention(steps, window, calendar));
  const figures: ClosedFigures = {
    nrr: { month: inMonth!.nrr, trailing12: inYear!.nrr },
    grr: { month: inMonth!.grr, trailing12: inYear!.grr },
    monthlyChurn: monthlyCustomerChurn(steps, today, calendar),
  };
  kept.set(book, { key, figures });
  return figures;
}

export const STRIPE_WINDOW_DAYS = 30;

/** The 30 days up to and including today, for the rates that Stripe shows. */
export function lastThirtyDays(context: WidgetContext): DayRange {
  return daysOf(context, "30d");
}
