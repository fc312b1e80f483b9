/**
 * Cohorts: customers by the month of their first MRR, and the MRR that is left of them
 * (metrics.md C.8). Worked out once a day, as it scans all customers.
 *
 * @module
 */
import { monthStart } from "../metrics/calendar.ts";
import { type Cohort, cohortTable } from "../metrics/cohorts.ts";
import type { MovementBook } from "../metrics/movement_book.ts";
import { type Rational, toNumber } from "../metrics/rational.ts";
import { countText, stateOf, type WidgetContext } from "./context.ts";
import type { CohortCell, CohortRow, CohortsModel, CohortsWidget, PlannedModel } from "./models.ts";
import { type MovementView, movementView, whyNoMovements } from "./movement_view.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";

const MONTHS = 12;
const SHORT = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const kept = new WeakMap<
  MovementBook,
  { readonly key: string; readonly table: readonly Cohort[] }
>();

function tableOf(context: WidgetContext, { book, currency }: MovementView): readonly Cohort[] {
  const { calendar, status } = context.view;
  const today = calendar.dayOf(context.now);
  const key = `${currency} ${today} ${status.historyDone} ${status.liveSince}`;
  const known = kept.get(book);
  if (known?.key === key) return known.table;
  const from = monthStart(today, 1 - MONTHS);
  const steps = [...book.histories(currency)].map((history) => history.steps);
  const table = cohortTable(steps, from, today + 1, "month", calendar);
  kept.set(book, { key, table });
  return table;
}

function cell(value: Rational, partial: boolean): CohortCell {
  const share = toNumber(value);
  return {
    text: `${Math.round(share * 100)}\u00a0%`,
    level: Math.max(0, Math.min(10, Math.round(share * 10))),
    partial,
  };
}

function row({ period, size, revenue }: Cohort): CohortRow {
  const [year, month] = period.split("-");
  return {
    label: `${SHORT[Number(month) - 1]} ${year}`,
    size: countText(size, "customer"),
    cells: revenue.map((value, index) => cell(value, index === revenue.length - 1)),
  };
}

function model(context: WidgetContext): CohortsModel | PlannedModel {
  const movements = movementView(context);
  if (!movements) return { reason: whyNoMovements(context) };
  const rows = tableOf(context, movements).toReversed().map(row);
  if (rows.length === 0) return { reason: "no customer joined in the last 12 months" };
  return { caption: "MRR left of each month's customers, by months since they joined", rows };
}

export function cohortsWidget(context: WidgetContext, config: WidgetConfig): CohortsWidget {
  return {
    ...widgetFrame(config, "Cohorts"),
    type: "cohorts",
    state: stateOf(context, () => model(context)),
  };
}
