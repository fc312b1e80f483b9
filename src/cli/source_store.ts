/**
 * The store of a source as the configuration has it: in memory alone, or made again from a
 * database and kept in it.
 *
 * @module
 */
import type { AccountSettings } from "../../config/settings.ts";
import type { Logger } from "../observability/log.ts";
import { encodeFact } from "../store/codec.ts";
import type { DurableOptions, DurableStore, KeptInfo } from "../store/durable.ts";
import type { FactReader, FactWriter, Journal } from "../store/journal.ts";
import type { InboxStorage } from "../store/inbox.ts";
import { createMemoryStore } from "../store/memory.ts";
import type { SourceInfo, SourceStore } from "../store/port.ts";
import { infoNow, restoreStore } from "../store/restore.ts";
import { createLedger, type Ledger } from "../sync/ledger.ts";

/** Where sources keep their facts. */
export interface Storage {
  /** Waits, for milliseconds at most, for events that are written together. */
  readonly gather?: () => Promise<void>;
  journal(name: string, mode: string): Journal;
}

export interface OpenedStore {
  readonly store: SourceStore;
  readonly ledger: Ledger;
  /** Whether what was kept can be followed on from its last event. */
  readonly kept: boolean;
}

/** Days for which daily snapshots are kept (design.md section 3). */
const RETENTION_DAYS = 1_100;

/** How a source is counted, as text: another one recounts it. */
export function countedAs({ preset, options, reporting }: SourceInfo): string {
  return encodeFact({ preset, options, reporting: reporting ?? null });
}

function optionsOf(account: AccountSettings, log: Logger): DurableOptions {
  return {
    exclusion: encodeFact(account.exclude),
    retentionDays: RETENTION_DAYS,
    onFault: (fault) =>
      fault ? log.error(fault.message) : log.info("the database keeps what is read again"),
  };
}

/** A store as it was kept and counted, whatever the configuration says now. */
export interface Reopened {
  readonly store: DurableStore;
  readonly ledger: Ledger;
  readonly kept: KeptInfo | null;
}

/**
 * @param now Unix seconds.
 * @throws {StorageError} when what was kept cannot be understood.
 */
export function reopenStore(
  account: AccountSettings,
  info: SourceInfo,
  journal: FactReader & FactWriter & InboxStorage,
  log: Logger,
  now: number,
  replicated: Pick<DurableOptions, "followed" | "sleep" | "gather"> = {},
): Reopened {
  const restored = restoreStore(info, journal, { ...optionsOf(account, log), ...replicated });
  const { store, kept } = restored;
  const ledger = createLedger(store, account.exclude);
  const { asOf } = store.status;
  store.quietly(() => {
    for (const { sub, segments } of restored.subscriptions()) {
      ledger.restore(sub, segments, asOf ?? now);
    }
    store.settleMovements(Infinity);
    // Until Stripe has confirmed it.
    store.setStatus({ staleSince: asOf });
  });
  return { store, ledger, kept };
}

/**
 * Counts what was kept as the configuration says now, and makes it known.
 *
 * @param now Unix seconds.
 * @returns Whether it can be followed on from its last event.
 */
export function takeOver(
  { store, ledger, kept }: Reopened,
  account: AccountSettings,
  info: SourceInfo,
  now: number,
): boolean {
  if (!kept) return false;
  const same = kept.exclusion === encodeFact(account.exclude);
  const next = infoNow(kept.info, info);
  if (!same || countedAs(kept.info) !== countedAs(next)) ledger.recount(next, now);
  else store.setInfo(next);
  store.publish();
  return same;
}

/**
 * @param now Unix seconds.
 * @throws {StorageError} when what was kept cannot be understood.
 */
export function openStore(
  account: AccountSettings,
  info: SourceInfo,
  storage: Storage | null,
  log: Logger,
  now: number,
): OpenedStore {
  if (!storage) {
    const store = createMemoryStore(info);
    return { store, ledger: createLedger(store, account.exclude), kept: false };
  }
  const journal = storage.journal(account.name, account.mode);
  const opened = reopenStore(
    account,
    info,
    journal,
    log,
    now,
    storage.gather ? { gather: storage.gather } : {},
  );
  const kept = takeOver(opened, account, info, now);
  return { store: opened.store, ledger: opened.ledger, kept };
}
