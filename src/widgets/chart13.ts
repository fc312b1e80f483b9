/**
 * Thirteen months on one axis: daily MRR above monthly movements.
 *
 * @module
 */
import { dateOf, monthKey } from "../metrics/calendar.ts";
import { compare, type Rational, toNumber } from "../metrics/rational.ts";
import { moneyText, monthName, stateOf, type WidgetContext } from "./context.ts";
import { formatPercent } from "./format.ts";
import type { Chart13Model, Chart13Widget, MonthMovements } from "./models.ts";
import {
  type MovementView,
  movementView,
  pastNote,
  periodOf,
  unlessRateMissing,
} from "./movement_view.ts";
import { whyNoMovements } from "./why.ts";
import { dailyCloses, lastMonths, type PastMonth } from "./past.ts";
import { queryText } from "./query.ts";
import { INFERRED_SHARE, inferredShare } from "./quality.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";

const MONTHS = 13;

/** Movements of a month for its bars. */
function barsOf(
  context: WidgetContext,
  movements: MovementView,
  { start, days }: PastMonth,
): MonthMovements {
  const totals = periodOf(context, movements, { from: start, to: start + days });
  return {
    new: toNumber(totals.new),
    reactivation: toNumber(totals.reactivation),
    expansion: toNumber(totals.expansion),
    contraction: toNumber(totals.contraction),
    churn: toNumber(totals.churn),
  };
}

function isApproximate(share: Rational | null): boolean {
  return share !== null && compare(share, INFERRED_SHARE) >= 0;
}

/** What little of the months that are drawn whole is inferred. */
function inferredText(shares: readonly (Rational | null)[]): string | undefined {
  const small = shares.filter((share) => share !== null && share.n > 0n && !isApproximate(share));
  if (small.length === 0) return undefined;
  const most = Math.max(...small.map((share) => toNumber(share!)));
  return `Elsewhere at most ≈ ${formatPercent(Math.max(most, 0.0005))} of MRR is inferred`;
}

/** What was restated of the closed months; nothing where nothing was. */
function restatedOf(context: WidgetContext): Chart13Model["restated"] {
  const { slice, view, query } = context;
  if (!slice || slice.converted) return undefined;
  const { currency } = slice;
  const rows = view.closedMonths.restatements().filter((row) => row.currency === currency);
  const months = [...new Set(rows.map(({ month }) => month))];
  if (months.length === 0) return undefined;
  const by = view.closedMonths.restatedBy(months[0]!, currency)!;
  return {
    text: months.length === 1
      ? `${months[0]} was restated by ${moneyText(by, currency, { signed: true })}`
      : `${months.length} closed months were restated`,
    href: `/explain/restated${queryText(query)}`,
  };
}

export function chart13Model(context: WidgetContext): Chart13Model {
  const movements = movementView(context);
  const note = pastNote(context);
  const restated = restatedOf(context);
  const months = lastMonths(context, MONTHS);
  const today = context.view.calendar.dayOf(context.now);
  const shares = months.map((month) => inferredShare(context, month));
  const inferred = inferredText(shares);
  return {
    currency: context.slice?.currency ?? "usd",
    months: months.map((month, index) => {
      const { start, days, running } = month;
      return {
        key: monthKey(start),
        label: monthName(start).slice(0, 3),
        title: `${monthName(start)} ${dateOf(start).year}`,
        days,
        running,
        approximate: isApproximate(shares[index]!),
        movements: movements &&
          unlessRateMissing(() => barsOf(context, movements, month), () => null),
      };
    }),
    daily: dailyCloses(context, months[0]!.start, today + 1),
    ...(movements ? {} : { movementsReason: whyNoMovements(context) }),
    ...(note ? { note } : {}),
    ...(inferred ? { inferred } : {}),
    ...(restated ? { restated } : {}),
  };
}

export function chart13Widget(context: WidgetContext, config: WidgetConfig): Chart13Widget {
  return {
    ...widgetFrame(config, "Thirteen months"),
    type: "chart13",
    state: stateOf(context, () => chart13Model(context)),
  };
}
