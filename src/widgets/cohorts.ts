/**
 * Cohorts: customers by the month or quarter of their first MRR, and the MRR or the customers that
 * are left of them (metrics.md C.8).
 *
 * @module
 */
import { monthStart } from "../metrics/calendar.ts";
import type { Cohort } from "../metrics/cohorts.ts";
import { type Rational, toNumber } from "../metrics/rational.ts";
import { cohortsOf, firstPlans } from "./cohort_table.ts";
import { countText, stateOf, type WidgetContext } from "./context.ts";
import type {
  Choices,
  CohortCell,
  CohortRow,
  CohortsModel,
  CohortsWidget,
  PlannedModel,
} from "./models.ts";
import { movementView } from "./movement_view.ts";
import { WHY, whyNoMovements } from "./why.ts";
import { planName } from "./plans.ts";
import { apiText, type CohortChoice, queryText } from "./query.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";

/** Months before the running one from which cohorts are shown, by unit. */
const MONTHS_BACK = { month: 11, quarter: 21 } as const;
const SHORT = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** The shares that the palest and the deepest cell of a map stand for. */
interface Scale {
  readonly palest: number;
  readonly deepest: number;
}

/**
 * From the least to the greatest share in sight, so that cells of a young company can be told apart
 * too; at least half of what a cohort began with, so that noise is not made to look like a loss.
 */
function scaleOf(table: readonly Cohort[], of: CohortChoice["of"]): Scale {
  const shares = table.flatMap((cohort) => cohort[of].map(toNumber));
  const deepest = Math.max(1, ...shares);
  return { palest: Math.max(0, Math.min(deepest - 0.5, ...shares)), deepest };
}

function cell(value: Rational, partial: boolean, { palest, deepest }: Scale): CohortCell {
  const share = toNumber(value);
  return {
    text: `${Math.round(share * 100)}\u00a0%`,
    level: Math.round(10 * (share - palest) / (deepest - palest)),
    partial,
  };
}

function labelOf(period: string): string {
  const [year, part] = period.split("-");
  return part!.startsWith("Q") ? `${part} ${year}` : `${SHORT[Number(part) - 1]} ${year}`;
}

function row(
  { period, size, ...left }: Cohort,
  of: CohortChoice["of"],
  scale: Scale,
): CohortRow {
  return {
    label: labelOf(period),
    size: countText(size, "customer"),
    cells: left[of].map((value, index, all) => cell(value, index === all.length - 1, scale)),
  };
}

/** Links that cut the map in another way; the page keeps everything else. */
function switches(context: WidgetContext, plans: ReadonlyMap<string, string>): Choices[] {
  const { query, view } = context;
  const { cohorts } = query;
  const choice = (text: string, change: Partial<CohortChoice>) => ({
    text,
    href: queryText({ ...query, source: null, cohorts: { ...cohorts, ...change } }) || "?",
    current: Object.entries(change).every(([key, value]) =>
      cohorts[key as keyof CohortChoice] === value
    ),
  });
  return [
    {
      label: "Cohorts by",
      choices: [choice("Month", { unit: "month" }), choice("Quarter", { unit: "quarter" })],
    },
    {
      label: "What is left",
      choices: [choice("MRR", { of: "revenue" }), choice("Customers", { of: "customers" })],
    },
    {
      label: "First plan",
      choices: [
        choice("Any first plan", { first: null }),
        ...[...plans].map(([price, product]) =>
          choice(planName(view, price, product), { first: price })
        ),
      ],
    },
  ];
}

const CAPTIONS = {
  revenue: "MRR left of the customers who joined together",
  customers: "Customers left of those who joined together",
} as const;

/** CSV of what is shown. */
function downloadOf(context: WidgetContext): string {
  const { unit, first } = context.query.cohorts;
  const asked = { format: "csv", interval: unit, ...(first ? { first } : {}) };
  return `/api/v1/cohorts${apiText(context.query, asked)}`;
}

function model(context: WidgetContext): CohortsModel | PlannedModel {
  const movements = movementView(context);
  if (!movements) return { reason: whyNoMovements(context) };
  const { unit, of, first } = context.query.cohorts;
  const today = context.view.calendar.dayOf(context.now);
  const from = monthStart(today, -MONTHS_BACK[unit]);
  const table = cohortsOf(context, movements, { from, to: today + 1, unit, first });
  const scale = scaleOf(table, of);
  const rows = table.toReversed().map((cohort) => row(cohort, of, scale));
  if (rows.length === 0 && first === null) {
    return { reason: WHY.noCohort };
  }
  return {
    caption: `${CAPTIONS[of]}, by ${unit}s since; the last cell of a row is the running ${unit}`,
    rows,
    switches: switches(context, firstPlans(context)),
    download: { text: "CSV", href: downloadOf(context) },
  };
}

export function cohortsWidget(context: WidgetContext, config: WidgetConfig): CohortsWidget {
  return {
    ...widgetFrame(config, "Cohorts"),
    type: "cohorts",
    state: stateOf(context, () => model(context)),
  };
}
