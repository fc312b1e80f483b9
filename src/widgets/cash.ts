/**
 * Cash of the period, in each settlement currency (metrics.md C.10). What cannot be known says
 * why; there is never a zero in its place.
 *
 * @module
 */
import { type CashFigures, nextPayout } from "../metrics/cash.ts";
import { rational } from "../metrics/rational.ts";
import { cashOf, cashPeriod, cashUnread, settlementCurrencies } from "./cash_view.ts";
import { dayText, explainHref, moneyText, stateOf, type WidgetContext } from "./context.ts";
import { definitionOf, type MeaningKey } from "./definitions.ts";
import { formatMoney } from "./format.ts";
import type { CashModel, CashWidget, Figure } from "./models.ts";
import { moneyReasons, noPermission } from "./money.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";
import { WHY } from "./why.ts";

type Line = "gross" | "refunds" | "disputes" | "fees" | "transfers" | "net";

const LINES: readonly (readonly [line: Line, label: string, key: MeaningKey, taken: boolean])[] = [
  ["gross", "Gross", "cashGross", false],
  ["refunds", "Refunds", "cashRefunds", true],
  ["disputes", "Disputes", "cashDisputes", true],
  ["fees", "Fees", "cashFees", true],
  ["transfers", "Transfers", "cashTransfers", true],
  ["net", "Net", "cashNet", false],
];

/** Lines that are left out where nothing is on them: they would only fill the small column. */
const RARE: ReadonlySet<Line> = new Set(["disputes", "transfers"]);

function cashLines(context: WidgetContext, currency: string, figures: CashFigures): Figure[] {
  return LINES.filter(([line]) => !RARE.has(line) || figures[line] !== 0n)
    .map(([line, label, key, taken]) => ({
      label,
      value: formatMoney(taken ? -figures[line] : figures[line], currency),
      definition: definitionOf(key, context.whole.info),
      href: explainHref(context, "cash", { line, in: currency }),
    }));
}

function payoutLine(context: WidgetContext, currency: string): Figure {
  const { whole } = context;
  const label = "Next payout";
  const definition = definitionOf("nextPayout", whole.info);
  const missing = noPermission(whole, "payouts");
  if (missing) return { label, value: null, reason: missing, definition };
  const next = nextPayout(whole.money.payouts(), currency);
  if (!next) return { label, value: null, reason: WHY.noPayout, definition };
  return {
    label,
    value: moneyText(rational(next.amount), currency),
    note: dayText(context, next.arrivalDate),
    definition,
    href: explainHref(context, "cash", { line: "payouts", in: currency }),
  };
}

function unknownLines(context: WidgetContext, reason: string): Figure[] {
  return LINES.filter(([line]) => !RARE.has(line)).map(([, label, key]) => ({
    label,
    value: null,
    reason,
    definition: definitionOf(key, context.whole.info),
  }));
}

/** Whether all transactions together are the balance. */
export function balanceCheckText({ whole }: WidgetContext): CashModel["check"] {
  const check = whole.money.balanceCheck;
  if (!check) return undefined;
  const off = Object.entries(check.difference).filter(([, amount]) => amount !== 0n);
  if (off.length === 0) return { text: "Σ net = change of the balance", holds: true };
  const amounts = off.map(([currency, amount]) => formatMoney(amount, currency, { signed: true }));
  return { text: `The balance differs from Σ net by ${amounts.join(", ")}`, holds: false };
}

function model(context: WidgetContext): CashModel {
  const { days, text: period } = cashPeriod(context);
  const reason = cashUnread(context, days.from);
  const [first, ...others] = settlementCurrencies(context);
  if (reason !== null || first === undefined) {
    const why = reason ?? WHY.noTransaction;
    const currency = first ?? context.slice?.currency ?? "usd";
    return {
      period,
      lines: [...unknownLines(context, why), payoutLine(context, currency)],
      reason: why,
    };
  }
  const linesIn = (currency: string) => [
    ...cashLines(context, currency, cashOf(context.whole, currency, days).figures),
    payoutLine(context, currency),
  ];
  const check = balanceCheckText(context);
  return {
    period,
    lines: linesIn(first),
    ...(others.length > 0
      ? {
        others: others.map((currency) => ({
          currency: currency.toUpperCase(),
          lines: linesIn(currency),
        })),
      }
      : {}),
    ...(check ? { check } : {}),
    more: { text: "All of it", href: explainHref(context, "cash") },
  };
}

export function cashWidget(context: WidgetContext, config: WidgetConfig): CashWidget {
  return {
    ...widgetFrame(config, "Cash"),
    type: "cash",
    definition: definitionOf("cash", context.whole.info),
    state: stateOf(
      context,
      () => model(context),
      moneyReasons(context.whole, ["balance_transactions", "payouts", "disputes"]),
    ),
  };
}
