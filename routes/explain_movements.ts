/**
 * The rows behind a movement of a period: one for each customer and day, which add up to it.
 *
 * @module
 */
import { dateOf } from "../src/metrics/calendar.ts";
import { isLoss, type Movement, type MovementKind } from "../src/metrics/movements.ts";
import { add, format, negate, type Rational, ZERO } from "../src/metrics/rational.ts";
import { CAUSE_WORDS } from "../src/widgets/causes.ts";
import { periodText } from "../src/widgets/period_text.ts";
import { countText, moneyText, monthName, type WidgetContext } from "../src/widgets/context.ts";
import { definitionOf } from "../src/widgets/definitions.ts";
import type { Choices, ExplainModel, ExplainRow, Link } from "../src/widgets/models.ts";
import {
  daysOf,
  movementsOf,
  movementView,
  pastNote,
  unlessRateMissing,
} from "../src/widgets/movement_view.ts";
import { whyNoMovements } from "../src/widgets/why.ts";
import { planName } from "../src/widgets/plans.ts";
import { queryText, type ViewQuery } from "../src/widgets/query.ts";
import { dashboardUrl } from "./dashboard_url.ts";
import { daysAsked, downloadsOf, rowDownloads, ROWS_MAX } from "./download_links.ts";
import { roundingOf } from "./rounding.ts";

/** A kind of movement, or all of them together. */
export type MovementFigure = MovementKind | "movements";

const TITLES: Readonly<Record<MovementFigure, string>> = {
  movements: "All movements",
  new: "New MRR",
  reactivation: "Reactivation",
  expansion: "Expansion",
  contraction: "Contraction",
  churn: "Churn",
};

/** What a movement adds to MRR, with its sign. */
function signed({ kind, amount }: Movement): Rational {
  return isLoss(kind) ? negate(amount) : amount;
}

function dayText(day: number): string {
  const { day: date, year } = dateOf(day);
  return `${date} ${monthName(day).slice(0, 3)} ${year}`;
}

function row(context: WidgetContext, movement: Movement): ExplainRow {
  const { view, query } = context;
  const { customer, currency, day } = movement;
  const [subscription = customer] = view.subscriptionsOf(customer).slice(-1);
  const standing = view.standing(subscription);
  const plans = standing?.sub.items.map(({ price }) => planName(view, price.id, price.product)) ??
    [];
  const change = signed(movement);
  return {
    subscription: {
      text: subscription,
      href: `/explain/subscription/${subscription}${queryText(query)}`,
    },
    customer: { text: customer, href: dashboardUrl(view, "customers", customer) },
    status: movement.cause ? `${dayText(day)}, ${CAUSE_WORDS[movement.cause]}` : dayText(day),
    plan: [...new Set(plans)].join(" + "),
    quantity: "",
    amount: moneyText(change, currency, { signed: true }),
    exact: format(change),
    issues: [],
  };
}

function choices(context: WidgetContext, current: MovementFigure): Choices {
  return {
    label: "Movement",
    choices: (Object.keys(TITLES) as MovementFigure[]).map((kind) => ({
      text: TITLES[kind],
      href: `/explain/${kind}${queryText(context.query)}`,
      current: kind === current,
    })),
  };
}

/** What the explain page says of a movement; the frame around it is the caller's. */
export type MovementExplanation = Omit<ExplainModel, "chrome" | "asOf" | "paging" | "rows"> & {
  readonly rows: readonly ExplainRow[];
};

/** The interface lists movements of all kinds from the newest on, for no period. */
function latestOf(query: ViewQuery): Link[] {
  return downloadsOf("events", query, { limit: String(ROWS_MAX) })
    .map(({ text, href }) => ({ text: `${text}, the latest ${ROWS_MAX}`, href }));
}

/** All rows of a movement in the chosen period, newest first. */
export function explainMovement(
  context: WidgetContext,
  kind: MovementFigure,
): MovementExplanation {
  const movements = movementView(context);
  const days = daysOf(context, context.query.period);
  let note = movements ? pastNote(context) : whyNoMovements(context);
  const found = movements
    ? unlessRateMissing(
      () =>
        movementsOf(
          context,
          movements,
          days,
          kind === "movements" ? undefined : kind,
        ).toReversed(),
      (reason) => {
        note = reason;
        return [];
      },
    )
    : [];
  const total = found.map(signed).reduce(add, ZERO);
  const currency = movements?.currency ?? context.slice?.currency ?? "usd";
  const customers = new Set(found.map(({ customer }) => customer)).size;
  const definition = definitionOf("movements", context.view.info);
  const asked = { ...context.query, currency };
  return {
    title: TITLES[kind],
    definition: note ? { ...definition, text: `${definition.text} ${note}.` } : definition,
    total: moneyText(total, currency, { signed: true }),
    totalExact: `${format(total)} minor units of ${currency.toUpperCase()}`,
    countText: `${periodText(context)}: ${countText(found.length, "movement")} of ${
      countText(customers, "customer")
    }`,
    filters: [choices(context, kind)],
    subtotals: [],
    columns: { standing: "Day", plan: "Plan now", quantity: null },
    amountLabel: "Change",
    rows: found.map((movement) => row(context, movement)),
    rounding: roundingOf(found.map(signed), total, currency),
    downloads: kind === "movements" ? latestOf(asked) : rowDownloads(
      "subscriptions",
      asked,
      found.length,
      { figure: kind, ...daysAsked(days) },
    ),
  };
}
