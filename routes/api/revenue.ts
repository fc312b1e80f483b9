/**
 * `/api/v1/revenue` and `/api/v1/revenue/history`.
 *
 * @module
 */
import { monthStart } from "../../src/metrics/calendar.ts";
import { MissingRateError } from "../../src/metrics/fx.ts";
import { multiply, type Rational, rational } from "../../src/metrics/rational.ts";
import { FIGURES } from "../../src/metrics/tally.ts";
import type { SourceView } from "../../src/store/port.ts";
import { arpaOf } from "../../src/widgets/figures.ts";
import { growthOf } from "../../src/widgets/growth.ts";
import { rowsOf, totalsOf } from "../../src/widgets/rows.ts";
import { factorsTo, type Reporting, type Slice, sliceOf } from "../../src/widgets/slice.ts";
import { unreadSubscriptions } from "../../src/widgets/context.ts";
import { qualityOf } from "../../src/widgets/quality.ts";
import { INTERVALS, periodEnd, periodKey } from "./periods.ts";
import { checkNames, FILTERS, readCurrency, readWord } from "./params.ts";
import { Problem } from "./problem.ts";
import { type Moment, readAt, readRange } from "./times.ts";
import { amount, convertedAmount, FX_RATE_MISSING, ratio, viewOf } from "./values.ts";

const TWELVE = rational(12);

interface Request {
  readonly view: SourceView;
  readonly reporting: Reporting | null;
  readonly search: URLSearchParams;
  /** Unix seconds. */
  readonly now: number;
}

function growth({ view, now }: Request, slice: Slice) {
  const found = growthOf(slice, view.calendar.dayOf(now), view.daily.firstDay());
  // Past plan changes are not known before the past is rebuilt.
  const approximate = view.status.historyDone ? {} : { approximate: true };
  const part = (value: Rational | null) => ({
    ...ratio(value, "no_earlier_close"),
    ...(value ? approximate : {}),
  });
  return {
    monthToDate: part(found.monthToDate),
    lastMonth: part(found.lastMonth),
    yearOnYear: part(found.yearOnYear),
    compoundMonthly: {
      ...part(found.compound?.rate ?? null),
      ...(found.compound ? { months: found.compound.months } : {}),
    },
  };
}

function byPlan({ view, reporting }: Request, slice: Slice) {
  const factors = slice.converted && reporting
    ? factorsTo(reporting, view.tally.currencies())
    : new Map([[slice.currency, rational(1)]]);
  return view.tally.plans()
    .filter(({ currency }) => factors.has(currency))
    .map(({ product, price, currency, mrr, customers }) => ({
      product,
      price,
      ...(slice.converted ? { currency } : {}),
      ...amount("mrr", multiply(mrr, factors.get(currency)!)),
      customers,
    }));
}

function figures(request: Request, slice: Slice) {
  const mrr = slice.total("mrr");
  const totals = FIGURES.map((figure) => amount(figure, slice.total(figure)));
  return {
    ...Object.assign({}, ...totals),
    ...amount("arr", mrr && multiply(mrr, TWELVE)),
    ...amount("arpa", arpaOf(slice)),
    customers: slice.customers,
    growth: growth(request, slice),
    byPlan: byPlan(request, slice),
  };
}

/** MRR as it stood at a moment of the past; the other sums have no past yet. */
function figuresAt(
  { view, reporting, now }: Request,
  currency: string,
  { day, before }: Moment,
) {
  const rows = rowsOf(view, { figure: "mrr", currency, atDay: day, before }, reporting);
  const mrr = totalsOf(rows).get(currency) ?? rational(0);
  const customers = new Set(rows.map(({ customer }) => customer)).size;
  return {
    ...amount("mrr", mrr),
    ...amount("arr", multiply(mrr, TWELVE)),
    customers,
    quality: qualityOf(view, day, day + 1, now),
  };
}

function convertedAt(request: Request, currency: string, at: Moment) {
  try {
    return { body: figuresAt(request, currency, at), missingRates: [] };
  } catch (error) {
    if (!(error instanceof MissingRateError)) throw error;
    return { body: null, missingRates: [error.currency] };
  }
}

function convertedNow(request: Request, currency: string) {
  const slice = sliceOf(request.view, { currency }, request.reporting)!;
  const { missingRates } = slice;
  return { body: missingRates.length > 0 ? null : figures(request, slice), missingRates };
}

function reportingOf(request: Request, at: Moment | null) {
  if (!request.reporting) return { reporting: null, reason: "no_reporting_currency" };
  const { currency } = request.reporting;
  const { body, missingRates } = at === null
    ? convertedNow(request, currency)
    : convertedAt(request, currency, at);
  return body
    ? { reporting: { currency, view: "converted", ...body } }
    : { reporting: null, reason: FX_RATE_MISSING, missingRates };
}

export function revenue(request: Request) {
  const { view, search } = request;
  checkNames(search, ["currency", "at", ...FILTERS]);
  const chosen = readCurrency(search, view, request.reporting);
  const at = readAt(request);
  const native = view.tally.currencies().filter((each) => chosen === null || each === chosen);
  const entries = native.map((currency) => {
    const slice = sliceOf(view, { currency }, null)!;
    return [
      currency,
      at === null
        ? figures(request, slice)
        : figuresAt({ ...request, reporting: null }, currency, at),
    ];
  });
  return {
    currencies: Object.fromEntries(entries),
    ...reportingOf(request, at),
    unresolved: [
      ...view.unresolved().map(({ sub, issues }) => ({ subscription: sub.id, issues })),
      ...unreadSubscriptions(view).map(({ id, problem }) => ({
        subscription: id,
        issues: ["unreadable"],
        detail: problem,
      })),
    ],
  };
}

/** No answer holds more days than this. */
const DAYS_MAX = 5_000;

export function history(request: Request) {
  const { view, search, reporting, now } = request;
  checkNames(search, ["currency", "from", "to", "interval", ...FILTERS]);
  const interval = readWord(search, "interval", INTERVALS, "day");
  const chosen = readCurrency(search, view, reporting);
  const { from, to } = readRange(request, (today) => monthStart(today, -12));
  if (to - from > DAYS_MAX) {
    throw new Problem("parameter_invalid", "from", `at most ${DAYS_MAX} days at once`);
  }
  const currencies = chosen === null ? view.tally.currencies() : [chosen];
  const data = currencies.flatMap((currency) => {
    // Where no currency is named, every row is native: the reporting currency's own too.
    const slice = sliceOf(view, { currency }, chosen === null ? null : reporting);
    if (!slice || from >= to) return [];
    const closes = slice.closes(from, to);
    const rows: Record<string, unknown>[] = [];
    for (let start = from; start < to; start = periodEnd(start, interval)) {
      const end = Math.min(periodEnd(start, interval), to);
      const close = closes[end - 1 - from] ?? null;
      rows.push({
        [interval]: periodKey(start, interval),
        currency,
        ...viewOf(slice.converted),
        ...convertedAmount("mrr", close),
        quality: qualityOf(view, start, end, now),
      });
    }
    return rows;
  });
  return { data };
}
