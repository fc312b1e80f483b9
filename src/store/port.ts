/**
 * The store of one source (one Stripe account in one mode): the mirror of what Stripe has, the
 * segments and sums that follow from it, and how far the synchronisation is. Nothing of two
 * sources ever mixes.
 *
 * @module
 */
import type { MovementBook } from "../metrics/books.ts";
import type { Calendar } from "../metrics/calendar.ts";
import type { ClosedMonths } from "../metrics/closed_months.ts";
import type { ConvertedBook } from "../metrics/converted_book.ts";
import type { Daily } from "../metrics/daily.ts";
import type { LineFilter } from "../metrics/filter.ts";
import type { Correction } from "../metrics/history.ts";
import type { InvoiceHistory } from "../metrics/invoice_lines.ts";
import type { Rates } from "../metrics/reporting.ts";
import type { MrrOptions, PresetName } from "../metrics/options.ts";
import type { PastStates } from "../metrics/past_states.ts";
import type { PriceDays } from "../metrics/price_days.ts";
import type { QuotedRates } from "../metrics/quoted_rates.ts";
import type { DailyRates } from "../metrics/rates.ts";
import type { Rational } from "../metrics/rational.ts";
import type { Stretch } from "../metrics/seen.ts";
import type { Segment } from "../metrics/segments.ts";
import type { Standing } from "../metrics/standing.ts";
import type { Tally } from "../metrics/tally.ts";
import type { Coupon, Discount, Price } from "../metrics/types.ts";
import type { Inbox, InboxView } from "./inbox.ts";
import type { MoneyMirror, MoneyView } from "./money.ts";
import type { RenewalDay, SubscriptionRenewals } from "./renewal_keeper.ts";
import type { Plain, Scan } from "./scans.ts";

export type Phase =
  | "connecting"
  | "backfill"
  | "history"
  | "live"
  | "key_rejected"
  | "permission_missing"
  | "stopped";

/** How far a listing is; numbers of objects and seconds. */
export interface Progress {
  readonly done: number;
  readonly estimated: number;
  readonly ratePerSecond: number;
  readonly secondsLeft: number | null;
}

/** How far the reading of invoices is: newest first, month by month. */
export interface HistoryProgress extends Progress {
  /** The month being read: 1 is the running one. */
  readonly month: number;
  /** Months since the account's first subscription. */
  readonly months: number;
}

/** A stretch of creation times [from, to) of a listing that is not read to its end. */
export interface UnreadStretch {
  /** Unix seconds. */
  readonly from: number;
  /** Unix seconds. */
  readonly to: number;
  /** Creation time down to which it is read, Unix seconds. */
  readonly reached: number;
  /** The object after which its next page begins; `null` at its beginning. */
  readonly after: string | null;
  /** Objects per second on the newest page; `null` before the first. */
  readonly density: number | null;
}

/** Where the reading of all invoices is, so that a restart goes on from there. */
export interface InvoiceReading {
  /** Whether the past is read, or payments alone. */
  readonly what: "all" | "payments";
  /** Invoices that were read. */
  readonly done: number;
  readonly rest: readonly UnreadStretch[];
}

export type Permission = "ok" | "missing" | "unknown";

/** A comparison of every subscription with Stripe. */
export interface Comparison {
  /** When it ended, Unix seconds. */
  readonly at: number;
  /** How long it took. */
  readonly seconds: number;
  /** Subscriptions that were compared. */
  readonly subscriptions: number;
  /** How many of them differed, and were repaired. */
  readonly differed: number;
}

/** What Stripe lists of the money, beside the subscriptions. */
export const MONEY_RESOURCES = [
  "invoices",
  "balance_transactions",
  "payouts",
  "disputes",
  "subscription_schedules",
] as const;
export type MoneyResource = typeof MONEY_RESOURCES[number];

