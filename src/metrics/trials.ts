/**
 * How a trial came out (metrics.md C.7).
 *
 * @module
 */
import type { TrialOutcome } from "./ratios.ts";
import { type Step, valueBefore } from "./steps.ts";

/** After so long past its end a trial is decided. */
export const CONVERSION_SECONDS = 7 * 86_400;

/** A subscription that began with a trial. Times are Unix seconds. */
export interface Trial {
  readonly trialEnd: number;
  /** Stripe's status now. */
  readonly status: string;
  /** What the subscription was worth. */
  readonly steps: readonly Step[];
}

/**
 * Converted when it was worth more than 0 within 7 days after the trial's end, even if its first
 * invoice is still open. Paused at the end for want of a payment method is not converted; what
 * may still convert is `running`.
 */
export function trialOutcome({ trialEnd, status, steps }: Trial, now: number): TrialOutcome {
  const limit = trialEnd + CONVERSION_SECONDS;
  if (now < trialEnd) return status === "canceled" ? "canceled" : "running";
  const paid = valueBefore(steps, trialEnd + 1).n > 0n ||
    steps.some(({ at, value }) => at > trialEnd && at <= limit && value.n > 0n);
  if (paid) return "converted";
  if (status === "canceled" || status === "paused") return status;
  return now <= limit ? "running" : "lapsed";
}

/**
 * When a trial first was worth something after its end, Unix seconds; `null` where it never was.
 * Stripe counts conversions by this moment, whenever the trial ended (C.7).
 */
export function convertedAt({ trialEnd, steps }: Pick<Trial, "trialEnd" | "steps">): number | null {
  if (valueBefore(steps, trialEnd + 1).n > 0n) return trialEnd;
  return steps.find(({ at, value }) => at > trialEnd && value.n > 0n)?.at ?? null;
}
