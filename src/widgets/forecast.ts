/**
 * The forecast: what is known to change MRR, and what comes if the last months continue
 * (metrics.md C.11). Labelled as a projection; the past is what it was, or not drawn.
 *
 * @module
 */
import { dateOf, monthKey } from "../metrics/calendar.ts";
import type { KnownChangeKind } from "../metrics/known_changes.ts";
import { type Rational, toNumber } from "../metrics/rational.ts";
import {
  countText,
  explainHref,
  moneyText,
  monthName,
  stateOf,
  type WidgetContext,
} from "./context.ts";
import { spanText } from "./period_text.ts";
import { definitionOf } from "./definitions.ts";
import {
  forecastOf,
  type ForecastView,
  HORIZON,
  type ShownChange,
  sumOfChanges,
} from "./forecast_view.ts";
import type {
  Figure,
  ForecastChange,
  ForecastModel,
  ForecastPoint,
  ForecastWidget,
  PlannedModel,
  ProjectedPoint,
} from "./models.ts";
import { moneyReasons, noPermission, whyNoSum } from "./money.ts";
import { dailyCloses, lastMonths } from "./past.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";
import { WHY } from "./why.ts";

const PAST_MONTHS = 12;

export const CHANGE_TEXTS: Readonly<Record<KnownChangeKind, string>> = {
  cancellation: "Scheduled cancellations",
  schedule_start: "Schedules that start",
  phase_change: "Agreed changes",
  discount_end: "Discounts that end",
};

export const NO_FORECAST: ReadonlyMap<string, string> = new Map(Object.entries<string>({
  fewer_than_3_months: "No projection: it needs 3 complete months of history",
  no_mrr_at_start: "No projection: the last months began without MRR",
}));

function labelOf(day: number): string {
  return `${monthName(day).slice(0, 3)} ${dateOf(day).year}`;
}

function point(day: number, value: Rational): ForecastPoint {
  return { day, label: labelOf(day), value: toNumber(value) };
}

/** Closes of the complete months and today's; what is not known is left out, never made up. */
function pastPoints(context: WidgetContext): ForecastPoint[] {
  const today = context.view.calendar.dayOf(context.now);
  return lastMonths(context, PAST_MONTHS + 1).flatMap(({ start, days, running }) => {
    const day = running ? today : start + days - 1;
    const value = dailyCloses(context, day, day + 1)[0] ?? null;
    return value === null ? [] : [{ day, label: labelOf(day), value }];
  });
}

function projectedPoints({ projection, days, mrr }: ForecastView, today: number): ProjectedPoint[] {
  if (projection.kind === "none") return [];
  const now = toNumber(mrr);
  const start = { day: today, label: labelOf(today), value: now, low: now, high: now };
  return [
    start,
    ...days.map((day, index) => ({
      ...point(day, projection.path[index]!),
      low: toNumber(projection.low[index]!),
      high: toNumber(projection.high[index]!),
    })),
  ];
}

/** Known changes by month and kind, in order of time. */
function changeRows(context: WidgetContext, { changes, currency }: ForecastView): ForecastChange[] {
  const groups = new Map<string, ShownChange[]>();
  for (const change of changes) {
    const month = monthKey(context.view.calendar.dayOf(change.at));
    const key = `${month} ${change.kind}`;
    const group = groups.get(key);
    if (group) group.push(change);
    else groups.set(key, [change]);
  }
  return [...groups].map(([key, group]) => {
    const [month, kind] = key.split(" ") as [string, KnownChangeKind];
    const sum = sumOfChanges(group);
    return {
      month: labelOf(context.view.calendar.dayOf(group[0]!.at)),
      kind: CHANGE_TEXTS[kind],
      count: countText(new Set(group.map(({ subscription }) => subscription)).size, "subscription"),
      amount: moneyText(sum, currency, { signed: true }),
      tone: sum.n < 0n ? "bad" : "good",
      href: explainHref(context, "known-changes", { month, kind }),
    };
  });
}

function figures(context: WidgetContext, view: ForecastView): Figure[] {
  const { info } = context.whole;
  const { currency, projection, known, trials } = view;
  const money = (value: Rational) => moneyText(value, currency, { whole: true });
  const definition = definitionOf("forecast", info);
  const at = (months: number): Figure => {
    const label = `In ${months} months, if it continues`;
    if (projection.kind === "none") {
      return { label, value: null, reason: NO_FORECAST.get(projection.reason)!, definition };
    }
    const [low, high] = [projection.low[months - 1]!, projection.high[months - 1]!];
    return {
      label,
      value: money(projection.path[months - 1]!),
      note: spanText(money(low), money(high)),
      definition,
    };
  };
  return [
    {
      label: `In ${HORIZON} months, from what is known`,
      value: money(known.at(-1)!),
      note: moneyText(sumOfChanges(view.changes), currency, { whole: true, signed: true }),
      definition: definitionOf("knownChanges", info),
      href: explainHref(context, "known-changes"),
    },
    at(3),
    at(12),
    trials
      ? {
        label: "Trials, if they convert as before",
        value: moneyText(trials, currency, { whole: true, signed: true }),
        note: "on top, in no line",
        definition: definitionOf("trialForecast", info),
        href: explainHref(context, "trials", { show: "running" }),
      }
      : {
        label: "Trials, if they convert as before",
        value: null,
        reason: WHY.noTrialDecided,
        definition: definitionOf("trialForecast", info),
      },
  ];
}

function model(context: WidgetContext): ForecastModel | PlannedModel {
  const view = forecastOf(context);
  if (!view) return { reason: whyNoSum(context) };
  const today = context.view.calendar.dayOf(context.now);
  const { projection } = view;
  const gap = context.view === context.whole
    ? noPermission(context.whole, "subscription_schedules")
    : "not split by plan: choose all plans to see what is known to change";
  return {
    currency: view.currency,
    past: pastPoints(context),
    known: [point(today, view.mrr), ...view.days.map((day, i) => point(day, view.known[i]!))],
    projected: projectedPoints(view, today),
    note: projection.kind === "none"
      ? NO_FORECAST.get(projection.reason)!
      : `Projection: the last ${projection.months} complete months continued; the band is the ` +
        "lowest and highest that a single one of them would give",
    figures: figures(context, view),
    changes: changeRows(context, view),
    ...(gap ? { gap } : {}),
  };
}

export function forecastWidget(context: WidgetContext, config: WidgetConfig): ForecastWidget {
  return {
    ...widgetFrame(config, "Forecast"),
    type: "forecast",
    definition: definitionOf("forecast", context.whole.info),
    state: stateOf(
      context,
      () => model(context),
      moneyReasons(context.whole, ["subscription_schedules"]),
    ),
  };
}
