/**
 * Keeps one source in step with Stripe: connect, backfill, then follow the events. A fault never
 * ends it; it shows in the status, and figures go on from the store, marked stale.
 *
 * @module
 */
import type { InboxEvent } from "../store/inbox.ts";
import type { SourceStore, SyncStatus } from "../store/port.ts";
import type { Clock, StripeClient } from "../stripe/client.ts";
import { StripeFault } from "../stripe/fault.ts";
import { absenceSeconds, createAbsenceKeeper } from "./absence.ts";
import { backfill, type BackfillContext } from "./backfill.ts";
import { identify, probeMain, probeOthers } from "./connect.ts";
import { beside } from "./beside.ts";
import { type Compared, createComparer } from "./comparer.ts";
import { createEventFollower, type EventFollower, RESUME_SECONDS_MAX } from "./events.ts";
import { createFetchOrder } from "./fetch_order.ts";
import { createFreshness } from "./freshness.ts";
import { createInboxWorker, type WorkerEvent } from "./inbox_worker.ts";
import type { RebuildReport } from "./history.ts";
import type { Ledger } from "./ledger.ts";
import { persist } from "./listing.ts";
import { createLateReader } from "./late_reader.ts";
import { createMoneyLoop } from "./money_loop.ts";
import { problemOf } from "./problem.ts";
import { createMoneyFollower } from "./money.ts";
import { createPastReader } from "./past_reader.ts";
import { watchSource } from "./watch.ts";
import type { Within } from "./within.ts";

/** What happened, for the log. */
export type SyncEvent =
  | { readonly kind: "phase"; readonly phase: SyncStatus["phase"] }
  | { readonly kind: "backfilled"; readonly subscriptions: number; readonly seconds: number }
  | ({ readonly kind: "rebuilt"; readonly seconds: number } & RebuildReport)
  | { readonly kind: "applied"; readonly objects: number }
  | ({ readonly kind: "compared" } & Compared)
  | WorkerEvent
  | { readonly kind: "identity"; readonly problem: string }
  | { readonly kind: "fault"; readonly fault: StripeFault };

export interface SourceSyncOptions {
  readonly client: StripeClient;
  readonly store: SourceStore;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Seconds between two looks at the events. */
  readonly pollSeconds: number;
  /** Windows that a backfill reads at the same time. */
  readonly workersMax?: number;
  /** Whether the store has been kept since it followed the events: then it goes on from there. */
  readonly resume?: boolean;
  readonly onEvent?: (event: SyncEvent) => void;
  readonly within?: Within;
}

export interface SourceSync {
  /** Compares everything with Stripe as soon as the source is live. @throws {StripeFault} */
  compare(): Promise<Compared>;
  /** Ends everything under way; resolves when nothing runs any more. */
  stop(): Promise<void>;
}

const WORKERS_MAX = 64;
/** Seconds between tries after a failed look at the events. */
const RETRY_SECONDS_MAX = 5;
const MINUTE_MS = 60_000;

