/**
 * The store in memory: rebuilt from Stripe at each start.
 *
 * @module
 */
import { createCalendar } from "../metrics/calendar.ts";
import { withCauses } from "../metrics/causes.ts";
import type { SavedMonths } from "../metrics/closed_months.ts";
import { createDaily } from "../metrics/daily.ts";
import { createPriceDays, type PriceDays } from "../metrics/price_days.ts";
import type { QuotedRates } from "../metrics/quoted_rates.ts";
import { createDailyRates, type DailyRates } from "../metrics/rates.ts";
import type { Segment } from "../metrics/segments.ts";
import type { Standing } from "../metrics/standing.ts";
import { createTally } from "../metrics/tally.ts";
import { renewalsOf } from "../metrics/renewals.ts";
import { compact } from "./compact.ts";
import { factsOf } from "./facts.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import { createMirror } from "./mirror.ts";
import { createMoneyMirror } from "./money.ts";
import { createMovementKeeper } from "./movement_keeper.ts";
import { createRenewalKeeper } from "./renewal_keeper.ts";
import { createScans } from "./scans.ts";
import type { SourceInfo, SourceStore, SyncStatus } from "./port.ts";

/** The status of a source that has not spoken to Stripe yet. */
export const INITIAL_STATUS: SyncStatus = {
  phase: "connecting",
  progress: null,
  asOf: null,
  valuedTo: null,
  liveSince: null,
  eventsSince: null,
  absences: [],
  toRebuild: null,
  history: null,
  historyDone: false,
  paymentsRead: false,
  behind: [],
  identityProblem: null,
  stored: false,
  storageProblem: null,
  staleSince: null,
  problem: null,
  reasons: [],
  permissions: {},
  breaker: "closed",
  lastEventAt: null,
  eventsReadTo: null,
  lastReconcileAt: null,
  drift: 0,
  comparing: false,
  compared: null,
  reads: 0,
};

/** Statuses that most subscriptions have or had are not indexed: nobody asks for all of them. */
const COMMON = new Set(["active", "canceled", "incomplete_expired"]);

interface Row {
  readonly standing: Standing;
  readonly segments: readonly Segment[];
}

/**
 * @param saved Months that were closed before, for a store that is made again from a database.
 * @param inbox What of Stripe's events is kept elsewhere.
 */
