/**
 * A store whose facts outlive the process: the figures stay in memory, and every change of a fact
 * is written to a journal with the next `publish`, all that belongs together in one transaction.
 * So a crash leaves the state of some publish, never half of one (design.md section 3).
 *
 * @module
 */
import { dayKey } from "../metrics/calendar.ts";
import { encodeFact } from "./codec.ts";
import {
  DOING,
  type Fact,
  type FactKind,
  type FactWriter,
  type Snapshot,
  type StorageError,
} from "./journal.ts";
import type { SourceStore } from "./port.ts";
import { snapshotsOf } from "./snapshots.ts";
import { ONLY, valueOf } from "./store_facts.ts";
import { createWriteQueue } from "./write_queue.ts";

export interface DurableOptions {
  /** What the configuration leaves out, as text. */
  readonly exclusion: string;
  /** Days for which daily snapshots are kept. */
  readonly retentionDays: number;
  /** Waits, for milliseconds at most, for events that are written together. */
  readonly gather?: () => Promise<void>;
  /** Told when the journal fails, and `null` when it works again. */
  readonly onFault: (fault: StorageError | null) => void;
  /** Whether other replicas follow what is written: then they are told what this one is doing. */
  readonly followed?: boolean;
  /** Waits between tries of a journal that answers later. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The text of facts that are kept already, of kinds that have no ids. */
  readonly written?: ReadonlyMap<FactKind, string | null>;
}

export interface DurableStore extends SourceStore {
  /** Runs what brings back facts that the journal has already. */
  quietly(run: () => void): void;
  /** Whether everything is published, and no opening of it is kept. */
  openingDue(): boolean;
  /** Keeps the opening of what is published, until the facts change. */
  keepOpening(text: string): void;
  /** Resolves when everything published so far is durable. @throws {StorageError} */
  flushed(): Promise<void>;
  /** Ends writing: what is not durable yet is void. */
  close(): void;
}

