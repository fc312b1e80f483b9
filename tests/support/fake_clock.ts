/**
 * Time that moves only when a test says so.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/** A clock for everything that takes `now` and `sleep`. */
export interface FakeClock {
  /** Wall clock, milliseconds. */
  now(): number;
  /** Milliseconds that passed, whatever the wall clock was set to; as `now` until `step`. */
  steady(): number;
  /** Sets the wall clock forward by `ms`, or back; no time passes. */
  step(ms: number): void;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Moves time on by `ms`, ringing every timer on its own time and letting what waits for it run
   * before the next.
   */
  advance(ms: number): Promise<void>;
  /** Lets everything run that can without time moving. */
  settle(): Promise<void>;
  /** Timers that have not rung. */
  pending(): number;
  /** Every sleep asked for so far, in milliseconds. */
  readonly sleeps: readonly number[];
}

export interface FakeClockOptions {
  /** What `now` starts with, in milliseconds; 0. */
  readonly start?: number;
  /** Lets waiting code run; by default a turn of the event loop, which empties all promises. */
  readonly settle?: () => Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly ring: () => void;
}

/** A turn of the event loop: every promise that can settle has settled after it. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** A clock that stands still. */
export function createFakeClock({ start = 0, settle = turn }: FakeClockOptions = {}): FakeClock {
  let time = start;
  let stepped = 0;
  const timers = new Set<Timer>();
  const sleeps: number[] = [];

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    sleeps.push(ms);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer: Timer = {
        at: time + ms,
        ring() {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      function onAbort(): void {
        timers.delete(timer);
        reject(signal!.reason);
      }
      signal?.addEventListener("abort", onAbort, { once: true });
      timers.add(timer);
    });
  }

  function firstDue(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.at <= until && (!first || timer.at < first.at)) first = timer;
    }
    return first;
  }

  async function advance(ms: number): Promise<void> {
    const until = time + ms;
    await settle();
    for (let timer = firstDue(until); timer; timer = firstDue(until)) {
      timers.delete(timer);
      time = Math.max(time, timer.at);
      timer.ring();
      await settle();
    }
    time = until;
  }

  return {
    now: () => time + stepped,
    steady: () => time,
    step: (ms) => void (stepped += ms),
    sleep,
    advance,
    settle,
    pending: () => timers.size,
    sleeps,
  };
}