export interface SyncStatus {
  readonly phase: Phase;
  readonly progress: Progress | null;
  /** Last confirmed synchronisation, Unix seconds; `null` before the first. */
  readonly asOf: number | null;
  /** Up to when what changes by time alone is in the figures, where that is after `asOf`. */
  readonly valuedTo: number | null;
  /** Since when changes are followed as they happen, Unix seconds; what is older is rebuilt. */
  readonly liveSince: number | null;
  /** From here on every event was read, Unix seconds; `null` where none can be, or before. */
  readonly eventsSince: number | null;
  /** When nobody looked, since then: what happened was told afterwards. Oldest first. */
  readonly absences: readonly Stretch[];
  /** An absence too long for Stripe's events, until its past is rebuilt; `null` without one. */
  readonly toRebuild: Stretch | null;
  /** How far the rebuilding of the past from invoices is; `null` before and after. */
  readonly history: HistoryProgress | null;
  /** Whether the past was rebuilt from invoices; else it is inferred from the subscriptions. */
  readonly historyDone: boolean;
  /** Whether the payments of all invoices were read. */
  readonly paymentsRead: boolean;
  /** What of the money was read once, and has not been looked at since a start or an absence. */
  readonly behind: readonly MoneyResource[];
  /**
   * Why the movements are not to be trusted: they do not lead from MRR to MRR (metrics.md B.1).
   * `null` while they do.
   */
  readonly identityProblem: string | null;
  /** Whether a database keeps what is read; else a restart reads it again. */
  readonly stored: boolean;
  /** Why the database does not keep what is read, with what to do; `null` while it does. */
  readonly storageProblem: string | null;
  /** Since when the figures may be behind Stripe, Unix seconds. */
  readonly staleSince: number | null;
  /** What is wrong, in a sentence that says what to do. */
  readonly problem: string | null;
  /** Codes of what makes figures incomplete, e.g. `customer_discounts_unread`. */
  readonly reasons: readonly string[];
  readonly permissions: Readonly<Record<string, Permission>>;
  readonly breaker: "closed" | "open" | "half_open";
  /** Time of the newest event that came, Unix seconds. */
  readonly lastEventAt: number | null;
  /** Up to where the list of events was read, Unix seconds: what webhooks missed is behind it. */
  readonly eventsReadTo: number | null;
  readonly lastReconcileAt: number | null;
  /** Differences that comparisons with Stripe found, and repaired. */
  readonly drift: number;
  /** Whether everything is being compared with Stripe at the moment. */
  readonly comparing: boolean;
  /** The last comparison of everything; `null` before the first. */
  readonly compared: Comparison | null;
  readonly reads: number;
}

/** What a source is called and how its figures are counted. */
export interface SourceInfo {
  /** Key under `accounts:`; `default` for the one from the environment. */
  readonly name: string;
  /** `acct_…`, or `cfg:name:mode` where the key may not read the account. */
  readonly account: string;
  readonly displayName: string;
  readonly livemode: boolean;
  readonly defaultCurrency: string | null;
  readonly timeZone: string;
  readonly preset: PresetName;
  readonly options: MrrOptions;
  /** The reporting currency with its fixed rates; `null` or left out where none is configured. */
  readonly reporting?: Rates | null;
  /** What of the source these figures are of, where that is not all of it. */
  readonly filter?: LineFilter;
}

/** An object of Stripe's that could not be understood: counted and shown, never dropped. */
export interface Unreadable {
  /** What it should be: subscription, price, coupon, product, customer, event or invoice. */
  readonly kind: string;
  readonly id: string;
  /** Where its shape differs; holds no value of it. */
  readonly problem: string;
  /** The subscription that it is of, where that can be read. */
  readonly subscription?: string;
  /** The time from which on it would tell something, where that can be read; Unix seconds. */
  readonly since?: number;
}

export interface Product {
  readonly id: string;
  readonly name: string;
}

export type ClosedView = Pick<
  ClosedMonths,
  "month" | "restatedBy" | "restatements" | "saved" | "revision"
>;