/** Keeps a store's facts in a journal. The store is used through what is returned alone. */
export function createDurableStore(
  memory: SourceStore,
  journal: FactWriter,
  options: DurableOptions,
): DurableStore {
  const { exclusion, retentionDays, onFault, followed = false, sleep } = options;
  memory.setStatus({ stored: true });
  memory.publish();
  const dirty = new Map<FactKind, Set<string>>();
  const written = new Map<FactKind, string | null>(options.written);
  let opened = false;
  let snapshots: Snapshot[] = [];
  /** First day whose snapshots are to be written anew; `null` for all of them. */
  let snapshotFrom: number | null = null;
  let today: number | null = null;
  /** Snapshots of days before are to go. */
  let forgetBefore: string | null = null;
  let closedRevision = memory.closedMonths.revision;
  let faulty = false;
  let quiet = false;
  const queue = createWriteQueue(journal, { onProblem: noteProblem, ...(sleep ? { sleep } : {}) });

  /** A journal that fails keeps nothing from being shown; what it missed goes with the next. */
  function noteProblem(problem: StorageError | null): void {
    if (!faulty || problem === null) onFault(problem);
    opened = false;
    faulty = problem !== null;
    const storageProblem = problem?.message ?? null;
    if (memory.status.storageProblem === storageProblem) return;
    memory.setStatus({ storageProblem });
    memory.publish();
  }

  function touch(kind: FactKind, id = ONLY): void {
    if (quiet) return;
    let ids = dirty.get(kind);
    if (!ids) dirty.set(kind, ids = new Set());
    ids.add(id);
  }

  function* changedFacts(): Iterable<Fact> {
    for (const [kind, ids] of dirty) {
      for (const id of ids) {
        const value = valueOf(memory, kind, id, exclusion);
        // A mirror that names itself in place of its price would be empty.
        const prices = kind === "price" ? undefined : memory.price;
        const body = value === undefined ? null : encodeFact(value, prices);
        if (id === ONLY && written.get(kind) === body) continue;
        yield { kind, id, body };
      }
    }
  }

  function flush(): void {
    // What restates a closed month is written with the change that does.
    if (memory.closedMonths.revision > 0) memory.settleMovements(Infinity);
    const revision = memory.closedMonths.revision;
    if (revision !== closedRevision) touch("closed");
    if (dirty.has("subscription") && snapshotFrom !== null && today !== null) {
      snapshots = [...snapshots, ...snapshotsOf(memory, today, today)];
    }
    const facts = [...changedFacts()];
    const events = memory.inbox.unwritten();
    for (const { kind, id, body } of facts) if (id === ONLY) written.set(kind, body);
    if (facts.some(({ kind }) => !DOING.has(kind))) opened = false;
    queue.put({ facts, snapshots, events, forgetBefore });
    memory.inbox.written(events);
    closedRevision = revision;
    dirty.clear();
    snapshots = [];
    forgetBefore = null;
  }

  function takeSnapshots(today: number): void {
    if (!memory.status.historyDone) return;
    const first = memory.movements.firstDay();
    if (first === null || (snapshotFrom !== null && snapshotFrom > today)) return;
    const oldest = today - retentionDays;
    const from = Math.max(snapshotFrom ?? oldest, Math.min(first, today), oldest);
    snapshots = snapshotsOf(memory, from, today);
    forgetBefore = dayKey(oldest);
    // Today's goes on changing: it is written again with the next day.
    snapshotFrom = today + 1;
  }

  /** The same operation, after which a fact is to be written. */
  function noting<Args extends unknown[]>(
    run: (...args: Args) => void,
    kind: FactKind,
    id: (...args: Args) => string,
  ): (...args: Args) => void {
    return (...args) => {
      run(...args);
      touch(kind, id(...args));
    };
  }

  memory.money.watch(touch);

  const byId = ({ id }: { readonly id: string }) => id;
  const own: Partial<DurableStore> = {
    quietly(run) {
      quiet = true;
      try {
        run();
      } finally {
        quiet = false;
        closedRevision = memory.closedMonths.revision;
      }
    },
    openingDue: () => !opened && !faulty && [...dirty.keys()].every((kind) => DOING.has(kind)),
    keepOpening(text) {
      opened = true;
      queue.put({ facts: [], snapshots: [], events: [], forgetBefore: null, opening: text });
    },
    flushed: queue.flushed,
    close: queue.close,
    setInfo: noting(memory.setInfo, "info", () => ONLY),
    setStatus(change) {
      memory.setStatus(change);
      touch("status");
      if (followed) touch("shown");
    },
    setPrice: noting(memory.setPrice, "price", byId),
    setCoupon: noting(memory.setCoupon, "coupon", byId),
    setProduct: noting(memory.setProduct, "product", byId),
    setCustomerDiscount: noting(memory.setCustomerDiscount, "discount", (customer) => customer),
    setForgotten: noting(memory.setForgotten, "forgotten", (digest) => digest),
    setPastDueSince: noting(memory.setPastDueSince, "past_due_since", (id) => id),
    setInclusiveTax: noting(memory.setInclusiveTax, "inclusive_tax", (id) => id),
    setHistory: noting(memory.setHistory, "history", (id) => id),
    setPastStates: noting(memory.setPastStates, "past_states", (id) => id),
    setInvoiceReading: noting(memory.setInvoiceReading, "invoice_reading", () => ONLY),
    setCorrections: noting(memory.setCorrections, "corrections", (id) => id),
    setUnreadable: noting(memory.setUnreadable, "unreadable", byId),
    clearUnreadable: noting(memory.clearUnreadable, "unreadable", (id) => id),
    record: noting(memory.record, "subscription", ({ sub }) => sub.id),
    forget: noting(memory.forget, "subscription", (id) => id),
    clearFigures() {
      memory.clearFigures();
      snapshotFrom = null;
      touch("info");
    },
    closeMonths(now) {
      memory.closeMonths(now);
      today = memory.calendar.dayOf(now);
      // At the first look, and when a day has ended: its close is final then.
      if (snapshotFrom === null || today >= snapshotFrom) {
        if (snapshotFrom !== null) snapshotFrom = today - 1;
        takeSnapshots(today);
      }
    },
    publish() {
      flush();
      memory.publish();
    },
  };
  // What is not changed here is the memory's own: its functions and getters use no `this`.
  return Object.create(memory, Object.getOwnPropertyDescriptors(own));
}
