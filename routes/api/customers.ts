/**
 * `/api/v1/customers`, `/customers/monthly` and `/cohorts`. Rates of revenue are of one currency:
 * the one that is asked for, else the one that the page shows first.
 *
 * @module
 */
import { dayKey, monthKey, monthStart } from "../../src/metrics/calendar.ts";
import {
  churnRevenueGross,
  churnRevenueNet,
  type Derived,
  quickRatio,
} from "../../src/metrics/ratios.ts";
import { customerChurnCalendar } from "../../src/metrics/retention.ts";
import { type Rational, ZERO } from "../../src/metrics/rational.ts";
import { cohortsOf, firstPlans } from "../../src/widgets/cohort_table.ts";
import type { WidgetContext } from "../../src/widgets/context.ts";
import {
  closedFigures,
  daysOf,
  distinctOf,
  type MovementView,
  movementView,
  pastNote,
  pausedIs,
  periodOf,
  rateTotals,
  unlessRateMissing,
} from "../../src/widgets/movement_view.ts";
import { concentrationOf } from "../../src/widgets/rates.ts";
import { trialFigures } from "../../src/widgets/trial_view.ts";
import {
  churnStripe30,
  costOf,
  paybackOf,
  smoothedValue,
  stripeValue,
  valueToCost,
} from "../../src/widgets/unit_costs.ts";
import { checkNames, FILTERS, readId, readWord } from "./params.ts";
import { Problem } from "./problem.ts";
import { readRange } from "./times.ts";
import { amount, derived, FX_RATE_MISSING, ratio, viewOf } from "./values.ts";

/** The operator has to give a cost or a margin for it (metrics.md C.12). */
const NO_INPUT = "no_input";

/** Customers who came and went this month, each once. */
function presenceCounts(context: WidgetContext) {
  const counts = distinctOf(context, daysOf(context, "month"));
  return { new: counts.new, reactivated: counts.returned, churned: counts.lost };
}

/** A derived amount of a currency, with the reason where there is none. */
function derivedAmount(name: string, value: Derived | null): Record<string, unknown> {
  if (value?.value) return amount(name, value.value);
  return { ...amount(name, null), [`${name}Reason`]: value ? value.reason : NO_INPUT };
}

function ratesOf(context: WidgetContext, movements: MovementView) {
  const { book, currency } = movements;
  const { calendar } = context.view;
  const today = calendar.dayOf(context.now);
  const month = daysOf(context, "month");
  const totals = periodOf(context, movements, daysOf(context, "30d"));
  const rates = rateTotals(context, movements);
  const { nrr, grr } = closedFigures(context, movements);
  const complete = { from: monthStart(today, -1), to: month.from };
  return {
    currency,
    ...viewOf(movements.converted),
    churn: {
      stripe30: derived(churnStripe30(context)),
      calendar: derived(
        customerChurnCalendar(book.presence(), complete, calendar, pausedIs(context)),
      ),
    },
    revenueChurn: {
      gross: derived(churnRevenueGross(rates)),
      net: derived(churnRevenueNet(rates)),
    },
    nrr: { month: derived(nrr.month), trailing12: derived(nrr.trailing12) },
    grr: { month: derived(grr.month), trailing12: derived(grr.trailing12) },
    quickRatio: derived(quickRatio(totals)),
    ...derivedAmount("ltv", smoothedValue(context, movements)),
    ...derivedAmount("ltvStripe30", stripeValue(context)),
    ltvWithMargin: context.inputs.grossMargin !== null,
    ...derivedAmount("cac", costOf(context, movements)),
    ltvToCac: given(valueToCost(context, movements)),
    paybackMonths: given(paybackOf(context, movements)),
    concentration: {
      top1: derived(concentrationOf(context, movements, 1)),
      top10: derived(concentrationOf(context, movements, 10)),
    },
  };
}

function given(value: Derived | null): Record<string, unknown> {
  return value ? derived(value) : ratio(null, NO_INPUT);
}

