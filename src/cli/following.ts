/**
 * What a replica shows of a source: its store, made from the database and brought to what others
 * write into it.
 *
 * @module
 */
import type { AccountSettings } from "../../config/settings.ts";
import type { Logger } from "../observability/log.ts";
import { encodeFact } from "../store/codec.ts";
import { type FactWriter, LeaseLostError } from "../store/journal.ts";
import type { SourceInfo, SourceStore, SourceView, SyncStatus } from "../store/port.ts";
import type { InboxRows } from "../store/postgres/inbox.ts";
import type { Facts, PostgresSource } from "../store/postgres/source.ts";
import { applyFacts, applyShown, FIRST_KINDS, keptInfo } from "../store/restore.ts";
import type { Clock } from "../stripe/client.ts";
import { inSlices } from "./slices.ts";
import { countedAs, type HalfOpened, halfOpenStore, quietly } from "./source_store.ts";

export interface FollowerOptions {
  readonly account: AccountSettings;
  readonly clock: Clock;
  readonly log: Logger;
  /** As the configuration has it at the moment. */
  readonly info: () => SourceInfo;
  /** Told the store that is to be shown: at first, and whenever it is made anew. */
  readonly onStore: (store: SourceStore, view: SourceView) => void;
  /** Digest of the rates of a file, where there are some. */
  readonly quotes?: string | null;
  /** Lets everything else that waits have its turn. */
  readonly pause: () => Promise<void>;
  /** Has the first look at everything that the pages need, piece by piece. */
  readonly warm: (store: SourceStore) => Generator<void>;
}

/** A follower's store and how far it has followed. */
export interface Following extends Omit<HalfOpened, "kept"> {
  kept: HalfOpened["kept"];
  version: number;
  readonly writer: { to: FactWriter | null };
}

export interface Follower {
  /** What is shown now. */
  now(): Following;
  /**
   * Puts in what the first store lacks, unless `signal` ends it.
   *
   * @throws {StorageError} when what was kept cannot be understood.
   */
  load(facts: Facts, signal: AbortSignal): Promise<void>;
  isLoaded(): boolean;
  /** Facts that are read so far. */
  read(): number;
  /** Brings the store to what is written. @throws {StorageError} */
  catchUp(): Promise<void>;
  /** Shows all of it anew, as it is written now. @throws {StorageError} */
  reopen(): Promise<void>;
  /** Takes the events that other replicas took in. @throws {StorageError} */
  absorb(): Promise<void>;
  sayProblem(problem: string | null): void;
  /** Logs what failed and harms nothing. */
  sayError(error: unknown): void;
}

/** Webhooks that come within this time are written together. */
const GATHER_MS = 2;

/**
 * Shows the few facts that the pages open with; `load` adds the rest.
 *
 * @throws {StorageError}
 */
