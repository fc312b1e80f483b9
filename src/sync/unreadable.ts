/**
 * Reading objects whose shape may not be what Stripe documents.
 *
 * @module
 */
import { type Segment, unbookable } from "../metrics/segments.ts";
import type { Standing } from "../metrics/standing.ts";
import type { SourceStore } from "../store/port.ts";
import { ShapeError } from "../stripe/shape.ts";

/**
 * Puts a subscription's standing and segments into the store. One that cannot be booked (worth less
 * than 0, or ending before it begins) is taken out and noted instead, so that the others' figures
 * stay right.
 */
export function recordBookable(
  store: SourceStore,
  standing: Standing,
  segments: readonly Segment[],
): void {
  const problem = standing.mrr && standing.mrr.n < 0n
    ? "It is worth less than 0"
    : unbookable(segments);
  if (problem === null) return store.record(standing, segments);
  const { id } = standing.sub;
  store.forget(id);
  store.setUnreadable({ kind: "subscription", id, problem });
}

/** What `read` gives, or `null` where the object is not understood; that is noted. */
export function noteUnreadable<T>(
  store: SourceStore,
  kind: string,
  value: unknown,
  read: () => T,
): T | null {
  const id = (value as { id?: unknown } | null)?.id;
  const name = typeof id === "string" ? id : `${kind} without an id`;
  try {
    const result = read();
    store.clearUnreadable(name);
    return result;
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    store.setUnreadable({ kind, id: name, problem: error.message });
    return null;
  }
}
