/**
 * Filters by price, product and billing interval: what is left of a subscription's standing and
 * of its segments when only some of their lines are looked at. Lines add up to their whole, so
 * the parts of a partition add up to it too (metrics.md A.1, B.6).
 *
 * @module
 */
import { type Rational, sum, ZERO } from "./rational.ts";
import type { Segment, SegmentLine } from "./segments.ts";
import type { Standing } from "./standing.ts";

/** `null` lets everything through. A plan is a price: Stripe's older name for it. */
export interface LineFilter {
  /** A price's id. */
  readonly price: string | null;
  /** A product's id. */
  readonly product: string | null;
  /** A billing interval as `billingOf` names it. */
  readonly billing: string | null;
}

export const NO_FILTER: LineFilter = { price: null, product: null, billing: null };

/** Whether a filter leaves anything out. */
export function filters({ price, product, billing }: LineFilter): boolean {
  return price !== null || product !== null || billing !== null;
}

const IN_MONTHS: ReadonlyMap<string, string> = new Map(Object.entries<string>({
  "3-month": "quarter",
  "6-month": "half-year",
}));

/**
 * The name of a billing interval: `day`, `week`, `month`, `quarter`, `half-year`, `year`, else
 * such as `2-week`. Twelve months are a year and seven days a week, as for Stripe (A.3).
 */
export function billingOf(interval: string, count: number): string {
  if (interval === "month" && count % 12 === 0) return billingOf("year", count / 12);
  if (interval === "day" && count % 7 === 0) return billingOf("week", count / 7);
  if (count === 1) return interval;
  return IN_MONTHS.get(`${count}-${interval}`) ?? `${count}-${interval}`;
}

type LinePart = Pick<SegmentLine, "price" | "product" | "interval" | "intervalCount">;

/** Whether a line is let through. */
export function lets(filter: LineFilter, line: LinePart): boolean {
  return (filter.price === null || line.price === filter.price) &&
    (filter.product === null || line.product === filter.product) &&
    (filter.billing === null || billingOf(line.interval, line.intervalCount) === filter.billing);
}

function letThrough(lines: readonly SegmentLine[], filter: LineFilter): readonly SegmentLine[] {
  return lines.every((line) => lets(filter, line))
    ? lines
    : lines.filter((line) => lets(filter, line));
}

function worthOf(lines: readonly SegmentLine[]): Rational {
  return sum(lines.map(({ exact }) => exact));
}

/** What a filter leaves of a segment; `null` for nothing, itself for all of it. */
export function filterSegment(segment: Segment, filter: LineFilter): Segment | null {
  const lines = letThrough(segment.lines, filter);
  if (lines === segment.lines) return lines.length === 0 ? null : segment;
  const exact = worthOf(lines);
  return exact.n === 0n ? null : { ...segment, lines, exact };
}

const NO_SEGMENTS: readonly Segment[] = [];

/** What a filter leaves of a subscription's segments. */
export function filterSegments(
  segments: readonly Segment[],
  filter: LineFilter,
): readonly Segment[] {
  const left = segments.flatMap((segment) => filterSegment(segment, filter) ?? []);
  if (left.length === 0) return NO_SEGMENTS;
  return left.every((segment, index) => segment === segments[index]) &&
      left.length === segments.length
    ? segments
    : left;
}

/** Whether a subscription has an item that is let through, whatever it is worth. */
function hasItem({ sub }: Standing, filter: LineFilter): boolean {
  return sub.items.some(({ price }) =>
    lets(filter, {
      price: price.id,
      product: price.product,
      interval: price.recurring?.interval ?? "",
      intervalCount: price.recurring?.count ?? 1,
    })
  );
}

/** What a filter leaves of a standing; `null` where the subscription has nothing of it. */
export function filterStanding(standing: Standing, filter: LineFilter): Standing | null {
  if (!hasItem(standing, filter)) return null;
  const lines = letThrough(standing.lines, filter);
  const beside = letThrough(standing.beside, filter);
  if (lines === standing.lines && beside === standing.beside) return standing;
  const part = (whole: Rational) => whole.n === 0n ? ZERO : worthOf(beside);
  return {
    ...standing,
    mrr: standing.mrr && worthOf(lines),
    lines,
    beside,
    scheduledToCancel: part(standing.scheduledToCancel),
    trialing: part(standing.trialing),
    paused: part(standing.paused),
    excluded: part(standing.excluded),
  };
}
