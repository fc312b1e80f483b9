/**
 * When a source was last confirmed to be as Stripe has it, and since when that is in doubt.
 *
 * @module
 */
import type { SourceStore } from "../store/port.ts";

export interface Freshness {
  /** Unix seconds; `null` before the first time. */
  confirmedAt(): number | null;
  /** Stripe does not answer, or not as it should: figures are stale since they were confirmed. */
  lose(problem: string): void;
  /** Brings times that a clock set back has put into the future to now. */
  settle(): void;
  /** A look at Stripe was had, which brought so many changes. */
  confirm(changes: number): void;
  /** What a webhook brought is as good as a look at the events, unless something is amiss. */
  confirmApplied(): void;
}

/** A quiet account's time of last confirmation moves at least this often. */
const CONFIRM_SECONDS = 30;

/**
 * @param seconds Unix seconds.
 * @param reads How many requests were sent so far.
 * @param absence Seconds after which what a webhook brings does not stand for all that was missed.
 */
export function createFreshness(
  store: SourceStore,
  seconds: () => number,
  reads: () => number,
  absence: number,
): Freshness {
  let confirmedAt: number | null = null;
  return {
    confirmedAt: () => confirmedAt,
    lose(problem) {
      const { status } = store;
      const staleSince = status.asOf === null ? null : status.staleSince ?? confirmedAt;
      if (status.problem === problem && status.staleSince === staleSince) {
        if (status.reads !== reads()) store.setStatus({ reads: reads() });
        return;
      }
      store.setStatus({ problem, staleSince, reads: reads() });
      store.publish();
    },
    settle() {
      const now = seconds();
      if (confirmedAt !== null) confirmedAt = Math.min(confirmedAt, now);
      const { asOf, lastReconcileAt, staleSince } = store.status;
      const earlier = (at: number | null) => at === null ? null : Math.min(at, now);
      store.setStatus({
        asOf: earlier(asOf),
        lastReconcileAt: earlier(lastReconcileAt),
        staleSince: earlier(staleSince),
      });
      store.publish();
    },
    confirm(changes) {
      const { status } = store;
      confirmedAt = seconds();
      const quiet = status.asOf !== null && confirmedAt - status.asOf < CONFIRM_SECONDS;
      if (changes === 0 && quiet && status.staleSince === null && status.problem === null) return;
      store.setStatus({
        asOf: confirmedAt,
        lastReconcileAt: confirmedAt,
        staleSince: null,
        problem: null,
        reads: reads(),
      });
      store.publish();
    },
    confirmApplied() {
      const { staleSince, asOf } = store.status;
      if (staleSince !== null || asOf === null || seconds() - asOf > absence) return;
      confirmedAt = seconds();
      store.setStatus({ asOf: confirmedAt, reads: reads() });
    },
  };
}
