/**
 * The renewals of the next 90 days, and the cash that is likely to come of them (metrics.md C.11).
 *
 * @module
 */
import { dateOf } from "../metrics/calendar.ts";
import { NO_VALUE_REASONS } from "../metrics/ratios.ts";
import { multiply, toNumber } from "../metrics/rational.ts";
import {
  countText,
  explainHref,
  moneyText,
  monthName,
  stateOf,
  type WidgetContext,
} from "./context.ts";
import { definitionOf } from "./definitions.ts";
import { formatPercent } from "./format.ts";
import type { Figure, PlannedModel, RenewalBar, RenewalsModel, RenewalsWidget } from "./models.ts";
import { invoicesUnread, moneyReasons, whyNoSum } from "./money.ts";
import {
  collectionRateOf,
  RENEWAL_DAYS,
  type RenewalOn,
  renewalsByDay,
  renewalSum,
} from "./renewal_view.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";
import { WHY } from "./why.ts";

const WITHIN = [7, 30, RENEWAL_DAYS] as const;

function sumFigure(
  context: WidgetContext,
  days: readonly RenewalOn[],
  within: number,
): Figure {
  const { amount, count } = renewalSum(context, days, within);
  return {
    label: `Next ${within} days`,
    value: moneyText(amount, context.slice!.currency, { whole: true }),
    note: countText(count, "invoice"),
    definition: definitionOf("renewals", context.whole.info),
    href: explainHref(context, "renewals", { days: String(within) }),
  };
}

/** Cash from the renewals of 30 days, a projection. */
function collectionFigures(context: WidgetContext, days: readonly RenewalOn[]): Figure[] {
  const { info } = context.whole;
  const label = "Likely to be paid, 30 days";
  const definition = definitionOf("expectedCollections", info);
  const rateDefinition = definitionOf("collectionRate", info);
  const rateLabel = "Collection rate, 6 months";
  const unread = invoicesUnread(context.whole);
  const rate = unread ? null : collectionRateOf(context);
  if (!rate || rate.value === null) {
    const reason = unread ?? NO_VALUE_REASONS[rate!.value === null ? rate!.reason : "no_charges"];
    return [
      { label, value: null, reason, definition },
      { label: rateLabel, value: null, reason, definition: rateDefinition },
    ];
  }
  const { amount } = renewalSum(context, days, 30);
  return [
    {
      label,
      value: moneyText(multiply(amount, rate.value), context.slice!.currency, { whole: true }),
      note: "projection",
      definition,
    },
    { label: rateLabel, value: formatPercent(toNumber(rate.value)), definition: rateDefinition },
  ];
}

function bars(context: WidgetContext, days: readonly RenewalOn[]): RenewalBar[] {
  const today = context.whole.calendar.dayOf(context.now);
  const byDay = new Map(days.map((each) => [each.day, each]));
  const { currency } = context.slice!;
  return Array.from({ length: RENEWAL_DAYS }, (_, index) => {
    const day = today + index;
    const on = byDay.get(day);
    const label = `${dateOf(day).day} ${monthName(day).slice(0, 3)}`;
    return {
      label,
      value: on ? toNumber(on.amount) : 0,
      text: on
        ? `${moneyText(on.amount, currency, { whole: true })} · ${countText(on.count, "invoice")}`
        : "nothing",
    };
  });
}

function model(context: WidgetContext): RenewalsModel | PlannedModel {
  const days = context.slice ? renewalsByDay(context) : null;
  if (!days) return { reason: whyNoSum(context) };
  if (days.length === 0) return { reason: WHY.noRenewal };
  const all = bars(context, days);
  return {
    figures: [
      ...WITHIN.map((within) => sumFigure(context, days, within)),
      ...collectionFigures(context, days),
    ],
    days: all,
    currency: context.slice!.currency,
    more: { text: "Day by day", href: explainHref(context, "renewals") },
  };
}

export function renewalsWidget(context: WidgetContext, config: WidgetConfig): RenewalsWidget {
  return {
    ...widgetFrame(config, "Renewals, next 90 days"),
    type: "renewals",
    definition: definitionOf("renewals", context.whole.info),
    state: stateOf(context, () => model(context), moneyReasons(context.whole, ["invoices"])),
  };
}
