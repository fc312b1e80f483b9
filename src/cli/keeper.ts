/**
 * What keeps a source and is told when the configuration changes: alone with its store, or as one
 * of many replicas.
 *
 * @module
 */
import type { SourceInfo } from "../store/port.ts";
import type { Clock } from "../stripe/client.ts";
import type { Compared } from "../sync/comparer.ts";
import type { SourceSync } from "../sync/source_sync.ts";
import type { OpenedStore } from "./source_store.ts";

/** Begins to keep a store in step with Stripe; `succeeds` where another process may have before. */
export type BeginSync = (opened: OpenedStore & { readonly succeeds?: boolean }) => SourceSync;

export interface Keeper {
  /** Goes on with what it has loaded, and uses `begin` whenever it is its turn to ask Stripe. */
  start(begin: BeginSync): void;
  /** Counts the source as `info` says now. */
  recount(): void;
  /** Lets an event that was set aside be tried again; whether there was one. */
  retry(event: string): boolean;
  /**
   * Compares everything with Stripe; `null` where another replica was asked to, or where nothing
   * runs. @throws {StripeFault}
   */
  compare(): Promise<Compared | null>;
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** The one program that has the source. */
export function keepAlone(opened: OpenedStore, clock: Clock, info: () => SourceInfo): Keeper {
  let sync: SourceSync | null = null;
  return {
    // Begun again, it goes on from where it was.
    start: (begin) => void (sync = begin({ ...opened, kept: opened.kept || sync !== null })),
    recount() {
      const { store, ledger } = opened;
      const { preset, options, reporting } = info();
      const next = { ...store.info, preset, options, reporting: reporting ?? null };
      ledger.recount(next, Math.floor(clock.now() / 1000));
      store.publish();
    },
    retry: (event) => opened.store.inbox.retry(event),
    compare: async () => await sync?.compare() ?? null,
    stop: async () => void await sync?.stop(),
  };
}
