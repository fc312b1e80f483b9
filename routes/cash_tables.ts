/**
 * The tables of the page on cash: lines with rates, categories, what is expected, the balance.
 *
 * @module
 */
import { CASH_LINES, type CashLine, disputesIn, isLost, isOther } from "../src/metrics/cash.ts";
import { disputeRate, NO_VALUE_REASONS } from "../src/metrics/ratios.ts";
import { toNumber } from "../src/metrics/rational.ts";
import { balanceTotals } from "../src/store/money.ts";
import { balanceCheckText } from "../src/widgets/cash.ts";
import { type CashPeriod, cashPeriod } from "../src/widgets/cash_view.ts";
import { dayText, type WidgetContext } from "../src/widgets/context.ts";
import type { MeaningKey } from "../src/widgets/definitions.ts";
import { formatInteger, formatMoney, formatPercent } from "../src/widgets/format.ts";
import type { Cell, TableModel } from "../src/widgets/models.ts";
import { noPermission } from "../src/widgets/money.ts";
import { queryText } from "../src/widgets/query.ts";

export const LINE_TEXTS: Readonly<Record<CashLine, readonly [string, MeaningKey]>> = {
  gross: ["Gross volume", "cashGross"],
  refunds: ["Refunds", "cashRefunds"],
  disputes: ["Disputes", "cashDisputes"],
  fees: ["Fees", "cashFees"],
  transfers: ["Transfers", "cashTransfers"],
  payouts: ["Payouts", "cashPayouts"],
};

/** A line that opens into days; `net` is made of all but payouts. */
export type OpenLine = CashLine | "net";

export function words(category: string): string {
  return category.replaceAll("_", " ");
}

/** Every category with what it adds; together they are the change of the balance. */
export function categoriesTable({ currency, sums, figures }: CashPeriod): TableModel {
  const money = (amount: bigint) => formatMoney(amount, currency);
  const lineOf = (category: string) =>
    isOther(category) ? "Other" : LINE_TEXTS[
      (Object.keys(CASH_LINES) as CashLine[]).find((line) =>
        (CASH_LINES[line].categories as readonly string[]).includes(category)
      )!
    ][0];
  return {
    title: `By reporting category, ${currency.toUpperCase()}`,
    note: "every category is here",
    columns: [
      { text: "Category" },
      { text: "Part of" },
      { text: "Transactions", kind: "number" },
      { text: "Amount", kind: "number" },
      { text: "Fee", kind: "number" },
      { text: "Net", kind: "number" },
    ],
    rows: [...sums].sort(([a], [b]) => a < b ? -1 : 1).map(([category, each]) => [
      words(category),
      lineOf(category),
      formatInteger(each.count),
      money(each.amount),
      money(each.fee),
      money(each.net),
    ]),
    foot: [["Change of the balance", "", "", "", "", money(figures.balanceChange)]],
    empty: "No transaction in this period",
  };
}

export function linesTable(context: WidgetContext, { currency, figures }: CashPeriod): TableModel {
  const money = (amount: bigint) => formatMoney(amount, currency);
  const link = (text: string, line: OpenLine): Cell => ({
    text,
    href: `/explain/cash${queryText(context.query, { line, in: currency })}`,
  });
  const rates = ratesOf(context, { currency, figures });
  return {
    title: currency.toUpperCase(),
    columns: [{ text: "Figure" }, { text: "", kind: "number" }],
    rows: [
      [link("Gross volume", "gross"), money(figures.gross)],
      [link("Refunds", "refunds"), money(-figures.refunds)],
      [link("Disputes", "disputes"), money(-figures.disputes)],
      [link("Fees", "fees"), money(-figures.fees)],
      [link("Transfers to connected accounts", "transfers"), money(-figures.transfers)],
      [link("Net volume", "net"), money(figures.net)],
      [link("Payouts", "payouts"), money(-figures.payouts)],
      ...figures.other.map(({ category, amount }): Cell[] => [
        `Other: ${words(category)}`,
        money(amount),
      ]),
      ...rates,
    ],
  };
}

function ratesOf(
  context: WidgetContext,
  { currency, figures }: Pick<CashPeriod, "currency" | "figures">,
): Cell[][] {
  const { whole } = context;
  const { refundRate } = figures;
  const refunds: Cell[] = [
    "Refund rate, by amount",
    refundRate.value
      ? formatPercent(toNumber(refundRate.value))
      : `– (${NO_VALUE_REASONS[refundRate.value === null ? refundRate.reason : "no_charges"]})`,
  ];
  const missing = noPermission(whole, "disputes");
  if (missing) return [refunds, ["Dispute rate, by count", `– ${missing}`]];
  const { from, to } = cashPeriod(context).days;
  const [begin, end] = [whole.calendar.startOf(from), whole.calendar.startOf(to)];
  const disputes = disputesIn(whole.money.disputes(), currency, begin, end);
  const rate = disputeRate(disputes.length, figures.charges);
  const lost = disputes.filter(isLost).length;
  return [refunds, [
    "Dispute rate, by count",
    rate.value === null
      ? `– (${NO_VALUE_REASONS[rate.reason]})`
      : `${formatPercent(toNumber(rate.value))}: ${disputes.length} of ${
        formatInteger(figures.charges)
      }, ${lost} lost`,
  ]];
}

export function expectedTable(context: WidgetContext): TableModel {
  const { whole, now } = context;
  return {
    title: "Expected cash",
    note: "pending, by the day on which it becomes available",
    columns: [{ text: "Available on" }, { text: "Currency" }, { text: "Net", kind: "number" }],
    rows: whole.money.cash.expected(now).map(({ availableOn, currency, net }) => [
      dayText(context, availableOn),
      currency.toUpperCase(),
      formatMoney(net, currency),
    ]),
    empty: "Nothing is pending",
  };
}

export function balanceTable(context: WidgetContext): TableModel {
  const { balance, balanceCheck } = context.whole.money;
  const missing = noPermission(context.whole, "balance");
  const check = balanceCheckText(context);
  const empty = missing ?? "not yet: the balance is read once all transactions are";
  const columns = [
    { text: "Currency" },
    { text: "Available", kind: "number" as const },
    { text: "Pending", kind: "number" as const },
    { text: "Balance", kind: "number" as const },
    { text: "Before the first transaction", kind: "number" as const },
    { text: "Difference", kind: "number" as const },
  ];
  if (!balance || !balanceCheck) return { title: "Balance", columns, rows: [], empty };
  const totals = balanceTotals(balance);
  return {
    title: "Balance",
    ...(check ? { note: check.holds ? `${check.text} ✓` : check.text } : {}),
    columns,
    rows: Object.keys(totals).sort().map((currency) => {
      const money = (amount = 0n) => formatMoney(amount, currency);
      return [
        currency.toUpperCase(),
        money(balance.available[currency]),
        money(balance.pending[currency]),
        money(totals[currency]),
        money(balanceCheck.opening[currency]),
        money(balanceCheck.difference[currency]),
      ];
    }),
    empty,
  };
}
