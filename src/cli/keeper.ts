/**
 * What keeps a source and is told when the configuration changes: alone with its store, or as one
 * of many replicas.
 *
 * @module
 */
import type { SourceInfo, SourceStore } from "../store/port.ts";
import type { Clock } from "../stripe/client.ts";
import type { Compared } from "../sync/comparer.ts";
import type { SourceSync } from "../sync/source_sync.ts";
import { inSlices } from "./slices.ts";
import type { OpenedStore, StartingStore } from "./source_store.ts";

/** Begins to keep a store in step with Stripe; `succeeds` where another process may have before. */
export type BeginSync = (opened: OpenedStore & { readonly succeeds?: boolean }) => SourceSync;

export interface Keeper {
  /** Goes on with what it has loaded, and uses `begin` whenever it is its turn to ask Stripe. */
  start(begin: BeginSync): void;
  /** Resolves when all that was kept is loaded. @throws {StorageError} */
  readonly loaded: Promise<void>;
  /** Facts that are read so far. */
  read(): number;
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

/** Counts a source as the configuration says now. */
export function recount({ store, ledger }: OpenedStore, info: SourceInfo, now: number): void {
  const { preset, options, reporting } = info;
  ledger.recount({ ...store.info, preset, options, reporting: reporting ?? null }, now);
  store.publish();
}

export interface AloneOptions {
  readonly clock: Clock;
  /** As the configuration has it at the moment. */
  readonly info: () => SourceInfo;
  /** Lets everything else that waits have its turn. */
  readonly pause: () => Promise<void>;
  /** Has the first look at everything that the pages need, piece by piece. */
  readonly warm: (store: SourceStore) => Generator<void>;
  /** Called when everything is in the store, before it is kept in step. */
  readonly onLoaded: () => void;
}

/** The one program that has the source. */
export function keepAlone(
  starting: StartingStore,
  { clock, info, pause, warm, onLoaded }: AloneOptions,
): Keeper {
  const stopping = new AbortController();
  const { signal } = stopping;
  const loaded = Promise.withResolvers<void>();
  // Whoever waits for it hears of it; nobody has to.
  loaded.promise.catch(() => {});
  let { opened } = starting;
  let sync: SourceSync | null = null;
  let steps = 0;
  let running = Promise.resolve();
  if (opened) loaded.resolve();

  function* warmed() {
    const all = yield* starting.load();
    yield* warm(all.store);
    return all;
  }

  async function load(begin: BeginSync): Promise<void> {
    try {
      opened = await inSlices(warmed(), {
        now: clock.steady,
        pause,
        signal,
        onProgress: (count) => void (steps = count),
      });
    } catch (error) {
      return loaded.reject(error);
    }
    if (!opened) return;
    onLoaded();
    loaded.resolve();
    sync = begin(opened);
  }

  return {
    loaded: loaded.promise,
    read: () => steps,
    start(begin) {
      // Begun again, it goes on from where it was.
      if (opened) sync = begin({ ...opened, kept: opened.kept || sync !== null });
      else running = load(begin);
    },
    recount() {
      if (opened) recount(opened, info(), Math.floor(clock.now() / 1000));
    },
    retry: (event) => starting.store.inbox.retry(event),
    compare: async () => await sync?.compare() ?? null,
    async stop() {
      stopping.abort();
      await running;
      await sync?.stop();
    },
  };
}
