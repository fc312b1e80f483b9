/**
 * The inbox of a source: what Stripe said has changed, kept until it is applied. An event is known
 * by its id, so that one that comes twice, by webhook or by a look at the events, counts once. The
 * raw body is never kept: it holds personal data (metrics.md D.4.3).
 *
 * @module
 */

/** What is kept of an event. */
export interface InboxEvent {
  readonly id: string;
  readonly type: string;
  /** Unix seconds: the time of the change. */
  readonly created: number;
  readonly livemode: boolean;
  /** `acct_…` where the event names one. */
  readonly account: string | null;
  /** The version of the endpoint that sent it. */
  readonly apiVersion: string | null;
  /** Ids of the object and of what it belongs to: `id`, `customer`, `subscription`, `invoice`. */
  readonly ids: Readonly<Record<string, string>>;
  /** Former values of fields that figures follow from: numbers, flags and statuses only. */
  readonly previous: Readonly<Record<string, string | number | boolean | null>>;
}

/** `ignored`: of a type that no figure needs; `set_aside`: given up after its tries. */
export type InboxState = "waiting" | "done" | "ignored" | "set_aside";

export interface InboxRow {
  readonly event: InboxEvent;
  readonly via: "webhook" | "poll";
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly state: InboxState;
  /** Tries that failed for a reason of its own. */
  readonly tries: number;
  /** Why the last try failed; holds nothing of the object's content. */
  readonly error: string | null;
  /** Milliseconds since the epoch; `null` while it waits. */
  readonly settledAt: number | null;
}

/** Where rows lie. What is settled is written by the journal, with the facts that follow from it. */
export interface InboxStorage {
  /**
   * Adds rows whose event is not there yet, all or nothing; returns the ids of those that were
   * new, once they are durable.
   *
   * @throws {StorageError}
   */
  addEvents(rows: readonly InboxRow[]): readonly string[] | Promise<readonly string[]>;
  /** Rows that wait or were set aside, oldest first. */
  openEvents(): readonly InboxRow[];
  /** The newest rows, newest first. */
  recentEvents(limit: number): readonly InboxRow[];
  countEvents(): number;
  /** Forgets what was settled and received before, in milliseconds since the epoch. */
  forgetEvents(before: number): void | Promise<void>;
}

export interface LastWebhook {
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly apiVersion: string | null;
}

export interface InboxView {
  /** Rows that wait, oldest first. */
  waiting(): readonly InboxRow[];
  setAside(): readonly InboxRow[];
  /** The newest 100, newest first. */
  recent(): readonly InboxRow[];
  /** Events that are kept. */
  total(): number;
  lastWebhook(): LastWebhook | null;
}

export interface Inbox extends InboxView {
  /**
   * Takes an event in; resolves with whether it was new, once it is durable. Events that come
   * together are written together.
   *
   * @throws {StorageError}
   */
  receive(event: InboxEvent, via: InboxRow["via"], receivedAt: number): Promise<boolean>;
  /** Notes what became of an event; written with the facts of the next `publish`. */
  settle(id: string, change: Pick<InboxRow, "state" | "tries" | "error" | "settledAt">): void;
  /** Lets an event that was set aside be tried again; whether there was one. */
  retry(id: string): boolean;
  /** Calls back with rows that wait since now; returns what ends that. */
  watch(listener: (rows: readonly InboxRow[]) => void): () => void;
  /** Rows that were settled and are not written yet. */
  unwritten(): readonly InboxRow[];
  /** Those are written now. */
  written(rows: readonly InboxRow[]): void;
  /** Forgets what was settled and received before, in milliseconds since the epoch. */
  forget(before: number): void;
  /** Takes what another process stored and this one does not know yet. */
  absorb(rows: readonly InboxRow[]): void;
  /** Puts what is stored in place of what is here, for a process that applies nothing. */
  reload(
    kept: {
      readonly open: readonly InboxRow[];
      readonly recent: readonly InboxRow[];
      readonly total: number;
    },
  ): void;
}

/** Rows that the status page shows. */
const RECENT_MAX = 100;
/** Ids that a storage in memory remembers: days of a busy account. */
const REMEMBERED_MAX = 50_000;

/** A storage that ends with the process; bounded. */
export function createMemoryInboxStorage(): InboxStorage {
  const ids = new Set<string>();
  return {
    addEvents(rows) {
      const fresh: string[] = [];
      for (const { event: { id } } of rows) {
        if (ids.has(id)) continue;
        ids.add(id);
        fresh.push(id);
      }
      for (const id of ids) {
        if (ids.size <= REMEMBERED_MAX) break;
        ids.delete(id);
      }
      return fresh;
    },
    openEvents: () => [],
    recentEvents: () => [],
    countEvents: () => ids.size,
    forgetEvents() {},
  };
}

