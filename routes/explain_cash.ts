/**
 * Cash in full: every category, rates, what is expected, the check; and the days behind a line.
 *
 * @module
 */
import { dateOf } from "../src/metrics/calendar.ts";
import { type CashLine, shareOfLine } from "../src/metrics/cash.ts";
import type { Sums } from "../src/metrics/day_sums.ts";
import { cashOf, cashPeriod, cashUnread, settlementCurrencies } from "../src/widgets/cash_view.ts";
import { countText, monthName, type WidgetContext } from "../src/widgets/context.ts";
import { definitionOf, type MeaningKey } from "../src/widgets/definitions.ts";
import { formatInteger, formatMoney } from "../src/widgets/format.ts";
import type { Cell, Choices, TableModel, TablesContent } from "../src/widgets/models.ts";
import { queryText } from "../src/widgets/query.ts";
import {
  balanceTable,
  categoriesTable,
  expectedTable,
  LINE_TEXTS,
  linesTable,
  type OpenLine,
  words,
} from "./cash_tables.ts";
import { daysAsked, downloadsOf, unfiltered } from "./download_links.ts";

const NET_PARTS: readonly CashLine[] = ["gross", "refunds", "disputes", "fees", "transfers"];

function shareOf(line: OpenLine, category: string, sums: Sums): bigint {
  if (line !== "net") return shareOfLine(line, category, sums);
  return NET_PARTS.reduce((total, part) => {
    const share = shareOfLine(part, category, sums);
    return part === "gross" ? total + share : total - share;
  }, 0n);
}

/** The days behind a line: they add up to it. */
function daysTable(context: WidgetContext, line: OpenLine, currency: string): {
  readonly table: TableModel;
  readonly total: bigint;
} {
  const { whole } = context;
  const { from, to } = cashPeriod(context).days;
  const rows: Cell[][] = [];
  let total = 0n;
  for (let day = to - 1; day >= from; day--) {
    for (const [category, sums] of whole.money.cash.period(currency, day, day + 1)) {
      const share = shareOf(line, category, sums);
      if (share === 0n) continue;
      total += share;
      const { day: date, year } = dateOf(day);
      rows.push([
        `${date} ${monthName(day).slice(0, 3)} ${year}`,
        words(category),
        formatInteger(sums.count),
        formatMoney(share, currency),
      ]);
    }
  }
  const table: TableModel = {
    columns: [
      { text: "Day" },
      { text: "Category" },
      { text: "Transactions", kind: "number" },
      { text: "Amount", kind: "number" },
    ],
    rows,
    foot: [["Total", "", "", formatMoney(total, currency)]],
  };
  return { table, total };
}

function currencyChoices(
  context: WidgetContext,
  line: string | null,
  current: string,
): Choices[] {
  const all = settlementCurrencies(context);
  if (all.length < 2) return [];
  return [{
    label: "Settled in",
    choices: all.map((currency) => ({
      text: currency.toUpperCase(),
      href: `/explain/cash${queryText(context.query, { ...(line ? { line } : {}), in: currency })}`,
      current: currency === current,
    })),
  }];
}

/** `line=` opens one line into its days, `in=` names the settlement currency. */
export function explainCash(context: WidgetContext, search: URLSearchParams): TablesContent {
  const { info } = context.whole;
  const currencies = settlementCurrencies(context);
  const currency = currencies.find((each) => each === search.get("in")) ?? currencies[0] ?? "usd";
  const asked = search.get("line");
  const line = asked === "net" || (asked !== null && Object.hasOwn(LINE_TEXTS, asked))
    ? asked as OpenLine
    : null;
  const { days, text: period } = cashPeriod(context);
  const reason = cashUnread(context, days.from);
  const [name, key]: readonly [string, MeaningKey] = line === null
    ? ["Cash", "cash"]
    : line === "net"
    ? ["Net volume", "cashNet"]
    : LINE_TEXTS[line];
  const base = {
    title: name,
    definition: definitionOf(key, info),
    filters: currencyChoices(context, line, currency),
    downloads: downloadsOf("cash", { ...unfiltered(context.query), currency: null }, {
      interval: "day",
      ...daysAsked(days),
      ...(currencies.length > 1 ? { currency } : {}),
    }),
  };
  if (reason !== null) {
    return { ...base, total: null, sub: period, reason, tables: [] };
  }
  if (line !== null) {
    const { table, total } = daysTable(context, line, currency);
    return {
      ...base,
      total: formatMoney(total, currency),
      sub: `${period}: ${countText(table.rows.length, "row")}`,
      tables: [table],
    };
  }
  const cash = cashOf(context.whole, currency, days);
  return {
    ...base,
    total: null,
    sub: period,
    tables: [
      linesTable(context, cash),
      categoriesTable(cash),
      expectedTable(context),
      balanceTable(context),
    ],
  };
}
