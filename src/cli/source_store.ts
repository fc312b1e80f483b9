/**
 * The store of a source as the configuration has it: in memory alone, or made again from a
 * database and kept in it.
 *
 * @module
 */
import type { AccountSettings } from "../../config/settings.ts";
import type { Logger } from "../observability/log.ts";
import { encodeFact } from "../store/codec.ts";
import type { Journal } from "../store/journal.ts";
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
function countedAs({ preset, options, reporting }: SourceInfo): string {
  return encodeFact({ preset, options, reporting: reporting ?? null });
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
  const restored = restoreStore(info, storage.journal(account.name, account.mode), {
    exclusion: encodeFact(account.exclude),
    retentionDays: RETENTION_DAYS,
    ...(storage.gather ? { gather: storage.gather } : {}),
    onFault: (fault) =>
      fault ? log.error(fault.message) : log.info("the database keeps what is read again"),
  });
  const { store, kept } = restored;
  const ledger = createLedger(store, account.exclude);
  if (!kept) return { store, ledger, kept: false };
  const { asOf } = store.status;
  store.quietly(() => {
    for (const { sub, segments } of restored.subscriptions()) {
      ledger.restore(sub, segments, asOf ?? now);
    }
    store.settleMovements(Infinity);
    // Until Stripe has confirmed it.
    store.setStatus({ staleSince: asOf });
  });
  const same = kept.exclusion === encodeFact(account.exclude);
  const next = infoNow(kept.info, info);
  if (!same || countedAs(kept.info) !== countedAs(next)) ledger.recount(next, now);
  else store.setInfo(next);
  store.publish();
  return { store, ledger, kept: same };
}
