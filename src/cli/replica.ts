/**
 * One source in a program that is one of many over the same PostgreSQL. It follows what the holder
 * of the source's lease writes, and takes the lease when it is free. Only the holder asks Stripe
 * about the source; one that cannot renew its lease in time stops asking, and what it wrote after
 * another took over is refused by the fence.
 *
 * @module
 */
import type { AccountSettings } from "../../config/settings.ts";
import type { Logger } from "../observability/log.ts";
import { type FactWriter, LeaseLostError, StorageError } from "../store/journal.ts";
import type { Change, PostgresDatabase } from "../store/postgres/database.ts";
import type { InboxRows } from "../store/postgres/inbox.ts";
import { COMPARE, type Facts, type Lease } from "../store/postgres/source.ts";
import { encodeFact } from "../store/codec.ts";
import type { SourceInfo, SourceStore, SourceView } from "../store/port.ts";
import { applyFacts, applyShown, FIRST_KINDS, keptInfo } from "../store/restore.ts";
import type { Clock } from "../stripe/client.ts";
import type { SourceSync } from "../sync/source_sync.ts";
import { type BeginSync, type Keeper, recount } from "./keeper.ts";
import { inSlices } from "./slices.ts";
import { countedAs, type HalfOpened, halfOpenStore, quietly, takeOver } from "./source_store.ts";

export interface ReplicaOptions {
  readonly database: PostgresDatabase;
  readonly account: AccountSettings;
  /** Names this process among the replicas. */
  readonly holder: string;
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
  /** Told when this replica begins and ends to hold the lease. */
  readonly onLease: (held: boolean) => void;
  /** Milliseconds that a lease lasts unless it is renewed; 15,000. */
  readonly leaseMs?: number;
}

/** A keeper that follows, and asks Stripe while it holds the lease. */
export interface Replica extends Keeper {
  /** Something was written, or may have been (`null`). */
  wake(change: Change | null): void;
}

const LEASE_MS = 15_000;
/** A lease is renewed, or tried to be taken, so many times while it would last. */
const LOOKS = 5;
/** Webhooks that come within this time are written together. */
const GATHER_MS = 2;
/** What is not written yet when the program ends gets this long. */
const FLUSH_MS = 2_000;

/** A follower's store and how far it has followed. */
interface Following extends Omit<HalfOpened, "kept"> {
  kept: HalfOpened["kept"];
  version: number;
  readonly writer: { to: FactWriter | null };
}

/**
 * Opens the source. Once it is started, the replica loads what is left and follows.
 *
 * @throws {StorageError}
 */
