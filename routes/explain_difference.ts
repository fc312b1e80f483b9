/**
 * The subscriptions behind one difference between two ways of counting: what each adds once the
 * option is changed. They add up to the difference.
 *
 * @module
 */
import { PRESET_LABELS, PRESET_NAMES, PRESETS } from "../src/metrics/options.ts";
import {
  compare as compareExact,
  format,
  type Rational,
  subtract,
  ZERO,
} from "../src/metrics/rational.ts";
import { type CauseRow, comparePresets } from "../src/widgets/compare.ts";
import { countText, moneyText, type WidgetContext } from "../src/widgets/context.ts";
import { definitionOf } from "../src/widgets/definitions.ts";
import type { ExplainRow } from "../src/widgets/models.ts";
import { planName } from "../src/widgets/plans.ts";
import { queryText } from "../src/widgets/query.ts";
import { dashboardUrl } from "./dashboard_url.ts";
import type { MovementExplanation } from "./explain_movements.ts";
import { roundingOf } from "./rounding.ts";

function magnitude(value: Rational): Rational {
  return value.n < 0n ? subtract(ZERO, value) : value;
}

function row(context: WidgetContext, currency: string, { standing, change }: CauseRow): ExplainRow {
  const { view, query } = context;
  const { id, customer, status, items } = standing.sub;
  const plans = items.map(({ price }) => planName(view, price.id, price.product));
  return {
    subscription: { text: id, href: `/explain/subscription/${id}${queryText(query)}` },
    customer: { text: customer, href: dashboardUrl(view, "customers", customer) },
    status,
    plan: [...new Set(plans)].join(" + "),
    quantity: "",
    amount: moneyText(change, currency, { signed: true }),
    exact: format(change),
    issues: [],
  };
}

/** The rows of the option `option` on the way to the preset `as`; `null` for what is neither. */
export function explainDifference(
  context: WidgetContext,
  as: string | null,
  option: string | null,
): MovementExplanation | null {
  const preset = PRESET_NAMES.find((name) => name === as);
  const found = preset && comparePresets(context, PRESETS[preset]);
  const cause = found?.causes.find((one) => one.option === option);
  if (!preset || !found || !cause) return null;
  const { view, query } = context;
  const currency = context.slice?.currency ?? "usd";
  const rows = cause.rows.toSorted((a, b) =>
    compareExact(magnitude(b.change), magnitude(a.change))
  );
  return {
    title: `Where ${cause.text}`,
    definition: definitionOf("mrr", view.info),
    total: moneyText(cause.amount, currency, { signed: true }),
    totalExact: `${format(cause.amount)} minor units of ${currency.toUpperCase()}`,
    countText: `${countText(rows.length, "subscription")}, ${PRESET_LABELS[preset]}`,
    filters: [{
      label: "Difference",
      choices: found.causes.map((one) => ({
        text: one.text,
        href: `/explain/difference${queryText(query, { as: preset, option: one.option })}`,
        current: one.option === option,
      })),
    }],
    subtotals: [],
    columns: { standing: "Status", plan: "Plan", quantity: null },
    amountLabel: "Adds",
    rows: rows.map((one) => row(context, currency, one)),
    rounding: roundingOf(rows.map(({ change }) => change), cause.amount, currency),
    downloads: [],
  };
}
