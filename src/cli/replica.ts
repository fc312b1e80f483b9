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
import type { SourceInfo, SourceStore } from "../store/port.ts";
import { applyFacts, applyShown, keptInfo } from "../store/restore.ts";
import type { Clock } from "../stripe/client.ts";
import type { SourceSync } from "../sync/source_sync.ts";
import { type BeginSync, keepAlone, type Keeper } from "./keeper.ts";
import { countedAs, type Reopened, reopenStore, takeOver } from "./source_store.ts";

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
  readonly onStore: (store: SourceStore) => void;
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
interface Following extends Omit<Reopened, "kept"> {
  kept: Reopened["kept"];
  version: number;
  readonly writer: { to: FactWriter | null };
}

/**
 * Loads the source. The replica follows once it is started.
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
  let following = reopen(await source.load(), await source.inbox());
  let leading = false;
  let sync: SourceSync | null = null;
  let running = Promise.resolve();
  let woken = Promise.withResolvers<void>();

  function reopen(facts: Facts, inbox: InboxRows): Following {
    const writer: Following["writer"] = { to: null };
    const lost = () => Promise.reject(new LeaseLostError("Another replica keeps this source"));
    const opened = reopenStore(
      account,
      info(),
      {
        facts: facts.facts,
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
      { followed: true, sleep: clock.sleep, gather: () => clock.sleep(GATHER_MS) },
    );
    opened.store.quietly(() => applyShown(opened.store, facts));
    opened.store.publish();
    onStore(opened.store);
    return { ...opened, version: facts.version, writer };
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
        sayProblem(problem);
        await idle();
      }
    }
  }

  return {
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
      keepAlone({ ...following, kept: true }, clock, info).recount();
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
