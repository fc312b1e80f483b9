/**
 * Works off the inbox: coalesces its events by object, fetches each object as it is now, applies
 * it, and marks the events done with their effect (metrics.md D.4.4). So it matters neither in
 * which order events come nor how often.
 *
 * An event that fails for a reason of its own is tried again ever later and then set aside, where
 * it is seen and blocks nothing. While Stripe is away nothing counts as a try.
 *
 * @module
 */
import type { InboxRow, InboxState } from "../store/inbox.ts";
import { StripeFault } from "../stripe/fault.ts";
import { ShapeError } from "../stripe/shape.ts";
import { type Change, createApplier, type Fetched } from "./apply.ts";
import type { BackfillContext } from "./backfill.ts";
import { changesOf } from "./event.ts";
import type { OrderedFetch } from "./fetch_order.ts";
import { FETCHES } from "./listing.ts";
import { unwatched, type Within } from "./within.ts";

/** What became of an event, for log and metrics. */
export type WorkerEvent =
  | { readonly kind: "settled"; readonly row: InboxRow; readonly state: "done" | "ignored" }
  | { readonly kind: "set_aside"; readonly row: InboxRow; readonly error: string }
  | { readonly kind: "defect"; readonly error: unknown };

export interface InboxWorkerOptions {
  readonly context: BackfillContext;
  /** Notes what events say of the money; whether they say anything. */
  readonly noteMoney: (event: InboxRow["event"]) => boolean;
  readonly onEvent: (event: WorkerEvent) => void;
  /** Called after objects were applied, before that is published. */
  readonly onApplied: (objects: number) => void;
  readonly within?: Within;
}

export interface InboxWorker {
  /** Works until `signal` ends it. @throws {StripeFault} that no repetition mends */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Resolves once everything that waits now was tried; with how many objects were applied.
   *
   * @throws {StripeFault} when Stripe did not answer.
   */
  settle(): Promise<number>;
}

const TRIES_MAX = 6;
/** Before the second try; then twice as long each time. */
const BACKOFF_MS = 2_000;
const BACKOFF_MS_MAX = 600_000;
/** What has come is applied when others let it wait so long. */
const PATIENCE_MS = 500;

/** An event under way, and which of its objects are still to be applied. */
interface Job {
  readonly row: InboxRow;
  readonly todo: Set<string>;
}

/** A fetch that has ended. */
interface Landed {
  readonly key: string;
  readonly jobs: readonly Job[];
  readonly request: OrderedFetch;
  readonly fetched: Fetched | null;
  readonly fault: unknown;
}

interface Retry {
  readonly row: InboxRow;
  /** Milliseconds since the epoch. */
  at: number;
  /** The failure, where it was Stripe's and not the object's. */
  readonly outage: unknown;
}

const keyOf = ({ kind, id }: Change) => `${kind} ${id}`;

/** Whether a failure says something about Stripe rather than about the object. */
function isOutage(error: unknown, breaker: string): boolean {
  if (!(error instanceof StripeFault)) return false;
  if (error.kind === "stopped" || error.kind === "rate_limited") return true;
  return error.passing && (error.kind === "unreachable" || breaker !== "closed");
}

/** Whether nothing can be read with this key any more. */
function isFinal(error: unknown): boolean {
  return error instanceof StripeFault &&
    (error.kind === "key_rejected" || error.kind === "permission_missing");
}

