/**
 * The clock of the machine: the one place where the program reads the time.
 *
 * @module
 */
import type { Clock } from "./types.ts";

/**
 * `now` is the wall clock, which follows NTP, a suspended machine and whoever sets it; `steady` goes
 * on evenly.
 */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    steady: () => performance.now(),
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
