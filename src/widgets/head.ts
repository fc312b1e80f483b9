/**
 * The head of the page: MRR, its change in a sentence, four tiles.
 *
 * @module
 */
import type { Derived } from "../metrics/ratios.ts";
import { toNumber } from "../metrics/rational.ts";
import { countText, moneyText, stateOf, unvaluedCount, type WidgetContext } from "./context.ts";
import { presetLabel } from "./definitions.ts";
import { arrFigure, changeTrend, customersFigure, ratioText, totalFigure } from "./figures.ts";
import { growthOf } from "./growth.ts";
import type { Figure, HeadModel, HeadWidget, Trend } from "./models.ts";
import { closedFigures, movementsOrNone, unlessRateMissing } from "./movement_view.ts";
import { severalCurrencies, soleCurrency } from "./native_amounts.ts";
import { emptyText } from "./page_card.ts";
import { lastMonths, monthlyCloses } from "./past.ts";
import { grossChurnFigure, nrrFigure } from "./rates.ts";
import { type WidgetConfig, widgetFrame } from "./config.ts";
import { WHY, whyNoGrowth } from "./why.ts";

function changes(context: WidgetContext): Trend[] {
  const { slice, view } = context;
  if (!slice) return [];
  const today = view.calendar.dayOf(context.now);
  const growth = growthOf(slice, today, view.daily.firstDay());
  const found: Trend[] = [];
  const { historyDone } = view.status;
  if (growth.monthToDateAmount) {
    const ratio = growth.monthToDate ? ` (${ratioText(growth.monthToDate)})` : "";
    const sole = soleCurrency(context);
    const of = sole === null ? "" : ` in ${sole}`;
    const trend = changeTrend(growth.monthToDateAmount, slice.currency, ` this month${of}${ratio}`);
    found.push(historyDone ? trend : { ...trend, text: `≈ ${trend.text}` });
  }
  if (!historyDone) return found;
  if (growth.lastMonthByNow) {
    const amount = moneyText(growth.lastMonthByNow, slice.currency, { signed: true, whole: true });
    found.push({ text: `by this day last month ${amount}`, tone: "neutral" });
  }
  return found;
}

/** The headline does not follow another period than the month. */
const PERIOD_LINE = "MRR, customers and ARR are of now, and the change is of this month, " +
  "whatever the period";

function withSpark(figure: Figure, points: readonly (number | null)[]): Figure {
  const spark = points.filter((point) => point !== null);
  return spark.length < 2 ? figure : { ...figure, spark };
}

/** What is drawn under the tiles, from months that have ended and today. */
function sparks(context: WidgetContext) {
  const movements = movementsOrNone(context);
  if (!movements) return { customers: [], nrr: [], churn: [] };
  const { book, currency } = movements;
  const today = context.view.calendar.dayOf(context.now);
  const first = book.firstDay() ?? today;
  const { past, nrrPast } = closedFigures(context, movements);
  const number = ({ value }: Derived) => value === null ? null : toNumber(value);
  return {
    customers: lastMonths(context, 13).map(({ start, days, running }) => {
      const day = running ? today : start + days - 1;
      return day < first ? null : book.levelAt(currency, day).customers;
    }),
    nrr: nrrPast.map(number),
    churn: past.map(({ grr }) => grr.value === null ? null : 1 - toNumber(grr.value)),
  };
}

function model(context: WidgetContext): HeadModel {
  const { view } = context;
  const change = changes(context);
  const empty = emptyText(context);
  const several = severalCurrencies(context);
  // A line of one currency under the amounts of several would be taken for theirs.
  const closes = several ? [] : monthlyCloses(context, 13);
  const mrr = totalFigure(context, "mrr", "MRR", { whole: true });
  const unvalued = unvaluedCount(view);
  const drawn = unlessRateMissing(
    () => sparks(context),
    () => ({ customers: [], nrr: [], churn: [] }),
  );
  return {
    mrr: {
      ...withSpark(mrr, closes),
      ...(unvalued > 0
        ? {
          note: [
            ...(mrr.note ? [mrr.note] : []),
            `${countText(unvalued, "subscription")} could not be valued and ${
              unvalued === 1 ? "is" : "are"
            } not in it`,
          ].join(". "),
        }
        : {}),
    },
    change,
    ...(change.length === 0 ? { changeReason: whyNoGrowth(context, WHY.noEarlierClose) } : {}),
    ...(several && !context.reporting
      ? { addUp: `Add up in ${several[0]!.toUpperCase()}: set figures.reporting-currency` }
      : {}),
    definitionLine: `Monthly recurring revenue ${presetLabel(view.info)}: ` +
      "what counts now, after discounts, without tax",
    ...(context.query.period === "month" ? {} : { periodLine: PERIOD_LINE }),
    tiles: [
      withSpark(customersFigure(context), several ? [] : drawn.customers),
      withSpark(arrFigure(context, { whole: true }), closes.map((close) => close && close * 12)),
      withSpark(nrrFigure(context), drawn.nrr),
      withSpark(grossChurnFigure(context), drawn.churn),
    ],
    ...(empty ? { empty: { text: empty } } : {}),
  };
}

export function headWidget(context: WidgetContext, config: WidgetConfig): HeadWidget {
  return {
    ...widgetFrame(config, "Overview"),
    type: "head",
    state: stateOf(context, () => model(context)),
  };
}
