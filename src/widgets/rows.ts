/**
 * The subscriptions behind a figure; their exact shares add up to it (design.md promise 2).
 *
 * @module
 */
import {
  add,
  compare,
  multiply,
  type Rational,
  rational,
  toNumber,
  ZERO,
} from "../metrics/rational.ts";
import { MissingRateError } from "../metrics/fx.ts";
import type { Quality, Segment, SegmentLine } from "../metrics/segments.ts";
import type { Standing } from "../metrics/standing.ts";
import { type FigureName, FIGURES, shareIn } from "../metrics/tally.ts";
import type { SourceView } from "../store/port.ts";
import type { ViewQuery } from "./query.ts";
import { factorsTo, type Reporting } from "./slice.ts";

/** Figures that open into rows. `arr` shares are twelve times those of `mrr`. */
export const ROW_FIGURES = [...FIGURES, "arr", "active", "top1", "top10", "unresolved"] as const;
export type RowFigure = typeof ROW_FIGURES[number];

export interface Row {
  readonly subscription: string;
  readonly customer: string;
  readonly status: string;
  /** Currency of `share`: the subscription's own, or the reporting one. */
  readonly currency: string;
  /** Exact minor units that it adds to the figure; `null` when it could not be valued. */
  readonly share: Rational | null;
  readonly lines: readonly SegmentLine[];
  readonly reason: string | null;
  readonly issues: readonly string[];
  readonly quality: Quality;
}

export interface RowQuery extends Pick<ViewQuery, "currency"> {
  readonly figure: RowFigure;
  /** Shows MRR as it stood at the close of this local day. */
  readonly atDay?: number;
  /** The same, but as of what happened before this moment of it, in Unix seconds. */
  readonly before?: number;
}

const TWELVE = rational(12);

/** Figures of what stands beside MRR. */
const BESIDE: ReadonlySet<RowFigure> = new Set([
  "scheduledToCancelMrr",
  "trialingMrr",
  "pausedMrr",
  "excludedMrr",
]);

function sumFigure(figure: RowFigure): FigureName {
  return FIGURES.find((known) => known === figure) ?? "mrr";
}

function shareOf(standing: Standing, { figure }: RowQuery): Rational {
  const share = shareIn(sumFigure(figure), standing);
  return figure === "arr" ? multiply(share, TWELVE) : share;
}

function qualityOf(segments: readonly Segment[]): Quality {
  return segments.at(-1)?.quality ?? "live";
}

function standingRow(view: SourceView, standing: Standing, query: RowQuery): Row | null {
  const { sub } = standing;
  const share = standing.mrr === null ? null : shareOf(standing, query);
  const wanted = query.figure === "unresolved" ? share === null : share !== null && share.n !== 0n;
  if (!wanted) return null;
  return {
    subscription: sub.id,
    customer: sub.customer,
    status: sub.status,
    currency: sub.currency,
    share,
    lines: BESIDE.has(query.figure) ? standing.beside : standing.lines,
    reason: standing.reason,
    issues: standing.issues,
    quality: qualityOf(view.segments(sub.id)),
  };
}

/** The row of the segment that was running at a moment (Unix seconds). */
function segmentRow(
  view: SourceView,
  segments: readonly Segment[],
  query: RowQuery,
  at: number,
): Row | null {
  const segment = segments.find(({ from, to }) => from < at && (to === null || to >= at));
  if (!segment) return null;
  const { exact, lines } = segment;
  return {
    subscription: segment.subscription,
    customer: segment.customer,
    status: view.standing(segment.subscription)?.sub.status ?? "unknown",
    currency: segment.currency,
    share: query.figure === "arr" ? multiply(exact, TWELVE) : exact,
    lines,
    reason: null,
    issues: [],
    quality: segment.quality,
  };
}

function* candidates(view: SourceView, query: RowQuery): Generator<Row> {
  if (query.atDay !== undefined) {
    const close = query.before ?? view.calendar.startOf(query.atDay + 1);
    for (const segments of view.allSegments()) {
      const row = segmentRow(view, segments, query, close);
      if (row) yield row;
    }
    return;
  }
  const standings = query.figure === "unresolved" ? view.unresolved() : view.standings();
  for (const standing of standings) {
    const row = standingRow(view, standing, query);
    if (row) yield row;
  }
}

/**
 * The rows of a figure, greatest share first, then by subscription. With the reporting currency,
 * shares are converted.
 *
 * @throws {MissingRateError} when there is no rate for one of them: what is left would be taken for
 * the whole.
 */
export function rowsOf(view: SourceView, query: RowQuery, reporting: Reporting | null): Row[] {
  const convertedTo = reporting && query.currency === reporting.currency ? reporting : null;
  const currencies = view.tally.currencies();
  const factors = convertedTo && factorsTo(convertedTo, currencies, query.atDay);
  const rows: Row[] = [];
  for (const row of candidates(view, query)) {
    if (!factors) {
      if (query.currency === null || row.currency === query.currency) rows.push(row);
      continue;
    }
    const factor = factors.get(row.currency);
    if (!factor && row.share) throw new MissingRateError(row.currency, query.atDay);
    if (!factor) continue;
    rows.push({
      ...row,
      currency: convertedTo!.currency,
      share: row.share && multiply(row.share, factor),
      lines: row.lines.map((line) => ({ ...line, exact: multiply(line.exact, factor) })),
    });
  }
  const top = TOP[query.figure];
  return byShare(top === undefined ? rows : ofLargest(rows, top));
}

const TOP: Partial<Record<RowFigure, number>> = { top1: 1, top10: 10 };

/** The rows of the customers who have most, one currency at a time where there are several. */
function ofLargest(rows: readonly Row[], top: number): Row[] {
  return [...Map.groupBy(rows, ({ currency }) => currency).values()].flatMap((ofCurrency) => {
    const customers = new Map<string, Rational>();
    for (const { customer, share } of ofCurrency) {
      customers.set(customer, add(customers.get(customer) ?? ZERO, share ?? ZERO));
    }
    const largest = [...customers].sort(([a, x], [b, y]) => compare(y, x) || (a < b ? -1 : 1))
      .slice(0, top);
    const chosen = new Set(largest.map(([customer]) => customer));
    return ofCurrency.filter(({ customer }) => chosen.has(customer));
  });
}

/** Greatest first by the nearest float, which is enough for an order; then by subscription. */
function byShare(rows: readonly Row[]): Row[] {
  return rows.map((row) => ({ row, size: row.share ? toNumber(row.share) : 0 }))
    .sort((a, b) => b.size - a.size || (a.row.subscription < b.row.subscription ? -1 : 1))
    .map(({ row }) => row);
}

/** Exact totals of rows by currency. */
export function totalsOf(rows: readonly Row[]): Map<string, Rational> {
  const totals = new Map<string, Rational>();
  for (const { currency, share } of rows) {
    if (share) totals.set(currency, add(totals.get(currency) ?? ZERO, share));
  }
  return totals;
}
