/**
 * Segments: what a subscription was worth from when to when. The one table of facts from which
 * every past figure follows (metrics.md B.6).
 *
 * @module
 */
import { causeOf, type ChurnCause } from "./causes.ts";
import type { MrrResult } from "./mrr.ts";
import { equal, type Rational } from "./rational.ts";
import type { Subscription } from "./types.ts";

/** How a segment is known, worst first. */
export const QUALITIES = ["inferred", "invoice", "event", "live"] as const;
export type Quality = typeof QUALITIES[number];

export interface SegmentLine {
  readonly item: string;
  readonly price: string;
  readonly product: string;
  readonly interval: string;
  readonly intervalCount: number;
  readonly quantity: bigint;
  readonly exact: Rational;
}

/**
 * A stretch [from, to) in Unix seconds, `to` null while it lasts. One worth 0 is `inferred`: it
 * is not known since when or until when the subscription was worth nothing.
 */
export interface Segment {
  readonly subscription: string;
  readonly customer: string;
  readonly from: number;
  readonly to: number | null;
  readonly currency: string;
  /** Minor units a month. */
  readonly exact: Rational;
  readonly quality: Quality;
  /** They add up to `exact`. */
  readonly lines: readonly SegmentLine[];
  /** Why nothing followed it, where that was seen as it happened. */
  readonly cause?: ChurnCause;
}

const NO_LINES: readonly SegmentLine[] = [];

/** The lines of a value as a segment keeps them. */
export function segmentLines(result: MrrResult): readonly SegmentLine[] {
  if (result.kind === "unresolved" || result.lines.length === 0) return NO_LINES;
  return result.lines.map((line) => ({
    item: line.itemId,
    price: line.priceId,
    product: line.productId,
    interval: line.interval,
    intervalCount: line.intervalCount,
    quantity: line.quantity,
    exact: line.amount,
  }));
}

/** A segment of a value; `null` where that is 0 or could not be made. */
export function segmentOf(
  sub: Subscription,
  result: MrrResult,
  from: number,
  to: number | null,
  quality: Quality,
  lines = segmentLines(result),
): Segment | null {
  if (result.kind === "unresolved" || result.amount.n === 0n) return null;
  return {
    subscription: sub.id,
    customer: sub.customer,
    from,
    to,
    currency: sub.currency,
    exact: result.amount,
    quality,
    lines,
  };
}

/** Whether two values have the same lines, in whatever order. */
export function sameLines(a: readonly SegmentLine[], b: readonly SegmentLine[]): boolean {
  return a.length === b.length && a.every((line, index) => {
    const at = b[index]!;
    const other = at.item === line.item ? at : b.find(({ item }) => item === line.item);
    return other !== undefined && line.price === other.price &&
      line.quantity === other.quantity && equal(line.exact, other.exact);
  });
}

export function sameValue(a: Segment, b: Segment): boolean {
  return a.currency === b.currency && equal(a.exact, b.exact) && sameLines(a.lines, b.lines);
}

/** Appends a segment, joined with an equal neighbour, whose quality stays. */
export function join(segments: readonly Segment[], next: Segment | null): readonly Segment[] {
  const last = segments.at(-1);
  if (!next) return segments;
  // Not spread: an array that grows keeps room for sixteen more, and there may be 100,000.
  if (!last || last.to !== next.from || !sameValue(last, next)) return segments.concat(next);
  return [...segments.slice(0, -1), { ...last, to: next.to }];
}

/** The same, but what is inferred is kept apart from what is known, so that the mark stays true. */
export function joinKnown(segments: readonly Segment[], next: Segment | null): readonly Segment[] {
  const last = segments.at(-1);
  const apart = last && next && (last.quality === "inferred") !== (next.quality === "inferred");
  return apart ? segments.concat(next) : join(segments, next);
}

/** Why segments cannot be booked as movements (metrics.md B.1), or `null` where they can. */
export function unbookable(segments: readonly Segment[]): string | null {
  for (const { from, to, exact } of segments) {
    if (exact.n < 0n) return "It was worth less than 0";
    if (to !== null && to < from) return "It ended before it began";
  }
  return null;
}

/** What was before a moment. */
export function cutAt(segments: readonly Segment[], at: number): readonly Segment[] {
  return segments.flatMap((segment) =>
    segment.from >= at ? [] : [{ ...segment, to: Math.min(segment.to ?? at, at) }]
  );
}

/** A past known up to `at`, and the live value from there on. */
export function liveAfter(
  past: readonly Segment[],
  sub: Subscription,
  live: MrrResult,
  at: number,
  lines = segmentLines(live),
): readonly Segment[] {
  return joinKnown(cutAt(past, at), segmentOf(sub, live, at, null, "live", lines));
}

/**
 * The segments after a change seen at `at`: what ran is closed there, the new value begins.
 * A change in the same second as an earlier one replaces it.
 */
export function changeSegments(
  segments: readonly Segment[],
  sub: Subscription,
  live: MrrResult,
  at: number,
  lines = segmentLines(live),
): readonly Segment[] {
  const last = segments.at(-1);
  const from = Math.max(at, last?.from ?? at, last?.to ?? at);
  const gone = live.kind === "value" && live.amount.n === 0n;
  const end = gone ? { to: from, cause: causeOf(sub) } : { to: from };
  const closed = segments.flatMap((segment) =>
    segment.to !== null ? [segment] : segment.from >= from ? [] : [{ ...segment, ...end }]
  );
  return join(closed, segmentOf(sub, live, from, null, "live", lines));
}
