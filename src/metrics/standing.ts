/**
 * How a subscription counts now: in MRR, or in the sums shown beside it (past due, leaving,
 * in trial, paused, excluded).
 *
 * @module
 */
import type { Issue } from "./amount.ts";
import { mrr, type MrrFacts, type MrrResult, type ZeroReason } from "./mrr.ts";
import type { MrrOptions } from "./options.ts";
import { type Rational, subtract, ZERO } from "./rational.ts";
import { type SegmentLine, segmentLines } from "./segments.ts";
import type { Subscription } from "./types.ts";

export interface Standing {
  readonly sub: Subscription;
  /** Minor units of `sub.currency` a month; `null` when it could not be valued. */
  readonly mrr: Rational | null;
  readonly lines: readonly SegmentLine[];
  readonly reason: ZeroReason | "excluded" | null;
  readonly issues: readonly Issue[];
  /** MRR(at_end) − MRR(at_request): leaves when the paid period ends (metrics.md A.2). */
  readonly scheduledToCancel: Rational;
  /** What it is worth once its trial converts. */
  readonly trialing: Rational;
  /** What it is worth once it is resumed. */
  readonly paused: Rational;
  /** What it would add were it not excluded by the configuration. */
  readonly excluded: Rational;
}

function amountOf(result: MrrResult): Rational {
  return result.kind === "value" ? result.amount : ZERO;
}

/** Reasons that take the whole subscription to 0, whenever a cancellation counts. */
const WHOLE: ReadonlySet<ZeroReason> = new Set(["status", "paused", "test_clock", "not_yet_paid"]);

function scheduledToCancel(
  sub: Subscription,
  at: number,
  options: MrrOptions,
  facts: MrrFacts,
  value: MrrResult,
): Rational {
  if (!sub.cancelAtPeriodEnd && sub.cancelAt === null) return ZERO;
  if (value.kind === "value" && value.reason && WHOLE.has(value.reason)) return ZERO;
  const under = (cancellation: MrrOptions["cancellation"]) =>
    amountOf(
      cancellation === options.cancellation
        ? value
        : mrr(sub, at, { ...options, cancellation }, facts),
    );
  return subtract(under("at_end"), under("at_request"));
}

function ifResumed(
  sub: Subscription,
  at: number,
  options: MrrOptions,
  facts: MrrFacts,
): Rational {
  const resumed = sub.status === "paused" ? { ...sub, status: "active" } : sub;
  return amountOf(mrr(resumed, at, { ...options, pauseCollection: "count" }, facts));
}

/**
 * Values a subscription and says how it counts.
 *
 * @param at Unix seconds.
 * @param excluded Whether the configuration's `exclude` names it.
 */
export function standingOf(
  sub: Subscription,
  at: number,
  options: MrrOptions,
  facts: MrrFacts,
  excluded: boolean,
): { readonly standing: Standing; readonly result: MrrResult } {
  const value = mrr(sub, at, options, facts);
  const result: MrrResult = excluded
    ? { kind: "value", currency: sub.currency, amount: ZERO, lines: [], issues: [] }
    : value;
  const counted = result.kind === "value";
  const reason = counted ? result.reason ?? null : null;
  const standing: Standing = {
    sub,
    mrr: counted ? result.amount : null,
    lines: segmentLines(result),
    reason: excluded ? "excluded" : reason,
    issues: result.issues,
    scheduledToCancel: excluded ? ZERO : scheduledToCancel(sub, at, options, facts, value),
    trialing: reason === "trial" && sub.status === "trialing"
      ? amountOf(mrr(sub, at, { ...options, trialing: "count" }, facts))
      : ZERO,
    paused: reason === "paused" ? ifResumed(sub, at, options, facts) : ZERO,
    excluded: excluded ? amountOf(value) : ZERO,
  };
  return { standing, result };
}
