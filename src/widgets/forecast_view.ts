/**
 * The forecast in the currency that is shown (metrics.md C.11): what is already known, and what
 * comes if the last months continue. Both are projections and are called so.
 *
 * @module
 */
import { monthStart, sameDayOf } from "../metrics/calendar.ts";
import { type Forecast, forecast, type ForecastMonth } from "../metrics/forecast.ts";
import { cancellationAt, type KnownChange, knownChanges } from "../metrics/known_changes.ts";
import { add, multiply, type Rational, ZERO } from "../metrics/rational.ts";
import type { Standing } from "../metrics/standing.ts";
import { factsOf } from "../store/facts.ts";
import type { SourceView } from "../store/port.ts";
import type { Look } from "../store/scans.ts";
import type { WidgetContext } from "./context.ts";
import { factorsIn } from "./money.ts";
import { movementView, periodOf } from "./movement_view.ts";
import { trialFigures } from "./trial_view.ts";

/** Months that are looked ahead. */
export const HORIZON = 12;
const MONTHS_MAX = 6;

/** A known change in the shown currency. */
export interface ShownChange extends KnownChange {
  /** Signed exact minor units a month. */
  readonly shown: Rational;
}

/** Whether anything that is known to come may change a subscription's value. */
function mayChange({ sub, mrr }: Standing, view: SourceView): boolean {
  if (mrr === null || mrr.n === 0n) return false;
  return cancellationAt(sub) !== null || view.money.scheduleOf(sub.id) !== undefined ||
    (view.info.options.subtractRepeating &&
      (sub.discounts.length > 0 || sub.items.some(({ discounts }) => discounts.length > 0) ||
        view.customerDiscount(sub.customer) !== undefined));
}

/** Every change of the source that is known to come and not in its figures yet, in order of time. */
function scanChanges({ view, today }: Look): readonly KnownChange[] {
  const { options } = view.info;
  const { asOf, valuedTo } = view.status;
  const now = Math.max(asOf ?? view.calendar.startOf(today), valuedTo ?? 0);
  const changes: KnownChange[] = [];
  for (const standing of view.standings()) {
    if (!mayChange(standing, view)) continue;
    const { sub, mrr } = standing;
    const schedule = view.money.scheduleOf(sub.id) ?? null;
    changes.push(...knownChanges({ sub, mrr, schedule, options, facts: factsOf(view, sub), now }));
  }
  for (const schedule of view.money.schedules()) {
    if (schedule.subscription !== null) continue;
    const facts = { coupon: view.coupon, price: view.price };
    changes.push(...knownChanges({ sub: null, mrr: null, schedule, options, facts, now }));
  }
  return changes.sort((a, b) => a.at - b.at);
}

/**
 * Known changes within the horizon; `null` while a rate is missing. None behind a filter, as they
 * are of whole subscriptions.
 */
export function shownChanges(context: WidgetContext): readonly ShownChange[] | null {
  const { view, whole, now } = context;
  if (view !== whole) return [];
  const all = whole.scanned(scanChanges, [], now);
  const factors = factorsIn(context, [...new Set(all.map(({ currency }) => currency))]);
  if (!factors) return null;
  const end = whole.calendar.startOf(sameDayOf(whole.calendar.dayOf(now), HORIZON) + 1);
  return all.flatMap((change) => {
    const factor = factors.get(change.currency);
    return factor && change.at < end ? [{ ...change, shown: multiply(change.delta, factor) }] : [];
  });
}

/** The complete months behind today with their movements, oldest first, 6 at most. */
export function completeMonths(context: WidgetContext): readonly ForecastMonth[] {
  const movements = movementView(context);
  const first = movements?.book.firstDay() ?? null;
  if (!movements || first === null) return [];
  const today = context.view.calendar.dayOf(context.now);
  // A month in which the business began is not a whole one.
  const earliest = monthStart(first) === first ? first : monthStart(first, 1);
  const months: ForecastMonth[] = [];
  for (let back = MONTHS_MAX; back >= 1; back--) {
    const from = monthStart(today, -back);
    if (from < earliest) continue;
    months.push(periodOf(context, movements, { from, to: monthStart(today, 1 - back) }));
  }
  return months;
}

export interface ForecastView {
  readonly currency: string;
  /** MRR now, exact. */
  readonly mrr: Rational;
  /** Local days of the coming points: the same day of each coming month. */
  readonly days: readonly number[];
  /** MRR with what is known to change, at each of them. */
  readonly known: readonly Rational[];
  readonly changes: readonly ShownChange[];
  readonly projection: Forecast;
  /** MRR in trial × conversion; `null` where either is unknown. */
  readonly trials: Rational | null;
}

/** The forecast, or `null` where there is no MRR to begin with. */
export function forecastOf(context: WidgetContext): ForecastView | null {
  const { slice, view, now } = context;
  const mrr = slice?.total("mrr") ?? null;
  const changes = shownChanges(context);
  if (!slice || !mrr || !changes) return null;
  const today = view.calendar.dayOf(now);
  const days = Array.from({ length: HORIZON }, (_, index) => sameDayOf(today, index + 1));
  const { cohort } = trialFigures(context);
  const inTrial = slice.total("trialingMrr");
  return {
    currency: slice.currency,
    mrr,
    days,
    known: days.map((day) => {
      const end = view.calendar.startOf(day + 1);
      return changes.reduce(
        (total, { at, shown }) => at < end ? add(total, shown) : total,
        mrr,
      );
    }),
    changes,
    projection: forecast(mrr, completeMonths(context), HORIZON),
    trials: cohort.value && inTrial ? multiply(inTrial, cohort.value) : null,
  };
}

/** What changes come to together. */
export function sumOfChanges(changes: readonly ShownChange[]): Rational {
  return changes.reduce((total, { shown }) => add(total, shown), ZERO);
}
