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
  /** As `convertedAt` tells. */
  readonly convertedAt: number | null;
}

/**
 * Converted when it was worth more than 0 within 7 days after the trial's end, even if its first
 * invoice is still open. Paused at the end for want of a payment method is not converted; what
 * may still convert is `running`.
 */
export function trialOutcome(trial: Trial, now: number): TrialOutcome {
  const { trialEnd, status, convertedAt } = trial;
  const limit = trialEnd + CONVERSION_SECONDS;
  if (now < trialEnd) return status === "canceled" ? "canceled" : "running";
  if (convertedAt !== null && convertedAt <= limit) return "converted";
  if (status === "canceled" || status === "paused") return status;
  return now <= limit ? "running" : "lapsed";
}

/**
 * When a trial first was worth something after its end, Unix seconds; `null` where it never was.
 * Stripe counts conversions by this moment, whenever the trial ended (C.7).
 *
 * @param steps What the subscription was worth.
 */
export function convertedAt(trialEnd: number, steps: readonly Step[]): number | null {
  if (valueBefore(steps, trialEnd + 1).n > 0n) return trialEnd;
  return steps.find(({ at, value }) => at > trialEnd && value.n > 0n)?.at ?? null;
}