export function createMemoryStore(
  info: SourceInfo,
  saved: SavedMonths | null = null,
  inbox: Inbox = createInbox(),
): SourceStore {
  const mirror = createMirror(() => void (changed = true));
  const rows = new Map<string, Row>();
  const unresolved = new Map<string, Standing>();
  const rare = new Map<string, Map<string, Standing>>();
  const listeners = new Set<() => void>();
  const watchers = new Set<(subscription: string | null) => void>();
  let current = info;
  let status = INITIAL_STATUS;
  let version = 1;
  let changed = false;
  let calendar = createCalendar(info.timeZone);
  let tally = createTally();
  let daily = createDaily(calendar);
  let priceDays: PriceDays | null = null;
  const segmentsOf = (subscription: string) => rows.get(subscription)?.segments ?? [];
  const causedOf = (subscription: string) => {
    const row = rows.get(subscription);
    return row ? withCauses(row.standing.sub, row.segments) : [];
  };
  let movements = createMovementKeeper(calendar, causedOf, null, saved);
  const money = createMoneyMirror(calendar);
  let rowsRevision = 0;
  let quotes: QuotedRates | null = null;
  let rates = dailyRates();
  let renewals = keepRenewals();

  function dailyRates(): DailyRates | null {
    const { reporting } = current;
    if (!reporting) return null;
    const { implied } = money.cash;
    return createDailyRates({ to: reporting.to, fixed: reporting.rates, quotes, implied });
  }

  function keepRenewals() {
    return createRenewalKeeper(
      calendar,
      (id) => rows.get(id)?.standing,
      () => rows.keys(),
      ({ sub, reason }, from, until) =>
        reason === "excluded"
          ? []
          : renewalsOf(sub, from, until, current.options, factsOf(store, sub)),
    );
  }

  function drop(row: Row): void {
    tally.remove(row.standing);
    const { id, status: of } = row.standing.sub;
    unresolved.delete(id);
    rare.get(of)?.delete(id);
  }

  function replaceDays(before: readonly Segment[], after: readonly Segment[]): void {
    daily.replace(before, after);
    priceDays?.replace(before, after);
  }

  function changedRow(subscription: string | null): void {
    changed = true;
    rowsRevision++;
    for (const watcher of watchers) watcher(subscription);
  }

  function index(standing: Standing): void {
    const { id, status: of } = standing.sub;
    if (standing.mrr === null) unresolved.set(id, standing);
    if (COMMON.has(of)) return;
    if (!rare.has(of)) rare.set(of, new Map());
    rare.get(of)!.set(id, standing);
  }

  function change<T>(run: (value: T) => void): (value: T) => void {
    return (value) => {
      run(value);
      changed = true;
    };
  }

  const store: SourceStore = {
    get info() {
      return current;
    },
    get status() {
      return status;
    },
    get version() {
      return version;
    },
    get calendar() {
      return calendar;
    },
    get tally() {
      return tally;
    },
    get daily() {
      return daily;
    },
    get priceDays() {
      if (priceDays) return priceDays;
      priceDays = createPriceDays(calendar);
      for (const { segments } of rows.values()) segments.forEach(priceDays.add);
      return priceDays;
    },
    get movements() {
      return movements.book();
    },
    get closedMonths() {
      return movements.closed;
    },
    get rates() {
      return rates;
    },
    get convertedMovements() {
      return movements.converted(rates);
    },
    ...mirror,
    money,
    inbox,
    noteMoney: () => void (changed = true),
    renewalDays: (now) => renewals.days(now),
    renewalRows: (now) => renewals.rows(now),
    settleRenewals: (now, limit) => renewals.settle(now, limit),
    standing: (subscription) => rows.get(subscription)?.standing,
    *standings() {
      for (const { standing } of rows.values()) yield standing;
    },
    subscriptionsOf: (customer) => movements.subscriptionsOf(customer),
    inStatus: (of) => [...rare.get(of)?.values() ?? []],
    segments: segmentsOf,
    *allSegments() {
      for (const { segments } of rows.values()) yield segments;
    },
    unresolved: () => [...unresolved.values()],
    scanned: (scan, args, now) => scans.get(scan, args, now),

    setInfo: change((next) => {
      current = next;
      rates = dailyRates();
    }),
    setQuotes(next) {
      if (next?.digest === quotes?.digest) return;
      quotes = next;
      rates = dailyRates();
      changed = true;
    },
    setStatus: change((next) => void (status = { ...status, ...next })),
    record(given, worth) {
      const { standing, segments } = compact({ standing: given, segments: worth });
      const { id } = standing.sub;
      const before = rows.get(id);
      if (before) drop(before);
      const moved = before && before.standing.sub.customer !== standing.sub.customer;
      if (moved) movements.note(before.standing.sub.customer, id, false);
      rows.set(id, { standing, segments });
      movements.note(standing.sub.customer, id, true);
      renewals.note(id);
      mirror.clearUnreadable(id);
      tally.add(standing);
      replaceDays(before?.segments ?? [], segments);
      index(standing);
      changedRow(id);
    },
    forget(subscription) {
      const row = rows.get(subscription);
      if (!row) return;
      drop(row);
      replaceDays(row.segments, []);
      rows.delete(subscription);
      movements.note(row.standing.sub.customer, subscription, false);
      renewals.note(subscription);
      changedRow(subscription);
    },
    clearFigures() {
      calendar = createCalendar(current.timeZone);
      tally = createTally();
      daily = createDaily(calendar);
      priceDays = null;
      movements = createMovementKeeper(calendar, causedOf, movements);
      rows.clear();
      money.setCalendar(calendar);
      renewals = keepRenewals();
      unresolved.clear();
      rare.clear();
      changedRow(null);
    },
    closeMonths(now) {
      if (movements.closed.close(movements.book(), calendar, now)) changed = true;
    },
    settleMovements: (limit) => movements.settle(limit),
    publish() {
      if (!changed) return;
      changed = false;
      version++;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    watch(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
  };
  const scans = createScans(store, () => rowsRevision);
  return store;
}
