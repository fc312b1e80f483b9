/**
 * How well the past is known, month by month: seen as it happened, rebuilt from invoices, or
 * inferred from the subscriptions alone (metrics.md B.6). The worst within a period is its quality;
 * pages say the share, as in a large account hardly any month is without a single doubt.
 *
 * @module
 */
import { type Calendar, monthStart } from "../metrics/calendar.ts";
import { createExactSum, type ExactSum } from "../metrics/exact_sum.ts";
import {
  add,
  divide,
  multiply,
  ONE,
  type Rational,
  rational,
  sum,
  ZERO,
} from "../metrics/rational.ts";
import type { Quality, Segment } from "../metrics/segments.ts";
import type { SourceView } from "../store/port.ts";
import type { Look } from "../store/scans.ts";
import type { WidgetContext } from "./context.ts";
import type { PastMonth } from "./past.ts";
import { factorsTo } from "./slice.ts";

/** The inferred part of MRR by currency, by the first day of each month that is in part inferred. */
type InferredMonths = ReadonlyMap<number, ReadonlyMap<string, Rational>>;

/** What begins to be inferred in a month, less what ends. */
interface Turn {
  /** Segments that lie in it. */
  segments: number;
  /** Their MRR at its close, by currency. */
  readonly sums: Map<string, ExactSum>;
}

/** Notes where a segment begins and ends, so that a long one costs no more than a short one. */
function mark(
  turns: Map<number, Turn>,
  calendar: Calendar,
  { from, to, currency, exact }: Segment,
  today: number,
): void {
  const turnOf = (day: number): Turn => {
    let turn = turns.get(day);
    if (!turn) turns.set(day, turn = { segments: 0, sums: new Map() });
    return turn;
  };
  const sumOf = (day: number): ExactSum => {
    const { sums } = turnOf(day);
    let sum = sums.get(currency);
    if (!sum) sums.set(currency, sum = createExactSum());
    return sum;
  };
  const first = monthStart(calendar.dayOf(from));
  const last = monthStart(to === null ? today : calendar.dayOf(to));
  if (last < first) return;
  turnOf(first).segments++;
  turnOf(monthStart(last, 1)).segments--;
  // One that ends within a month is not there at its close; the running one's close is now.
  const gone = to === null ? monthStart(last, 1) : Math.min(last, monthStart(today));
  if (gone <= first) return;
  sumOf(first).add(exact);
  sumOf(gone).subtract(exact);
}

/** What is inferred, month by month. */
function scanInferred({ view, today }: Look): InferredMonths {
  const turns = new Map<number, Turn>();
  for (const segments of view.allSegments()) {
    for (const segment of segments) {
      if (segment.quality === "inferred") mark(turns, view.calendar, segment, today);
    }
  }
  const months = new Map<number, ReadonlyMap<string, Rational>>();
  const sums = new Map<string, Rational>();
  const end = [...turns.keys()].reduce((a, b) => Math.max(a, b), -Infinity);
  let day = [...turns.keys()].reduce((a, b) => Math.min(a, b), Infinity);
  for (let lying = 0; day < end; day = monthStart(day, 1)) {
    const turn = turns.get(day);
    lying += turn?.segments ?? 0;
    for (const [currency, change] of turn?.sums ?? []) {
      sums.set(currency, add(sums.get(currency) ?? ZERO, change.total()));
    }
    if (lying > 0) months.set(day, new Map([...sums].filter(([, sum]) => sum.n !== 0n)));
  }
  return months;
}

/**
 * The quality of the period [from, to) of local days: the worst within it.
 *
 * @param now Unix seconds.
 */
export function qualityOf(view: SourceView, from: number, to: number, now: number): Quality {
  const { liveSince, historyDone } = view.status;
  if (liveSince !== null && view.calendar.startOf(from) >= liveSince) return "live";
  if (!historyDone) return "inferred";
  const inferred = view.scanned(scanInferred, [], now);
  for (let day = monthStart(from); day < to; day = monthStart(day, 1)) {
    if (inferred.has(day)) return "inferred";
  }
  return "invoice";
}

/** From this share of inferred MRR on, a month is drawn as approximate. */
export const INFERRED_SHARE = rational(1, 100);

/**
 * The share of the slice's MRR at a month's close that is inferred only; `null` where it cannot be
 * told, as there is no MRR or no rate.
 */
export function inferredShare(
  { view, slice, reporting, now }: WidgetContext,
  { start, days, running }: PastMonth,
): Rational | null {
  const close = running ? view.calendar.dayOf(now) : start + days - 1;
  const mrr = slice?.closes(close, close + 1)[0];
  if (!slice || !mrr || mrr.n === 0n) return null;
  if (!view.status.historyDone) return ONE;
  const sums = view.scanned(scanInferred, [], now).get(start);
  if (!sums) return ZERO;
  const factors = slice.converted && reporting
    ? factorsTo(reporting, [...sums.keys()], close)
    : new Map([[slice.currency, ONE]]);
  const inferred = [...sums].map(([currency, part]) =>
    multiply(part, factors.get(currency) ?? ZERO)
  );
  return divide(sum(inferred), mrr);
}
