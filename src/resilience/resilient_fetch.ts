/**
 * All layers together, outermost first: GET only → deadline → retry → breaker → token bucket and
 * concurrency cap → attempt → fetch (design.md section 4). One for each source, as its breaker and
 * buckets are its own.
 *
 * @module
 */
import { type AttemptResult, withAttempt } from "./attempt.ts";
import { type BreakerOptions, type BreakerState, createBreaker } from "./breaker.ts";
import { type Judge, withBreaker } from "./breaker_fetch.ts";
import type { BucketOptions } from "./bucket.ts";
import { adaptiveLimit, type AdaptiveLimitOptions, fixedLimit } from "./concurrency.ts";
import { withDeadline } from "./deadline.ts";
import { endpointOf as stripeEndpointOf } from "./endpoint.ts";
import { AttemptError } from "./errors.ts";
import { getOnly } from "./get_only.ts";
import { createLimiter, type LimiterStats } from "./limiter.ts";
import { withLimiter } from "./limiter_fetch.ts";
import { type RetryOptions, withRetry } from "./retry.ts";
import type { Clock, FetchLike, Outcome } from "./types.ts";

/** What happened, for logs and metrics. Endpoints carry neither query nor ids. */
export type ResilienceEvent =
  | {
    readonly kind: "attempt";
    readonly endpoint: string;
    readonly result: AttemptResult;
    readonly durationMs: number;
  }
  | {
    readonly kind: "retry";
    readonly endpoint: string;
    /** 1 for the first retry. */
    readonly retry: number;
    readonly waitMs: number;
    readonly cause: AttemptResult;
  }
  | { readonly kind: "limiter_wait"; readonly endpoint: string; readonly waitMs: number }
  | {
    readonly kind: "breaker";
    /** Whether it guards what MRR needs, or what can be left out for a while. */
    readonly of: BreakerName;
    readonly from: BreakerState["kind"];
    readonly to: BreakerState["kind"];
  };

/** Requests that MRR needs, and those that it does not: the second may fail without the first. */
export type BreakerName = "main" | "optional";

/** Every number has the default of design.md section 4; see the options of each layer. */
export interface ResilientFetchOptions {
  readonly fetch: FetchLike;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Capacity 100, 10 a second. */
  readonly bucket?: BucketOptions;
  /** A bucket of its own for each endpoint; none. */
  readonly endpointBucket?: BucketOptions;
  /** A number, or bounds of an adaptive limit; adaptive between 4 and 64. */
  readonly concurrency?: number | Pick<AdaptiveLimitOptions, "min" | "max">;
  /** Requests that may wait for a token; 10,000. */
  readonly waitingMax?: number;
  readonly breaker?: Pick<BreakerOptions, "failuresMax" | "openMs" | "probesMax">;
  readonly retry?: Pick<RetryOptions, "retriesMax" | "delayMs" | "jitter" | "waitMsMax">;
  /** Milliseconds an attempt may take once it is sent; 20,000. */
  readonly attemptTimeoutMs?: number;
  readonly bodyBytesMax?: number;
  /** Milliseconds a request may take in all; unlimited. */
  readonly totalMs?: number;
  /** What counts as a failure of the server. */
  readonly judge?: Judge;
  /** Which breaker guards a request; the main one, where it is left out. */
  readonly breakerOf?: (input: Request | string | URL) => BreakerName;
  readonly endpointOf?: (input: Request | string | URL) => string;
  /** Must not throw. */
  readonly onEvent?: (event: ResilienceEvent) => void;
}

export interface ResilientFetch {
  readonly fetch: FetchLike;
  breakerState(name?: BreakerName): BreakerState;
  limiterStats(): LimiterStats;
  /** Lets no burst through until tokens have come again: somebody else may just have had one. */
  dropBurst(): void;
}

/** Ten a second with a burst of a hundred: well below Stripe's own limits (metrics.md D.6). */
const DEFAULT_BUCKET: BucketOptions = { capacity: 100, refillPerSecond: 10 };

/**
 * A `fetch` that is limited, retried and guarded by a breaker.
 *
 * @throws {RangeError} for an option out of range
 */
export function createResilientFetch(options: ResilientFetchOptions): ResilientFetch {
  const { clock, random, bucket = DEFAULT_BUCKET, endpointBucket, concurrency = {} } = options;
  const { endpointOf = stripeEndpointOf, onEvent = () => {} } = options;
  const breakerNamed = (of: BreakerName) =>
    createBreaker({
      ...options.breaker,
      clock,
      onTransition: (from, to) => onEvent({ kind: "breaker", of, from, to }),
    });
  const breakers = { main: breakerNamed("main"), optional: breakerNamed("optional") };
  const limiter = createLimiter({
    clock,
    bucket,
    ...given({ endpointBucket, waitingMax: options.waitingMax }),
    concurrency: typeof concurrency === "number"
      ? fixedLimit(concurrency)
      : adaptiveLimit({ ...concurrency, ratePerSecond: bucket.refillPerSecond }),
  });
  const attempt = withAttempt({
    clock,
    ...given({ timeoutMs: options.attemptTimeoutMs, bodyBytesMax: options.bodyBytesMax }),
    onResult: (input, result, durationMs) =>
      onEvent({ kind: "attempt", endpoint: endpointOf(input), result, durationMs }),
  });
  const limited = withLimiter({
    clock,
    limiter,
    endpointOf,
    onWait: (endpoint, waitMs) => onEvent({ kind: "limiter_wait", endpoint, waitMs }),
  });
  const retried = withRetry({
    ...options.retry,
    clock,
    random,
    onRetry: (input, retry, waitMs, cause) =>
      onEvent({
        kind: "retry",
        endpoint: endpointOf(input),
        retry,
        waitMs,
        cause: resultOf(cause),
      }),
  });
  const deadline = withDeadline({ clock, ...given({ totalMs: options.totalMs }) });
  const { breakerOf = () => "main" as const } = options;
  const inner = limited(attempt(options.fetch));
  const guarded = {
    main: withBreaker(breakers.main, options.judge)(inner),
    optional: withBreaker(breakers.optional, options.judge)(inner),
  };
  return {
    fetch: getOnly(
      deadline(retried(function breakersFetch(input, init) {
        return guarded[breakerOf(input)](input, init);
      })),
    ),
    breakerState: (name = "main") => breakers[name].state(),
    limiterStats: limiter.stats,
    dropBurst: () => limiter.pause(0),
  };
}

function resultOf(outcome: Outcome): AttemptResult {
  if ("response" in outcome) return { status: outcome.response.status };
  return { error: outcome.error instanceof AttemptError ? outcome.error.kind : "aborted" };
}

/** The options that were given, so that an absent one leaves a default in place. */
function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
