/** Faults on purpose: what a network and a busy Stripe do to a client. */
import { createDice, pick, roll } from "./random.ts";

/** One thing that goes wrong. */
export type Fault =
  | { readonly kind: "rate_limited"; readonly retryAfterSeconds?: number }
  | { readonly kind: "server_error" }
  | { readonly kind: "bad_gateway" }
  | { readonly kind: "reset" }
  | { readonly kind: "cut" }
  | { readonly kind: "hang" };

export type FaultKind = Fault["kind"];

export const FAULT_KINDS: readonly FaultKind[] = [
  "rate_limited",
  "server_error",
  "bad_gateway",
  "reset",
  "cut",
  "hang",
];

/** Which request fails, and how. */
export type FaultScript = (requestNumber: number, request: Request) => Fault | null;

export interface FaultOptions {
  /** Share of requests that fail, 0 to 1. */
  readonly rate?: number;
  /** The kinds to choose from; all but `hang` by default, which would need a client's timeout. */
  readonly kinds?: readonly FaultKind[];
  /** Makes the choice repeatable. */
  readonly seed?: number;
  /** By request number from 0 (an array; requests after its end pass), or a function. */
  readonly script?: readonly (Fault | null)[] | FaultScript;
  /** Added to every answer, milliseconds. */
  readonly latencyMs?: number;
  /** The server's own limit; above it requests get 429. */
  readonly requestsPerSecond?: number;
}

function checkOptions({ rate, latencyMs, requestsPerSecond }: FaultOptions): void {
  if (rate !== undefined && !(rate >= 0 && rate <= 1)) {
    throw new RangeError(`Cannot set faults as rate must be from 0 to 1: current value is ${rate}`);
  }
  if (latencyMs !== undefined && !(latencyMs >= 0)) {
    throw new RangeError(
      `Cannot set faults as latencyMs must be >= 0: current value is ${latencyMs}`,
    );
  }
  if (requestsPerSecond !== undefined && !(requestsPerSecond > 0)) {
    throw new RangeError(
      `Cannot set faults as requestsPerSecond must be > 0: current value is ${requestsPerSecond}`,
    );
  }
}

/** A bucket that holds one second's worth of requests. */
function serverLimit(perSecond: number, now: () => number): () => boolean {
  let tokens = Math.max(1, perSecond);
  let last = now();
  return () => {
    const at = now();
    tokens = Math.min(Math.max(1, perSecond), tokens + (at - last) / 1000 * perSecond);
    last = at;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

export interface Faults {
  readonly latencyMs: number;
  /** The fault of a request, or null if it is to be answered. */
  readonly next: (requestNumber: number, request: Request) => Fault | null;
}

/**
 * Creates what decides which request fails.
 *
 * @param now Milliseconds, for `requestsPerSecond`.
 * @throws RangeError for a rate outside 0 to 1, a negative latency or a limit that is not positive.
 */
export function createFaults(options: FaultOptions, now: () => number): Faults {
  checkOptions(options);
  const { rate = 0, kinds = FAULT_KINDS.filter((kind) => kind !== "hang"), script } = options;
  const dice = createDice(options.seed ?? 1);
  const admits = options.requestsPerSecond === undefined
    ? () => true
    : serverLimit(options.requestsPerSecond, now);

  function next(requestNumber: number, request: Request): Fault | null {
    if (!admits()) return { kind: "rate_limited", retryAfterSeconds: 1 };
    const scripted = typeof script === "function"
      ? script(requestNumber, request)
      : script?.[requestNumber];
    if (scripted) return scripted;
    if (rate === 0 || roll(dice) >= rate) return null;
    return { kind: pick(dice, kinds) };
  }
  return { latencyMs: options.latencyMs ?? 0, next };
}
