/**
 * `/api/v1/movements`, `/events`: what made MRR change, in whole minor units that add up.
 *
 * @module
 */
import { CHURN_CAUSES } from "../../src/metrics/causes.ts";
import type { Movements } from "../../src/metrics/books.ts";
import {
  type Grain,
  GRAINS,
  isLoss,
  type Movement,
  MOVEMENT_KINDS,
} from "../../src/metrics/movements.ts";
import { dayKey, monthKey, monthStart } from "../../src/metrics/calendar.ts";
import { format, negate } from "../../src/metrics/rational.ts";
import { roundWaterfall } from "../../src/metrics/waterfall.ts";
import type { SourceView } from "../../src/store/port.ts";
import type { FigureInputs } from "../../src/widgets/inputs.ts";
import { periodOf } from "../../src/widgets/movement_view.ts";
import { qualityOf } from "../../src/widgets/quality.ts";
import type { Reporting } from "../../src/widgets/slice.ts";
import { checkNames, FILTERS, readCurrency, readWhole, readWord } from "./params.ts";
import { type Interval, INTERVALS, periodEnd, periodKey } from "./periods.ts";
import { Problem } from "./problem.ts";
import { readRange } from "./times.ts";
import { amount, time, viewOf, whole } from "./values.ts";

/** A book and the currency under which it is asked. */
interface Asked {
  readonly book: Movements;
  readonly currency: string;
  readonly converted: boolean;
}

/** The books that answer for a currency, or for every native one where none is named. */
export function booksFor(
  view: SourceView,
  currency: string | null,
  reporting: Reporting | null,
): readonly Asked[] {
  if (view.status.identityProblem !== null) throw new Problem("identity_violated");
  if (currency !== null && currency === reporting?.currency) {
    const book = view.convertedMovements;
    if (!book) throw new Problem("fx_rate_missing", "currency");
    return [{ book, currency, converted: true }];
  }
  const native = view.movements;
  const wanted = currency === null ? view.tally.currencies() : [currency];
  return wanted.map((each) => ({ book: native, currency: each, converted: false }));
}

function row(request: Cut, asked: Asked, from: number, to: number) {
  const { view, inputs, interval, grain, now } = request;
  const totals = periodOf({ view, inputs, now }, asked, { from, to }, grain);
  const rounded = roundWaterfall(totals);
  const parts = (["start", ...MOVEMENT_KINDS, "fx", "end"] as const).map((key) => ({
    [key]: whole(rounded[key]),
    [`${key}Exact`]: format(totals[key]),
  }));
  return {
    period: periodKey(from, interval),
    currency: asked.currency,
    view: asked.converted ? "converted" : "native",
    ...Object.assign({}, ...parts),
    customers: totals.customers,
    churnCauses: Object.fromEntries(
      CHURN_CAUSES.map((cause) => {
        const { mrr, customers } = totals.causes[cause];
        return [cause, { ...amount("mrr", mrr), customers }];
      }),
    ),
    quality: qualityOf(view, from, to, now),
    ...closing(view, asked, interval, to),
  };
}

/**
 * Whether a period is of closed months, and by how much its end was restated since it was first
 * reported. Native months are closed; what they convert to follows the rates.
 */
function closing({ closedMonths }: SourceView, asked: Asked, interval: Interval, to: number) {
  const month = asked.converted ? undefined : closedMonths.month(monthKey(to - 1));
  const by = month && interval !== "day"
    ? closedMonths.restatedBy(month.month, asked.currency)
    : null;
  return { closed: month !== undefined, ...amount("restatedBy", by) };
}

/** How periods are cut. */
interface Cut {
  readonly view: SourceView;
  readonly inputs: FigureInputs;
  readonly interval: Interval;
  readonly grain: Grain;
  /** Unix seconds. */
  readonly now: number;
}

export interface MovementsRequest {
  readonly view: SourceView;
  readonly inputs: FigureInputs;
  readonly search: URLSearchParams;
  readonly reporting: Reporting | null;
  /** Unix seconds. */
  readonly now: number;
}

/** No answer holds more rows than this for a currency. */
const ROWS_MAX = 2_000;

export function movements(request: MovementsRequest) {
  const { view, search, reporting, inputs, now } = request;
  checkNames(search, ["currency", "from", "to", "interval", "grain", ...FILTERS]);
  const interval = readWord(search, "interval", INTERVALS, "month");
  const grain = readWord(search, "grain", GRAINS, inputs.grain);
  const cut: Cut = { view, inputs, interval, grain, now };
  const { from, to } = readRange(request, (today) => monthStart(today, -12));
  const asked = booksFor(view, readCurrency(search, view, reporting), reporting);
  const data = asked.flatMap((each) => {
    const rows: ReturnType<typeof row>[] = [];
    for (let start = from; start < to; start = periodEnd(start, interval)) {
      if (rows.length >= ROWS_MAX) {
        throw new Problem("parameter_invalid", "from", `at most ${ROWS_MAX} periods at once`);
      }
      rows.push(row(cut, each, start, Math.min(periodEnd(start, interval), to)));
    }
    return rows;
  });
  return { grain, data };
}

function eventJson(movement: Movement, converted: boolean) {
  const loss = isLoss(movement.kind);
  return {
    at: time(movement.at),
    day: dayKey(movement.day),
    customer: movement.customer,
    currency: movement.currency,
    ...viewOf(converted),
    kind: movement.kind,
    ...amount("delta", loss ? negate(movement.amount) : movement.amount),
    ...(movement.kind === "churn" ? { cause: movement.cause ?? "other" } : {}),
  };
}

/** The movement feed, newest first. */
export function events({ view, search, reporting }: MovementsRequest) {
  checkNames(search, ["currency", "limit", ...FILTERS]);
  const currency = readCurrency(search, view, reporting);
  const limit = readWhole(search, "limit", { min: 1, max: 500, fallback: 50 });
  const converted = currency !== null && currency === reporting?.currency;
  const book = converted ? booksFor(view, currency, reporting)[0]!.book : view.movements;
  const recent = currency === null ? book.recent(limit) : recentIn(book, currency, limit);
  return { data: recent.map((movement) => eventJson(movement, converted)) };
}

/** The newest of one currency; one that is seldom billed in lies far back. */
function recentIn(book: Movements, currency: string, limit: number): readonly Movement[] {
  for (let asked = limit;; asked *= 10) {
    const recent = book.recent(asked);
    const found = recent.filter((movement) => movement.currency === currency);
    if (found.length >= limit || recent.length < asked) return found.slice(0, limit);
  }
}
