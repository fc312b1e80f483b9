/**
 * Notices that the wall clock was set: by NTP, by a person, or by a machine that was suspended.
 *
 * @module
 */
import type { Clock } from "./types.ts";

/** Milliseconds by which the clocks may part between two looks before it counts as a step. */
const STEP_MS = 2000;
const LOOK_MS = 1000;

/**
 * Returns by how many milliseconds the wall clock stepped since the last call that found a step,
 * negative where it went back; 0 within two seconds. Slow drift adds up and counts once.
 */
export function createStepDetector({ now, steady }: Pick<Clock, "now" | "steady">): () => number {
  let offset = now() - steady();
  return function steppedBy() {
    const current = now() - steady();
    const step = current - offset;
    if (Math.abs(step) <= STEP_MS) return 0;
    offset = current;
    return step;
  };
}

/** Looks every second, and tells `onStep` the milliseconds of each step. Returns the end of it. */
export function watchSteps(clock: Clock, onStep: (ms: number) => void): () => void {
  const stopping = new AbortController();
  const steppedBy = createStepDetector(clock);
  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(LOOK_MS, stopping.signal).catch(() => {});
      const step = stopping.signal.aborted ? 0 : steppedBy();
      if (step !== 0) onStep(step);
    }
  }
  void run();
  return () => stopping.abort();
}
