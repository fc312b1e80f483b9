/**
 * A token bucket: it holds up to `capacity` tokens and gains `refillPerSecond`; a request costs
 * one. So no window of t seconds sees more than capacity + refillPerSecond × t requests.
 *
 * @module
 */
import { checkNumber } from "./options.ts";

export interface BucketOptions {
  /** Tokens it holds at most, and at the start. */
  readonly capacity: number;
  readonly refillPerSecond: number;
}

/** All times are milliseconds of one clock. */
export interface Bucket {
  /** Milliseconds until there is a token: 0 when there is one now. */
  waitMs(now: number): number;
  /** Takes a token; call only when `waitMs` is 0. */
  take(now: number): void;
  /** Gives nothing for `ms`. The stored burst is gone too: the server has just called it too much. */
  pause(now: number, ms: number): void;
  /** Whole tokens that could be taken now. */
  available(now: number): number;
}

/** Rounding may leave a token this much short; what is taken early stays owed. */
const SLACK = 1e-9;

/** A full bucket. @throws {RangeError} for an option out of range */
export function createBucket(options: BucketOptions, now: number): Bucket {
  const { capacity, refillPerSecond } = options;
  checkNumber("create bucket", "capacity", capacity, { min: 1 });
  checkNumber("create bucket", "refillPerSecond", refillPerSecond, { above: 0 });
  const perMs = refillPerSecond / 1_000;
  let tokens = capacity;
  /** Tokens are counted up to this time; it lies ahead during a pause. */
  let countedTo = now;

  function refill(at: number): void {
    if (at <= countedTo) return;
    tokens = Math.min(capacity, tokens + (at - countedTo) * perMs);
    countedTo = at;
  }

  return {
    waitMs(at) {
      refill(at);
      const missing = tokens >= 1 - SLACK ? 0 : (1 - tokens) / perMs;
      return Math.max(0, countedTo - at) + missing;
    },
    take(at) {
      refill(at);
      tokens -= 1;
    },
    pause(at, ms) {
      refill(at);
      tokens = Math.min(tokens, 1);
      countedTo = Math.max(countedTo, at + ms);
    },
    available(at) {
      refill(at);
      return at < countedTo ? 0 : Math.max(0, Math.floor(tokens + SLACK));
    },
  };
}
