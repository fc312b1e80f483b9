/**
 * What a store has published and its database has not confirmed. One write is under way at a time;
 * what is published meanwhile goes together with the next, each fact once. A write that fails loses
 * nothing and is tried again.
 *
 * @module
 */
import type { InboxRow } from "./inbox.ts";
import {
  DOING,
  type Fact,
  type FactWriter,
  LeaseLostError,
  type Snapshot,
  StorageError,
} from "./journal.ts";

/** What belongs together. */
export interface Changes {
  readonly facts: readonly Fact[];
  readonly snapshots: readonly Snapshot[];
  /** Events of the inbox whose effect the facts are. */
  readonly events: readonly InboxRow[];
  /** Snapshots of days before are to go. */
  readonly forgetBefore: string | null;
  /** The opening of all this. */
  readonly opening?: string;
}

export interface WriteQueueOptions {
  /** Told when a write fails, and `null` when one succeeds again. */
  readonly onProblem: (problem: StorageError | null) => void;
  /** Waits between tries of a database that answers later; without it, `put` alone tries again. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface WriteQueue {
  /** Takes the state of a publish. A database that answers at once has it when this returns. */
  put(changes: Changes): void;
  /** Resolves when everything put so far is durable. @throws {StorageError} when it is closed. */
  flushed(): Promise<void>;
  /** Tries no more. */
  close(): void;
}

const RETRY_MS = 250;
const RETRY_MS_MAX = 5_000;

interface Batch {
  readonly facts: ReadonlyMap<string, Fact>;
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  readonly events: ReadonlyMap<string, InboxRow>;
  readonly forgetBefore: string | null;
  readonly opening: string | null;
  readonly sequence: number;
}

interface Waiter {
  readonly sequence: number;
  readonly resolve: () => void;
  readonly reject: (error: StorageError) => void;
}

export function createWriteQueue(
  writer: FactWriter,
  { onProblem, sleep }: WriteQueueOptions,
): WriteQueue {
  const closing = new AbortController();
  let facts = new Map<string, Fact>();
  let snapshots = new Map<string, Snapshot>();
  let events = new Map<string, InboxRow>();
  let forgetBefore: string | null = null;
  let opening: string | null = null;
  let put = 0;
  let durable = 0;
  let failures = 0;
  /** A write is under way, or waits to be tried again. */
  let busy = false;
  let waiters: Waiter[] = [];

  function take(): Batch {
    const batch = { facts, snapshots, events, forgetBefore, opening, sequence: put };
    facts = new Map();
    snapshots = new Map();
    events = new Map();
    forgetBefore = null;
    opening = null;
    return batch;
  }

  /** What has changed since wins over what failed. */
  function giveBack(batch: Batch): void {
    facts = new Map([...batch.facts, ...facts]);
    snapshots = new Map([...batch.snapshots, ...snapshots]);
    events = new Map([...batch.events, ...events]);
    forgetBefore ??= batch.forgetBefore;
  }

  function send(batch: Batch): void | Promise<void> {
    const { facts, snapshots, events, forgetBefore, opening } = batch;
    const open = () => opening === null ? undefined : writer.writeOpening(opening);
    const forget = () => {
      const forgotten = forgetBefore === null ? undefined : writer.forgetSnapshots(forgetBefore);
      return forgotten instanceof Promise ? forgotten.then(open) : open();
    };
    if (facts.size + snapshots.size + events.size === 0) return forget();
    const written = writer.write(
      [...facts.values()],
      [...snapshots.values()],
      [...events.values()],
    );
    return written instanceof Promise ? written.then(forget) : forget();
  }

  function succeeded({ sequence }: Batch): void {
    busy = false;
    durable = sequence;
    for (const waiter of waiters) if (waiter.sequence <= durable) waiter.resolve();
    waiters = waiters.filter((waiter) => waiter.sequence > durable);
    if (failures > 0) onProblem(null);
    failures = 0;
    pump();
  }

  function failed(batch: Batch, error: StorageError): void {
    giveBack(batch);
    failures++;
    onProblem(error);
    if (error instanceof LeaseLostError) close(error);
  }

  async function later(batch: Batch, writing: Promise<void>): Promise<void> {
    try {
      await writing;
    } catch (error) {
      failed(
        batch,
        error instanceof StorageError
          ? error
          : new StorageError("The database failed in a way that is not known", { cause: error }),
      );
      const wait = Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MS_MAX);
      await sleep?.(wait, closing.signal).catch(() => {});
      busy = false;
      return pump();
    }
    succeeded(batch);
  }

  function pump(): void {
    const nothing = facts.size + snapshots.size + events.size === 0 && forgetBefore === null &&
      opening === null;
    if (busy || nothing || closing.signal.aborted) return;
    busy = true;
    const batch = take();
    try {
      const writing = send(batch);
      if (writing instanceof Promise) void later(batch, writing);
      else succeeded(batch);
    } catch (error) {
      busy = false;
      if (!(error instanceof StorageError)) throw error;
      failed(batch, error);
    }
  }

  function close(why = new StorageError("The database is no longer written")): void {
    closing.abort();
    for (const { reject } of waiters) reject(why);
    waiters = [];
  }

  return {
    put(changes) {
      for (const fact of changes.facts) facts.set(`${fact.kind} ${fact.id}`, fact);
      for (const one of changes.snapshots) snapshots.set(`${one.day} ${one.currency}`, one);
      for (const row of changes.events) events.set(row.event.id, row);
      if (changes.forgetBefore !== null) forgetBefore = changes.forgetBefore;
      // What waits to be kept is of the facts before these.
      if (changes.opening !== undefined) opening = changes.opening;
      else if (changes.facts.some(({ kind }) => !DOING.has(kind))) opening = null;
      const count = changes.facts.length + changes.snapshots.length + changes.events.length;
      if (count > 0 || changes.forgetBefore !== null || opening !== null) put++;
      pump();
    },
    flushed() {
      if (durable >= put) return Promise.resolve();
      if (closing.signal.aborted) {
        return Promise.reject(new StorageError("The database is no longer written"));
      }
      return new Promise((resolve, reject) => {
        waiters.push({ sequence: put, resolve, reject });
      });
    },
    close: () => close(),
  };
}
