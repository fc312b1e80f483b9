/**
 * Plans: the top six prices and the others, with their share of MRR.
 *
 * @module
 */
import { billingOf } from "../metrics/filter.ts";
import {
  compare,
  divide,
  multiply,
  ONE,
  type Rational,
  subtract,
  sum,
  toNumber,
  ZERO,
} from "../metrics/rational.ts";
import type { PlanTotal } from "../metrics/tally.ts";
import type { SourceView } from "../store/port.ts";
import { countText, explainHref, moneyText, stateOf, type WidgetContext } from "./context.ts";
import { formatInteger, formatPercent } from "./format.ts";
import { activeCustomers, changeTrend } from "./figures.ts";
import type { PlanRow, PlansModel, PlansWidget, Trend } from "./models.ts";
import { daysOf } from "./movement_view.ts";
import { severalCurrencies, sideBySide, totalsText } from "./native_amounts.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";
import { PERIOD_NAMES, queryText } from "./query.ts";
import { factorsTo } from "./slice.ts";
import { WHY, whyNoGrowth } from "./why.ts";

const TOP = 6;

/** "$49.00 a month", "tiered, every 3 months"; `null` for the price's own currency. */
function priceText(view: SourceView, id: string, wanted: string | null): string {
  const price = view.price(id);
  if (!price?.recurring) return "";
  const { interval, count } = price.recurring;
  const every = count === 1 ? `a ${interval}` : `every ${count} ${interval}s`;
  if (price.tiered) return `tiered, ${every}`;
  const currency = wanted ?? price.currency;
  const face = price.currency === currency ? price : price.currencyOptions?.[currency];
  return face?.unitAmount ? `${moneyText(face.unitAmount, currency)} ${every}` : every;
}

/** The product's name, or the price's id where the key may not read products. */
export function planName(view: SourceView, price: string, product: string): string {
  return view.product(product)?.name ?? view.price(price)?.nickname ?? price;
}

/** "Team, $49.00 a month": a price in words that tell it from others of its product. */
export function priceName(view: SourceView, price: string, product: string): string {
  const cost = priceText(view, price, null);
  const name = planName(view, price, product);
  return cost === "" ? name : `${name}, ${cost}`;
}

interface Plan extends PlanTotal {
  /** In the slice's currency. */
  readonly value: Rational;
}

/** Plans of currencies that are not added up: each as billed, those with more customers first. */
function nativePlans({ view }: WidgetContext): Plan[] {
  return [...view.tally.plans()].map((plan) => ({ ...plan, value: plan.mrr }))
    .sort((a, b) =>
      b.customers - a.customers || compare(b.value, a.value) || (a.price < b.price ? -1 : 1)
    );
}

/** The prices in the slice, converted where it is, greatest first. */
export function plansOf(context: WidgetContext): Plan[] {
  const { view, slice, reporting } = context;
  if (severalCurrencies(context)) return nativePlans(context);
  if (!slice || slice.missingRates.length > 0) return [];
  const factors = slice.converted && reporting
    ? factorsTo(reporting, view.tally.currencies())
    : new Map([[slice.currency, ONE]]);
  const merged = new Map<string, Plan>();
  for (const plan of view.tally.plans()) {
    const factor = factors.get(plan.currency);
    if (!factor) continue;
    const value = multiply(plan.mrr, factor);
    const same = merged.get(plan.price);
    merged.set(plan.price, {
      ...plan,
      value: same ? sum([same.value, value]) : value,
      customers: (same?.customers ?? 0) + plan.customers,
    });
  }
  return [...merged.values()].sort((a, b) =>
    compare(b.value, a.value) || (a.price < b.price ? -1 : 1)
  );
}

/** What prices have gained since the close before the period; `null` before anything is known. */
function changeOf(context: WidgetContext, plans: readonly Plan[]): Trend | null {
  const { view, whole, slice, reporting, query } = context;
  const first = whole.daily.firstDay();
  const { from } = daysOf(context, query.period);
  if (!slice || first === null || (query.period !== "all" && from <= first)) return null;
  const sole = severalCurrencies(context) ? plans[0]?.currency : undefined;
  const currency = sole ?? slice.currency;
  const factors = slice.converted && reporting && sole === undefined
    ? factorsTo(reporting, view.tally.currencies())
    : new Map([[currency, ONE]]);
  const before = plans.flatMap(({ price }) =>
    [...factors].map(([each, factor]) =>
      multiply(view.priceDays.closeOf(price, each, from - 1), factor)
    )
  );
  const now = sum(plans.map(({ value }) => value));
  return changeTrend(subtract(now, sum(before)), currency, "");
}

