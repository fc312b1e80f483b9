/**
 * The customers behind the restatements of closed months (design.md section 3): what each was
 * first reported to be at the close, what it is known to have been now, and why.
 *
 * @module
 */
import type { Restatement } from "../src/metrics/closed_months.ts";
import { add, format, subtract, ZERO } from "../src/metrics/rational.ts";
import { countText, moneyText, type WidgetContext } from "../src/widgets/context.ts";
import { definitionOf } from "../src/widgets/definitions.ts";
import type { ExplainRow } from "../src/widgets/models.ts";
import { queryText } from "../src/widgets/query.ts";
import { dashboardUrl } from "./dashboard_url.ts";
import type { MovementExplanation } from "./explain_movements.ts";
import { roundingOf } from "./rounding.ts";

const CAUSES: Readonly<Record<Restatement["cause"], string>> = {
  repair: "the past became known better",
  definition: "another definition",
};

function row(context: WidgetContext, restatement: Restatement): ExplainRow {
  const { view, query } = context;
  const { customer, currency, month, reported, now, cause } = restatement;
  const [subscription = customer] = view.subscriptionsOf(customer).slice(-1);
  const change = subtract(now, reported);
  return {
    subscription: {
      text: subscription,
      href: `/explain/subscription/${subscription}${queryText(query)}`,
    },
    customer: { text: customer, href: dashboardUrl(view, "customers", customer) },
    status: month,
    plan: `${moneyText(reported, currency)} → ${moneyText(now, currency)}: ${CAUSES[cause]}`,
    quantity: "",
    amount: moneyText(change, currency, { signed: true }),
    exact: format(change),
    issues: [],
  };
}

/** All restatements of the slice's currency, the newest month first. */
export function explainRestated(context: WidgetContext): MovementExplanation {
  const currency = context.slice?.currency ?? "usd";
  const found = context.view.closedMonths.restatements().filter((one) => one.currency === currency);
  const total = found.map(({ now, reported }) => subtract(now, reported)).reduce(add, ZERO);
  const months = new Map<string, Restatement[]>();
  for (const one of found) months.set(one.month, [...months.get(one.month) ?? [], one]);
  return {
    title: "Restated",
    definition: definitionOf("restated", context.view.info),
    total: moneyText(total, currency, { signed: true }),
    totalExact: `${format(total)} minor units of ${currency.toUpperCase()}`,
    countText: `${countText(found.length, "customer")} in ${countText(months.size, "month")}`,
    filters: [],
    subtotals: [...months].map(([month, rows]) => {
      const by = rows.map(({ now, reported }) => subtract(now, reported)).reduce(add, ZERO);
      return {
        currency: month,
        amount: moneyText(by, currency, { signed: true }),
        exact: format(by),
        rows: countText(rows.length, "customer"),
      };
    }),
    columns: { standing: "Month", plan: "Reported → now", quantity: null },
    amountLabel: "Restated by",
    rows: found.map((one) => row(context, one)),
    rounding: roundingOf(
      found.map(({ now, reported }) => subtract(now, reported)),
      total,
      currency,
    ),
    downloads: [],
  };
}
