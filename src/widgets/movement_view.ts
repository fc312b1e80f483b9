/**
 * The movements that a visitor's slice shows: the native book of its currency, or the converted
 * one.
 *
 * @module
 */
import { dateOf, monthStart } from "../metrics/calendar.ts";
import type { DistinctCounts, Movements, Paused } from "../metrics/books.ts";
import { MissingRateError } from "../metrics/fx.ts";
import {
  type Grain,
  type Movement,
  MovementIdentityError,
  type MovementKind,
  type MovementTotals,
} from "../metrics/movements.ts";
import type { Derived } from "../metrics/ratios.ts";
import { monthlyCustomerChurn, retention, retentionWindows } from "../metrics/retention.ts";
import { type MonthRetention, retentionPast, trailingNrrPast } from "../metrics/retention_past.ts";
import { type Rational, subtract } from "../metrics/rational.ts";
import type { SourceView } from "../store/port.ts";
import type { Look } from "../store/scans.ts";
import { dayText, missingRateText, type WidgetContext } from "./context.ts";
import type { Period } from "./query.ts";

export interface MovementView {
  readonly book: Movements;
  readonly currency: string;
  /** Whether it is the one with everything converted. */
  readonly converted: boolean;
}

/** The movements of a source: native ones, or everything converted. */
function bookIn(view: SourceView, converted: boolean): Movements {
  return converted ? view.convertedMovements! : view.movements;
}

/** Days [from, to); `to` is tomorrow while the period runs. */
export interface DayRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The movements of the slice; `null` while a rate is missing.
 *
 * @throws {MovementIdentityError} while they are known not to lead from MRR to MRR.
 */
export function movementView({ view, slice }: WidgetContext): MovementView | null {
  if (!slice) return null;
  const { identityProblem } = view.status;
  if (identityProblem !== null) throw new MovementIdentityError(identityProblem);
  const { currency } = slice;
  if (!slice.converted) return { book: view.movements, currency, converted: false };
  const book = slice.missingRates.length === 0 ? view.convertedMovements : null;
  return book && { book, currency, converted: true };
}

/** What is read of movements, or what to say where a rate is missing on one of their days. */
export function unlessRateMissing<T>(read: () => T, otherwise: (reason: string) => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MissingRateError)) throw error;
    return otherwise(missingRateText(error));
  }
}

/** The same for a figure beside others, which has a reason in place of its value. */
export function movementsOrNone(context: WidgetContext): MovementView | null {
  return context.view.status.identityProblem === null ? movementView(context) : null;
}

