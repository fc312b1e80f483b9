/**
 * Rebuilds the past from invoices (metrics.md B.6, D.2), in the background beside the live
 * following: reads every invoice, then puts each subscription's past in place of the inferred one.
 * How far it is stands in the store, so that a restart goes on from there.
 *
 * @module
 */
import type { RebuildTimes } from "../metrics/rebuild.ts";
import { StripeFault } from "../stripe/fault.ts";
import type { InvoiceReading, SourceStore, UnreadStretch } from "../store/port.ts";
import { type BackfillContext, secondsLeftOf, STRIPE_BEGAN } from "./backfill.ts";
import { readOldPrices } from "./facts.ts";
import { INVOICE_EXPAND, takeInvoice, withAllLines } from "./invoice_intake.ts";
import { listWindowed } from "./listing.ts";
import { INVOICES_REFUSED, setReason } from "./reasons.ts";
import { type EventLog, readEventLog } from "./replay.ts";

/** What a rebuilding met. */
export interface RebuildReport {
  readonly invoices: number;
  readonly unreadable: number;
  /** Subscriptions whose invoices led elsewhere than their object, which won. */
  readonly corrections: number;
}

const EXPAND = INVOICE_EXPAND.map((path) => `data.${path}`);
/**
 * What was created so shortly before may appear behind the page that it belongs on: it is known by
 * its id, so that it counts once, whether the listing or an event tells it.
 */
const OVERLAP_SECONDS = 3600;
/** Few, so that what happens meanwhile does not wait behind the past. */
const WORKERS_MAX = 4;
/** Subscriptions rebuilt in one go, unless time is up before. */
const SLICE = 50;
const SLICE_MS = 10;
/** Time between two versions that show how far it is. */
const PUBLISH_MS = 1000;

const seconds = (context: BackfillContext) => Math.floor(context.clock.now() / 1000);

/**
 * Takes invoices into the store, each once: what the past and what payments need of them, or the
 * payments alone, where the past was kept.
 */
function createIntake({ store }: BackfillContext, what: InvoiceReading["what"]) {
  const touched = new Set<string>();
  let unreadable = 0;
  return {
    what,
    take(value: unknown): void {
      const taken = takeInvoice(store, value, what, "listing");
      if (taken?.unreadable) unreadable++;
      if (taken?.subscription != null) touched.add(taken.subscription);
    },
    /** Subscriptions that have an invoice. */
    touched,
    unreadable: () => unreadable,
  };
}

/** Whole months from one time to another, the begun one too. Unix seconds. */
function monthsBetween(from: number, to: number): number {
  const day = (seconds: number) =>
    Temporal.Instant.fromEpochMilliseconds(seconds * 1000).toZonedDateTimeISO("UTC").toPlainDate();
  return day(from).toPlainYearMonth().until(day(to).toPlainYearMonth(), { largestUnit: "month" })
    .months + 1;
}

/** Says how far the reading is, a version a second. */
function trackProgress(context: BackfillContext) {
  const { clock, store } = context;
  const now = seconds(context);
  let first = now;
  for (const { sub } of store.standings()) first = Math.min(first, sub.created);
  const months = monthsBetween(first, now);
  const startedAt = clock.steady();
  let saidAt = -Infinity;
  let done = 0;
  return {
    done: () => done,
    add(count: number, left: number, readTo: number): void {
      done += count;
      const ratePerSecond = done / Math.max(0.001, (clock.steady() - startedAt) / 1000);
      const secondsLeft = secondsLeftOf(left, ratePerSecond);
      if (clock.steady() - saidAt < PUBLISH_MS) return;
      saidAt = clock.steady();
      const month = Math.min(months, monthsBetween(Math.min(readTo, now), now));
      const estimated = done + left;
      store.setStatus({
        history: { done, estimated, ratePerSecond, secondsLeft, month, months },
      });
      store.publish();
    },
  };
}

/** Puts the pasts in place, giving way to what else waits between slices. */
async function rebuildAll(
  context: BackfillContext,
  subscriptions: Iterable<string>,
  times: RebuildTimes,
  events: EventLog | null,
): Promise<number> {
  const { clock, ledger, store, signal } = context;
  let corrections = 0;
  let inSlice = 0;
  let sliceAt = clock.steady();
  for (const id of subscriptions) {
    corrections += ledger.rebuild(id, times, events).length;
    if (++inSlice < SLICE && clock.steady() - sliceAt < SLICE_MS) continue;
    store.settleMovements(inSlice);
    await clock.sleep(0, signal);
    inSlice = 0;
    sliceAt = clock.steady();
  }
  while (store.settleMovements(SLICE) > 0) await clock.sleep(0, signal);
  return corrections;
}