/** What the widgets and the JSON interface read. */
export interface SourceView {
  readonly info: SourceInfo;
  readonly status: SyncStatus;
  /** Grows with every change that can be seen. */
  readonly version: number;
  readonly calendar: Calendar;
  readonly tally: Tally;
  readonly daily: Daily;
  /** The same by price; made when it is first read, then kept. */
  readonly priceDays: PriceDays;
  /** Movements of every customer, complete up to this version. */
  readonly movements: MovementBook;
  /** The months that are closed, as first reported, and what restated them. */
  readonly closedMonths: ClosedView;
  /** Daily rates into the reporting currency; `null` where none is configured. */
  readonly rates: DailyRates | null;
  /**
   * The movements with everything converted at the rates of its day, netted over currencies;
   * `null` without a reporting currency. Reading what a rate is missing for throws a
   * `MissingRateError`.
   */
  readonly convertedMovements: ConvertedBook | null;
  /** Payments, cash, payouts, disputes, schedules. */
  readonly money: MoneyView;
  /** What Stripe said has changed. */
  readonly inbox: InboxView;
  /** Renewals of the 90 days from the day of `now` (Unix seconds) on, by day and currency. */
  renewalDays(now: number): readonly RenewalDay[];
  /** The same by subscription. */
  renewalRows(now: number): readonly SubscriptionRenewals[];
  price(id: string): Price | undefined;
  coupon(id: string): Coupon | undefined;
  product(id: string): Product | undefined;
  customerDiscount(customer: string): Discount | undefined;
  /** The tombstone of a customer that was forgotten; any other is called by its own id. */
  calledCustomer(customer: string): string;
  /** The tombstone by the digest of a customer's id. */
  forgotten(digest: string): string | undefined;
  /** Since when a subscription is past due, Unix seconds, where it is known. */
  pastDueSince(subscription: string): number | undefined;
  /** Percent of the inclusive automatic tax by item. */
  inclusiveTax(subscription: string): Readonly<Record<string, Rational>> | undefined;
  standing(subscription: string): Standing | undefined;
  standings(): Iterable<Standing>;
  /** Ids of a customer's subscriptions, ended ones too. */
  subscriptionsOf(customer: string): readonly string[];
  /** Subscriptions in a status that few have: trialing, past_due, unpaid, paused. */
  inStatus(status: string): readonly Standing[];
  segments(subscription: string): readonly Segment[];
  allSegments(): Iterable<readonly Segment[]>;
  unreadable(): readonly Unreadable[];
  /**
   * Where a subscription's invoices lead elsewhere than its object, which won (metrics.md B.6
   * step 2.7); bounded in number.
   */
  corrections(): readonly Correction[];
  /** Subscriptions that could not be valued. */
  unresolved(): readonly Standing[];
  /**
   * What is found by a look at everything: plain data, worked out once and kept until something
   * that it was made of changes.
   *
   * @param scan A function of what it is given alone.
   * @param now Unix seconds.
   */
  scanned<Args extends readonly Plain[], T>(scan: Scan<Args, T>, args: Args, now: number): T;
  /** Calls back after each new version; returns what ends that. */
  subscribe(listener: () => void): () => void;
  /**
   * Calls back with the id of each subscription whose standing or segments change, and with
   * `null` when all of them start anew; returns what ends that.
   */
  watch(listener: (subscription: string | null) => void): () => void;
}

/** What the synchronisation writes. Changes show with the next `publish`. */
export interface SourceStore extends SourceView {
  readonly closedMonths: ClosedView & Pick<ClosedMonths, "load">;
  readonly money: MoneyMirror;
  readonly inbox: Inbox;
  /** Money facts have changed: the next `publish` makes a version. */
  noteMoney(): void;
  /** Lays out renewals of up to `limit` changed subscriptions; returns what is left. */
  settleRenewals(now: number, limit: number): number;
  setInfo(info: SourceInfo): void;
  /** The rates of a file, in place of those before; nothing is counted anew. */
  setQuotes(quotes: QuotedRates | null): void;
  setStatus(change: Partial<SyncStatus>): void;
  setPrice(price: Price): void;
  setCoupon(coupon: Coupon): void;
  setProduct(product: Product): void;
  setCustomerDiscount(customer: string, discount: Discount | null): void;
  /** From here on the customer of this digest is called by its tombstone. */
  setForgotten(digest: string, tombstone: string): void;
  setPastDueSince(subscription: string, since: number | null): void;
  setInclusiveTax(subscription: string, percent: Readonly<Record<string, Rational>>): void;
  /** What a subscription's invoices say, where they were read; kept through `clearFigures`. */
  history(subscription: string): InvoiceHistory | undefined;
  setHistory(subscription: string, history: InvoiceHistory): void;
  /** What a subscription's object was before, where that is known; kept like its history. */
  pastStates(subscription: string): PastStates | undefined;
  setPastStates(subscription: string, states: PastStates): void;
  /** Where the reading of all invoices stopped; `null` where none is under way. */
  invoiceReading(): InvoiceReading | null;
  setInvoiceReading(reading: InvoiceReading | null): void;
  /** Puts what a subscription's rebuilding met in place of what was known of it. */
  setCorrections(subscription: string, corrections: readonly Correction[]): void;
  setUnreadable(unreadable: Unreadable): void;
  /** It is understood now, or gone. */
  clearUnreadable(id: string): void;
  /** Puts a standing and its segments in place of the ones that were there. */
  record(standing: Standing, segments: readonly Segment[]): void;
  /** Takes a subscription out of every figure. */
  forget(subscription: string): void;
  /** Starts the daily rows and sums anew, for a changed time zone or changed options. */
  clearFigures(): void;
  /** Closes the months that are due at `now`, Unix seconds. */
  closeMonths(now: number): void;
  /** Brings the movements of up to `limit` changed customers up to date; returns what is left. */
  settleMovements(limit: number): number;
  /** Makes changes since the last call visible: one new version, if there were any. */
  publish(): void;
}
