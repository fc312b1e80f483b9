/**
 * `/api/v1/renewals` and `/forecast`: what is to come (metrics.md C.11). Projections, and marked
 * as such.
 *
 * @module
 */
import { dayKey } from "../../src/metrics/calendar.ts";
import { multiply, type Rational } from "../../src/metrics/rational.ts";
import type { WidgetContext } from "../../src/widgets/context.ts";
import { forecastOf, type ShownChange } from "../../src/widgets/forecast_view.ts";
import { factorsIn } from "../../src/widgets/money.ts";
import {
  collectionRateOf,
  RENEWAL_DAYS,
  renewalsByDay,
  renewalSum,
} from "../../src/widgets/renewal_view.ts";
import { checkNames, readWord } from "./params.ts";
import { Problem } from "./problem.ts";
import { amount, derived, FX_RATE_MISSING, time, viewOf } from "./values.ts";

function renewalRows(context: WidgetContext) {
  const { whole, now, slice } = context;
  const factors = factorsIn(context, whole.tally.currencies());
  return whole.renewalRows(now).flatMap(({ subscription, renewals }) => {
    const sub = whole.standing(subscription)?.sub;
    const factor = sub && factors?.get(sub.currency);
    if (!sub || !factor) return [];
    return renewals.map((renewal) => ({
      day: dayKey(whole.calendar.dayOf(renewal.at)),
      at: time(renewal.at),
      subscription,
      customer: sub.customer,
      status: sub.status,
      currency: slice!.currency,
      ...viewOf(slice!.converted),
      ...amount("amount", multiply(renewal.amount, factor)),
    }));
  }).sort((a, b) => a.day < b.day ? -1 : a.day > b.day ? 1 : 0);
}

export function renewals(contexts: readonly WidgetContext[], search: URLSearchParams) {
  checkNames(search, ["currency", "detail"]);
  const detail = readWord(search, "detail", ["days", "subscriptions"], "days");
  const data: Record<string, unknown>[] = [];
  const currencies: Record<string, unknown> = {};
  for (const context of contexts) {
    const days = renewalsByDay(context);
    if (!days || !context.slice) throw new Problem("fx_rate_missing", "currency");
    const { currency, converted } = context.slice;
    const rate = context.whole.status.paymentsRead ? collectionRateOf(context) : null;
    const total = renewalSum(context, days, RENEWAL_DAYS);
    const expected: Rational | null = rate?.value ? multiply(total.amount, rate.value) : null;
    currencies[currency] = {
      ...viewOf(converted),
      ...amount("total", total.amount),
      invoices: total.count,
      collectionRate: rate ? derived(rate) : { exact: null, value: null, reason: "not_read_yet" },
      ...amount("expectedCash", expected),
    };
    if (detail === "subscriptions") data.push(...renewalRows(context));
    else {
      for (const { day, amount: value, count } of days) {
        data.push({
          day: dayKey(day),
          currency,
          ...viewOf(converted),
          ...amount("amount", value),
          invoices: count,
        });
      }
    }
  }
  return { projection: true, days: RENEWAL_DAYS, totals: currencies, data };
}

function changeJson(context: WidgetContext, change: ShownChange) {
  return {
    kind: change.kind,
    at: time(change.at),
    day: dayKey(context.whole.calendar.dayOf(change.at)),
    subscription: change.subscription,
    customer: change.customer,
    currency: context.slice!.currency,
    ...amount("delta", change.shown),
  };
}

/** One currency: the one that is asked for, else the one that the page shows first. */
export function forecasts(context: WidgetContext, search: URLSearchParams) {
  checkNames(search, ["currency"]);
  const view = forecastOf(context);
  if (!view) {
    const missing = (context.slice?.missingRates.length ?? 0) > 0;
    return { projection: true, data: [], reason: missing ? FX_RATE_MISSING : "no_mrr" };
  }
  const { projection, days, known, currency } = view;
  const schedules = context.whole.status.permissions.subscription_schedules;
  return {
    projection: true,
    currency,
    ...viewOf(context.slice?.converted ?? false),
    ...amount("mrr", view.mrr),
    basedOnMonths: projection.kind === "value" ? projection.months : null,
    reason: projection.kind === "none" ? projection.reason : null,
    ...(schedules === "missing" ? { missing: ["subscription_schedules"] } : {}),
    ...amount("trials", view.trials),
    changes: view.changes.map((change) => changeJson(context, change)),
    data: days.map((day, index) => ({
      day: dayKey(day),
      currency,
      ...amount("known", known[index]!),
      ...amount("projected", projection.kind === "value" ? projection.path[index]! : null),
      ...amount("low", projection.kind === "value" ? projection.low[index]! : null),
      ...amount("high", projection.kind === "value" ? projection.high[index]! : null),
    })),
  };
}
