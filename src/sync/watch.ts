/**
 * Sees to what no request would notice: time passing, a breaker opening, an answer missing,
 * movements that do not add up.
 *
 * @module
 */
import { checkIdentity } from "../metrics/identity.ts";
import { MovementIdentityError } from "../metrics/movements.ts";
import { createStepDetector } from "../stripe/client.ts";
import type { BackfillContext } from "./backfill.ts";

const WATCH_MS = 1000;
/** Figures are stale when this many looks at the events in a row would have been due. */
const STALE_POLLS = 3;
const STALE_SECONDS_MIN = 5;
/** How often the identity of the movements is checked over all days, where anything changed. */
const AUDIT_SECONDS = 60;
/** How long events are remembered, so that one that Stripe sends again is known. */
const REMEMBER_MS = 31 * 86_400_000;

export interface WatchOptions {
  readonly context: BackfillContext;
  /** Seconds between two looks at the events. */
  readonly pollSeconds: number;
  /** When the figures last agreed with Stripe, Unix seconds. */
  readonly confirmedAt: () => number | null;
  readonly markStale: (problem: string) => void;
  /** The wall clock was set. */
  readonly onClockStep: () => void;
  readonly onIdentity: (problem: string) => void;
  readonly onDefect: (error: unknown) => void;
}

/** Watches until the context's signal ends it, by rejecting. */
export async function watchSource(options: WatchOptions): Promise<void> {
  const { context, pollSeconds, confirmedAt, markStale } = options;
  const { store, ledger, clock, client, signal } = context;
  const seconds = () => Math.floor(clock.now() / 1000);
  const staleAfter = Math.max(STALE_SECONDS_MIN, STALE_POLLS * pollSeconds);
  const steppedBy = createStepDetector(clock);
  let today = store.calendar.dayOf(seconds());
  let auditedAt = 0;
  let auditedVersion = 0;

  function look(): void {
    if (steppedBy() !== 0) {
      options.onClockStep();
      auditedAt = 0;
    }
    const day = store.calendar.dayOf(seconds());
    // A new day changes every comparison, though nobody did anything.
    if (day !== today) {
      store.setStatus({});
      store.inbox.forget(clock.now() - REMEMBER_MS);
    }
    today = day;
    const breaker = client.breaker();
    if (breaker !== store.status.breaker) store.setStatus({ breaker });
    ledger.tick(seconds());
    // What happened since Stripe was last asked is to be in a month before it is first reported.
    const { historyDone, asOf } = store.status;
    if (historyDone && asOf !== null) store.closeMonths(Math.min(asOf, seconds()));
    if (seconds() - auditedAt >= AUDIT_SECONDS && store.version !== auditedVersion) {
      auditedAt = seconds();
      auditedVersion = store.version;
      audit();
    }
    store.publish();
    const { phase } = store.status;
    const at = confirmedAt();
    const overdue = (phase === "live" || phase === "history") && at !== null &&
      seconds() - at > staleAfter;
    if (overdue) markStale(store.status.problem ?? "Stripe has not answered for a while");
  }

  /** What does not add up is not shown (metrics.md B.1), and said. */
  function audit(): void {
    if (store.status.asOf === null || store.status.phase === "backfill") return;
    let problem: string | null = null;
    try {
      checkIdentity(store.movements, store.daily, store.calendar.dayOf(seconds()));
    } catch (error) {
      if (!(error instanceof MovementIdentityError)) throw error;
      problem = error.message;
      options.onIdentity(problem);
    }
    if (store.status.identityProblem !== problem) store.setStatus({ identityProblem: problem });
  }

  while (true) {
    await clock.sleep(WATCH_MS, signal);
    try {
      look();
    } catch (error) {
      options.onDefect(error);
    }
  }
}
