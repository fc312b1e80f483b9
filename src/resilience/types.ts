/**
 * The seam on which every layer sits: a `fetch`, and the clock that it is told the time by.
 *
 * @module
 */

/** Time, injected: nothing in this folder reads a clock of its own. */
export interface Clock {
  /** Wall clock, epoch milliseconds: for dates and signatures. It steps when the clock is set. */
  now(): number;
  /** Milliseconds since any moment, never going backwards: for durations alone. */
  steady(): number;
  /** Resolves after `ms` milliseconds; rejects at once with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What a caller may add to `RequestInit`; a plain `RequestInit` will do. */
export type GuardedInit = RequestInit & {
  /** Time on the injected clock's `steady`, in milliseconds, after which nobody waits for the answer. */
  readonly deadline?: number;
  /** Called when the request leaves the queues and is about to be sent. */
  readonly onStart?: () => void;
};

/** A `fetch`, bare or decorated. */
export type FetchLike = (input: Request | string | URL, init?: GuardedInit) => Promise<Response>;

/** A layer around a `fetch`. */
export type Decorator = (next: FetchLike) => FetchLike;

/** How a request ended, at whatever layer. */
export type Outcome = { readonly response: Response } | { readonly error: unknown };