/** Where a reading of the same kind stopped, if it can be gone on with. */
function stoppedAt(store: SourceStore, what: InvoiceReading["what"]): InvoiceReading | null {
  const stopped = store.invoiceReading();
  return stopped?.what === what && store.money.payments.reading() !== null ? stopped : null;
}

/** Lists what is not read yet. @throws {StripeFault} */
async function listInvoices(
  context: BackfillContext,
  intake: ReturnType<typeof createIntake>,
  progress: ReturnType<typeof trackProgress>,
): Promise<void> {
  const { store } = context;
  const { payments } = store.money;
  const { what, take } = intake;
  const stopped = stoppedAt(store, what);
  const to = seconds(context) + 1;
  if (!stopped) payments.begin(to - OVERLAP_SECONDS);
  let done = stopped?.done ?? 0;
  let refused: readonly UnreadStretch[] = [];
  progress.add(done, 0, Infinity);
  await listWindowed(context, "/v1/invoices", { expand: EXPAND }, {
    from: STRIPE_BEGAN,
    to,
    workersMax: WORKERS_MAX,
    ...(stopped ? { rest: stopped.rest } : {}),
    prepare: (data) => withAllLines(context, data),
    onRefused: (rest) => void (refused = rest),
    onPage(data, left, readTo, rest) {
      data.forEach(take);
      done += data.length;
      store.setInvoiceReading({ what, done, rest });
      progress.add(data.length, left, readTo);
    },
  });
  if (refused.length === 0) payments.end();
  // What is left stays noted, to be tried again.
  store.setInvoiceReading(refused.length === 0 ? null : { what, done, rest: refused });
  setReason(store, INVOICES_REFUSED, refused.length > 0);
}

/** Reads every invoice; returns whether the key may. @throws {StripeFault} */
async function readInvoices(
  context: BackfillContext,
  intake: ReturnType<typeof createIntake>,
  progress: ReturnType<typeof trackProgress>,
): Promise<boolean> {
  const { store } = context;
  try {
    await listInvoices(context, intake, progress);
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error;
    if (error.kind !== "permission_missing") throw error;
    const { permissions } = store.status;
    store.setInvoiceReading(null);
    store.setStatus({ permissions: { ...permissions, invoices: "missing" } });
    return false;
  }
  return true;
}

/** Subscriptions whose invoices are known, also those that were read before a restart. */
function* invoiced(store: SourceStore): Iterable<string> {
  for (const { sub } of store.standings()) if (store.history(sub.id)) yield sub.id;
}

/**
 * Reads all invoices and the events that Stripe still has, and rebuilds every past. Pages that
 * fail for a passing reason are repeated. Without the right to read invoices the past is inferred
 * up to the events; without the right to read events it comes from invoices alone.
 *
 * @throws {StripeFault} when the key is rejected meanwhile.
 */
export async function rebuildHistory(
  context: BackfillContext,
  times: RebuildTimes,
): Promise<RebuildReport> {
  const { store } = context;
  const intake = createIntake(context, "all");
  const progress = trackProgress(context);
  const may = store.status.permissions.invoices !== "missing";
  const historyDone = may && await readInvoices(context, intake, progress);
  const touched = historyDone ? new Set([...intake.touched, ...invoiced(store)]) : intake.touched;
  if (historyDone) await readOldPrices(context, touched);
  const events = await readEventLog(context);
  store.setStatus({ eventsSince: events?.since ?? null });
  const all = times.seenTo === undefined ? [] : [...store.standings()].map(({ sub }) => sub.id);
  const subscriptions = new Set([...touched, ...events?.subscriptions() ?? [], ...all]);
  const corrections = await rebuildAll(context, subscriptions, times, events);
  const paymentsRead = historyDone && store.invoiceReading() === null;
  store.setStatus({ history: null, historyDone, paymentsRead, toRebuild: null });
  return { invoices: progress.done(), unreadable: intake.unreadable(), corrections };
}

/** Reads the payments again, where a database has kept the past but not them. @throws {StripeFault} */
export async function readPayments(context: BackfillContext): Promise<void> {
  const { store } = context;
  const progress = { done: () => 0, add: () => {} };
  const read = await readInvoices(context, createIntake(context, "payments"), progress);
  if (read && store.invoiceReading() === null) store.setStatus({ paymentsRead: true });
}
