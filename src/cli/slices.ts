/**
 * Long work in slices, between which requests are answered.
 *
 * @module
 */

/** Milliseconds of a slice. */
const SLICE_MS = 12;
/** Steps between two looks at the clock. */
const STEPS = 20;

export interface Slices {
  /** Milliseconds. */
  now(): number;
  /** Lets everything else that waits have its turn. */
  pause(): Promise<void>;
  readonly signal: AbortSignal;
  /** Told how many steps are done. */
  readonly onProgress?: (steps: number) => void;
}

/** Takes all steps, and returns what comes of them; `null` when the signal was first. */
export async function inSlices<T>(
  steps: Generator<void, T>,
  { now, pause, signal, onProgress = () => {} }: Slices,
): Promise<T | null> {
  let count = 0;
  while (!signal.aborted) {
    const end = now() + SLICE_MS;
    do {
      for (let step = 0; step < STEPS; step++) {
        const { done, value } = steps.next();
        if (done) return value;
        count++;
      }
    } while (now() < end);
    onProgress(count);
    await pause();
  }
  return null;
}