export async function createFollower(
  source: PostgresSource,
  options: FollowerOptions,
): Promise<Follower> {
  const { account, clock, log, info, onStore } = options;
  const seconds = () => Math.floor(clock.now() / 1000);
  let following = halfOpen(await source.load(FIRST_KINDS), await source.inbox());
  following.store.publish();
  onStore(following.store, following.view);
  let isLoaded = false;
  let steps = 0;
  /** What the holder says, while the database does not answer and the store is marked stale. */
  let marked: Pick<SyncStatus, "staleSince"> | null = null;

  /** A store with what is few. */
  function halfOpen(facts: Facts, inbox: InboxRows): Following {
    const writer: Following["writer"] = { to: null };
    const lost = () => Promise.reject(new LeaseLostError("Another replica keeps this source"));
    const opened = halfOpenStore(
      account,
      info(),
      {
        facts: facts.facts,
        opening: facts.opening,
        writeOpening: (text) => writer.to?.writeOpening(text) ?? lost(),
        write: (...args) => writer.to?.write(...args) ?? lost(),
        forgetSnapshots: (before) => writer.to?.forgetSnapshots(before) ?? lost(),
        addEvents: source.addEvents,
        openEvents: () => inbox.open,
        recentEvents: () => inbox.recent,
        countEvents: () => inbox.total,
        forgetEvents: (before) => source.forgetEvents(before).catch(sayError),
      },
      log,
      seconds(),
      {
        followed: true,
        sleep: clock.sleep,
        gather: () => clock.sleep(GATHER_MS),
        quotes: options.quotes ?? null,
      },
    );
    opened.store.quietly(() => applyShown(opened.store, facts));
    return { ...opened, version: facts.version, writer };
  }

  function show(next: Following): Following {
    next.store.publish();
    onStore(next.store, next.store);
    return next;
  }

  function reopen(facts: Facts, inbox: InboxRows): Following {
    const opened = halfOpen(facts, inbox);
    opened.store.quietly(() => {
      for (const _ of opened.rest(facts));
      applyShown(opened.store, facts);
    });
    return show(opened);
  }

  function* filled(facts: Facts): Generator<void> {
    const { store, rest } = following;
    yield* quietly(store, rest(facts));
    yield* options.warm(store);
  }

  /** All of it anew, as it is written now. */
  async function reopenAll(): Promise<void> {
    following = reopen(await source.load(), await source.inbox());
    marked = null;
  }

  async function load(facts: Facts, signal: AbortSignal): Promise<void> {
    const { store, kept } = following;
    const now = keptInfo(facts);
    if (encodeFact(now ?? null) !== encodeFact(kept)) {
      following = reopen(facts, await source.inbox());
    } else {
      await inSlices(filled(facts), {
        now: clock.now,
        pause: options.pause,
        signal,
        onProgress: (count) => void (steps = count),
      });
      if (signal.aborted) return;
      store.quietly(() => applyShown(store, facts));
      following.version = facts.version;
      show(following);
    }
    isLoaded = true;
  }

  /** Brings the store to what is written. */
  async function catchUp(): Promise<void> {
    const changes = await source.changesSince(following.version);
    endMark();
    if (changes.size > 0) {
      const kept = keptInfo(changes) ?? following.kept;
      const now = following.store.info;
      const other = kept &&
        (countedAs(kept.info) !== countedAs(now) || kept.info.timeZone !== now.timeZone);
      if (other) {
        return reopenAll();
      }
      following.kept = kept;
      const { store, ledger } = following;
      store.quietly(() => {
        if (kept) store.setInfo(kept.info);
        applyFacts(store, changes, ({ sub, segments }) => ledger.restore(sub, segments, seconds()));
      });
      store.publish();
    }
    following.version = changes.version;
    following.store.inbox.reload(await source.inbox());
  }

  function sayError(error: unknown): void {
    log.warn("the database did not do a piece of housekeeping", { error });
  }

  /** The database answers: the figures are as stale as the holder says, and no more. */
  function endMark(): void {
    const { store } = following;
    if (marked) {
      const { staleSince } = marked;
      store.quietly(() => store.setStatus({ staleSince }));
    }
    marked = null;
  }

  function sayProblem(problem: string | null): void {
    const { store } = following;
    if (store.status.storageProblem === problem && (problem !== null) === (marked !== null)) return;
    if (problem === null) endMark();
    else marked ??= { staleSince: store.status.staleSince };
    if (problem) log.error(problem);
    else log.info("the database answers again");
    store.quietly(() => {
      const staleSince = store.status.staleSince ?? store.status.asOf;
      store.setStatus({ storageProblem: problem, ...(problem ? { staleSince } : {}) });
    });
    store.publish();
  }

  /** Takes the events that other replicas took in. */
  async function absorb(): Promise<void> {
    const { inbox } = following.store;
    inbox.absorb((await source.inbox()).open.filter(({ state }) => state === "waiting"));
  }

  return {
    now: () => following,
    load,
    isLoaded: () => isLoaded,
    read: () => steps,
    catchUp,
    reopen: reopenAll,
    absorb,
    sayProblem,
    sayError,
  };
}
