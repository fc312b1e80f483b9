/**
 * The caller's deadline, over all attempts and waits together.
 *
 * @module
 */
import { linkSignal, signalOf } from "./abort.ts";
import { DeadlineError } from "./errors.ts";
import { checkNumber } from "./options.ts";
import type { Clock, Decorator } from "./types.ts";

export interface DeadlineOptions {
  readonly clock: Clock;
  /** Milliseconds a request may take in all; without it only `init.deadline` counts. */
  readonly totalMs?: number;
}

/**
 * Aborts what is left of a request at `init.deadline` or after `totalMs`, whichever is sooner,
 * and tells the layers below, which will not begin a wait that would pass it. Rejects with
 * `DeadlineError`.
 *
 * @throws {RangeError} for an option out of range
 */
export function withDeadline({ clock, totalMs }: DeadlineOptions): Decorator {
  if (totalMs !== undefined) checkNumber("set deadline", "totalMs", totalMs, { above: 0 });
  return (next) =>
    async function deadlineFetch(input, init) {
      const deadline = Math.min(init?.deadline ?? Infinity, clock.steady() + (totalMs ?? Infinity));
      if (deadline === Infinity) return await next(input, init);
      const left = deadline - clock.steady();
      if (!(left > 0)) throw new DeadlineError();
      const link = linkSignal(signalOf(input, init));
      const timer = new AbortController();
      clock.sleep(left, timer.signal).then(
        () => link.abort(new DeadlineError()),
        () => {}, // answered in time
      );
      try {
        return await next(input, { ...init, deadline, signal: link.signal });
      } finally {
        timer.abort();
        link.dispose();
      }
    };
}
