/**
 * Why a customer's MRR fell to nothing: a facet of churn, not a kind of movement (metrics.md B.1).
 *
 * @module
 */
import type { Segment } from "./segments.ts";
import type { Subscription } from "./types.ts";

/** In the order in which one is preferred where several ended in the same second. */
export const CHURN_CAUSES = ["voluntary", "involuntary", "disputed", "paused", "other"] as const;
export type ChurnCause = typeof CHURN_CAUSES[number];

/** `cancellation_details.reason`. */
const BY_REASON: ReadonlyMap<string, ChurnCause> = new Map(Object.entries<ChurnCause>({
  cancellation_requested: "voluntary",
  payment_failed: "involuntary",
  payment_disputed: "disputed",
  canceled_by_retention_policy: "other",
}));

/** Why a subscription counts for nothing, by what its object says. */
export function causeOf(sub: Subscription): ChurnCause {
  if (sub.cancelReason !== null) return BY_REASON.get(sub.cancelReason) ?? "other";
  if (sub.status === "unpaid" || sub.status === "past_due") return "involuntary";
  const over = sub.endedAt !== null;
  if (!over && (sub.status === "paused" || sub.pause !== null)) return "paused";
  // A cancellation without a reason is taken for a request (B.6 step 2.1).
  return over || sub.cancelAtPeriodEnd || sub.cancelAt !== null ? "voluntary" : "other";
}

/**
 * Segments of one subscription in time order, those that nothing follows with their cause. One
 * that is followed after a while was paused: a void period is such a hole (B.6 step 2.2).
 */
export function withCauses(
  sub: Subscription,
  segments: readonly Segment[],
): readonly Segment[] {
  if (segments.every(({ to }) => to === null)) return segments;
  return segments.map((segment, index) => {
    const next = segments[index + 1];
    const goesOn = segment.to === null || next?.from === segment.to;
    if (goesOn || segment.cause) return segment;
    return { ...segment, cause: next ? "paused" : causeOf(sub) };
  });
}

/** The one that is preferred of two, either of which may be unknown. */
export function preferredCause(
  a: ChurnCause | undefined,
  b: ChurnCause | undefined,
): ChurnCause | undefined {
  if (!a || !b) return a ?? b;
  return CHURN_CAUSES.indexOf(a) <= CHURN_CAUSES.indexOf(b) ? a : b;
}
