/**
 * Thirteen months on one axis: daily MRR above monthly movements.
 *
 * @module
 */
import { monthKey } from "../metrics/calendar.ts";
import { dateOf } from "../metrics/calendar.ts";
import { monthName, stateOf, type WidgetContext } from "./context.ts";
import type { Chart13Model, Chart13Widget } from "./models.ts";
import { dailyCloses, lastMonths } from "./past.ts";
import { type WidgetConfig, widgetFrame } from "./schema.ts";

const MONTHS = 13;

function model(context: WidgetContext): Chart13Model {
  const months = lastMonths(context, MONTHS);
  const today = context.view.calendar.dayOf(context.now);
  return {
    currency: context.slice?.currency ?? "usd",
    months: months.map(({ start, days, running }) => ({
      key: monthKey(start),
      label: monthName(start).slice(0, 3),
      title: `${monthName(start)} ${dateOf(start).year}`,
      days,
      running,
      approximate: true,
      movements: null,
    })),
    daily: dailyCloses(context, months[0]!.start, today + 1),
    movementsReason: "not yet: movements come with the history",
    note: "Drawn from the subscriptions as they are now: plan changes come with the history.",
  };
}

export function chart13Widget(context: WidgetContext, config: WidgetConfig): Chart13Widget {
  return {
    ...widgetFrame(config, "Thirteen months"),
    type: "chart13",
    state: stateOf(context, () => model(context)),
  };
}
