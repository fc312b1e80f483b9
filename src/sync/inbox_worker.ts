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
import { StripeFault } from "../stripe/fault.ts";
import { type Change, createApplier, type Fetched } from "./apply.ts";
import type { OrderedFetch } from "./fetch_order.ts";
import {
  createInboxJobs,
  type InboxJobsOptions,
  isOutage,
  type Job,
  type JobEvent,
  keyOf,
} from "./inbox_jobs.ts";
import { FETCHES } from "./each_of.ts";
import { unwatched, type Within } from "./within.ts";

/** What became of an event, for log and metrics. */
export type WorkerEvent = JobEvent | { readonly kind: "defect"; readonly error: unknown };

export interface InboxWorkerOptions extends InboxJobsOptions {
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

/** What has come is applied when others let it wait so long. */
const PATIENCE_MS = 500;

/** A fetch that has ended. */
interface Landed {
  readonly key: string;
  readonly jobs: readonly Job[];
  readonly request: OrderedFetch;
  readonly fetched: Fetched | null;
  readonly fault: unknown;
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
  const jobs = createInboxJobs(options);
  const applier = createApplier(context);
  /** Objects whose fetch has begun and is not applied yet. */
  const flights = new Set<string>();
  let landed: Landed[] = [];
  let landedAt = 0;
  let wake = Promise.withResolvers<void>();
  let waiters: PromiseWithResolvers<number>[] = [];
  let applied = 0;
  let running = false;
  /** Grows with each run, so that an answer to an earlier one is dropped. */
  let era = 0;

  /** Begins a fetch for each object that has none under way, for all events about it. */
  function launch(): void {
    for (const { key, change, jobs: of } of jobs.wanted()) {
      if (flights.size >= FETCHES) return;
      if (flights.has(key)) continue;
      jobs.take(key);
      flights.add(key);
      fetch(key, change, of);
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
    if (landed.length === 0) landedAt = clock.steady();
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
      const together = others.length === 0 || isOutage(error, client);
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
        if (failures.has(key)) jobs.fail(job, failures.get(key));
        else jobs.applied(job, key);
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
    const outage = jobs.outage();
    for (const waiter of waiters) {
      if (outage === undefined) waiter.resolve(applied);
      else waiter.reject(outage);
    }
    if (waiters.length > 0) applied = 0;
    waiters = [];
  }

  /** Until something lands, comes, or is due again. */
  async function rest(signal: AbortSignal): Promise<void> {
    const until = landed.length > 0 ? landedAt + PATIENCE_MS : jobs.dueAt();
    const ending = new AbortController();
    const onAbort = () => wake.resolve();
    signal.addEventListener("abort", onAbort);
    const timer = until === Infinity
      ? null
      : clock.sleep(Math.max(0, until - clock.steady()), ending.signal).catch(() => {});
    await Promise.race(timer ? [wake.promise, timer] : [wake.promise]);
    ending.abort();
    signal.removeEventListener("abort", onAbort);
    wake = Promise.withResolvers();
  }

  async function run(signal: AbortSignal): Promise<void> {
    const end = inbox.watch((rows) => {
      jobs.arrive(rows);
      wake.resolve();
    });
    jobs.arrive(inbox.waiting());
    running = true;
    try {
      while (!signal.aborted) {
        jobs.admit();
        launch();
        const complete = landed.length === flights.size;
        if (landed.length > 0 && (complete || clock.steady() >= landedAt + PATIENCE_MS)) {
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
      flights.clear();
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
      jobs.hasten();
      const waiter = Promise.withResolvers<number>();
      waiters.push(waiter);
      wake.resolve();
      return waiter.promise;
    },
  };
}

const STOPPED = new StripeFault("stopped", "events", "The source is stopped");
