/**
 * The clock of the machine.
 *
 * @module
 */
import type { Clock } from "./types.ts";

/**
 * A clock over `performance` and `setTimeout`: epoch milliseconds that never go backwards, even
 * when the wall clock is set.
 */
export function systemClock(): Clock {
  return {
    now: () => performance.timeOrigin + performance.now(),
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const timer = setTimeout(() => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        }, ms);
        function onAbort(): void {
          clearTimeout(timer);
          reject(signal!.reason);
        }
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    },
  };
}
