/**
 * Reads the past and the money beside the live following. What breaks off or is refused is said
 * and tried again later: nothing ends it in silence.
 *
 * @module
 */
import type { SyncStatus } from "../store/port.ts";
import { timesAfter } from "./absence.ts";
import type { BackfillContext } from "./backfill.ts";
import { readPayments, rebuildHistory, type RebuildReport } from "./history.ts";
import type { MoneyFollower } from "./money.ts";
import { MONEY_UNREAD, PAST_UNREAD, setReason } from "./reasons.ts";

export interface PastReaderOptions {
  readonly context: BackfillContext;
  readonly money: MoneyFollower;
  /** Runs what ends nothing when it fails; returns whether it went well. */
  readonly inBackground: (
    ending: AbortSignal,
    work: (signal: AbortSignal) => Promise<void>,
  ) => Promise<boolean>;
  readonly setPhase: (phase: SyncStatus["phase"], problem: string | null) => void;
  readonly onEvent: (
    event: { readonly kind: "rebuilt"; readonly seconds: number } & RebuildReport,
  ) => void;
}

export interface PastReader {
  /**
   * Reads until `ending` ends it, by rejecting.
   *
   * @param followedSince Since when changes are noted, Unix seconds.
   */
  read(followedSince: number, ending: AbortSignal): Promise<void>;
}

/** How long after a reading broke off it is tried again; then twice as long each time. */
const RETRY_SECONDS = 600;
const RETRY_SECONDS_MAX = 6 * 3600;

export function createPastReader(options: PastReaderOptions): PastReader {
  const { context, money, inBackground, setPhase, onEvent } = options;
  const { clock, store } = context;

  /** Says what could not be read, until it is. */
  function noteUnread(code: string, isRead: boolean, ending: AbortSignal): void {
    if (context.signal.aborted || ending.aborted) return;
    setReason(store, code, !isRead);
    store.publish();
  }

  /** Reads the past, and tries again later what could not be read. */
  async function read(followedSince: number, ending: AbortSignal): Promise<void> {
    let isRead = false;
    for (let wait = RETRY_SECONDS;; wait = Math.min(2 * wait, RETRY_SECONDS_MAX)) {
      await rebuild(followedSince, ending);
      if (!isRead) {
        // What fails leaves its figures unknown.
        isRead = await inBackground(ending, money.read);
        noteUnread(MONEY_UNREAD, isRead, ending);
      }
      await clock.sleep(wait * 1000, ending);
    }
  }

  /** What fails leaves the inferred past. */
  async function rebuild(followedSince: number, ending: AbortSignal): Promise<void> {
    const { liveSince, historyDone, paymentsRead } = store.status;
    const refused = store.invoiceReading()?.what === "all";
    if (liveSince === null || (historyDone && paymentsRead && !refused)) return;
    if (historyDone && !refused) {
      // After a start over a database.
      const read = await inBackground(ending, (signal) => readPayments({ ...context, signal }));
      noteUnread(PAST_UNREAD, read, ending);
      return;
    }
    setPhase("history", store.status.problem);
    await inBackground(ending, money.readSchedules);
    const startedAt = clock.steady();
    const done = await inBackground(ending, async (signal) => {
      const times = timesAfter(store.status) ?? { followedSince, liveSince };
      const report = await rebuildHistory({ ...context, signal }, times);
      const elapsed = (clock.steady() - startedAt) / 1000;
      onEvent({ kind: "rebuilt", seconds: elapsed, ...report });
    });
    if (!done && (context.signal.aborted || ending.aborted)) return;
    noteUnread(PAST_UNREAD, done, ending);
    if (!done) store.setStatus({ history: null });
    if (store.status.phase === "history") setPhase("live", store.status.problem);
  }

  return { read };
}
