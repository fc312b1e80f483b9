/**
 * The circuit breaker (design.md section 4): some failures in a row open it; open, it fails fast;
 * after a pause it is half-open and lets a few probes through, of which the first to tell decides.
 *
 * Every transition begins a new era. A result of an earlier era says nothing about this one and is
 * ignored, so that a late failure cannot reopen a breaker that has just recovered.
 *
 * @module
 */
import { BreakerOpenError } from "./errors.ts";
import { checkNumber } from "./options.ts";
import type { Clock } from "./types.ts";

/** Each state with its own data: failures in a row, end of the pause (ms), probes under way. */
export type BreakerState =
  | { readonly kind: "closed"; readonly failures: number }
  | { readonly kind: "open"; readonly until: number }
  | { readonly kind: "half_open"; readonly probes: number };

/** What a result says of the server; "neutral" says nothing. */
export type Verdict = "success" | "failure" | "neutral";

/** The right to send one request. */
export interface Ticket {
  /** The request is being sent: from now on it is not withdrawn when the breaker opens. */
  started(): void;
  /** Reports the result; only the first report counts. */
  settle(verdict: Verdict): void;
}

export interface BreakerOptions {
  readonly clock: Pick<Clock, "steady">;
  /** Failures in a row that open it; 5. */
  readonly failuresMax?: number;
  /** Milliseconds from opening to half-open; 60,000. */
  readonly openMs?: number;
  /** Probes under way at once while half-open; 2. */
  readonly probesMax?: number;
  /** Called after every transition; must not throw. */
  readonly onTransition?: (from: BreakerState["kind"], to: BreakerState["kind"]) => void;
}

export interface Breaker {
  /**
   * Asks to send a request. `withdraw` is called if the breaker opens before the request starts.
   *
   * @throws {BreakerOpenError} when open, or half-open with all probes under way
   */
  enter(withdraw?: (error: BreakerOpenError) => void): Ticket;
  /** The state now. */
  state(): BreakerState;
}

/** With all probes under way, when to ask again: soon, but not in a tight loop. */
const PROBES_BUSY_MS = 1_000;

/** A closed breaker. @throws {RangeError} for an option out of range */
export function createBreaker(options: BreakerOptions): Breaker {
  const { clock, failuresMax = 5, openMs = 60_000, probesMax = 2, onTransition } = options;
  const action = "create circuit breaker";
  checkNumber(action, "failuresMax", failuresMax, { min: 1, integer: true });
  checkNumber(action, "openMs", openMs, { above: 0 });
  checkNumber(action, "probesMax", probesMax, { min: 1, integer: true });

  let state: BreakerState = { kind: "closed", failures: 0 };
  let era = 0;
  const queued = new Set<(error: BreakerOpenError) => void>();

  function transition(to: BreakerState): void {
    const from = state.kind;
    state = to;
    era += 1;
    if (to.kind === "open") {
      const error = new BreakerOpenError(to.until);
      const withdrawn = [...queued];
      queued.clear();
      for (const withdraw of withdrawn) withdraw(error);
    }
    onTransition?.(from, to.kind);
  }

  /** Time turns open into half-open; it is noticed when somebody looks. */
  function look(): void {
    if (state.kind === "open" && clock.steady() >= state.until) {
      transition({ kind: "half_open", probes: 0 });
    }
  }

  function judge(verdict: Verdict): void {
    if (state.kind === "half_open") {
      if (verdict === "success") transition({ kind: "closed", failures: 0 });
      else if (verdict === "failure") transition({ kind: "open", until: clock.steady() + openMs });
      else state = { kind: "half_open", probes: state.probes - 1 };
    } else if (state.kind === "closed" && verdict !== "neutral") {
      const failures = verdict === "failure" ? state.failures + 1 : 0;
      if (failures < failuresMax) state = { kind: "closed", failures };
      else transition({ kind: "open", until: clock.steady() + openMs });
    }
  }

  function enter(withdraw: (error: BreakerOpenError) => void = () => {}): Ticket {
    look();
    if (state.kind === "open") throw new BreakerOpenError(state.until);
    if (state.kind === "half_open") {
      if (state.probes >= probesMax) throw new BreakerOpenError(clock.steady() + PROBES_BUSY_MS);
      state = { kind: "half_open", probes: state.probes + 1 };
    }
    const entered = era;
    let settled = false;
    // A closure of its own, so that two tickets sharing a callback stay two entries.
    const entry = (error: BreakerOpenError) => withdraw(error);
    queued.add(entry);
    return {
      started: () => void queued.delete(entry),
      settle(verdict) {
        queued.delete(entry);
        if (settled) return;
        settled = true;
        if (entered === era) judge(verdict);
      },
    };
  }

  return {
    enter,
    state() {
      look();
      return state;
    },
  };
}
