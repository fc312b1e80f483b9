/**
 * Slows down guessing: after a few failures a name, here a user or an address, has to wait, longer
 * with each further failure.
 *
 * @module
 */

export interface Throttle {
  /** Milliseconds that a name has to wait before its next try; 0 for none. */
  wait(name: string): number;
  fail(name: string): void;
  succeed(name: string): void;
}

export interface ThrottleOptions {
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Failures that are free; 5. */
  readonly free?: number;
  /** The first wait, which doubles with each failure; 30 s. */
  readonly waitMs?: number;
}

const WAIT_MAX_MS = 15 * 60_000;
/** After so long without a failure everything is forgotten. */
const FORGET_MS = 60 * 60_000;
const NAMES_MAX = 10_000;

interface Failures {
  readonly count: number;
  readonly at: number;
}

export function createThrottle({ now, free = 5, waitMs = 30_000 }: ThrottleOptions): Throttle {
  const names = new Map<string, Failures>();

  function known(name: string): Failures {
    const found = names.get(name);
    return found && now() - found.at < FORGET_MS ? found : { count: 0, at: 0 };
  }

  return {
    wait(name) {
      const { count, at } = known(name);
      if (count < free) return 0;
      const length = Math.min(WAIT_MAX_MS, waitMs * 2 ** (count - free));
      return Math.max(0, at + length - now());
    },
    fail(name) {
      const { count } = known(name);
      names.delete(name);
      names.set(name, { count: count + 1, at: now() });
      if (names.size > NAMES_MAX) names.delete(names.keys().next().value!);
    },
    succeed: (name) => void names.delete(name),
  };
}