/** @throws {RangeError} when `pollSeconds` is not above 0. */
export function startSourceSync(options: SourceSyncOptions): SourceSync {
  const { client, store, ledger, clock, pollSeconds, onEvent = () => {} } = options;
  if (!(pollSeconds > 0)) {
    throw new RangeError(`Cannot follow events as pollSeconds must be > 0: it is ${pollSeconds}`);
  }
  const stopping = new AbortController();
  const { signal } = stopping;
  const context: BackfillContext = {
    client,
    clock,
    store,
    ledger,
    signal,
    workersMax: options.workersMax ?? WORKERS_MAX,
    order: createFetchOrder(),
    onFault(fault) {
      onEvent({ kind: "fault", fault });
      freshness.lose(problemOf(fault, clock.steady()));
    },
  };
  const seconds = () => Math.floor(clock.now() / 1000);
  const freshness = createFreshness(store, seconds, client.reads, absenceSeconds(pollSeconds));
  let { resume = false } = options;
  /** Since when changes are noted. */
  let firstFollowedAt: number | null = null;
  /** Sessions in a row that failed before they had read everything. */
  let failures = 0;

  function setPhase(phase: SyncStatus["phase"], problem: string | null): void {
    if (store.status.phase !== phase) onEvent({ kind: "phase", phase });
    store.setStatus({ phase, problem });
    store.publish();
  }

  /** What is listed of the money may have changed without an event that came. */
  async function readMoneySince(from: number, ending: AbortSignal): Promise<void> {
    money.lookBack(from);
    await inBackground(ending, money.read);
  }

  async function follow(follower: EventFollower, ending: AbortSignal): Promise<void> {
    while (true) {
      const wait = store.status.staleSince === null
        ? pollSeconds
        : Math.min(pollSeconds, RETRY_SECONDS_MAX);
      await comparer.rest(wait * 1000, ending);
      if (absence.note(RESUME_SECONDS_MAX)) return;
      const away = absence.last();
      try {
        if (away) money.fallBehind();
        const changes = await follower.poll();
        if (away) money.heard();
        freshness.confirm(changes);
        await moneyLoop.refresh();
        if (away) await readMoneySince(away.from, ending);
        await comparer.runWhenDue(() => follower.poll());
      } catch (error) {
        if (!(error instanceof StripeFault) || !error.passing) throw error;
        context.onFault(error);
      }
    }
  }

  /** Without the right to read events, the account is listed again in their place. */
  async function relist(ending: AbortSignal): Promise<void> {
    while (true) {
      await comparer.rest(pollSeconds * 1000, ending);
      if (absence.note(0)) return;
      await comparer.runWhenDue(() => Promise.resolve());
      await backfill(context);
      await moneyLoop.refresh();
      freshness.confirm(1);
    }
  }

  /** In the background: what goes wrong is told, and ends nothing. Returns whether all went well. */
  async function inBackground(
    ending: AbortSignal,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<boolean> {
    if (signal.aborted || ending.aborted) return false;
    try {
      await work(AbortSignal.any([signal, ending]));
      return true;
    } catch (error) {
      if (signal.aborted || ending.aborted) return false;
      if (error instanceof StripeFault) onEvent({ kind: "fault", fault: error });
      else onEvent({ kind: "defect", error });
      return false;
    }
  }

  const comparer = createComparer(
    context,
    (compared) => onEvent({ kind: "compared", ...compared }),
  );
  const absence = createAbsenceKeeper(context, pollSeconds);
  // What is read beside MRR fails without making MRR stale.
  const optional: BackfillContext = {
    ...context,
    onFault: (fault) => onEvent({ kind: "fault", fault }),
  };
  const money = createMoneyFollower(optional);
  const moneyLoop = createMoneyLoop(optional, money);
  const late = createLateReader(optional);
  const past = createPastReader({ context: optional, money, inBackground, setPhase, onEvent });
  const worker = createInboxWorker({
    context,
    noteMoney: moneyLoop.note,
    onEvent,
    ...(options.within ? { within: options.within } : {}),
    onApplied(objects) {
      onEvent({ kind: "applied", objects });
      freshness.confirmApplied();
    },
  });

  /** Whether events that were applied may say something of the money that was not read. */
  let moneyBehind = false;

  /** Puts events into the inbox and has them applied. */
  async function deliver(events: readonly InboxEvent[]): Promise<number> {
    const { inbox } = store;
    if (moneyBehind) events.forEach(moneyLoop.note);
    await Promise.all(events.map((event) => inbox.receive(event, "poll", clock.now())));
    const objects = await worker.settle();
    await absence.date(events);
    return objects;
  }

  /** Up to where the list of events was read, where all since can still be read. */
  function resumable(): number | null {
    const { asOf, lastEventAt, eventsReadTo, liveSince } = store.status;
    if (asOf === null || liveSince === null || seconds() - asOf > RESUME_SECONDS_MAX) return null;
    return eventsReadTo ?? lastEventAt;
  }

  /** Reads everything; what an absence left of the past is rebuilt afterwards. */
  async function listAgain(): Promise<void> {
    absence.beginRebuild();
    try {
      await backfill(context, () => freshness.confirm(1));
    } finally {
      ledger.listAsOf(null);
    }
  }

  async function session(): Promise<void> {
    const { asOf, phase } = store.status;
    money.fallBehind();
    setPhase(asOf === null || phase === "stopped" ? "connecting" : phase, null);
    await identify(context);
    await probeMain(context, store);
    absence.note(RESUME_SECONDS_MAX);
    const away = absence.last();
    if (away) money.lookBack(away.from);
    const follower = createEventFollower(context, deliver);
    const canFollow = store.status.permissions.events !== "missing";
    const since = canFollow && resume ? resumable() : null;
    // What was followed once in this process is followed on, whatever ends a session.
    resume = true;
    const moneySince = since === null ? null : money.resumable();
    const followedSince = firstFollowedAt ??= since === null
      ? seconds()
      : store.status.liveSince ?? seconds();
    const startedAt = clock.steady();
    if (since !== null) follower.resume(Math.min(since, moneySince ?? since));
    // Before the listing, so that what changes meanwhile is met afterwards.
    else if (canFollow) await persist(context, () => follower.begin());
    if (moneySince === null) money.startAnew();
    if (since === null) await listAgain();
    await beside(signal, async (ending) => {
      if (since !== null) {
        moneyBehind = moneySince !== null;
        await persist(context, () => follower.poll());
        moneyBehind = false;
      }
      money.heard();
      setPhase("live", null);
      failures = 0;
      if (store.status.liveSince === null) store.setStatus({ liveSince: seconds() });
      freshness.confirm(1);
      onEvent({
        kind: "backfilled",
        subscriptions: [...store.tally.byStatus().values()].reduce((a, b) => a + b, 0),
        seconds: (clock.steady() - startedAt) / 1000,
      });
      await beside(
        ending,
        (inner) => canFollow ? follow(follower, inner) : relist(inner),
        moneyLoop.run,
        late.run,
        async (inner) => {
          await inBackground(inner, (signal) => probeOthers({ ...context, signal }, store));
          await past.read(followedSince, inner);
        },
      );
    }, worker.run);
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await session();
      } catch (error) {
        if (signal.aborted) return;
        const fault = error instanceof StripeFault ? error : null;
        if (fault) onEvent({ kind: "fault", fault });
        else onEvent({ kind: "defect", error });
        const known = fault?.kind === "key_rejected" || fault?.kind === "permission_missing";
        const problem = fault?.message ?? "The synchronisation failed: the log says why";
        setPhase(known ? fault.kind as SyncStatus["phase"] : store.status.phase, problem);
        freshness.lose(problem);
      }
      failures++;
      // Early tries after n² minutes, never later than the normal refresh (original.md 2).
      const wait = Math.min(failures ** 2 * MINUTE_MS, Math.max(MINUTE_MS, pollSeconds * 1000));
      await clock.sleep(wait, signal);
    }
  }

  const watching = watchSource({
    context,
    pollSeconds,
    confirmedAt: freshness.confirmedAt,
    markStale: freshness.lose,
    onClockStep() {
      freshness.settle();
      comparer.wake();
    },
    onIdentity: (problem) => onEvent({ kind: "identity", problem }),
    onDefect: (error) => onEvent({ kind: "defect", error }),
  });
  const running = Promise.allSettled([run(), watching]);
  return {
    compare: comparer.request,
    async stop() {
      stopping.abort();
      comparer.end(new StripeFault("stopped", "subscriptions", "The source is stopped"));
      await running;
      setPhase("stopped", null);
    },
  };
}
