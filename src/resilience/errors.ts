/**
 * The errors a caller may want to tell apart. An abort by the caller is none of them: it surfaces
 * as the signal's own reason.
 *
 * @module
 */

/** How an attempt failed without an answer. */
export type AttemptErrorKind = "timeout" | "network" | "cut_body" | "oversized_body";

/** An attempt ended without a whole answer. */
export class AttemptError extends Error {
  override readonly name = "AttemptError";
  readonly kind: AttemptErrorKind;

  constructor(kind: AttemptErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The breaker let nothing through. */
export class BreakerOpenError extends Error {
  override readonly name = "BreakerOpenError";
  /** Time on the injected clock, in milliseconds, before which it is useless to ask again. */
  readonly retryAt: number;

  constructor(retryAt: number) {
    super("The circuit breaker is open: the server failed too often in a row");
    this.retryAt = retryAt;
  }
}

/** The caller's deadline passed before there was an answer. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";

  constructor() {
    super("The deadline passed before there was an answer");
  }
}

/** Too many requests wait already. */
export class QueueFullError extends Error {
  override readonly name = "QueueFullError";

  constructor(waitingMax: number) {
    super(`Cannot queue another request as ${waitingMax} are waiting`);
  }
}
