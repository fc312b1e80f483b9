/**
 * The queue in front of the server. A request leaves it when there is a token in its endpoint's
 * bucket, a token in the global one and a free slot, and takes all of them at once or none: a
 * token taken before there is a slot would let requests pile up behind the slots and leave later
 * in a burst that no bucket allows.
 *
 * Within an endpoint requests leave in the order in which they came; an endpoint without tokens
 * does not hold up the others. Without endpoint buckets there is one order for all.
 *
 * @module
 */
import { type Bucket, type BucketOptions, createBucket } from "./bucket.ts";
import type { ConcurrencyLimit } from "./concurrency.ts";
import { QueueFullError } from "./errors.ts";
import { checkNumber } from "./options.ts";
import type { Clock } from "./types.ts";

export interface LimiterOptions {
  readonly clock: Clock;
  /** The bucket of all requests. */
  readonly bucket: BucketOptions;
  /** One more bucket for each endpoint. */
  readonly endpointBucket?: BucketOptions;
  readonly concurrency: ConcurrencyLimit;
  /** Requests that may wait; 10,000. */
  readonly waitingMax?: number;
}

/** A slot; the token is spent. */
export interface Permit {
  /** Frees the slot; `answered` if the time it took says something about the server. */
  release(answered: boolean): void;
}

export interface LimiterStats {
  /** Tokens in the global bucket. */
  readonly available: number;
  readonly waiting: number;
  readonly active: number;
  /** Slots. */
  readonly limit: number;
}

export interface Limiter {
  /**
   * Waits for tokens and slot. An aborted waiter leaves with the signal's reason and without a
   * token; a full queue rejects with `QueueFullError`.
   */
  acquire(endpoint: string, signal?: AbortSignal): Promise<Permit>;
  /** Lets nothing through for `ms`: of one endpoint where endpoints have buckets, else of all. */
  pause(ms: number, endpoint?: string): void;
  stats(): LimiterStats;
}

interface Waiter {
  readonly order: number;
  readonly grant: () => void;
}

interface Lane {
  readonly bucket: Bucket | null;
  readonly queue: Set<Waiter>;
}

/** A limiter with full buckets. @throws {RangeError} for an option out of range */
export function createLimiter(options: LimiterOptions): Limiter {
  const { clock, endpointBucket, concurrency, waitingMax = 10_000 } = options;
  checkNumber("create limiter", "waitingMax", waitingMax, { min: 1, integer: true });
  if (endpointBucket) createBucket(endpointBucket, 0); // only for its checks
  const global = createBucket(options.bucket, clock.steady());
  const lanes = new Map<string, Lane>();
  const alarm = createAlarm(clock, drain);
  let active = 0;
  let waiting = 0;
  let arrivals = 0;

  function laneOf(endpoint: string): Lane {
    const key = endpointBucket ? endpoint : "";
    let lane = lanes.get(key);
    if (!lane) {
      const bucket = endpointBucket ? createBucket(endpointBucket, clock.steady()) : null;
      lane = { bucket, queue: new Set() };
      lanes.set(key, lane);
    }
    return lane;
  }

  /** The lane that may go next: of those soonest to have a token, the one that waits longest. */
  function nextLane(now: number): { lane: Lane; head: Waiter; waitMs: number } | null {
    let best: { lane: Lane; head: Waiter; waitMs: number } | null = null;
    for (const lane of lanes.values()) {
      const head = lane.queue.values().next().value;
      if (!head) continue;
      const waitMs = lane.bucket?.waitMs(now) ?? 0;
      const sooner = !best || waitMs < best.waitMs ||
        (waitMs === best.waitMs && head.order < best.head.order);
      if (sooner) best = { lane, head, waitMs };
    }
    return best;
  }

  function drain(): void {
    // No alarm while the slots are taken: the next release looks again.
    while (active < concurrency.current()) {
      const now = clock.steady();
      const next = nextLane(now);
      if (!next) break;
      const waitMs = Math.max(next.waitMs, global.waitMs(now));
      if (waitMs > 0) return alarm.set(now + waitMs);
      next.lane.queue.delete(next.head);
      next.lane.bucket?.take(now);
      global.take(now);
      active += 1;
      waiting -= 1;
      next.head.grant();
    }
    alarm.clear();
  }

  function permit(): Permit {
    const grantedAt = clock.steady();
    let released = false;
    return {
      release(answered) {
        if (released) return;
        released = true;
        active -= 1;
        if (answered) concurrency.observe(clock.steady() - grantedAt);
        drain();
      },
    };
  }

  function acquire(endpoint: string, signal?: AbortSignal): Promise<Permit> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (waiting >= waitingMax) return reject(new QueueFullError(waitingMax));
      const { queue } = laneOf(endpoint);
      const waiter: Waiter = {
        order: arrivals++,
        grant() {
          signal?.removeEventListener("abort", leave);
          resolve(permit());
        },
      };
      function leave(): void {
        queue.delete(waiter);
        waiting -= 1;
        reject(signal!.reason);
        drain();
      }
      signal?.addEventListener("abort", leave, { once: true });
      queue.add(waiter);
      waiting += 1;
      drain();
    });
  }

  return {
    acquire,
    pause(ms, endpoint) {
      checkNumber("pause limiter", "ms", ms, { min: 0 });
      const lane = endpoint === undefined ? null : laneOf(endpoint);
      (lane?.bucket ?? global).pause(clock.steady(), ms);
      drain();
    },
    stats: () => ({
      available: global.available(clock.steady()),
      waiting,
      active,
      limit: concurrency.current(),
    }),
  };
}

/** One timer, which is moved rather than multiplied. */
function createAlarm(clock: Clock, ring: () => void) {
  let pending: { at: number; cancel: AbortController } | null = null;
  function clear(): void {
    pending?.cancel.abort();
    pending = null;
  }
  return {
    clear,
    set(at: number): void {
      if (pending?.at === at) return;
      clear();
      const mine = { at, cancel: new AbortController() };
      pending = mine;
      // Whole milliseconds, rounded up: timers may not ring early, and never in a tight loop.
      clock.sleep(Math.max(1, Math.ceil(at - clock.steady())), mine.cancel.signal).then(
        () => {
          if (pending !== mine) return;
          pending = null;
          ring();
        },
        () => {}, // moved or cleared
      );
    },
  };
}
