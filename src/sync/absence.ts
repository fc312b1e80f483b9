/**
 * What is done where nobody looked for a while, be it a restart, an outage or a long absence: what
 * happened then is dated by its events, and, where Stripe has none any more, by invoices
 * (metrics.md B.6 steps 2 and 3).
 *
 * @module
 */
import { emptyHistory } from "../metrics/invoice_lines.ts";
import type { RebuildTimes } from "../metrics/rebuild.ts";
import { type Stretch, withAbsence } from "../metrics/seen.ts";
import type { InboxEvent } from "../store/inbox.ts";
import type { SyncStatus } from "../store/port.ts";
import type { BackfillContext } from "./backfill.ts";
import { readEventLog } from "./replay.ts";

export interface AbsenceKeeper {
  /**
   * Notes an absence, if there was one.
   *
   * @param kept How far back Stripe has events that may be read, seconds.
   * @returns Whether it reaches back further.
   */
  note(kept: number): boolean;
  /** The absence that ends now; `null` without one. */
  last(): Stretch | null;
  /** Dates the changes that events tell of, which were applied as one. @throws {StripeFault} */
  date(events: readonly InboxEvent[]): Promise<void>;
  /** Lets the past be rebuilt since the absence, as everything is to be listed again. */
  beginRebuild(): void;
}

/** Looks at the events that may be missed before somebody counts as absent. */
const POLLS_MISSED = 3;
const ABSENCE_SECONDS_MIN = 60;

/** Seconds without a look at Stripe after which somebody was away. */
export function absenceSeconds(pollSeconds: number): number {
  return Math.max(ABSENCE_SECONDS_MIN, POLLS_MISSED * pollSeconds);
}

/** The times by which the past is rebuilt after an absence, if it is to be. */
export function timesAfter({ toRebuild }: SyncStatus): RebuildTimes | null {
  if (!toRebuild) return null;
  const { from, to } = toRebuild;
  return { followedSince: to, liveSince: to, seenTo: from };
}

/** Subscriptions that events tell of, with how many tell of each. */
function toldOf(events: readonly InboxEvent[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { type, ids: { id } } of events) {
    if (!type.startsWith("customer.subscription.") || id === undefined) continue;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** @param pollSeconds Seconds between two looks at the events. */
export function createAbsenceKeeper(context: BackfillContext, pollSeconds: number): AbsenceKeeper {
  const { clock, ledger, store } = context;
  const limit = absenceSeconds(pollSeconds);
  const seconds = () => Math.floor(clock.now() / 1000);

  /** For how long nobody looked. */
  function away(): number {
    const { asOf, liveSince } = store.status;
    return asOf === null || liveSince === null ? 0 : seconds() - asOf;
  }

  return {
    note(kept) {
      const { asOf, absences } = store.status;
      if (asOf !== null && away() > limit) {
        store.setStatus({ absences: withAbsence(absences, { from: asOf, to: seconds() }) });
      }
      return away() > Math.max(limit, kept);
    },
    last: () => (away() > limit ? store.status.absences.at(-1) : null) ?? null,
    async date(events) {
      const returning = away() > limit;
      const wanted = [...toldOf(events)].filter(([, count]) => returning || count > 1);
      if (wanted.length === 0) return;
      const times = events.map(({ created }) => created);
      const from = times.reduce((least, each) => Math.min(least, each));
      const log = await readEventLog({ ...context, impatient: true }, from);
      if (!log) return;
      const until = times.reduce((most, each) => Math.max(most, each)) + 1;
      for (const [id] of wanted) ledger.retell(id, log, until, seconds());
    },
    beginRebuild() {
      const { asOf, liveSince, toRebuild } = store.status;
      if (asOf === null || liveSince === null) return;
      const to = seconds();
      store.setStatus({
        historyDone: false,
        toRebuild: { from: toRebuild?.from ?? asOf, to },
      });
      // Invoices may have changed since they were read.
      for (const { sub: { id } } of store.standings()) {
        if (store.history(id)) store.setHistory(id, emptyHistory());
      }
      ledger.listAsOf(to);
    },
  };
}