interface Arrival {
  readonly row: InboxRow;
  readonly resolve: (isNew: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * An inbox over what its storage holds.
 *
 * @param gather Waits, for milliseconds at most, for more events to be written with the first.
 */
export function createInbox(
  storage: InboxStorage = createMemoryInboxStorage(),
  gather: () => Promise<void> = () => Promise.resolve(),
): Inbox {
  const open = new Map(storage.openEvents().map((row) => [row.event.id, row]));
  let recent: readonly InboxRow[] = [...storage.recentEvents(RECENT_MAX)];
  /** Ids that were taken in here, so that what is settled and not yet written is not met again. */
  const known = new Set(open.keys());
  let total = storage.countEvents();
  let lastWebhook = lastOf(recent);
  const arrivals: Arrival[] = [];
  let storing = false;
  const unwritten = new Map<string, InboxRow>();
  const listeners = new Set<(rows: readonly InboxRow[]) => void>();

  function replace(row: InboxRow): void {
    recent = recent.map((each) => each.event.id === row.event.id ? row : each);
    unwritten.set(row.event.id, row);
    if (row.state === "waiting" || row.state === "set_aside") open.set(row.event.id, row);
    else open.delete(row.event.id);
  }

  /** Takes rows in, but for those that were met meanwhile on another way. */
  function take(given: readonly InboxRow[]): void {
    const rows = given.filter(({ event }) => !known.has(event.id));
    for (const row of rows) {
      open.set(row.event.id, row);
      known.add(row.event.id);
    }
    for (const id of known) {
      if (known.size <= REMEMBERED_MAX) break;
      known.delete(id);
    }
    recent = [...rows.toReversed(), ...recent].slice(0, RECENT_MAX);
    total += rows.length;
    if (rows.length === 0) return;
    for (const listener of listeners) listener(rows);
  }

  /**
   * Nobody else has a webhook that is not stored: its sender must keep it. What the list of events
   * gave can be read again, so it is applied all the same.
   */
  function refuse(batch: readonly Arrival[], error: unknown): void {
    const listed = batch.filter(({ row }) => row.via === "poll" && !open.has(row.event.id));
    take(listed.map(({ row }) => row));
    for (const arrival of batch) {
      if (arrival.row.via === "poll") arrival.resolve(listed.includes(arrival));
      else arrival.reject(error);
    }
  }

  /** What comes while a batch is written goes with the next: a slow database is asked less often. */
  async function storeAll(): Promise<void> {
    storing = true;
    await gather();
    while (arrivals.length > 0) await store(arrivals.splice(0));
    storing = false;
  }

  async function store(batch: readonly Arrival[]): Promise<void> {
    // The same event twice in one batch is one.
    const byId = new Map(batch.map((arrival) => [arrival.row.event.id, arrival]));
    try {
      const fresh = new Set(await storage.addEvents([...byId.values()].map(({ row }) => row)));
      take([...byId.values()].flatMap(({ row }) => fresh.has(row.event.id) ? [row] : []));
      for (const arrival of batch) {
        const { id } = arrival.row.event;
        arrival.resolve(byId.get(id) === arrival && fresh.has(id));
      }
    } catch (error) {
      refuse(batch, error);
    }
  }

  const inState = (state: InboxState) => [...open.values()].filter((row) => row.state === state);
  return {
    waiting: () => inState("waiting"),
    setAside: () => inState("set_aside"),
    recent: () => recent,
    total: () => total,
    lastWebhook: () => lastWebhook,
    receive(event, via, receivedAt) {
      if (via === "webhook") lastWebhook = { receivedAt, apiVersion: event.apiVersion };
      const row: InboxRow = {
        event,
        via,
        receivedAt: Math.floor(receivedAt),
        state: "waiting",
        tries: 0,
        error: null,
        settledAt: null,
      };
      return new Promise((resolve, reject) => {
        arrivals.push({ row, resolve, reject });
        if (!storing) storeAll();
      });
    },
    settle(id, change) {
      const row = open.get(id);
      if (row) replace({ ...row, ...change });
    },
    retry(id) {
      const row = open.get(id);
      if (row?.state !== "set_aside") return false;
      const again: InboxRow = { ...row, state: "waiting", tries: 0, settledAt: null };
      replace(again);
      for (const listener of listeners) listener([again]);
      return true;
    },
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    unwritten: () => [...unwritten.values()],
    written(rows) {
      for (const row of rows) {
        if (unwritten.get(row.event.id) === row) unwritten.delete(row.event.id);
      }
    },
    forget(before) {
      void storage.forgetEvents(before);
      total = storage.countEvents();
    },
    absorb: take,
    reload(kept) {
      open.clear();
      known.clear();
      for (const row of kept.open) open.set(row.event.id, row);
      for (const id of open.keys()) known.add(id);
      recent = kept.recent;
      total = kept.total;
      lastWebhook = lastOf(recent);
    },
  };
}

function lastOf(rows: readonly InboxRow[]): LastWebhook | null {
  const row = rows.find(({ via }) => via === "webhook");
  return row ? { receivedAt: row.receivedAt, apiVersion: row.event.apiVersion } : null;
}
