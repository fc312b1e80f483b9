/**
 * When the money is read again: after each look at the events, and a moment after a webhook that
 * says something of it.
 *
 * @module
 */
import type { InboxEvent } from "../store/inbox.ts";
import { StripeFault } from "../stripe/fault.ts";
import type { BackfillContext } from "./backfill.ts";
import { type Run, untilAborted } from "./beside.ts";
import type { MoneyFollower } from "./money.ts";

/** Milliseconds for which webhooks are gathered: they are many, and figures of money few. */
const GATHER_MS = 1_000;

export interface MoneyLoop {
  /** Notes what an event says has changed; whether it says anything. */
  note(event: InboxEvent): boolean;
  /**
   * Reads what was noted; one refresh at a time. What Stripe does not give costs the money's figures
   * alone: they are behind until it does.
   *
   * @throws {StripeFault} that no repetition mends.
   */
  refresh(): Promise<void>;
  /** Refreshes after what was noted, until it is ended. @throws {StripeFault} as `refresh` */
  run: Run;
}

export function createMoneyLoop(
  { store, clock, onFault }: BackfillContext,
  money: MoneyFollower,
): MoneyLoop {
  let moved = Promise.withResolvers<void>();
  let refreshing: Promise<void> | null = null;

  function refresh(): Promise<void> {
    return refreshing ??= (async () => {
      try {
        if (await money.refresh() > 0) store.publish();
      } catch (error) {
        if (!(error instanceof StripeFault) || !error.passing) throw error;
        money.lost();
        onFault(error);
        store.publish();
      } finally {
        refreshing = null;
      }
    })();
  }

  return {
    note(event) {
      const says = money.note(event);
      if (says) moved.resolve();
      return says;
    },
    refresh,
    async run(ending) {
      while (true) {
        await untilAborted(moved.promise, ending);
        moved = Promise.withResolvers();
        await clock.sleep(GATHER_MS, ending);
        await refresh();
      }
    },
  };
}
