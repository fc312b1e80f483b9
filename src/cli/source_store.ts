/**
 * The store of a source as the configuration has it: in memory alone, or made again from a
 * database and kept in it.
 *
 * @module
 */
import type { AccountSettings } from "../../config/settings.ts";
import type { Logger } from "../observability/log.ts";
import { encodeFact } from "../store/codec.ts";
import type { DurableOptions, DurableStore } from "../store/durable.ts";
import type { FactReader, FactWriter, Journal } from "../store/journal.ts";
import type { InboxStorage } from "../store/inbox.ts";
import { createMemoryStore } from "../store/memory.ts";
import { type Answers, openedView, readOpening } from "../store/opening.ts";
import type { SourceInfo, SourceStore, SourceView } from "../store/port.ts";
import { infoNow, restoreStore } from "../store/restore.ts";
import type { KeptInfo } from "../store/store_facts.ts";
import { createLedger, type Ledger } from "../sync/ledger.ts";
import { DEFINITIONS_VERSION } from "../widgets/definitions.ts";
import { VERSION } from "./version.ts";

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

/** The moment that what is kept is of: what changes by time alone after it is still to come. */
function valuedTo({ status: { asOf, valuedTo } }: SourceStore, now: number): number {
  return asOf === null ? valuedTo ?? now : Math.max(asOf, valuedTo ?? asOf);
}

/** One with what is few: pages are shown from `view` until the rest is there. */
export interface HalfOpened extends Reopened {
  readonly view: SourceView;
  /**
   * Puts the rest back, one fact at each step.
   *
   * @param reader The same facts, or newer ones.
   * @throws {StorageError} when what was kept cannot be understood.
   */
  rest(reader: FactReader): Generator<void>;
}

/** How the figures are counted that an opening is of, as text. @param quotes Digest of the rates. */
export function openingCounted(
  info: SourceInfo,
  exclude: AccountSettings["exclude"],
  quotes: string | null,
): string {
  const { account, timeZone } = info;
  const program = [VERSION, DEFINITIONS_VERSION];
  return JSON.stringify([
    ...program,
    account,
    timeZone,
    countedAs(info),
    encodeFact(exclude),
    quotes,
  ]);
}

export interface OpenOptions extends Pick<DurableOptions, "followed" | "sleep" | "gather"> {
  /** Digest of the rates of a file, where there are some. */
  readonly quotes?: string | null;
}

/**
 * @param now Unix seconds.
 * @throws {StorageError} when what was kept cannot be understood.
 */
export function halfOpenStore(
  account: AccountSettings,
  info: SourceInfo,
  journal: FactReader & FactWriter & InboxStorage,
  log: Logger,
  now: number,
  { quotes = null, ...more }: OpenOptions = {},
): HalfOpened {
  const { store, kept, rest } = restoreStore(info, journal, {
    ...optionsOf(account, log),
    ...more,
  });
  const ledger = createLedger(store, account.exclude);
  /** Until Stripe has confirmed it. */
  const beStale = () => store.setStatus({ staleSince: store.status.asOf });
  store.quietly(beStale);

  /** What the opening answers, where it is of these figures, this day and these facts. */
  function answers(): Answers | null {
    const text = journal.opening();
    if (!text || !kept || kept.exclusion !== encodeFact(account.exclude)) return null;
    const counted = openingCounted(infoNow(kept.info, info), account.exclude, quotes);
    try {
      return readOpening(text, { counted, day: store.calendar.dayOf(now) }, now);
    } catch (error) {
      log.warn("recorded answers are damaged: they are made again from the facts", { error });
      return null;
    }
  }

  return {
    store,
    ledger,
    kept,
    // Before anything is known, there is nothing to wait for.
    view: store.status.asOf === null && kept === null ? store : openedView(store, answers()),
    *rest(reader) {
      yield* rest(
        reader,
        ({ sub, segments }) => ledger.restore(sub, segments, valuedTo(store, now)),
      );
      beStale();
    },
  };
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
  more: OpenOptions = {},
): Reopened {
  const opened = halfOpenStore(account, info, journal, log, now, more);
  opened.store.quietly(() => {
    for (const _ of opened.rest(journal));
  });
  return opened;
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

/** The same steps, of which none is written. */
export function* quietly(store: DurableStore, steps: Generator<void>): Generator<void> {
  let done: boolean | undefined = false;
  while (!done) {
    store.quietly(() => void ({ done } = steps.next()));
    yield;
  }
}

/** A store that is shown before everything is in it. */
export interface StartingStore {
  readonly store: SourceStore;
  /** What is shown meanwhile. */
  readonly view: SourceView;
  /** Where nothing is to be waited for. */
  readonly opened: OpenedStore | null;
  /**
   * Puts everything into it, one fact at each step, and counts it as the configuration says then.
   *
   * @throws {StorageError} when what was kept cannot be understood.
   */
  load(): Generator<void, OpenedStore>;
}

/**
 * @param info How the configuration has it at the moment.
 * @param now Unix seconds.
 * @throws {StorageError} when what was kept cannot be understood.
 */
export function startStore(
  account: AccountSettings,
  info: () => SourceInfo,
  storage: Storage | null,
  log: Logger,
  now: () => number,
  quotes: string | null = null,
): StartingStore {
  if (!storage) {
    const store = createMemoryStore(info());
    const opened = { store, ledger: createLedger(store, account.exclude), kept: false };
    return {
      store,
      view: store,
      opened,
      *load() {
        yield;
        return opened;
      },
    };
  }
  const journal = storage.journal(account.name, account.mode);
  const { gather } = storage;
  const options = { quotes, ...(gather ? { gather } : {}) };
  const half = halfOpenStore(account, info(), journal, log, now(), options);
  const { store, ledger, view } = half;
  return {
    store,
    view,
    opened: null,
    *load() {
      yield* quietly(store, half.rest(journal));
      return { store, ledger, kept: takeOver(half, account, info(), now()) };
    },
  };
}

/**
 * The same, with everything in it.
 *
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
  const starting = startStore(account, () => info, storage, log, () => now);
  if (starting.opened) return starting.opened;
  const steps = starting.load();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
