/**
 * The breaker as a layer around `fetch`.
 *
 * @module
 */
import { linkSignal, signalOf } from "./abort.ts";
import type { Breaker, Verdict } from "./breaker.ts";
import { AttemptError } from "./errors.ts";
import type { Decorator, Outcome } from "./types.ts";

/** What an outcome says of the server. */
export type Judge = (outcome: Outcome) => Verdict;

/**
 * Only 5xx, time-outs and network errors are failures. Any other answer proves that the server
 * lives; 429 proves it too, but must not close a breaker and let more in, so it counts as nothing.
 */
export function judgeOutcome(outcome: Outcome): Verdict {
  if ("response" in outcome) {
    if (outcome.response.status === 429) return "neutral";
    return outcome.response.status >= 500 ? "failure" : "success";
  }
  const { error } = outcome;
  return error instanceof AttemptError && error.kind !== "oversized_body" ? "failure" : "neutral";
}

/**
 * Lets requests through as the breaker allows. When it opens, requests that still queue below
 * fail at once; those being sent go on, and their results are ignored. An abort by the caller
 * counts as nothing and frees its probe.
 *
 * Rejects with `BreakerOpenError` while the breaker lets nothing through.
 */
export function withBreaker(breaker: Breaker, judge: Judge = judgeOutcome): Decorator {
  return (next) =>
    async function breakerFetch(input, init) {
      const caller = signalOf(input, init);
      caller?.throwIfAborted();
      const link = linkSignal(caller);
      try {
        const ticket = breaker.enter(link.abort);
        const onStart = () => {
          ticket.started();
          init?.onStart?.();
        };
        try {
          const response = await next(input, { ...init, signal: link.signal, onStart });
          ticket.settle(judge({ response }));
          return response;
        } catch (error) {
          ticket.settle(caller?.aborted ? "neutral" : judge({ error }));
          throw error;
        }
      } finally {
        link.dispose();
      }
    };
}
