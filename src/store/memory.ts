/**
 * The store in memory: rebuilt from Stripe at each start.
 *
 * @module
 */
import { createCalendar } from "../metrics/calendar.ts";
import { withCauses } from "../metrics/causes.ts";
import type { SavedMonths } from "../metrics/closed_months.ts";
import { createDaily } from "../metrics/daily.ts";
import type { Correction } from "../metrics/history.ts";
import type { InvoiceHistory } from "../metrics/invoice_lines.ts";
import type { PastStates } from "../metrics/past_states.ts";
import { createPriceDays, type PriceDays } from "../metrics/price_days.ts";
import type { QuotedRates } from "../metrics/quoted_rates.ts";
import { createDailyRates, type DailyRates } from "../metrics/rates.ts";
import type { Rational } from "../metrics/rational.ts";
import type { Segment } from "../metrics/segments.ts";
import type { Standing } from "../metrics/standing.ts";
import { createTally } from "../metrics/tally.ts";
import type { Coupon, Discount, Price } from "../metrics/types.ts";
import { renewalsOf } from "../metrics/renewals.ts";
import { factsOf } from "./facts.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import { digestOf } from "./forgotten.ts";
import { createMoneyMirror } from "./money.ts";
import { createMovementKeeper } from "./movement_keeper.ts";
import { createRenewalKeeper } from "./renewal_keeper.ts";
import { createScans } from "./scans.ts";
import type {
  InvoiceReading,
  Product,
  SourceInfo,
  SourceStore,
  SyncStatus,
  Unreadable,
} from "./port.ts";

/** The status of a source that has not spoken to Stripe yet. */
export const INITIAL_STATUS: SyncStatus = {
  phase: "connecting",
  progress: null,
  asOf: null,
  valuedTo: null,
  liveSince: null,
  history: null,
  historyDone: false,
  paymentsRead: false,
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

/** Objects that could not be understood are kept up to this many. */
const UNREADABLE_MAX = 10_000;
/** Subscriptions whose corrections are kept, the first ones met. */
const CORRECTED_MAX = 1_000;

interface Row {
  readonly standing: Standing;
  readonly segments: readonly Segment[];
}

function mirrors() {
  return {
    prices: new Map<string, Price>(),
    coupons: new Map<string, Coupon>(),
    products: new Map<string, Product>(),
    discounts: new Map<string, Discount>(),
    forgotten: new Map<string, string>(),
    pastDueSince: new Map<string, number>(),
    inclusiveTax: new Map<string, Readonly<Record<string, Rational>>>(),
    histories: new Map<string, InvoiceHistory>(),
    pastStates: new Map<string, PastStates>(),
    corrections: new Map<string, readonly Correction[]>(),
    unreadable: new Map<string, Unreadable>(),
  };
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
  const mirror = mirrors();
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
  const scans = createScans();
  let quotes: QuotedRates | null = null;
  let rates = dailyRates();
  let renewals = keepRenewals();
  let invoiceReading: InvoiceReading | null = null;

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
    money,
    inbox,
    noteMoney: () => void (changed = true),
    renewalDays: (now) => renewals.days(now),
    renewalRows: (now) => renewals.rows(now),
    settleRenewals: (now, limit) => renewals.settle(now, limit),
    price: (id) => mirror.prices.get(id),
    coupon: (id) => mirror.coupons.get(id),
    product: (id) => mirror.products.get(id),
    customerDiscount: (customer) => mirror.discounts.get(customer),
    calledCustomer: (customer) =>
      mirror.forgotten.size === 0 ? customer : mirror.forgotten.get(digestOf(customer)) ?? customer,
    forgotten: (digest) => mirror.forgotten.get(digest),
    pastDueSince: (subscription) => mirror.pastDueSince.get(subscription),
    inclusiveTax: (subscription) => mirror.inclusiveTax.get(subscription),
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
    unreadable: () => [...mirror.unreadable.values()],
    corrections: () => [...mirror.corrections.values()].flat(),
    unresolved: () => [...unresolved.values()],
    scanned: (name, key, scan) => scans.get(name, key, () => scan(store)),

    setInfo: change((next) => {
      current = next;
      rates = dailyRates();
      scans.clear();
    }),
    setQuotes(next) {
      if (next?.digest === quotes?.digest) return;
      quotes = next;
      rates = dailyRates();
      scans.clear();
      changed = true;
    },
    setStatus: change((next) => void (status = { ...status, ...next })),
    setPrice: change((price) => void mirror.prices.set(price.id, price)),
    setCoupon: change((coupon) => void mirror.coupons.set(coupon.id, coupon)),
    setProduct: change((product) => void mirror.products.set(product.id, product)),
    setCustomerDiscount(customer, discount) {
      if (discount) mirror.discounts.set(customer, discount);
      else mirror.discounts.delete(customer);
      changed = true;
    },
    setForgotten(digest, tombstone) {
      mirror.forgotten.set(digest, tombstone);
      changed = true;
    },
    setPastDueSince(subscription, since) {
      if (since === null) mirror.pastDueSince.delete(subscription);
      else mirror.pastDueSince.set(subscription, since);
      changed = true;
    },
    setInclusiveTax(subscription, percent) {
      mirror.inclusiveTax.set(subscription, percent);
      changed = true;
    },
    history: (subscription) => mirror.histories.get(subscription),
    setHistory: (subscription, history) => void mirror.histories.set(subscription, history),
    pastStates: (subscription) => mirror.pastStates.get(subscription),
    setPastStates: (subscription, states) => void mirror.pastStates.set(subscription, states),
    invoiceReading: () => invoiceReading,
    setInvoiceReading: (reading) => void (invoiceReading = reading),
    setCorrections(subscription, corrections) {
      const known = mirror.corrections.has(subscription);
      if (corrections.length === 0) changed = mirror.corrections.delete(subscription) || changed;
      else if (known || mirror.corrections.size < CORRECTED_MAX) {
        mirror.corrections.set(subscription, corrections);
        changed = true;
      }
    },
    setUnreadable: change((one) => {
      const room = mirror.unreadable.size < UNREADABLE_MAX || mirror.unreadable.has(one.id);
      if (room) mirror.unreadable.set(one.id, one);
    }),
    clearUnreadable(id) {
      if (mirror.unreadable.delete(id)) changed = true;
    },
    record(standing, segments) {
      const { id } = standing.sub;
      const before = rows.get(id);
      if (before) drop(before);
      const moved = before && before.standing.sub.customer !== standing.sub.customer;
      if (moved) movements.note(before.standing.sub.customer, id, false);
      rows.set(id, { standing, segments });
      movements.note(standing.sub.customer, id, true);
      renewals.note(id);
      mirror.unreadable.delete(id);
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
      scans.clear();
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
  return store;
}