export async function openReplica(options: ReplicaOptions): Promise<Replica> {
  const { database, account, holder, clock, log, info, onStore, onLease } = options;
  const { leaseMs = LEASE_MS } = options;
  const lookMs = leaseMs / LOOKS;
  const stopping = new AbortController();
  const { signal } = stopping;
  const seconds = () => Math.floor(clock.now() / 1000);
  const source = await database.source(account.name, account.mode);
  let following = halfOpen(await source.load(FIRST_KINDS), await source.inbox());
  following.store.publish();
  onStore(following.store, following.view);
  const loaded = Promise.withResolvers<void>();
  // Whoever waits for it hears of it; nobody has to.
  loaded.promise.catch(() => {});
  let isLoaded = false;
  let steps = 0;
  let leading = false;
  let sync: SourceSync | null = null;
  let running = Promise.resolve();
  let woken = Promise.withResolvers<void>();

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

  /**
   * Puts in what the first store lacks.
   *
   * @throws {StorageError} when the database does not answer.
   */
  async function load(): Promise<void> {
    const facts = await source.load();
    const { store, kept } = following;
    const now = keptInfo(facts);
    try {
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
    } catch (error) {
      stopping.abort();
      return loaded.reject(error);
    }
    isLoaded = true;
    loaded.resolve();
  }

  /** Waits for something to be written, or for the next look. */
  async function idle(): Promise<void> {
    const timer = new AbortController();
    await Promise.race([
      woken.promise,
      clock.sleep(lookMs, AbortSignal.any([timer.signal, signal])).catch(() => {}),
    ]);
    timer.abort();
    woken = Promise.withResolvers();
  }

  /** Brings the store to what is written. */
  async function catchUp(): Promise<void> {
    const changes = await source.changesSince(following.version);
    if (changes.size > 0) {
      const kept = keptInfo(changes) ?? following.kept;
      const now = following.store.info;
      const other = kept &&
        (countedAs(kept.info) !== countedAs(now) || kept.info.timeZone !== now.timeZone);
      if (other) {
        following = reopen(await source.load(), await source.inbox());
        return;
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

  function sayProblem(problem: string | null): void {
    const { store } = following;
    if (store.status.storageProblem === problem) return;
    if (problem) log.error(problem);
    else log.info("the database answers again");
    store.quietly(() => {
      const staleSince = store.status.staleSince ?? store.status.asOf;
      store.setStatus({ storageProblem: problem, ...(problem ? { staleSince } : {}) });
    });
    store.publish();
  }

  /** Follows until the lease is this replica's. */
  async function follow(): Promise<Lease | null> {
    while (!signal.aborted) {
      try {
        await catchUp();
        const lease = await source.acquire(holder, leaseMs);
        if (lease) {
          await catchUp();
          sayProblem(null);
          return lease;
        }
        sayProblem(null);
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
        sayProblem(error.message);
      }
      await idle();
    }
    return null;
  }

  /** Takes the events that other replicas took in. */
  async function absorb(): Promise<void> {
    const { inbox } = following.store;
    inbox.absorb((await source.inbox()).open.filter(({ state }) => state === "waiting"));
  }

  let absorbing: Promise<void> | null = null;
  let absorbAgain = false;

  /** The same for what is told: one look at a time, however much is told meanwhile. */
  function absorbSoon(): void {
    absorbAgain = absorbing !== null;
    absorbing ??= absorb().catch(sayError).finally(() => {
      absorbing = null;
      if (absorbAgain && leading) absorbSoon();
    });
  }

  /** Keeps the source until the lease is another's, or this replica ends. */
  async function lead(lease: Lease, begin: BeginSync): Promise<void> {
    const { store, ledger } = following;
    following.writer.to = source.writer(lease);
    store.setStatus({ phase: "connecting", staleSince: store.status.asOf });
    let kept = takeOver(following, account, info(), seconds());
    leading = true;
    onLease(true);
    let renewedAt = clock.now();
    try {
      // Stripe's limit is the account's, not each replica's.
      sync = begin({ store, ledger, kept, succeeds: lease.fence > 1 });
      while (!signal.aborted) {
        await clock.sleep(lookMs, signal).catch(() => {});
        if (signal.aborted) return;
        const askedAt = clock.now();
        try {
          if (!await source.renew(lease, leaseMs)) return;
          renewedAt = askedAt;
          kept = true;
          sync ??= begin({ store, ledger, kept, succeeds: true });
          await absorb();
        } catch (error) {
          if (!(error instanceof StorageError)) throw error;
          // Another may hold the lease by now: two must not ask Stripe.
          if (!sync || clock.now() - renewedAt < leaseMs - lookMs) continue;
          await sync.stop();
          sync = null;
          store.setStatus({ storageProblem: error.message, staleSince: store.status.asOf });
          store.publish();
        }
      }
    } finally {
      leading = false;
      onLease(false);
      await sync?.stop();
      sync = null;
      if (signal.aborted) await handOver(store, lease);
      store.close();
    }
  }

  /** Writes what is left and lets another replica take over at once. */
  async function handOver(store: Following["store"], lease: Lease): Promise<void> {
    const late = new AbortController();
    try {
      await Promise.race([store.flushed(), clock.sleep(FLUSH_MS, late.signal)]);
      await source.release(lease);
    } catch (error) {
      log.warn("the lease was not given back: it runs out by itself", { error });
    } finally {
      late.abort();
    }
  }

  async function run(begin: BeginSync): Promise<void> {
    while (!signal.aborted) {
      try {
        if (!isLoaded) await load();
        if (signal.aborted) return;
        const lease = await follow();
        if (!lease) return;
        log.info("this replica keeps the source", { fence: lease.fence });
        await lead(lease, begin);
        if (signal.aborted) return;
        log.warn("another replica keeps the source now");
        following = reopen(await source.load(), await source.inbox());
      } catch (error) {
        if (signal.aborted) return;
        const problem = error instanceof StorageError
          ? error.message
          : "Following the other replicas failed: the log says why";
        if (!(error instanceof StorageError)) log.error("following failed", { error });
        // A store that is half full is not to be published.
        if (isLoaded) sayProblem(problem);
        else log.error(problem);
        await idle();
      }
    }
  }

  return {
    loaded: loaded.promise,
    read: () => steps,
    start: (begin) => void (running = run(begin)),
    wake(change) {
      if (change && change.source !== source.id) return;
      if (!leading) woken.resolve();
      else if (change?.version === COMPARE) sync?.compare().catch(sayError);
      else if (change?.version === 0) absorbSoon();
    },
    retry(event) {
      if (leading) return following.store.inbox.retry(event);
      const known = following.store.inbox.setAside().some((row) => row.event.id === event);
      if (known) source.retryEvent(event).catch(sayError);
      return known;
    },
    recount() {
      if (!leading) return;
      recount({ ...following, kept: true }, info(), seconds());
    },
    async compare() {
      if (leading && sync) return await sync.compare();
      await source.askToCompare();
      return null;
    },
    async stop() {
      stopping.abort();
      woken.resolve();
      await running;
    },
  };
}
