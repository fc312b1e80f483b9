/**
 * Failed payments: how many failed in the period and what became of them, and the months before
 * (metrics.md C.9).
 *
 * @module
 */
import { dateOf, monthStart } from "../metrics/calendar.ts";
import { type FailurePart, type FailureTotals, failureTotals } from "../metrics/failed_payments.ts";
import { type Derived, NO_VALUE_REASONS } from "../metrics/ratios.ts";
import { divide, type Rational, toNumber } from "../metrics/rational.ts";
import { periodText } from "./period_text.ts";
import {
  countText,
  explainHref,
  moneyText,
  monthName,
  stateOf,
  type WidgetContext,
} from "./context.ts";
import { definitionOf, type MeaningKey } from "./definitions.ts";
import { failuresIn } from "./failures.ts";
import { formatPercent, formatRate } from "./format.ts";
import type {
  FailedPaymentsModel,
  FailedPaymentsWidget,
  FailureMonth,
  Figure,
  PlannedModel,
} from "./models.ts";
import { invoicesUnread, moneyReasons, whyNoSum } from "./money.ts";
import { daysOf } from "./movement_view.ts";
import { totalFigure } from "./figures.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";

const MONTHS = 6;

const PARTS: readonly (readonly [part: FailurePart, label: string, key: MeaningKey])[] = [
  ["entered", "Failed", "failedPayments"],
  ["recovered", "Recovered", "recoveredPayments"],
  ["paidOffStripe", "Paid off Stripe", "paidOffStripe"],
  ["lost", "Lost", "lostPayments"],
  ["open", "Open", "openPayments"],
];

function rateFigure(context: WidgetContext, label: string, rate: Derived, counts: string): Figure {
  const definition = definitionOf("recoveryRate", context.whole.info);
  return rate.value === null
    ? { label, value: null, reason: NO_VALUE_REASONS[rate.reason], definition }
    : { label, value: formatPercent(toNumber(rate.value)), definition, note: counts };
}

function figures(context: WidgetContext, totals: FailureTotals): Figure[] {
  const { currency } = context.slice!;
  const { recovered, lost, paidOffStripe } = totals;
  const shown = PARTS.filter(([part]) => part !== "paidOffStripe" || paidOffStripe.count > 0);
  const decided = `${recovered.count} of ${recovered.count + lost.count}`;
  const byCount = formatRate(recovered.count, recovered.count + lost.count);
  const definition = definitionOf("recoveryRate", context.whole.info);
  return [
    ...shown.map(([part, label, key]): Figure => ({
      label,
      value: moneyText(totals[part].amount, currency),
      note: countText(totals[part].count, "invoice"),
      definition: definitionOf(key, context.whole.info),
      href: explainHref(context, "failed-payments", { part }),
    })),
    totalFigure(context, "pastDueMrr", "MRR at risk now"),
    rateFigure(context, "Recovery rate, by amount", totals.rateByAmount, decided),
    byCount === null
      ? {
        label: "Recovery rate, by count",
        value: null,
        reason: NO_VALUE_REASONS.nothing_decided,
        definition,
      }
      : { label: "Recovery rate, by count", value: byCount, definition },
  ];
}

function share(part: Rational, whole: Rational): number {
  return whole.n === 0n ? 0 : toNumber(divide(part, whole));
}

/** One row a month of first failures, newest first. */
function month(context: WidgetContext, start: number): FailureMonth | null {
  const failures = failuresIn(context, { from: start, to: monthStart(start, 1) });
  if (!failures || failures.length === 0) return null;
  const totals = failureTotals(failures);
  const { currency } = context.slice!;
  const money = (part: FailurePart) => moneyText(totals[part].amount, currency, { whole: true });
  const decided = totals.recovered.count + totals.lost.count;
  return {
    label: `${monthName(start).slice(0, 3)} ${dateOf(start).year}`,
    entered: money("entered"),
    recovered: money("recovered"),
    lost: money("lost"),
    open: money("open"),
    rate: formatRate(totals.recovered.count, decided),
    shares: {
      recovered: share(totals.recovered.amount, totals.entered.amount),
      lost: share(totals.lost.amount, totals.entered.amount),
      open: share(totals.open.amount, totals.entered.amount),
    },
    href: explainHref(context, "failed-payments", {
      part: "entered",
      month: `${dateOf(start).year}-${String(dateOf(start).month).padStart(2, "0")}`,
    }),
  };
}

function model(context: WidgetContext): FailedPaymentsModel | PlannedModel {
  const unread = invoicesUnread(context.whole);
  if (unread) return { reason: unread };
  const failures = failuresIn(context, daysOf(context, context.query.period));
  if (!failures) return { reason: whyNoSum(context) };
  const today = context.whole.calendar.dayOf(context.now);
  const months = Array.from({ length: MONTHS }, (_, back) => monthStart(today, -back));
  return {
    period: periodText(context),
    figures: figures(context, failureTotals(failures)),
    months: months.flatMap((start) => month(context, start) ?? []),
  };
}

export function failedPaymentsWidget(
  context: WidgetContext,
  config: WidgetConfig,
): FailedPaymentsWidget {
  return {
    ...widgetFrame(config, "Failed payments"),
    type: "failed-payments",
    definition: definitionOf("failedPayments", context.whole.info),
    state: stateOf(context, () => model(context), moneyReasons(context.whole, ["invoices"])),
  };
}
