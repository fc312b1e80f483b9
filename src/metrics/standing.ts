/**
 * How a subscription counts now: in MRR, or in the sums shown beside it (past due, leaving,
 * in trial, paused, excluded).
 *
 * @module
 */
import type { Issue } from "./amount.ts";
import { mrr, type MrrFacts, type MrrResult, type ZeroReason } from "./mrr.ts";
import type { MrrOptions } from "./options.ts";
import { type Rational, subtract, sum, ZERO } from "./rational.ts";
import { type SegmentLine, segmentLines } from "./segments.ts";
import type { Subscription } from "./types.ts";

export interface Standing {
  readonly sub: Subscription;
  /** Minor units of `sub.currency` a month; `null` when it could not be valued. */
  readonly mrr: Rational | null;
  readonly lines: readonly SegmentLine[];
  readonly reason: ZeroReason | "excluded" | null;
  /** What its value, or the one after its trial or pause, lacks or warns of. */
  readonly issues: readonly Issue[];
  /** MRR(at_end) − MRR(at_request): leaves when the paid period ends (metrics.md A.2). */
  readonly scheduledToCancel: Rational;
  /** What it is worth once its trial converts. */
  readonly trialing: Rational;
  /** What it is worth once it is resumed. */
  readonly paused: Rational;
  /** What it would add were it not excluded by the configuration. */
  readonly excluded: Rational;
  /**
   * The lines of the one sum beside MRR that is not 0: leaving, in trial, paused or excluded,
   * of which a subscription is one at most.
   */
  readonly beside: readonly SegmentLine[];
}

const NO_LINES: readonly SegmentLine[] = [];

function worthOf(lines: readonly SegmentLine[]): Rational {
  return sum(lines.map(({ exact }) => exact));
}

/** Reasons that take the whole subscription to 0, whenever a cancellation counts. */
const WHOLE: ReadonlySet<ZeroReason> = new Set(["status", "paused", "test_clock", "not_yet_paid"]);

/** Lines of MRR(at_end), each less what it has in MRR(at_request). */
function scheduledToCancel(
  sub: Subscription,
  at: number,
  options: MrrOptions,
  facts: MrrFacts,
  value: MrrResult,
): readonly SegmentLine[] {
  if (!sub.cancelAtPeriodEnd && sub.cancelAt === null) return NO_LINES;
  if (value.kind === "value" && value.reason && WHOLE.has(value.reason)) return NO_LINES;
  const under = (cancellation: MrrOptions["cancellation"]) =>
    segmentLines(
      cancellation === options.cancellation
        ? value
        : mrr(sub, at, { ...options, cancellation }, facts),
    );
  const stays = new Map(under("at_request").map(({ item, exact }) => [item, exact]));
  return under("at_end")
    .map((line) => ({ ...line, exact: subtract(line.exact, stays.get(line.item) ?? ZERO) }))
    .filter(({ exact }) => exact.n !== 0n);
}

function ifResumed(
  sub: Subscription,
  at: number,
  options: MrrOptions,
  facts: MrrFacts,
): MrrResult {
  const resumed = sub.status === "paused" ? { ...sub, status: "active" } : sub;
  return mrr(resumed, at, { ...options, pauseCollection: "count" }, facts);
}

/** What is worth 0 now and something later: in trial or paused. */
function later(
  sub: Subscription,
  at: number,
  options: MrrOptions,
  facts: MrrFacts,
  reason: Standing["reason"],
): MrrResult | null {
  if (reason === "paused") return ifResumed(sub, at, options, facts);
  if (reason !== "trial" || sub.status !== "trialing") return null;
  return mrr(sub, at, { ...options, trialing: "count" }, facts);
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
  const waiting = later(sub, at, options, facts, reason);
  const waits = waiting ? segmentLines(waiting) : NO_LINES;
  const leaving = excluded ? NO_LINES : scheduledToCancel(sub, at, options, facts, value);
  const trialing = reason === "trial" ? waits : NO_LINES;
  const paused = reason === "paused" ? waits : NO_LINES;
  const leftOut = excluded ? segmentLines(value) : NO_LINES;
  const beside = [leaving, trialing, paused, leftOut].find((lines) => worthOf(lines).n !== 0n);
  const standing: Standing = {
    sub,
    mrr: counted ? result.amount : null,
    lines: segmentLines(result),
    reason: excluded ? "excluded" : reason,
    // What cannot be valued later is not worth 0 then.
    issues: waiting?.kind === "unresolved" ? waiting.issues : result.issues,
    scheduledToCancel: worthOf(leaving),
    trialing: worthOf(trialing),
    paused: worthOf(paused),
    excluded: worthOf(leftOut),
    beside: beside ?? NO_LINES,
  };
  return { standing, result };
}
