/**
 * The status line over the figures of a source: what can be chosen, how fresh they are, and what is
 * amiss.
 *
 * @module
 */
import { PRESET_LABELS } from "../src/metrics/options.ts";
import {
  createContext,
  momentOf,
  progressText,
  type WidgetContext,
} from "../src/widgets/context.ts";
import type { Choices, FilterChip, StatusModel } from "../src/widgets/models.ts";
import { planName, plansOf, priceName } from "../src/widgets/plans.ts";
import { NO_QUERY, type Period, queryText, type ViewQuery } from "../src/widgets/query.ts";
import { ratesText } from "../src/widgets/rate_text.ts";
import { type FigureDeps, modeOf, sourceName } from "./chrome.ts";
import { accountChoices, pageBanner, type Seen } from "./page_banner.ts";

const PERIOD_TEXTS: Readonly<Record<Period, readonly [string, string]>> = {
  month: ["This month", "from the first of this month"],
  "30d": ["30 d", "the last 30 days"],
  quarter: ["Quarter", "this quarter"],
  "12m": ["12 m", "the last 12 months"],
  all: ["All", "everything known"],
};

function periodChoices(path: string, query: ViewQuery): Choices {
  const choices = (Object.keys(PERIOD_TEXTS) as Period[]).map((period) => ({
    text: PERIOD_TEXTS[period][0],
    title: PERIOD_TEXTS[period][1],
    href: `${path}${queryText({ ...query, period })}`,
    current: query.period === period,
  }));
  return { label: "Period", choices };
}

function currencyChoices(context: WidgetContext, path: string): Choices {
  const { view, query, reporting } = context;
  const chosen = context.slice?.currency;
  const all = [
    ...new Set([...(reporting ? [reporting.currency] : []), ...view.tally.currencies()]),
  ];
  const choices = all.map((currency) => ({
    text: currency.toUpperCase(),
    title: currency === reporting?.currency
      ? `all currencies in ${currency.toUpperCase()}: ${ratesText(context) || "no other is billed"}`
      : `only ${currency.toUpperCase()}, as billed`,
    href: `${path}${queryText({ ...query, currency, native: false })}`,
    current: currency === chosen,
  }));
  return { label: "Currency", choices };
}

const PLAN_CHOICES_MAX = 20;

function planChoices(context: WidgetContext, path: string): Choices {
  const { query } = context;
  const every = {
    text: "All plans",
    href: `${path}${queryText({ ...query, plan: null })}`,
    current: query.plan === null,
  };
  const { view, whole } = context;
  const others = createContext({ ...context, view: whole, query: { ...query, plan: null } });
  const shown = plansOf(others).slice(0, PLAN_CHOICES_MAX);
  const names = shown.map(({ price, product }) => planName(view, price, product));
  const isUnique = (name: string) => names.indexOf(name) === names.lastIndexOf(name);
  const plans = shown.map(({ price, product }, index) => ({
    text: isUnique(names[index]!) ? names[index]! : priceName(view, price, product),
    title: price,
    href: `${path}${queryText({ ...query, plan: price })}`,
    current: query.plan === price,
  }));
  return { label: "Plan", choices: [every, ...plans] };
}

/** The filters that are on, in words. */
function filterChips({ query, whole }: WidgetContext, path: string): FilterChip[] {
  const { plan, product, billing } = query;
  const nameOf = (price: string) => priceName(whole, price, whole.price(price)?.product ?? "");
  const texts = {
    plan: plan && `Plan: ${nameOf(plan)}`,
    product: product && `Product: ${whole.product(product)?.name ?? product}`,
    billing: billing && `Billed by the ${billing}`,
  };
  return (["plan", "product", "billing"] as const).flatMap((name) => {
    const text = texts[name];
    return text ? [{ text, offHref: `${path}${queryText({ ...query, [name]: null })}` }] : [];
  });
}

function freshnessOf(context: WidgetContext): StatusModel["freshness"] {
  const { status } = context.view;
  const { asOf } = context;
  if (status.phase === "key_rejected") return { text: "key rejected", tone: "broken", asOf };
  if (status.phase === "permission_missing") {
    return { text: "permission missing", tone: "broken", asOf };
  }
  if (!asOf && status.problem) return { text: "not connected yet", tone: "stale", asOf };
  if (!asOf) return { text: progressText(context.view), tone: "loading", asOf };
  if (status.staleSince !== null || status.problem !== null) {
    const since = status.staleSince === null ? asOf : momentOf(context, status.staleSince);
    return {
      text: `stale since ${since.text}`,
      tone: "stale",
      asOf,
    };
  }
  return { text: "live", tone: "live", asOf };
}

function definitionsHref(deps: FigureDeps, { view }: WidgetContext): string {
  return `/definitions${queryText({ ...NO_QUERY, source: sourceName(deps, view) })}`;
}

/** Where a status line stands, besides the path that its choices lead to. */
interface Place {
  /** What it is refreshed by. */
  readonly id?: string;
  /** The sources on the page; that of the line alone where left out. */
  readonly shown?: readonly WidgetContext[];
}

/**
 * The status line over the figures of a source.
 *
 * @param path where its choices lead to.
 */
export function statusOf(
  deps: FigureDeps & Seen,
  context: WidgetContext,
  path: string,
  { id = "status", shown = [context] }: Place = {},
): StatusModel {
  const banner = pageBanner(deps, shown);
  return {
    id,
    account: context.view.info.displayName,
    mode: modeOf(deps, context.view),
    period: periodChoices(path, context.query),
    currency: currencyChoices(context, path),
    plan: planChoices(context, path),
    filters: filterChips(context, path),
    freshness: freshnessOf(context),
    accounts: accountChoices(deps, context),
    ...(banner ? { banner } : {}),
    preset: { text: PRESET_LABELS[context.view.info.preset], href: definitionsHref(deps, context) },
  };
}