function unknownRates({ inputs }: WidgetContext) {
  const unknown = ratio(null, FX_RATE_MISSING);
  const windows = { month: unknown, trailing12: unknown };
  return {
    churn: { stripe30: unknown, calendar: unknown },
    revenueChurn: { gross: unknown, net: unknown },
    nrr: windows,
    grr: windows,
    quickRatio: unknown,
    ltv: null,
    ltvExact: null,
    ltvReason: FX_RATE_MISSING,
    ltvStripe30: null,
    ltvStripe30Exact: null,
    ltvStripe30Reason: FX_RATE_MISSING,
    ltvWithMargin: inputs.grossMargin !== null,
    cac: null,
    cacExact: null,
    cacReason: FX_RATE_MISSING,
    ltvToCac: unknown,
    paybackMonths: unknown,
    concentration: { top1: unknown, top10: unknown },
  };
}

export function customers(context: WidgetContext, search: URLSearchParams) {
  checkNames(search, ["currency", ...FILTERS]);
  const { tally } = context.view;
  const movements = movementView(context);
  return {
    active: tally.active(),
    total: tally.customers(),
    byStatus: Object.fromEntries([...tally.byStatus()].sort(([a], [b]) => a < b ? -1 : 1)),
    trialing: tally.byStatus().get("trialing") ?? 0,
    ...presenceCounts(context),
    ...(movements
      ? unlessRateMissing<Record<string, unknown>>(
        () => ratesOf(context, movements),
        () => unknownRates(context),
      )
      : unknownRates(context)),
    trialConversion: derived(trialFigures(context).cohort),
    approximate: pastNote(context) !== null,
  };
}

interface Month {
  readonly key: string;
  /** The day at whose close it is looked at. */
  readonly close: number;
}

/** Why there are no rows, where a rate is missing. */
function unconverted({ slice }: WidgetContext): { readonly reason?: string } {
  return slice && slice.missingRates.length > 0 ? { reason: FX_RATE_MISSING } : {};
}

/** MRR of each customer at the close of each month; the running month as of today. */
export function customersMonthly(context: WidgetContext, search: URLSearchParams) {
  checkNames(search, ["currency", "from", "to", ...FILTERS]);
  const { view, now } = context;
  const { from, to } = readRange({ view, search, now }, (today) => monthStart(today, -12));
  const movements = movementView(context);
  // Where no currency is named, the rows are native: one for each customer and currency.
  const asked: readonly MovementView[] = search.has("currency")
    ? movements ? [movements] : []
    : view.tally.currencies().map((currency) => ({
      book: view.movements,
      currency,
      converted: false,
    }));
  const months: Month[] = [];
  for (let start = monthStart(from); start < to; start = monthStart(start, 1)) {
    months.push({ key: monthKey(start), close: Math.min(monthStart(start, 1), to) - 1 });
  }
  return {
    asOfDay: dayKey(to - 1),
    data: from < to ? asked.flatMap((each) => rowsOf(each, months)) : [],
    ...(search.has("currency") ? unconverted(context) : {}),
  };
}

/** Each customer that ever had MRR; converted amounts are at the rates of each close. */
function rowsOf({ book, currency, converted }: MovementView, months: readonly Month[]) {
  const closes = months.map(({ close }) =>
    new Map(book.activeAt(currency, close).map(({ customer, mrr }) => [customer, mrr]))
  );
  const last = months.at(-1)!.close;
  return [...book.histories(currency, last)].map(({ customer }) => ({
    customer,
    currency,
    ...viewOf(converted),
    ...Object.assign(
      {},
      ...months.map(({ key }, index) => amount(key, closes[index]!.get(customer) ?? ZERO)),
    ),
  }));
}

export function cohorts(context: WidgetContext, search: URLSearchParams) {
  checkNames(search, ["currency", "from", "to", "interval", "first", ...FILTERS]);
  const unit = readWord(search, "interval", ["month", "quarter"], "month");
  const { view, now } = context;
  const { from, to } = readRange({ view, search, now }, (today) => monthStart(today, -12));
  const movements = movementView(context);
  if (!movements || from >= to) return { data: [], ...unconverted(context) };
  const first = readId(search, "first");
  if (first !== null && !firstPlans(context).has(first)) {
    throw new Problem("parameter_invalid", "first", "no customer first paid such a price");
  }
  const ratios = (values: readonly Rational[]) => values.map((value) => ratio(value));
  return {
    currency: movements.currency,
    ...viewOf(movements.converted),
    data: cohortsOf(context, movements, { from, to, unit, first }).map((cohort) => ({
      [unit]: cohort.period,
      size: cohort.size,
      ...amount("baseMrr", cohort.baseMrr),
      customers: ratios(cohort.customers),
      revenue: ratios(cohort.revenue),
    })),
  };
}
