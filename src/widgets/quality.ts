/**
 * How well the past is known, month by month: seen as it happened, rebuilt from invoices, or
 * inferred from the subscriptions alone (metrics.md B.6). The worst within a period is its quality;
 * pages say the share, as in a large account hardly any month is without a single doubt.
 *
 * @module
 */
import { type Calendar, monthStart } from "../metrics/calendar.ts";
import { createExactSum, type ExactSum } from "../metrics/exact_sum.ts";
import { divide, multiply, ONE, type Rational, rational, sum, ZERO } from "../metrics/rational.ts";
import type { Quality, Segment } from "../metrics/segments.ts";
import type { SourceView } from "../store/port.ts";
import type { Look } from "../store/scans.ts";
import type { WidgetContext } from "./context.ts";
import type { PastMonth } from "./past.ts";
import { factorsTo } from "./slice.ts";

/** The inferred part of MRR at the close of a month, by currency. */
type InferredMrr = Map<string, ExactSum>;

/** The same as it is kept, by the first day of each month in which some MRR is inferred only. */
type InferredMonths = ReadonlyMap<number, ReadonlyMap<string, Rational>>;

/** Adds a segment to the months that it lies in, and its worth to the closes that it sees. */
function mark(
  months: Map<number, InferredMrr>,
  calendar: Calendar,
  { from, to, currency, exact }: Segment,
  today: number,
): void {
  const last = to === null ? today : calendar.dayOf(to);
  for (let day = monthStart(calendar.dayOf(from)); day <= last; day = monthStart(day, 1)) {
    let sums = months.get(day);
    if (!sums) months.set(day, sums = new Map());
    const next = monthStart(day, 1);
    const running = next > today;
    if (to !== null && (running || to < calendar.startOf(next))) continue;
    let sum = sums.get(currency);
    if (!sum) sums.set(currency, sum = createExactSum());
    sum.add(exact);
  }
}

/** What is inferred, month by month. */
function scanInferred({ view, today }: Look): InferredMonths {
  const { calendar } = view;
  const months = new Map<number, InferredMrr>();
  for (const segments of view.allSegments()) {
    for (const segment of segments) {
      if (segment.quality === "inferred") mark(months, calendar, segment, today);
    }
  }
  return new Map(
    [...months].map(([day, sums]) =>
      [day, new Map([...sums].map(([currency, part]) => [currency, part.total()]))] as const
    ),
  );
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
