/**
 * `/api/v1/cash`: balance transactions by period, settlement currency and reporting category
 * (metrics.md C.10).
 *
 * @module
 */
import { dayKey, monthStart } from "../../src/metrics/calendar.ts";
import { disputesIn, isLost, nextPayout } from "../../src/metrics/cash.ts";
import { disputeRate } from "../../src/metrics/ratios.ts";
import type { SourceView } from "../../src/store/port.ts";
import { cashOf, cashUnread, keptDays } from "../../src/widgets/cash_view.ts";
import type { WidgetContext } from "../../src/widgets/context.ts";
import { checkNames, readWord } from "./params.ts";
import { type Interval, INTERVALS, periodEnd, periodKey } from "./periods.ts";
import { Problem } from "./problem.ts";
import { readRange } from "./times.ts";
import { derived, minor, time } from "./values.ts";

/** No answer holds more periods than this for a currency. */
const ROWS_MAX = 2_000;

function row(view: SourceView, currency: string, interval: Interval, from: number, to: number) {
  const { figures, sums } = cashOf(view, currency, { from, to });
  const [begin, end] = [view.calendar.startOf(from), view.calendar.startOf(to)];
  const disputes = view.status.permissions.disputes === "missing"
    ? null
    : disputesIn(view.money.disputes(), currency, begin, end);
  return {
    period: periodKey(from, interval),
    currency,
    ...minor("gross", figures.gross),
    ...minor("refunds", figures.refunds),
    ...minor("disputes", figures.disputes),
    ...minor("fees", figures.fees),
    ...minor("transfers", figures.transfers),
    ...minor("net", figures.net),
    ...minor("payouts", figures.payouts),
    other: figures.other.map(({ category, amount }) => ({ category, ...minor("amount", amount) })),
    ...minor("balanceChange", figures.balanceChange),
    charges: figures.charges,
    refundRate: derived(figures.refundRate),
    disputeRate: disputes
      ? derived(disputeRate(disputes.length, figures.charges))
      : { exact: null, value: null, reason: "permission_missing" },
    disputesCreated: disputes && disputes.length,
    disputesLost: disputes && disputes.filter(isLost).length,
    categories: [...sums].sort(([a], [b]) => a < b ? -1 : 1).map(([category, each]) => ({
      category,
      count: each.count,
      ...minor("amount", each.amount),
      ...minor("fee", each.fee),
      ...minor("net", each.net),
    })),
    quality: "live",
  };
}

function payouts({ money, status }: SourceView) {
  if (status.permissions.payouts === "missing") return { reason: "permission_missing" };
  const next = money.cash.currencies().flatMap((currency) => {
    const payout = nextPayout(money.payouts(), currency);
    return payout
      ? [{
        id: payout.id,
        currency,
        ...minor("amount", payout.amount),
        status: payout.status,
        arrivalDate: time(payout.arrivalDate),
      }]
      : [];
  });
  return { next };
}

function byCurrency(amounts: Readonly<Record<string, bigint>>, name: string) {
  return Object.fromEntries(
    Object.entries(amounts).map(([currency, amount]) => [currency, minor(name, amount)]),
  );
}

function balanceOf({ money }: SourceView) {
  const { balance, balanceCheck } = money;
  if (!balance) return null;
  return {
    at: time(balance.at),
    available: byCurrency(balance.available, "amount"),
    pending: byCurrency(balance.pending, "amount"),
    opening: balanceCheck && byCurrency(balanceCheck.opening, "amount"),
    difference: balanceCheck && byCurrency(balanceCheck.difference, "amount"),
  };
}

/** `currency` is a settlement currency here. */
function settlement(search: URLSearchParams, view: SourceView): readonly string[] {
  const asked = search.get("currency")?.toLowerCase();
  const all = view.money.cash.currencies();
  if (asked === undefined) return all;
  if (!all.includes(asked)) throw new Problem("currency_unknown", "currency", "not settled in");
  return [asked];
}

export function cash(context: WidgetContext, search: URLSearchParams) {
  checkNames(search, ["currency", "from", "to", "interval"]);
  const { whole: view, now } = context;
  const interval = readWord(search, "interval", INTERVALS, "month");
  const asked = readRange({ view, search, now }, (today) => monthStart(today, -12));
  const unread = cashUnread(context, asked.from);
  if (unread !== null) {
    const missing = view.status.permissions.balance_transactions === "missing";
    return {
      data: [],
      reason: missing ? "permission_missing" : "not_read_yet",
      detail: unread,
      ...(missing ? { resource: "balance_transactions" } : {}),
    };
  }
  const { from, to } = keptDays(view, asked);
  const currencies = settlement(search, view);
  const data = currencies.flatMap((currency) => {
    const rows: ReturnType<typeof row>[] = [];
    for (let start = from; start < to; start = periodEnd(start, interval)) {
      if (rows.length >= ROWS_MAX) {
        throw new Problem("parameter_invalid", "from", `at most ${ROWS_MAX} periods at once`);
      }
      rows.push(row(view, currency, interval, start, Math.min(periodEnd(start, interval), to)));
    }
    return rows;
  });
  return {
    data,
    readFrom: view.money.cashReading.from === null
      ? null
      : dayKey(view.calendar.dayOf(view.money.cashReading.from)),
    expected: view.money.cash.expected(now).map(({ availableOn, currency, net }) => ({
      availableOn: time(availableOn),
      currency,
      ...minor("net", net),
    })),
    payouts: payouts(view),
    balance: balanceOf(view),
  };
}
