/**
 * The customers behind NRR and GRR: everyone with MRR at the start of the window, what each had
 * then and has at its end (metrics.md C.4). Who came later is in neither.
 *
 * @module
 */
import { dateOf } from "../src/metrics/calendar.ts";
import { grossRetention, netRetention } from "../src/metrics/ratios.ts";
import {
  compare,
  format,
  minimum,
  type Rational,
  subtract,
  sum,
  toNumber,
} from "../src/metrics/rational.ts";
import { retentionWindows, type Window } from "../src/metrics/retention.ts";
import { valueBefore } from "../src/metrics/steps.ts";
import { countText, moneyText, monthName, type WidgetContext } from "../src/widgets/context.ts";
import { definitionOf } from "../src/widgets/definitions.ts";
import { formatPercent } from "../src/widgets/format.ts";
import type { ExplainRow } from "../src/widgets/models.ts";
import { movementView } from "../src/widgets/movement_view.ts";
import { queryText } from "../src/widgets/query.ts";
import { dashboardUrl } from "./dashboard_url.ts";
import type { MovementExplanation } from "./explain_movements.ts";

interface Ends {
  readonly customer: string;
  readonly start: Rational;
  readonly end: Rational;
}

function endsOf(context: WidgetContext, { from, to }: Window): readonly Ends[] {
  const movements = movementView(context);
  if (!movements) return [];
  const { calendar } = context.view;
  const found: Ends[] = [];
  for (const { customer, steps } of movements.book.histories(movements.currency, to - 1)) {
    const start = valueBefore(steps, calendar.startOf(from));
    if (start.n > 0n) {
      found.push({ customer, start, end: valueBefore(steps, calendar.startOf(to)) });
    }
  }
  return found.sort((a, b) =>
    compare(subtract(a.end, a.start), subtract(b.end, b.start)) ||
    (a.customer < b.customer ? -1 : 1)
  );
}

function row(context: WidgetContext, currency: string, { customer, start, end }: Ends): ExplainRow {
  const { view, query } = context;
  const [subscription = customer] = view.subscriptionsOf(customer).slice(-1);
  const change = subtract(end, start);
  return {
    subscription: {
      text: subscription,
      href: `/explain/subscription/${subscription}${queryText(query)}`,
    },
    customer: { text: customer, href: dashboardUrl(view, "customers", customer) },
    status: end.n === 0n
      ? "left"
      : change.n < 0n
      ? "pays less"
      : change.n > 0n
      ? "pays more"
      : "same",
    plan: `${moneyText(start, currency)} → ${moneyText(end, currency)}`,
    quantity: "",
    amount: moneyText(change, currency, { signed: true }),
    exact: format(change),
    issues: [],
  };
}

function monthText(day: number): string {
  return `${monthName(day)} ${dateOf(day).year}`;
}

/** @param name `month` for the last complete month, else the twelve complete months. */
export function explainRetention(context: WidgetContext, name: string | null): MovementExplanation {
  const { view, query } = context;
  const windows = retentionWindows(view.calendar.dayOf(context.now));
  const window = name === "month" ? windows.month : windows.trailing12;
  const currency = context.slice?.currency ?? "usd";
  const ends = endsOf(context, window);
  const pairs = ends.map(({ start, end }) => [start, end] as const);
  const [nrr, grr] = [netRetention(pairs), grossRetention(pairs)];
  const money = (value: Rational) => moneyText(value, currency, { whole: true });
  const start = sum(pairs.map(([before]) => before));
  const end = sum(pairs.map(([, after]) => after));
  const stays = sum(pairs.map(([before, after]) => minimum(before, after)));
  const percent = ({ value }: typeof nrr) => value === null ? "–" : formatPercent(toNumber(value));
  return {
    title: "Retention",
    definition: definitionOf("nrr", view.info),
    total: `NRR ${percent(nrr)}, GRR ${percent(grr)}`,
    totalExact: "",
    countText: `${countText(ends.length, "customer")} at the start of ${
      monthText(window.from)
    }, with ${money(start)}; at the end of ${monthText(window.to - 1)} they bring in ${
      money(end)
    }, of which ${money(stays)} is no more than each brought in then`,
    filters: [{
      label: "Window",
      choices: (["trailing12", "month"] as const).map((one) => ({
        text: one === "month" ? "Last complete month" : "12 complete months",
        href: `/explain/retention${queryText(query, { window: one })}`,
        current: (name === "month") === (one === "month"),
      })),
    }],
    subtotals: [],
    columns: { standing: "Since then", plan: "MRR then → now", quantity: null },
    amountLabel: "Change",
    rows: ends.map((one) => row(context, currency, one)),
    rounding: null,
    downloads: [],
  };
}