/** How well the past of a movement figure is known; `null` where all of it was seen. */
export function pastNote(context: WidgetContext): string | null {
  const { status, calendar } = context.view;
  const { historyDone, permissions } = status;
  // Events date what happened since they reach back to.
  const liveSince = status.liveSince === null ? null : status.eventsSince ?? status.liveSince;
  const first = calendar.startOf(monthStart(calendar.dayOf(context.now), -12));
  if (liveSince !== null && liveSince <= first) return null;
  if (historyDone && liveSince !== null) {
    return `What lies before ${dayText(context, liveSince)} is rebuilt from invoices: a change ` +
      "that none dates, such as the ends of an old pause, is approximate";
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

/**
 * The same number of days of the period of equal kind before (metrics.md B.3): of last month, of
 * the quarter or the year before. `null` where there is none, or it began before anything known.
 */
export function daysBefore(context: WidgetContext, period: Period): DayRange | null {
  const { from, to } = daysOf(context, period);
  const starts: Readonly<Record<Period, number | null>> = {
    month: monthStart(from, -1),
    "30d": from - 30,
    quarter: monthStart(from, -3),
    "12m": monthStart(from, -12),
    all: null,
  };
  const start = starts[period];
  const first = context.whole.daily.firstDay();
  if (start === null || first === null || start < first) return null;
  return { from: start, to: Math.min(start + to - from, from) };
}

/** Figures over all customers that end with the last complete month. */
export interface ClosedFigures {
  readonly nrr: { readonly month: Derived; readonly trailing12: Derived };
  readonly grr: { readonly month: Derived; readonly trailing12: Derived };
  /** Calendar churn of the six complete months, oldest first. */
  readonly monthlyChurn: readonly Rational[];
  /** Twelve complete months, oldest first. */
  readonly past: readonly MonthRetention[];
  /** NRR over twelve months, at the end of each of the twelve. */
  readonly nrrPast: readonly Derived[];
}

/** Retention and monthly churn of the complete months, as the past is known now. */
export function closedFigures(
  context: WidgetContext,
  { currency, converted }: MovementView,
): ClosedFigures {
  return context.view.scanned(
    scanClosed,
    [currency, converted, pausedIs(context)],
    context.now,
  );
}

function scanClosed(
  { view: { calendar }, today, pastBefore }: Look,
  currency: string,
  converted: boolean,
  paused: Paused,
): ClosedFigures {
  const { month, trailing12 } = retentionWindows(today);
  // Both windows end at the same close: start and end are at its rates (metrics.md C.4).
  const past = pastBefore(month.to, converted).histories(currency, month.to - 1);
  const steps = [...past].map((history) => history.steps);
  const [inMonth, inYear] = [month, trailing12].map((window) => retention(steps, window, calendar));
  return {
    nrr: { month: inMonth!.nrr, trailing12: inYear!.nrr },
    grr: { month: inMonth!.grr, trailing12: inYear!.grr },
    monthlyChurn: monthlyCustomerChurn(steps, today, calendar, paused),
    past: retentionPast(steps, today, 12, calendar, paused),
    nrrPast: trailingNrrPast(steps, today, 12, 12, calendar),
  };
}

/** How the rates of churn take customers who paused, by the configuration (B.1). */
export function pausedIs({ inputs }: WidgetContext): Paused {
  return inputs.pauseIsChurn ? "gone" : "staying";
}

/**
 * The movements of the 30 days up to and including today, with the churn that rates are of, in the
 * configured grain.
 */
export function rateTotals(context: WidgetContext, movements: MovementView): MovementTotals {
  const totals = periodOf(context, movements, daysOf(context, "30d"));
  return pausedIs(context) === "gone"
    ? totals
    : { ...totals, churn: subtract(totals.churn, totals.causes.paused.mrr) };
}

/**
 * The customers who came and went in the days [from, to), each once, over all currencies and in the
 * configured grain (C.3).
 */
export function distinctOf(
  { view, inputs, now }: Pick<WidgetContext, "view" | "inputs" | "now">,
  { from, to }: DayRange,
): DistinctCounts {
  return view.scanned(scanDistinct, [from, to, inputs.grain], now);
}

function scanDistinct({ view }: Look, from: number, to: number, grain: Grain): DistinctCounts {
  return view.movements.distinct(from, to, grain, "gone");
}

/** The movements behind a figure of `periodOf`, oldest first. */
export function movementsOf(
  { inputs }: Pick<WidgetContext, "inputs">,
  { book, currency }: MovementView,
  { from, to }: DayRange,
  kind?: MovementKind,
  grain = inputs.grain,
): readonly Movement[] {
  return book.movementsIn(currency, from, to, kind, grain);
}

/**
 * The movements of the days [from, to) in a grain, else in the configured one (B.2). The book is
 * kept by days; the other grains pass over all customers.
 */
export function periodOf(
  { view, inputs, now }: Pick<WidgetContext, "view" | "inputs" | "now">,
  { book, currency, converted }: MovementView,
  { from, to }: DayRange,
  grain = inputs.grain,
): MovementTotals {
  return grain === "day"
    ? book.period(currency, from, to)
    : view.scanned(scanPeriod, [currency, converted, from, to, grain], now);
}

function scanPeriod(
  { view }: Look,
  currency: string,
  converted: boolean,
  from: number,
  to: number,
  grain: Grain,
): MovementTotals {
  return bookIn(view, converted).period(currency, from, to, grain);
}
