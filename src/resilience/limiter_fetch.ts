/**
 * The limiter as a layer around `fetch`.
 *
 * @module
 */
import { signalOf } from "./abort.ts";
import type { Limiter } from "./limiter.ts";
import { retryAfterMs } from "./retry_after.ts";
import type { Clock, Decorator } from "./types.ts";

/** The pause after a 429 that does not say how long. */
const PAUSE_MS = 1_000;
/** No answer stops the queue for longer than this. */
const PAUSE_MS_MAX = 60_000;

export interface LimiterFetchOptions {
  readonly clock: Clock;
  readonly limiter: Limiter;
  readonly endpointOf: (input: Request | string | URL) => string;
  /** Told how long each request waited, in milliseconds; must not throw. */
  readonly onWait?: (endpoint: string, waitMs: number) => void;
}

/** Sends each request once it has tokens and a slot; a 429 pauses the queue it came from. */
export function withLimiter(options: LimiterFetchOptions): Decorator {
  const { clock, limiter, endpointOf, onWait } = options;

  function pauseFor(response: Response, endpoint: string): void {
    const ms = Math.min(PAUSE_MS_MAX, retryAfterMs(response.headers, clock.now()) ?? PAUSE_MS);
    const reason = response.headers.get("stripe-rate-limited-reason") ?? "";
    if (reason.startsWith("endpoint-")) limiter.pause(ms, endpoint);
    else limiter.pause(ms);
  }

  return (next) =>
    async function limitedFetch(input, init) {
      const endpoint = endpointOf(input);
      const asked = clock.steady();
      const permit = await limiter.acquire(endpoint, signalOf(input, init));
      onWait?.(endpoint, clock.steady() - asked);
      let answered = false;
      try {
        const response = await next(input, init);
        answered = true;
        if (response.status === 429) pauseFor(response, endpoint);
        return response;
      } finally {
        permit.release(answered);
      }
    };
}