/** @param total `null` where currencies are not added up: then there is no share of it. */
function row(context: WidgetContext, plan: Plan, total: Rational | null): PlanRow {
  const currency = total ? context.slice!.currency : plan.currency;
  const share = !total || total.n === 0n ? 0 : toNumber(divide(plan.value, total));
  const shown = total && context.slice!.converted ? null : plan.currency;
  return {
    name: planName(context.view, plan.price, plan.product),
    detail: priceText(context.view, plan.price, shown),
    mrr: moneyText(plan.value, currency),
    share,
    shareText: total ? formatPercent(share) : "–",
    customers: formatInteger(plan.customers),
    change: changeOf(context, [plan]),
    href: explainHref(context, "mrr", { plan: plan.price }),
  };
}

const BILLING_WORDS: ReadonlyMap<string, string> = new Map(Object.entries<string>({
  day: "Daily",
  week: "Weekly",
  month: "Monthly",
  quarter: "Quarterly",
  "half-year": "Half-yearly",
  year: "Yearly",
}));

/** MRR by billing interval: monthly, yearly and so on. */
function billingRows(
  context: WidgetContext,
  plans: readonly Plan[],
  total: Rational,
): PlansModel["billing"] {
  const { view, query } = context;
  const groups = Map.groupBy(plans, ({ price }) => {
    const recurring = view.price(price)?.recurring;
    return recurring ? billingOf(recurring.interval, recurring.count) : "";
  });
  if (groups.size < 2 && query.billing === null) return [];
  return [...groups].filter(([billing]) => billing !== "")
    .map(([billing, of]) => ({ billing, value: sum(of.map(({ value }) => value)) }))
    .sort((a, b) => compare(b.value, a.value))
    .map(({ billing, value }) => {
      const share = total.n === 0n ? 0 : toNumber(divide(value, total));
      return {
        name: BILLING_WORDS.get(billing) ?? `Every ${billing.replace("-", " ")}s`,
        mrr: moneyText(value, context.slice!.currency),
        share,
        shareText: formatPercent(share),
        href: queryText({ ...query, source: null, billing }),
      };
    });
}

/** What stands below the top plans, in one row. */
function otherRow(context: WidgetContext, rest: readonly Plan[], total: Rational | null): PlanRow {
  const value = sum(rest.map((plan) => plan.value));
  const share = !total || total.n === 0n ? 0 : toNumber(divide(value, total));
  return {
    name: "Other",
    detail: countText(rest.length, "price"),
    mrr: total ? moneyText(value, context.slice!.currency) : sideBySide(
      Map.groupBy(rest, ({ currency }) => currency).entries().map(
        ([currency, plans]) => [currency, sum(plans.map((plan) => plan.value))] as const,
      ),
    ),
    share,
    shareText: total ? formatPercent(share) : "–",
    customers: "",
    change: total ? changeOf(context, rest) : null,
  };
}

function model(context: WidgetContext): PlansModel {
  const plans = plansOf(context);
  const several = severalCurrencies(context);
  const total = several ? null : sum(plans.map(({ value }) => value));
  const rows = plans.slice(0, TOP).map((plan) => row(context, plan, total));
  const rest = plans.slice(TOP);
  if (rest.length > 0) rows.push(otherRow(context, rest, total));
  const currency = context.slice?.currency ?? "usd";
  return {
    rows,
    ...(rows.length === 0
      ? { empty: context.slice ? WHY.noPayingSubscription : WHY.noSubscriptions }
      : {}),
    total: {
      mrr: several
        ? totalsText(context, "mrr", several)
        : moneyText(context.slice?.total("mrr") ?? ZERO, currency),
      customers: formatInteger(activeCustomers(context)),
    },
    changeLabel: `Change, ${PERIOD_NAMES[context.query.period]}`,
    changeReason: whyNoGrowth(context, WHY.noEarlierClose),
    billing: total ? billingRows(context, plans, total) : [],
  };
}

export function plansWidget(context: WidgetContext, config: WidgetConfig): PlansWidget {
  return {
    ...widgetFrame(config, "Plans"),
    type: "plans",
    state: stateOf(context, () => model(context)),
  };
}