export function createInboxWorker(options: InboxWorkerOptions): InboxWorker {
  const { context, onEvent, within = unwatched } = options;
  const { store, clock, client, order } = context;
  const { inbox } = store;
  const applier = createApplier(context);
  const jobs = new Map<string, Job>();
  /** Rows that came since the last look. */
  let arrived: InboxRow[] = [];
  /** Objects to be fetched, with the newest change of each and the events about it. */
  const wanted = new Map<string, { change: Change; readonly jobs: Job[] }>();
  /** Objects whose fetch has begun and is not applied yet. */
  const flights = new Set<string>();
  const retries = new Map<string, Retry>();
  let landed: Landed[] = [];
  let landedAt = 0;
  let wake = Promise.withResolvers<void>();
  let waiters: PromiseWithResolvers<number>[] = [];
  let applied = 0;
  let running = false;
  /** Grows with each run, so that an answer to an earlier one is dropped. */
  let era = 0;

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
    const outage = isOutage(error, client.breaker());
    const tries = row.tries + (outage ? 0 : 1);
    const message = error instanceof StripeFault ? error.message : "It could not be applied";
    if (tries >= TRIES_MAX) return setAside(row, tries, message);
    const wait = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** Math.max(0, tries - 1));
    const change = { state: "waiting", tries, error: message, settledAt: null } as const;
    const again = { ...row, ...change };
    retries.set(id, { row: again, at: clock.now() + wait, outage: outage ? error : null });
    inbox.settle(id, change);
  }

  /** Makes a job of a row; what needs no fetch is settled at once. */
  function admit(row: InboxRow): void {
    const { event } = row;
    if (jobs.has(event.id)) return;
    retries.delete(event.id);
    try {
      const changes = changesOf(event);
      const isMoney = options.noteMoney(event);
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
    if (!known) wanted.set(keyOf(change), { change, jobs: [job] });
    else {
      known.jobs.push(job);
      if (change.at >= known.change.at) known.change = change;
    }
  }

  /** Admits what came and what is due again. */
  function admitAll(): void {
    const rows = arrived;
    arrived = [];
    for (const { row, at } of [...retries.values()]) if (at <= clock.now()) rows.push(row);
    const before = store.status.lastEventAt ?? 0;
    let newest = before;
    for (const row of rows) {
      newest = Math.max(newest, row.event.created);
      admit(row);
    }
    if (newest > before) store.setStatus({ lastEventAt: newest });
  }

  /** Begins a fetch for each object that has none under way, for all events about it. */
  function launch(): void {
    for (const [key, { change, jobs }] of wanted) {
      if (flights.size >= FETCHES) return;
      if (flights.has(key)) continue;
      wanted.delete(key);
      flights.add(key);
      fetch(key, change, jobs);
    }
  }

  async function fetch(key: string, change: Change, jobs: readonly Job[]): Promise<void> {
    const request = order.begin();
    const begunIn = era;
    const attributes = { "glance.kind": change.kind };
    const outcome = await within("object fetch", attributes, () => applier.fetch(change)).then(
      (fetched) => ({ fetched, fault: null }),
      (fault: unknown) => ({ fetched: null, fault }),
    );
    if (begunIn !== era) return request.end();
    if (landed.length === 0) landedAt = clock.now();
    landed.push({ key, jobs, request, ...outcome });
    wake.resolve();
  }

  /** Applies objects together, or one by one where that fails; returns the failures by object. */
  async function applyEach(all: readonly Fetched[]): Promise<Map<string, unknown>> {
    const failures = new Map<string, unknown>();
    try {
      await applier.apply(all);
    } catch (error) {
      const [only, ...others] = all;
      const together = others.length === 0 || isOutage(error, client.breaker());
      if (!together) {
        for (const one of all) {
          for (const [key, each] of await applyEach([one])) failures.set(key, each);
        }
      } else for (const { change } of all) failures.set(keyOf(change), error);
      if (only && others.length === 0 && !(error instanceof StripeFault)) {
        onEvent({ kind: "defect", error });
      }
    }
    return failures;
  }

  /** Applies what has come, in one version with the end of its events. */
  async function land(): Promise<void> {
    const batch = landed;
    landed = [];
    const newest = batch.flatMap(({ key, fetched, request }) =>
      fetched && request.claim(key) ? [fetched] : []
    );
    const failures = await applyEach(newest);
    for (const { key, fault } of batch) if (fault !== null) failures.set(key, fault);
    for (const { key, jobs: of, request } of batch) {
      flights.delete(key);
      request.end();
      for (const job of of) {
        if (jobs.get(job.row.event.id) !== job) continue;
        if (failures.has(key)) fail(job, failures.get(key));
        else if (job.todo.delete(key) && job.todo.size === 0) finish(job.row, "done");
      }
    }
    const fresh = newest.filter(({ change }) => !failures.has(keyOf(change))).length;
    applied += fresh;
    const faults = [...failures.values()];
    const passing = faults.find((error) => error instanceof StripeFault && error.passing);
    if (passing) context.onFault(passing as StripeFault);
    else if (fresh > 0) options.onApplied(fresh);
    store.publish();
    const final = faults.find(isFinal);
    if (final) throw final;
  }

  function tellWaiters(): void {
    const outage = [...retries.values()].find((retry) => retry.outage !== null)?.outage;
    for (const waiter of waiters) {
      if (outage === undefined) waiter.resolve(applied);
      else waiter.reject(outage);
    }
    if (waiters.length > 0) applied = 0;
    waiters = [];
  }

  /** Until something lands, comes, or is due again. */
  async function rest(signal: AbortSignal): Promise<void> {
    const until = landed.length > 0
      ? landedAt + PATIENCE_MS
      : Math.min(...[...retries.values()].map(({ at }) => at));
    const ending = new AbortController();
    const onAbort = () => wake.resolve();
    signal.addEventListener("abort", onAbort);
    const timer = until === Infinity
      ? null
      : clock.sleep(Math.max(0, until - clock.now()), ending.signal).catch(() => {});
    await Promise.race(timer ? [wake.promise, timer] : [wake.promise]);
    ending.abort();
    signal.removeEventListener("abort", onAbort);
    wake = Promise.withResolvers();
  }

  async function run(signal: AbortSignal): Promise<void> {
    const end = inbox.watch((rows) => {
      arrived.push(...rows);
      wake.resolve();
    });
    arrived = [...inbox.waiting()];
    running = true;
    try {
      while (!signal.aborted) {
        admitAll();
        launch();
        const complete = landed.length === flights.size;
        if (landed.length > 0 && (complete || clock.now() >= landedAt + PATIENCE_MS)) {
          await within("events apply", { "glance.objects": landed.length }, land);
          continue;
        }
        if (flights.size === 0) {
          store.publish();
          tellWaiters();
        }
        await rest(signal);
      }
    } finally {
      end();
      era++;
      running = false;
      jobs.clear();
      wanted.clear();
      flights.clear();
      retries.clear();
      landed = [];
      for (const waiter of waiters) waiter.reject(STOPPED);
      waiters = [];
    }
  }

  return {
    run,
    settle() {
      if (!running) return Promise.reject(STOPPED);
      // Stripe has just answered: what failed while it was away need not wait longer.
      for (const retry of retries.values()) if (retry.outage !== null) retry.at = clock.now();
      const waiter = Promise.withResolvers<number>();
      waiters.push(waiter);
      wake.resolve();
      return waiter.promise;
    },
  };
}

const STOPPED = new StripeFault("stopped", "events", "The source is stopped");
