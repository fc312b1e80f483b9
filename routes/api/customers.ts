/**
 * `/api/v1/customers`, `/customers/monthly` and `/cohorts`. Rates of revenue are of one currency:
 * the one that is asked for, else the one that the page shows first.
 *
 * @module
 */
import { dayKey, monthKey, monthStart } from "../../src/metrics/calendar.ts";
import { cohortTable } from "../../src/metrics/cohorts.ts";
import type { MovementBook } from "../../src/metrics/movement_book.ts";
import {
  churnRevenueGross,
  churnRevenueNet,
  concentration,
  type Derived,
  quickRatio,
} from "../../src/metrics/ratios.ts";
import { customerChurnCalendar, customerChurnStripe30 } from "../../src/metrics/retention.ts";
import { format, type Rational } from "../../src/metrics/rational.ts";
import { closeOf } from "../../src/metrics/steps.ts";
import type { WidgetContext } from "../../src/widgets/context.ts";
import {
  closedFigures,
  daysOf,
  type MovementView,
  movementView,
  pastNote,
} from "../../src/widgets/movement_view.ts";
import { lifetimeValueOf } from "../../src/widgets/rates.ts";
import { checkNames, FILTERS, readDay, readWord } from "./params.ts";
import { amount, ratio } from "./values.ts";

function derived(value: Derived): Record<string, unknown> {
  return value.value === null ? ratio(null, value.reason) : ratio(value.value);
}

/** What is unknown here needs inputs that are not there yet. */
const NOT_YET = "not_yet";

function presenceCounts(book: MovementBook, context: WidgetContext) {
  const { from, to } = daysOf(context, "month");
  const counts = book.customers(from, to);
  return { new: counts.new + counts.reactivation, firstTime: counts.new, churned: counts.churn };
}

function ratesOf(context: WidgetContext, movements: MovementView) {
  const { book, currency } = movements;
  const { calendar } = context.view;
  const today = calendar.dayOf(context.now);
  const last30 = daysOf(context, "30d");
  const month = daysOf(context, "month");
  const totals = book.period(currency, last30.from, last30.to);
  const { nrr, grr } = closedFigures(context, movements);
  const active = book.activeAt(currency, today).map(({ mrr }) => mrr);
  const ltv = lifetimeValueOf(context, movements);
  const complete = { from: monthStart(today, -1), to: month.from };
  return {
    currency,
    churn: {
      stripe30: derived(customerChurnStripe30(book, today)),
      calendar: derived(customerChurnCalendar(book.presence(), complete, calendar)),
    },
    revenueChurn: {
      gross: derived(churnRevenueGross(totals)),
      net: derived(churnRevenueNet(totals)),
    },
    nrr: { month: derived(nrr.month), trailing12: derived(nrr.trailing12) },
    grr: { month: derived(grr.month), trailing12: derived(grr.trailing12) },
    quickRatio: derived(quickRatio(totals)),
    ...amount("ltv", ltv.value),
    ...(ltv.value === null ? { ltvReason: ltv.reason } : {}),
    concentration: {
      top1: derived(concentration(active, 1)),
      top10: derived(concentration(active, 10)),
    },
  };
}

function unknownRates() {
  const unknown = ratio(null, NOT_YET);
  const windows = { month: unknown, trailing12: unknown };
  return {
    churn: { stripe30: unknown, calendar: unknown },
    revenueChurn: { gross: unknown, net: unknown },
    nrr: windows,
    grr: windows,
    quickRatio: unknown,
    ltv: null,
    ltvExact: null,
    ltvReason: NOT_YET,
    concentration: { top1: unknown, top10: unknown },
  };
}

export function customers(context: WidgetContext, search: URLSearchParams) {
  checkNames(search, ["currency", ...FILTERS]);
  const { tally, movements: native } = context.view;
  const movements = movementView(context);
  const { new: came, churned } = presenceCounts(native, context);
  return {
    active: tally.active(),
    total: tally.customers(),
    byStatus: Object.fromEntries([...tally.byStatus()].sort(([a], [b]) => a < b ? -1 : 1)),
    trialing: tally.byStatus().get("trialing") ?? 0,
    new: came,
    churned,
    ...(movements ? ratesOf(context, movements) : unknownRates()),
    approximate: pastNote(context) !== null,
    trialConversion: ratio(null, NOT_YET),
    cac: null,
    cacExact: null,
    ltvToCac: ratio(null, NOT_YET),
    paybackMonths: ratio(null, NOT_YET),
  };
}

/** MRR of each customer at the close of each month; the running month as of today. */
export function customersMonthly(context: WidgetContext, search: URLSearchParams) {
  checkNames(search, ["currency", "from", "to", ...FILTERS]);
  const { view } = context;
  const today = view.calendar.dayOf(context.now);
  const from = readDay(search, "from", view) ?? monthStart(today, -12);
  const to = Math.min(readDay(search, "to", view) ?? today + 1, today + 1);
  const movements = movementView(context);
  const months: { key: string; close: number }[] = [];
  for (let start = monthStart(from); start < to; start = monthStart(start, 1)) {
    months.push({ key: monthKey(start), close: Math.min(monthStart(start, 1), to) - 1 });
  }
  const data = !movements
    ? []
    : [...movements.book.histories(movements.currency)].map((history) => ({
      customer: history.customer,
      currency: movements.currency,
      ...Object.fromEntries(
        months.map(({ key, close }) => [key, format(closeOf(history.steps, close, view.calendar))]),
      ),
    }));
  return { unit: "exact minor units", asOfDay: dayKey(to - 1), data };
}

export function cohorts(context: WidgetContext, search: URLSearchParams) {
  checkNames(search, ["currency", "from", "to", "interval", ...FILTERS]);
  const unit = readWord(search, "interval", ["month", "quarter"], "month");
  const { view } = context;
  const today = view.calendar.dayOf(context.now);
  const from = readDay(search, "from", view) ?? monthStart(today, -12);
  const to = Math.min(readDay(search, "to", view) ?? today + 1, today + 1);
  const movements = movementView(context);
  if (!movements || from >= to) return { data: [] };
  const steps = [...movements.book.histories(movements.currency)].map((history) => history.steps);
  const ratios = (values: readonly Rational[]) => values.map((value) => ratio(value));
  return {
    currency: movements.currency,
    data: cohortTable(steps, from, to, unit, view.calendar).map((cohort) => ({
      [unit]: cohort.period,
      size: cohort.size,
      ...amount("baseMrr", cohort.baseMrr),
      customers: ratios(cohort.customers),
      revenue: ratios(cohort.revenue),
    })),
  };
}
