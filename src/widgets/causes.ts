/**
 * Causes of churn in words (metrics.md B.1).
 *
 * @module
 */
import type { ChurnCause } from "../metrics/causes.ts";

/** After an amount or a customer: "$40 payment failed". */
export const CAUSE_WORDS: Readonly<Record<ChurnCause, string>> = {
  voluntary: "cancelled",
  involuntary: "payment failed",
  disputed: "disputed",
  paused: "paused",
  other: "otherwise",
};
