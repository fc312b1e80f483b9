/**
 * Things that run at the same time and end together.
 *
 * @module
 */

/** Something that runs until its signal ends it, or by itself. */
export type Run = (ending: AbortSignal) => Promise<void>;

/** Runs `main` beside what runs as long as it does; the first to fail ends all of them. */
export async function beside(
  outer: AbortSignal,
  main: Run,
  ...others: readonly Run[]
): Promise<void> {
  const ended = new AbortController();
  const ending = AbortSignal.any([outer, ended.signal]);
  const running = [main, ...others].map((each) => each(ending));
  try {
    await Promise.race([running[0], Promise.all(running)]);
  } finally {
    ended.abort();
    await Promise.allSettled(running);
  }
}

/** Waits for a promise, or rejects when the signal aborts. */
export async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
