/**
 * The rows behind what is to come: known changes of MRR, and renewals.
 *
 * @module
 */
import { dateOf, monthKey } from "../src/metrics/calendar.ts";
import { KNOWN_CHANGES } from "../src/metrics/known_changes.ts";
import { format, multiply, sum, ZERO } from "../src/metrics/rational.ts";
import {
  countText,
  dayText,
  moneyText,
  monthName,
  type WidgetContext,
} from "../src/widgets/context.ts";
import { definitionOf } from "../src/widgets/definitions.ts";
import { CHANGE_TEXTS } from "../src/widgets/forecast.ts";
import { type ShownChange, shownChanges, sumOfChanges } from "../src/widgets/forecast_view.ts";
import { formatInteger } from "../src/widgets/format.ts";
import type { Cell, Choices, TableModel, TablesContent } from "../src/widgets/models.ts";
import { factorsIn, noPermission, whyNoSum } from "../src/widgets/money.ts";
import { queryText, type ViewQuery } from "../src/widgets/query.ts";
import { RENEWAL_DAYS, renewalsByDay } from "../src/widgets/renewal_view.ts";
import { dashboardUrl } from "./dashboard_url.ts";
import { downloadsOf, unfiltered } from "./download_links.ts";
import { roundingRows } from "./rounding.ts";

/** What a download is asked for to be in the currency of the page. */
function inShown({ query, slice }: WidgetContext): ViewQuery {
  return { ...unfiltered(query), currency: slice?.currency ?? null };
}

function subscriptionCell({ whole, query }: WidgetContext, id: string): Cell {
  // A schedule that has not started has no subscription to explain.
  if (!whole.standing(id)) return id;
  return { text: id, href: `/explain/subscription/${id}${queryText(query)}` };
}

function changeRow(context: WidgetContext, change: ShownChange): Cell[] {
  const { customer, subscription, kind, at, shown } = change;
  const { year } = dateOf(context.whole.calendar.dayOf(at));
  return [
    subscriptionCell(context, subscription),
    { text: customer, href: dashboardUrl(context.whole, "customers", customer) },
    CHANGE_TEXTS[kind],
    `${dayText(context, at)} ${year}`,
    moneyText(shown, context.slice!.currency, { signed: true }),
    format(shown),
  ];
}

export function explainKnownChanges(
  context: WidgetContext,
  search: URLSearchParams,
): TablesContent {
  const { whole } = context;
  const month = search.get("month");
  const kind = KNOWN_CHANGES.find((each) => each === search.get("kind")) ?? null;
  const all = shownChanges(context);
  const base = {
    title: kind ? CHANGE_TEXTS[kind] : "Known changes",
    definition: definitionOf("knownChanges", whole.info),
    filters: [],
    downloads: downloadsOf("forecast", inShown(context)).slice(1),
  };
  if (!all || !context.slice) {
    return { ...base, total: null, sub: "", reason: whyNoSum(context), tables: [] };
  }
  const found = all.filter((change) =>
    (kind === null || change.kind === kind) &&
    (month === null || monthKey(whole.calendar.dayOf(change.at)) === month)
  );
  const total = sumOfChanges(found);
  const { currency } = context.slice;
  const gap = noPermission(whole, "subscription_schedules");
  return {
    ...base,
    total: moneyText(total, currency, { signed: true }),
    sub: `${month ?? "The next 12 months"}: ${countText(found.length, "change")}`,
    ...(gap ? { reason: gap } : {}),
    tables: [{
      columns: [
        { text: "Subscription" },
        { text: "Customer" },
        { text: "What" },
        { text: "When" },
        { text: "MRR", kind: "number" },
        { text: "Exact, minor units", kind: "exact" },
      ],
      rows: found.map((change) => changeRow(context, change)),
      foot: [
        ...roundingRows(found.map(({ shown }) => shown), total, currency, 6),
        ["Total", "", "", "", moneyText(total, currency, { signed: true }), format(total)],
      ],
      empty: "Nothing is agreed that changes MRR",
    }],
  };
}

const WITHIN = [7, 30, RENEWAL_DAYS];

function daysChoice(context: WidgetContext, current: number): Choices {
  return {
    label: "Within",
    choices: WITHIN.map((days) => ({
      text: `${days} days`,
      href: `/explain/renewals${queryText(context.query, { days: String(days) })}`,
      current: days === current,
    })),
  };
}

function dayTable(context: WidgetContext, end: number): TableModel {
  const days = (renewalsByDay(context) ?? []).filter(({ day }) => day < end);
  const { currency } = context.slice!;
  return {
    title: "Day by day",
    columns: [
      { text: "Day" },
      { text: "Invoices", kind: "number" },
      { text: "Amount", kind: "number" },
    ],
    rows: days.map(({ day, count, amount }) => [
      `${dateOf(day).day} ${monthName(day).slice(0, 3)} ${dateOf(day).year}`,
      formatInteger(count),
      moneyText(amount, currency),
    ]),
  };
}

/** Every invoice that will be made within `days=`, greatest days first in time. */
export function explainRenewals(context: WidgetContext, search: URLSearchParams): TablesContent {
  const { whole, now, slice } = context;
  const within = WITHIN.find((days) => String(days) === search.get("days")) ?? RENEWAL_DAYS;
  const base = {
    title: `Renewals, next ${within} days`,
    definition: definitionOf("renewals", whole.info),
    filters: [daysChoice(context, within)],
    downloads: downloadsOf("renewals", inShown(context)),
  };
  const rows = whole.renewalRows(now);
  const factors = factorsIn(context, whole.tally.currencies());
  if (!slice || !factors) {
    return { ...base, total: null, sub: "", reason: whyNoSum(context), tables: [] };
  }
  const end = whole.calendar.dayOf(now) + within;
  const found = rows.flatMap(({ subscription, renewals }) => {
    const standing = whole.standing(subscription);
    const factor = standing && factors.get(standing.sub.currency);
    if (!standing || !factor) return [];
    return renewals.filter(({ at }) => whole.calendar.dayOf(at) < end).map(({ at, amount }) => ({
      sub: standing.sub,
      at,
      amount: multiply(amount, factor),
    }));
  }).sort((a, b) => a.at - b.at || (a.sub.id < b.sub.id ? -1 : 1));
  const total = found.length === 0 ? ZERO : sum(found.map(({ amount }) => amount));
  return {
    ...base,
    total: moneyText(total, slice.currency),
    sub: `${countText(found.length, "invoice")} of ${
      countText(new Set(found.map(({ sub }) => sub.id)).size, "subscription")
    }`,
    tables: [
      {
        title: "Invoice by invoice",
        columns: [
          { text: "Subscription" },
          { text: "Customer" },
          { text: "Status" },
          { text: "Renews" },
          { text: "Amount", kind: "number" },
          { text: "Exact, minor units", kind: "exact" },
        ],
        rows: found.map(({ sub, at, amount }) => [
          subscriptionCell(context, sub.id),
          { text: sub.customer, href: dashboardUrl(whole, "customers", sub.customer) },
          sub.status.replaceAll("_", " "),
          dayText(context, at),
          moneyText(amount, slice.currency),
          format(amount),
        ]),
        foot: [
          ...roundingRows(found.map(({ amount }) => amount), total, slice.currency, 6),
          ["Total", "", "", "", moneyText(total, slice.currency), format(total)],
        ],
      },
      dayTable(context, end),
    ],
  };
}
