/**
 * What winning a customer costs and brings: acquisition cost, payback, lifetime value to cost,
 * and the Rule of 40 (metrics.md C.6, C.12). Absent where the operator gave no input.
 *
 * @module
 */
import type { Paused } from "../metrics/books.ts";
import { monthKey, monthStart, sameDayOf } from "../metrics/calendar.ts";
import { exponentOf } from "../metrics/currency.ts";
import type { Grain } from "../metrics/movements.ts";
import {
  acquisitionCost,
  type Derived,
  lifetimeValue,
  lifetimeValueSmoothed,
  lifetimeValueToCost,
  paybackMonths,
  ruleOf40,
} from "../metrics/ratios.ts";
import { customerChurnStripe30 } from "../metrics/retention.ts";
import { multiply, ONE, type Rational, rational } from "../metrics/rational.ts";
import type { Look } from "../store/scans.ts";
import type { WidgetContext } from "./context.ts";
import { arpaOf } from "./figures.ts";
import { closedFigures, type MovementView, pausedIs, periodOf } from "./movement_view.ts";

const TWELVE = rational(12);
const NO_CUSTOMERS: Derived = { value: null, reason: "no_customers" };

/** Lifetime value by the churn of the last complete months; with the gross margin if there is one. */
export function smoothedValue(context: WidgetContext, movements: MovementView): Derived {
  const arpa = context.slice && arpaOf(context.slice);
  const margin = context.inputs.grossMargin ?? ONE;
  const { monthlyChurn } = closedFigures(context, movements);
  return arpa ? lifetimeValueSmoothed(arpa, monthlyChurn, margin) : NO_CUSTOMERS;
}

/** Customer churn of the last 30 days as Stripe counts it (C.3), in the configured grain. */
export function churnStripe30(context: WidgetContext): Derived {
  const { view, inputs, now } = context;
  return view.scanned(scanChurn, [inputs.grain, pausedIs(context)], now);
}

function scanChurn({ view, today }: Look, grain: Grain, paused: Paused): Derived {
  return customerChurnStripe30(view.movements, today, grain, paused);
}

/** Lifetime value by the churn that Stripe shows. */
export function stripeValue(context: WidgetContext): Derived {
  const arpa = context.slice && arpaOf(context.slice);
  const churn = churnStripe30(context);
  if (!arpa) return NO_CUSTOMERS;
  return churn.value === null
    ? churn
    : lifetimeValue(arpa, churn.value, context.inputs.grossMargin ?? ONE);
}

/** Whether amounts of the configuration are in the currency that is shown. */
function isCostCurrency({ slice, reporting }: WidgetContext): boolean {
  return reporting === null || slice?.currency === reporting.currency;
}

function minorUnits(major: Rational, currency: string): Rational {
  return multiply(major, rational(10n ** BigInt(exponentOf(currency))));
}

/**
 * Cost of winning a customer in minor units: as configured, else the marketing spend of a month
 * divided by the customers who were new in the last complete month. `null` without either, or
 * where another currency is shown.
 */
export function costOf(context: WidgetContext, movements: MovementView): Derived | null {
  const { currency } = movements;
  const { acquisitionCost: cost, marketingSpend, acquisitionLag } = context.inputs;
  if (!isCostCurrency(context)) return null;
  if (cost) return { value: minorUnits(cost, currency) };
  const month = monthStart(context.view.calendar.dayOf(context.now), -1);
  const spent = marketingSpend.byMonth[monthKey(monthStart(month, -acquisitionLag))] ??
    marketingSpend.every;
  if (!spent) return null;
  const { customers } = periodOf(context, movements, { from: month, to: monthStart(month, 1) });
  return acquisitionCost(minorUnits(spent, currency), customers.new);
}

/** Lifetime value / cost; `null` where the cost is not given. */
export function valueToCost(context: WidgetContext, movements: MovementView): Derived | null {
  const cost = costOf(context, movements);
  if (!cost || cost.value === null) return cost;
  return lifetimeValueToCost(smoothedValue(context, movements), cost.value);
}

/** Months until a customer has paid for its winning; `null` without cost or gross margin. */
export function paybackOf(context: WidgetContext, movements: MovementView): Derived | null {
  const { grossMargin } = context.inputs;
  const cost = costOf(context, movements);
  if (!cost || !grossMargin) return null;
  const arpa = context.slice && arpaOf(context.slice);
  if (cost.value === null) return cost;
  return arpa ? paybackMonths(cost.value, arpa, grossMargin) : NO_CUSTOMERS;
}

/** ARR growth year on year + profit margin; `null` without a profit margin. */
export function ruleOf40Of(context: WidgetContext): Derived | null {
  const { slice, view, inputs } = context;
  const now = slice?.total("mrr");
  if (!inputs.profitMargin || !slice || !now) return null;
  const day = sameDayOf(view.calendar.dayOf(context.now), -12);
  const before = slice.closes(day, day + 1)[0];
  return before
    ? ruleOf40(multiply(now, TWELVE), multiply(before, TWELVE), inputs.profitMargin)
    : null;
}
