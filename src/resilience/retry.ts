/**
 * Retries (design.md section 4, metrics.md D.5).
 *
 * @module
 */
import { signalOf } from "./abort.ts";
import { AttemptError } from "./errors.ts";
import { checkNumber } from "./options.ts";
import { retryAfterMs } from "./retry_after.ts";
import type { Clock, Decorator, Outcome } from "./types.ts";

export interface RetryOptions {
  readonly clock: Clock;
  /** A number in [0, 1), as a random generator gives. */
  readonly random: () => number;
  /** Retries after the first attempt; 3. */
  readonly retriesMax?: number;
  /** Milliseconds before the first retry, doubled for each further one; 1,000. */
  readonly delayMs?: number;
  /** Share of a delay that is added at random, so that clients drift apart; 0.25. */
  readonly jitter?: number;
  /** A longer `Retry-After` than this many milliseconds is not waited for; 60,000. */
  readonly waitMsMax?: number;
  /** Told of every retry before its wait (ms); must not throw. */
  readonly onRetry?: (
    input: Request | string | URL,
    retry: number,
    waitMs: number,
    cause: Outcome,
  ) => void;
}

/** Answers that asking again will not change, whatever a header says. */
const FINAL = new Set([400, 401, 402, 403, 404]);

/**
 * Whether another attempt may end better: 409, 429, 5xx, time-outs, network errors and cut bodies.
 * `Stripe-Should-Retry` overrules the status, but never for 400, 401, 402, 403 and 404.
 */
export function isRetryable(outcome: Outcome): boolean {
  if ("error" in outcome) {
    return outcome.error instanceof AttemptError && outcome.error.kind !== "oversized_body";
  }
  const { status, headers } = outcome.response;
  if (FINAL.has(status)) return false;
  const advice = headers.get("stripe-should-retry");
  if (advice === "true" && status >= 300) return true;
  if (advice === "false") return false;
  return status === 409 || status === 429 || status >= 500;
}

/**
 * Tries again what may end better, after 1 s, 2 s and 4 s, or as `Retry-After` says. When the
 * next wait would pass the deadline or `waitMsMax` it gives up at once; what it gives up with is
 * the last answer or error. An abort while waiting rejects at once with the signal's reason.
 *
 * @throws {RangeError} for an option out of range
 */
export function withRetry(options: RetryOptions): Decorator {
  const { clock, random, retriesMax = 3, delayMs = 1_000, jitter = 0.25, onRetry } = options;
  const { waitMsMax = 60_000 } = options;
  checkNumber("set retries", "retriesMax", retriesMax, { min: 0, integer: true });
  checkNumber("set retries", "delayMs", delayMs, { above: 0 });
  checkNumber("set retries", "jitter", jitter, { min: 0, max: 1 });
  checkNumber("set retries", "waitMsMax", waitMsMax, { min: 0, max: 2 ** 31 - 1 });

  function waitFor(outcome: Outcome, retry: number): number {
    const asked = "response" in outcome
      ? retryAfterMs(outcome.response.headers, clock.now())
      : null;
    return asked ?? delayMs * 2 ** (retry - 1) * (1 + jitter * random());
  }

  return (next) =>
    async function retryFetch(input, init) {
      const signal = signalOf(input, init);
      for (let retry = 1;; retry++) {
        const outcome = await settle(next(input, init));
        if (retry > retriesMax || !isRetryable(outcome)) return result(outcome);
        const waitMs = waitFor(outcome, retry);
        const late = clock.steady() + waitMs >= (init?.deadline ?? Infinity);
        if (late || waitMs > waitMsMax) return result(outcome);
        onRetry?.(input, retry, waitMs, outcome);
        await clock.sleep(waitMs, signal);
      }
    };
}

async function settle(promise: Promise<Response>): Promise<Outcome> {
  try {
    return { response: await promise };
  } catch (error) {
    return { error };
  }
}

function result(outcome: Outcome): Response {
  if ("error" in outcome) throw outcome.error;
  return outcome.response;
}
