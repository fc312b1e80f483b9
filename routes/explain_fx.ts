/**
 * The rows behind FX: for each day and currency what was held, times the change of its rate
 * (metrics.md B.5). They add up to it exactly.
 *
 * @module
 */
import { dateOf } from "../src/metrics/calendar.ts";
import type { FxPart } from "../src/metrics/conversion.ts";
import { add, format, sum, ZERO } from "../src/metrics/rational.ts";
import { periodText } from "../src/widgets/period_text.ts";
import { countText, moneyText, monthName, type WidgetContext } from "../src/widgets/context.ts";
import { definitionOf } from "../src/widgets/definitions.ts";
import type { Cell, TableModel, TablesContent } from "../src/widgets/models.ts";
import { daysOf, movementView, unlessRateMissing } from "../src/widgets/movement_view.ts";
import { whyNoMovements } from "../src/widgets/why.ts";
import { originText, shortRate } from "../src/widgets/rate_text.ts";
import { daysAsked, rowDownloads } from "./download_links.ts";
import { roundingRows } from "./rounding.ts";

interface Found {
  readonly parts: readonly FxPart[];
  /** Why there are none. */
  readonly reason?: string;
}

function partsOf(context: WidgetContext): Found {
  const { slice, view } = context;
  const movements = movementView(context);
  if (!movements || !slice?.converted) {
    const reason = slice?.converted ? whyNoMovements(context) : "one currency alone has no FX";
    return { parts: [], reason };
  }
  const { from, to } = daysOf(context, context.query.period);
  return unlessRateMissing<Found>(
    () => ({ parts: view.convertedMovements!.fxIn(from, to, context.inputs.grain).toReversed() }),
    (reason) => ({ parts: [], reason }),
  );
}

/** Kept in one line, in a table that scrolls sideways anyway. */
function unbroken(text: string): string {
  return text.replaceAll(" ", "\u00a0");
}

function row({ view }: WidgetContext, part: FxPart, to: string): Cell[] {
  const { currency, day, level, before, after, amount } = part;
  const dated = view.rates?.rateOn(currency, day);
  const date = dateOf(day);
  return [
    unbroken(`${date.day} ${monthName(day).slice(0, 3)} ${date.year}`),
    currency.toUpperCase(),
    moneyText(level, currency),
    `${shortRate(before)} → ${shortRate(after)}`,
    dated ? unbroken(originText(dated)) : "",
    moneyText(amount, to, { signed: true }),
    format(amount),
  ];
}

/** The sums by currency, and the whole. */
function footOf(parts: readonly FxPart[], to: string): Cell[][] {
  const total = sum(parts.map(({ amount }) => amount));
  const rows = [...Map.groupBy(parts, ({ currency }) => currency)].map(
    ([currency, own]): Cell[] => {
      const amount = own.reduce((all, part) => add(all, part.amount), ZERO);
      return [
        currency.toUpperCase(),
        "",
        "",
        "",
        "",
        moneyText(amount, to, { signed: true }),
        format(amount),
      ];
    },
  );
  return [
    ...(rows.length > 1 ? rows : []),
    ...roundingRows(parts.map(({ amount }) => amount), total, to, 7),
    ["FX", "", "", "", "", moneyText(total, to, { signed: true }), format(total)],
  ];
}

function tableOf(context: WidgetContext, { parts, reason }: Found, to: string): TableModel {
  return {
    title: "By day and currency",
    note: "what was held at the close of the day before × the change of its rate",
    columns: [
      { text: "Day" },
      { text: "Currency" },
      { text: "MRR held", kind: "number" },
      { text: "Rate", kind: "number" },
      { text: "Source" },
      { text: "FX", kind: "number" },
      { text: "Exact, minor units", kind: "exact" },
    ],
    rows: parts.map((part) => row(context, part, to)),
    ...(parts.length > 0 ? { foot: footOf(parts, to) } : {}),
    empty: reason ?? "No rate of a currency that is held has changed in this period",
  };
}

export function explainFx(context: WidgetContext): TablesContent {
  const found = partsOf(context);
  const to = context.slice?.currency ?? "usd";
  const total = sum(found.parts.map(({ amount }) => amount));
  const currencies = new Set(found.parts.map(({ currency }) => currency)).size;
  const rates = countText(found.parts.length, "change of a rate", "changes of rates");
  const range = daysOf(context, context.query.period);
  const asked = { figure: "fx", ...daysAsked(range) };
  return {
    title: "FX",
    definition: definitionOf("fx", context.view.info),
    total: moneyText(total, to, { signed: true }),
    sub: `${periodText(context)}: ${rates} in ${countText(currencies, "currency", "currencies")}`,
    filters: [],
    tables: [tableOf(context, found, to)],
    downloads: rowDownloads("subscriptions", context.query, found.parts.length, asked).slice(1),
  };
}
