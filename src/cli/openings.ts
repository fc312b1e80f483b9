/**
 * Keeps the opening of a source in step with its facts, so that the next start shows its pages at
 * once.
 *
 * @module
 */
import type { Logger } from "../observability/log.ts";
import type { DurableStore } from "../store/durable.ts";
import { recordOpening } from "../store/opening.ts";
import type { SourceView } from "../store/port.ts";
import type { Clock } from "../stripe/client.ts";
import type { Ledger } from "../sync/ledger.ts";

export interface OpeningsOptions {
  readonly store: DurableStore;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
  /** How the figures are counted now, as text. */
  readonly counted: () => string;
  /** Asks what the pages ask. */
  readonly read: (view: SourceView) => Iterable<void>;
}

/** Milliseconds between two openings, and how many times longer than making one took. */
const OPENING_MS = 5_000;
const REST_FACTOR = 50;
/** Renewals that are laid out at a time, as on a new day all of them are. */
const RENEWALS_AT_ONCE = 200;
const RENEWALS_PAUSE_MS = 20;

/** Follows the facts until it is ended; then it keeps a last opening. */
export function keepOpenings(options: OpeningsOptions): () => Promise<void> {
  const { store, ledger, clock, log, counted, read } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let day: number | null = null;
  const seconds = () => Math.floor(clock.now() / 1000);

  function isDue(now: number): boolean {
    if (store.status.asOf === null || ledger.dueAt() <= now) return false;
    return store.openingDue() || store.calendar.dayOf(now) !== day;
  }

  function keep(now: number): void {
    try {
      day = store.calendar.dayOf(now);
      // Whatever is read from these facts is to be valued as it is here.
      store.setStatus({ valuedTo: now });
      store.publish();
      const mark = { counted: counted(), day };
      store.keepOpening(
        recordOpening(store, mark, ledger.dueAt(), (view) => {
          for (const _ of read(view));
        }),
      );
    } catch (error) {
      log.warn("no opening was kept: the next start shows its pages later", { error });
    }
  }

  async function run(): Promise<void> {
    let wait = OPENING_MS;
    while (!signal.aborted) {
      await clock.sleep(wait, signal).catch(() => {});
      wait = OPENING_MS;
      const now = seconds();
      if (signal.aborted || store.status.phase !== "live" || !isDue(now)) continue;
      if (store.settleRenewals(now, RENEWALS_AT_ONCE) > 0) wait = RENEWALS_PAUSE_MS;
      else {
        const begun = clock.steady();
        keep(now);
        wait = Math.max(OPENING_MS, REST_FACTOR * (clock.steady() - begun));
      }
    }
  }

  const running = run();
  return async () => {
    stopping.abort();
    await running;
    const now = seconds();
    // What is due by now is a change of the facts, which the opening is to be of.
    if (store.status.asOf !== null && ledger.tick(now) > 0) store.publish();
    if (isDue(now)) keep(now);
  };
}
