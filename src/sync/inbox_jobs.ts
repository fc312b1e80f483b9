/**
 * The events of the inbox as work: which objects they want fetched, which of them failed, and when
 * those are due again.
 *
 * @module
 */
import type { InboxRow, InboxState } from "../store/inbox.ts";
import type { StripeClient } from "../stripe/client.ts";
import { StripeFault } from "../stripe/fault.ts";
import { ShapeError } from "../stripe/shape.ts";
import type { Change } from "./apply.ts";
import type { BackfillContext } from "./backfill.ts";
import { changesOf } from "./event.ts";

/** What became of an event, for log and metrics. */
export type JobEvent =
  | { readonly kind: "settled"; readonly row: InboxRow; readonly state: "done" | "ignored" }
  | { readonly kind: "set_aside"; readonly row: InboxRow; readonly error: string };

export interface InboxJobsOptions {
  readonly context: BackfillContext;
  /** Notes what events say of the money; whether they say anything. */
  readonly noteMoney: (event: InboxRow["event"]) => boolean;
  readonly onEvent: (event: JobEvent) => void;
}

const TRIES_MAX = 6;
/** Before the second try; then twice as long each time. */
const BACKOFF_MS = 2_000;
const BACKOFF_MS_MAX = 600_000;

/** An event under way, and which of its objects are still to be applied. */
export interface Job {
  readonly row: InboxRow;
  readonly todo: Set<string>;
}

interface Retry {
  readonly row: InboxRow;
  /** Milliseconds since the epoch. */
  at: number;
  /** The failure, where it was Stripe's and not the object's. */
  readonly outage: unknown;
}

/** An object to be fetched, with the newest change of it and the events about it. */
export interface Wanted {
  readonly key: string;
  readonly change: Change;
  readonly jobs: readonly Job[];
}

export interface InboxJobs {
  arrive(rows: readonly InboxRow[]): void;
  /** Makes jobs of what came and of what is due again. */
  admit(): void;
  wanted(): Iterable<Wanted>;
  /** The object is being fetched for all events about it. */
  take(key: string): void;
  /** One of a job's objects is applied: with the last one the event is done. */
  applied(job: Job, key: string): void;
  /** One of a job's objects could not be fetched or applied. */
  fail(job: Job, error: unknown): void;
  /** Milliseconds since the epoch; `Infinity` where nothing failed. */
  dueAt(): number;
  /** The failure of Stripe that an event waits for; `undefined` where there is none. */
  outage(): unknown;
  /** Stripe has just answered: what failed while it was away need not wait longer. */
  hasten(): void;
  clear(): void;
}

export const keyOf = ({ kind, id }: Change) => `${kind} ${id}`;

/** Whether a failure says something about Stripe rather than about the object. */
export function isOutage(error: unknown, client: Pick<StripeClient, "breaker">): boolean {
  if (!(error instanceof StripeFault)) return false;
  if (error.kind === "stopped" || error.kind === "rate_limited") return true;
  const open = client.breaker("main") !== "closed" || client.breaker("optional") !== "closed";
  return error.passing && (error.kind === "unreachable" || open);
}

export function createInboxJobs({ context, noteMoney, onEvent }: InboxJobsOptions): InboxJobs {
  const { store, clock, client } = context;
  const { inbox } = store;
  const jobs = new Map<string, Job>();
  /** Rows that came since the last look. */
  let arrived: InboxRow[] = [];
  const wanted = new Map<string, { readonly key: string; change: Change; readonly jobs: Job[] }>();
  const retries = new Map<string, Retry>();

  function close(row: InboxRow, state: InboxState, tries: number, error: string | null): void {
    const { id } = row.event;
    jobs.delete(id);
    retries.delete(id);
    inbox.settle(id, { state, tries, error, settledAt: clock.now() });
  }

  function finish(row: InboxRow, state: "done" | "ignored"): void {
    close(row, state, row.tries, null);
    onEvent({ kind: "settled", row, state });
  }

  function setAside(row: InboxRow, tries: number, error: string): void {
    close(row, "set_aside", tries, error);
    onEvent({ kind: "set_aside", row, error });
  }

  function fail({ row }: Job, error: unknown): void {
    const { id } = row.event;
    jobs.delete(id);
    const outage = isOutage(error, client);
    const tries = row.tries + (outage ? 0 : 1);
    const message = error instanceof StripeFault ? error.message : "It could not be applied";
    if (tries >= TRIES_MAX) return setAside(row, tries, message);
    const wait = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** Math.max(0, tries - 1));
    const change = { state: "waiting", tries, error: message, settledAt: null } as const;
    const again = { ...row, ...change };
    retries.set(id, { row: again, at: clock.steady() + wait, outage: outage ? error : null });
    inbox.settle(id, change);
  }

  /** Makes a job of a row; what needs no fetch is settled at once. */
  function admit(row: InboxRow): void {
    const { event } = row;
    if (jobs.has(event.id)) return;
    retries.delete(event.id);
    try {
      const changes = changesOf(event);
      const isMoney = noteMoney(event);
      if (changes.length === 0) return finish(row, isMoney ? "done" : "ignored");
      const job = { row, todo: new Set(changes.map(keyOf)) };
      jobs.set(event.id, job);
      for (const change of changes) want(change, job);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      store.setUnreadable({ kind: "event", id: event.id, problem: error.message });
      setAside(row, row.tries + 1, error.message);
    }
  }

  function want(change: Change, job: Job): void {
    const known = wanted.get(keyOf(change));
    const key = keyOf(change);
    if (!known) wanted.set(key, { key, change, jobs: [job] });
    else {
      known.jobs.push(job);
      if (change.at >= known.change.at) known.change = change;
    }
  }

  function admitAll(): void {
    const rows = arrived;
    arrived = [];
    for (const { row, at } of [...retries.values()]) if (at <= clock.steady()) rows.push(row);
    const before = store.status.lastEventAt ?? 0;
    let newest = before;
    for (const row of rows) {
      newest = Math.max(newest, row.event.created);
      admit(row);
    }
    if (newest > before) store.setStatus({ lastEventAt: newest });
  }

  return {
    arrive: (rows) => void arrived.push(...rows),
    admit: admitAll,
    wanted: () => wanted.values(),
    take: (key) => void wanted.delete(key),
    applied(job, key) {
      if (jobs.get(job.row.event.id) !== job) return;
      if (job.todo.delete(key) && job.todo.size === 0) finish(job.row, "done");
    },
    fail(job, error) {
      if (jobs.get(job.row.event.id) === job) fail(job, error);
    },
    dueAt: () => Math.min(...[...retries.values()].map(({ at }) => at)),
    outage: () => [...retries.values()].find(({ outage }) => outage !== null)?.outage,
    hasten() {
      for (const retry of retries.values()) if (retry.outage !== null) retry.at = clock.steady();
    },
    clear() {
      arrived = [];
      jobs.clear();
      wanted.clear();
      retries.clear();
    },
  };
}
