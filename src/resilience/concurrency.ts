/**
 * How many requests may be under way at once.
 *
 * @module
 */
import { checkNumber } from "./options.ts";

/** A limit that may move with the latency it is shown. */
export interface ConcurrencyLimit {
  current(): number;
  /** Notes how long an answered request took, in milliseconds. */
  observe(latencyMs: number): void;
}

/**
 * Weight of an answer that was quicker than the recent ones. A slower one counts at once: with the
 * mean for recent latency, slots run out and tokens are lost each time that answers are late.
 */
const QUICKER = 0.05;

/** Always the same limit. @throws {RangeError} unless it is a whole number >= 1 */
export function fixedLimit(limit: number): ConcurrencyLimit {
  checkNumber("create limiter", "concurrency", limit, { min: 1, integer: true });
  return { current: () => limit, observe: () => {} };
}

export interface AdaptiveLimitOptions {
  /** Requests a second that are to be kept up. */
  readonly ratePerSecond: number;
  /** Lower bound, and the limit before the first answer; 4. */
  readonly min?: number;
  /** Upper bound; 64. */
  readonly max?: number;
}

/**
 * ceil(rate × recent latency) between `min` and `max` (metrics.md D.6): what keeps the rate up,
 * and no more connections than that.
 *
 * @throws {RangeError} for an option out of range
 */
export function adaptiveLimit(options: AdaptiveLimitOptions): ConcurrencyLimit {
  const { ratePerSecond, min = 4, max = 64 } = options;
  const action = "create adaptive limit";
  checkNumber(action, "ratePerSecond", ratePerSecond, { above: 0 });
  checkNumber(action, "min", min, { min: 1, integer: true });
  checkNumber(action, "max", max, { min, integer: true });
  let latencyMs: number | null = null;
  return {
    current() {
      const needed = Math.ceil(ratePerSecond * (latencyMs ?? 0) / 1_000);
      return Math.min(max, Math.max(min, needed));
    },
    observe(newestMs) {
      latencyMs = latencyMs === null || newestMs > latencyMs
        ? newestMs
        : latencyMs - QUICKER * (latencyMs - newestMs);
    },
  };
}
