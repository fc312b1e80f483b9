/**
 * One source in a program that is one of many over the same PostgreSQL. It follows what the holder
 * of the source's lease writes, and takes the lease when it is free. Only the holder asks Stripe
 * about the source; one that cannot renew its lease in time stops asking, and what it wrote after
 * another took over is refused by the fence.
 *
 * @module
 */
import type { DurableStore } from "../store/durable.ts";
import { StorageError } from "../store/journal.ts";
import type { Change, PostgresDatabase } from "../store/postgres/database.ts";
import { COMPARE, type Lease } from "../store/postgres/source.ts";
import type { SourceSync } from "../sync/source_sync.ts";
import { createFollower, type FollowerOptions } from "./following.ts";
import { type BeginSync, type Keeper, recount } from "./keeper.ts";
import { takeOver } from "./source_store.ts";

export interface ReplicaOptions extends FollowerOptions {
  readonly database: PostgresDatabase;
  /** Names this process among the replicas. */
  readonly holder: string;
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
/** What is not written yet when the program ends gets this long. */
const FLUSH_MS = 2_000;

/**
 * Opens the source. Once it is started, the replica loads what is left and follows.
 *
 * @throws {StorageError}
 */
export async function openReplica(options: ReplicaOptions): Promise<Replica> {
  const { database, account, holder, clock, log, info, onLease } = options;
  const { leaseMs = LEASE_MS } = options;
  const lookMs = leaseMs / LOOKS;
  const stopping = new AbortController();
  const { signal } = stopping;
  const seconds = () => Math.floor(clock.now() / 1000);
  const source = await database.source(account.name, account.mode);
  const follower = await createFollower(source, options);
  const loaded = Promise.withResolvers<void>();
  // Whoever waits for it hears of it; nobody has to.
  loaded.promise.catch(() => {});
  let leading = false;
  let sync: SourceSync | null = null;
  let running = Promise.resolve();
  let woken = Promise.withResolvers<void>();

  /** @throws {StorageError} when the database does not answer. */
  async function load(): Promise<void> {
    const facts = await source.load();
    try {
      await follower.load(facts, signal);
    } catch (error) {
      stopping.abort();
      return loaded.reject(error);
    }
    if (follower.isLoaded()) loaded.resolve();
  }

  let absorbing: Promise<void> | null = null;
  let absorbAgain = false;

  /** Takes what others were told of: one look at a time, however much is told meanwhile. */
  function absorbSoon(): void {
    absorbAgain = absorbing !== null;
    absorbing ??= follower.absorb().catch(follower.sayError).finally(() => {
      absorbing = null;
      if (absorbAgain && leading) absorbSoon();
    });
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

  /** Follows until the lease is this replica's. */
  async function follow(): Promise<Lease | null> {
    while (!signal.aborted) {
      try {
        await follower.catchUp();
        const lease = await source.acquire(holder, leaseMs);
        if (lease) {
          await follower.catchUp();
          follower.sayProblem(null);
          return lease;
        }
        follower.sayProblem(null);
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
        follower.sayProblem(error.message);
      }
      await idle();
    }
    return null;
  }

  /** Keeps the source until the lease is another's, or this replica ends. */
  async function lead(lease: Lease, begin: BeginSync): Promise<void> {
    const following = follower.now();
    const { store, ledger } = following;
    following.writer.to = source.writer(lease);
    store.setStatus({ phase: "connecting", staleSince: store.status.asOf });
    let kept = takeOver(following, account, info(), seconds());
    leading = true;
    onLease(true);
    let renewedAt = clock.steady();
    try {
      // Stripe's limit is the account's, not each replica's.
      sync = begin({ store, ledger, kept, succeeds: lease.fence > 1 });
      while (!signal.aborted) {
        await clock.sleep(lookMs, signal).catch(() => {});
        if (signal.aborted) return;
        const askedAt = clock.steady();
        try {
          if (!await source.renew(lease, leaseMs)) return;
          renewedAt = askedAt;
          kept = true;
          if (!sync) {
            follower.sayProblem(null);
            // Until Stripe has confirmed what happened meanwhile.
            store.setStatus({ staleSince: store.status.asOf });
            sync = begin({ store, ledger, kept, succeeds: true });
          }
          await follower.absorb();
        } catch (error) {
          if (!(error instanceof StorageError)) throw error;
          // Another may hold the lease by now: two must not ask Stripe.
          if (!sync || clock.steady() - renewedAt < leaseMs - lookMs) continue;
          await sync.stop();
          sync = null;
          follower.sayProblem(error.message);
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
  async function handOver(store: DurableStore, lease: Lease): Promise<void> {
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
        if (!follower.isLoaded()) await load();
        if (signal.aborted) return;
        const lease = await follow();
        if (!lease) return;
        log.info("this replica keeps the source", { fence: lease.fence });
        await lead(lease, begin);
        if (signal.aborted) return;
        log.warn("another replica keeps the source now");
        await follower.reopen();
      } catch (error) {
        if (signal.aborted) return;
        const problem = error instanceof StorageError
          ? error.message
          : "Following the other replicas failed: the log says why";
        if (!(error instanceof StorageError)) log.error("following failed", { error });
        // A store that is half full is not to be published.
        if (follower.isLoaded()) follower.sayProblem(problem);
        else log.error(problem);
        await idle();
      }
    }
  }

  return {
    loaded: loaded.promise,
    read: follower.read,
    start: (begin) => void (running = run(begin)),
    wake(change) {
      if (change && change.source !== source.id) return;
      if (!leading) woken.resolve();
      else if (change?.version === COMPARE) sync?.compare().catch(follower.sayError);
      else if (change?.version === 0) absorbSoon();
    },
    retry(event) {
      const { inbox } = follower.now().store;
      if (leading) return inbox.retry(event);
      const known = inbox.setAside().some((row) => row.event.id === event);
      if (known) source.retryEvent(event).catch(follower.sayError);
      return known;
    },
    recount() {
      if (!leading) return;
      recount({ ...follower.now(), kept: true }, info(), seconds());
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
