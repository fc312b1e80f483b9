/**
 * Cash in its settlement currencies (metrics.md C.10), as far as it has been read.
 *
 * @module
 */
import { dateOf } from "../metrics/calendar.ts";
import { type CashFigures, cashFigures } from "../metrics/cash.ts";
import type { Sums } from "../metrics/day_sums.ts";
import type { SourceView } from "../store/port.ts";
import { periodText } from "./period_text.ts";
import { dayText, type WidgetContext } from "./context.ts";
import { noPermission } from "./money.ts";
import { type DayRange, daysOf } from "./movement_view.ts";

export interface CashPeriod {
  readonly currency: string;
  readonly sums: ReadonlyMap<string, Sums>;
  readonly figures: CashFigures;
}

/** Why cash since a local day is not known, or `null`. A part of a period is never shown as it. */
export function cashUnread(context: WidgetContext, from: number): string | null {
  const { whole } = context;
  const missing = noPermission(whole, "balance_transactions");
  if (missing) return missing;
  const { cashReading } = whole.money;
  if (cashReading.done) return null;
  if (cashReading.from === null) return "balance transactions are not read yet";
  return whole.calendar.startOf(from) >= cashReading.from
    ? null
    : `not yet: balance transactions are read back to ${dayText(context, cashReading.from)}`;
}

/** What is kept of a period: transactions older than that are unknown, not nothing. */
export function keptDays({ calendar, money }: SourceView, { from, to }: DayRange): DayRange {
  const { from: reached } = money.cashReading;
  return reached === null
    ? { from, to }
    : { from: Math.max(from, calendar.dayOf(reached - 1) + 1), to };
}

/** The chosen period as far as it is kept, and in words. */
export function cashPeriod(
  context: WidgetContext,
): { readonly days: DayRange; readonly text: string } {
  const { whole, query } = context;
  const chosen = daysOf(context, query.period);
  const days = whole.money.cashReading.done ? keptDays(whole, chosen) : chosen;
  const cut = days.from > chosen.from && whole.money.balanceCheck !== null &&
    Object.values(whole.money.balanceCheck.opening).some((amount) => amount !== 0n);
  const since = `${dayText(context, whole.calendar.startOf(days.from))} ${dateOf(days.from).year}`;
  return { days, text: cut ? `${periodText(context)}, kept since ${since}` : periodText(context) };
}

/** Settlement currencies: the one that is shown first, then the others by the alphabet. */
export function settlementCurrencies({ whole, slice }: WidgetContext): readonly string[] {
  const all = whole.money.cash.currencies();
  const first = [slice?.currency, whole.info.defaultCurrency].find((currency) =>
    currency != null && all.includes(currency)
  );
  return first == null ? all : [first, ...all.filter((currency) => currency !== first)];
}

/** A settlement currency's cash of the days [from, to). */
export function cashOf(view: SourceView, currency: string, { from, to }: DayRange): CashPeriod {
  const sums = view.money.cash.period(currency, from, to);
  return { currency, sums, figures: cashFigures(sums) };
}
