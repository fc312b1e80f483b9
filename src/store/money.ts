/**
 * What a store keeps of the money that flows: slim facts, sums by day, nothing personal
 * (metrics.md C.9 to C.11).
 *
 * @module
 */
import type { Calendar } from "../metrics/calendar.ts";
import type { Balance, Dispute, Payout } from "../metrics/cash.ts";
import {
  CASH_PARTS,
  type CashBook,
  type CashPart,
  type CashView,
  createCashBook,
  type Sealed,
} from "../metrics/cash_book.ts";
import {
  createPaymentBook,
  PAYMENT_PARTS,
  type PaymentBook,
  type PaymentPart,
  type PaymentReading,
  type PaymentView,
} from "../metrics/payment_book.ts";
import type { Schedule } from "../metrics/schedules.ts";

/** Kinds of facts that a database keeps of the money. */
export const MONEY_KINDS = [
  ...PAYMENT_PARTS,
  ...CASH_PARTS,
  "payout",
  "dispute",
  "schedule",
  "money",
] as const;
export type MoneyKind = typeof MONEY_KINDS[number];

export function isMoneyKind(kind: string): kind is MoneyKind {
  return (MONEY_KINDS as readonly string[]).includes(kind);
}

/** The id of the one fact of kind `money`: how far everything else is read. */
const MARKS = "-";

/** How far the balance transactions are read. Unix seconds. */
export interface CashReading {
  /** `null` before anything was read. */
  readonly from: number | null;
  /** Whether everything that is kept was read. */
  readonly done: boolean;
  /** Everything created before was met, but for what appears late. */
  readonly coveredTo: number;
  /** When all that may appear late was last looked at. */
  readonly wholeAt: number | null;
}

/** Lists that are read once and then followed by events. */
export type MoneyList = "payout" | "dispute" | "schedule";

/** The balance against the sum of all transactions, in minor units by currency. */
export interface BalanceCheck {
  /** What the balance was before the first transaction that is kept. */
  readonly opening: Readonly<Record<string, bigint>>;
  /** Balance − opening − Σ net: 0 unless something is missing. */
  readonly difference: Readonly<Record<string, bigint>>;
}

export interface MoneyView {
  readonly cash: CashView;
  readonly cashReading: CashReading;
  readonly payments: PaymentView;
  readonly balance: Balance | null;
  /** `null` until the balance and all transactions were read. */
  readonly balanceCheck: BalanceCheck | null;
  /** Whether a list was read to its end once. */
  isListRead(list: MoneyList): boolean;
  payouts(): Iterable<Payout>;
  disputes(): Iterable<Dispute>;
  schedules(): Iterable<Schedule>;
  /** The schedule that runs a subscription. */
  scheduleOf(subscription: string): Schedule | undefined;
}

export interface MoneyMirror extends MoneyView {
  readonly cash: CashBook;
  readonly payments: PaymentBook;
  setCashReading(reading: CashReading): void;
  /** Whether a list was read to its end; `false` lets it be read again. */
  setListRead(list: MoneyList, read: boolean): void;
  /**
   * Everything that events created before a moment (Unix seconds) said of the money is read;
   * `null` before the first reading.
   */
  followedTo(): number | null;
  setFollowedTo(moment: number | null): void;
  setPayout(payout: Payout): void;
  setDispute(dispute: Dispute): void;
  /** One that ended is kept no longer. */
  setSchedule(schedule: Schedule): void;
  /** The balance at a moment at which no transaction was missing. */
  setBalance(balance: Balance): void;
  /** Drops payouts and disputes created before a moment (Unix seconds). */
  forgetBefore(created: number): void;
  setCalendar(calendar: Calendar): void;
  /** A fact as a database keeps it; `undefined` when it is gone. */
  saved(kind: MoneyKind, id: string): unknown;
  /** Puts a fact in place of what was known of it; `null` takes it away. */
  load(kind: MoneyKind, id: string, saved: unknown): void;
  /** Calls back with each fact that changes from now on. */
  watch(listener: (kind: MoneyKind, id: string) => void): void;
}

/** The fact of kind `money`. */
interface Marks {
  readonly cashReading: CashReading;
  readonly sealed: Sealed | null;
  readonly payments: PaymentReading | null;
  readonly lists: readonly MoneyList[];
  readonly followedTo: number | null;
  readonly balance: Balance | null;
  readonly opening: Readonly<Record<string, bigint>> | null;
  readonly difference: Readonly<Record<string, bigint>>;
}

const COMING: ReadonlySet<string> = new Set(["not_started", "active"]);

/** Available and pending together, in minor units by currency. */
export function balanceTotals({ available, pending }: Balance): Record<string, bigint> {
  const totals: Record<string, bigint> = {};
  for (const part of [available, pending]) {
    for (const [currency, amount] of Object.entries(part)) {
      totals[currency] = (totals[currency] ?? 0n) + amount;
    }
  }
  return totals;
}

function netOf(cash: CashView, currency: string): bigint {
  return [...cash.totals(currency).values()].reduce((total, { net }) => total + net, 0n);
}

const isPaymentPart = (kind: MoneyKind): kind is PaymentPart =>
  (PAYMENT_PARTS as readonly MoneyKind[]).includes(kind);
const isCashPart = (kind: MoneyKind): kind is CashPart =>
  (CASH_PARTS as readonly MoneyKind[]).includes(kind);

export function createMoneyMirror(calendar: Calendar): MoneyMirror {
  let changed: (kind: MoneyKind, id: string) => void = () => {};
  const marksChanged = () => changed("money", MARKS);
  // The marks say of the sums how far they reach: they are written together.
  const noting = (kind: MoneyKind, id: string) => {
    changed(kind, id);
    marksChanged();
  };
  const cash = createCashBook(calendar, noting);
  const payments = createPaymentBook(calendar, noting);
  const payouts = new Map<string, Payout>();
  const disputes = new Map<string, Dispute>();
  const schedules = new Map<string, Schedule>();
  const bySubscription = new Map<string, Schedule>();
  const lists = new Set<MoneyList>();
  let reading: CashReading = { from: null, done: false, coveredTo: 0, wholeAt: null };
  let followedTo: number | null = null;
  let balance: Balance | null = null;
  let opening: Readonly<Record<string, bigint>> | null = null;
  let difference: Readonly<Record<string, bigint>> = {};

  function forgetSchedule(id: string): void {
    const known = schedules.get(id);
    if (known?.subscription) bySubscription.delete(known.subscription);
    schedules.delete(id);
  }

  function putSchedule(schedule: Schedule): void {
    forgetSchedule(schedule.id);
    if (!COMING.has(schedule.status)) return;
    schedules.set(schedule.id, schedule);
    if (schedule.subscription) bySubscription.set(schedule.subscription, schedule);
  }

  /** The first time everything is known, what is left over was there before. */
  function check(totals: Readonly<Record<string, bigint>>): void {
    const left = new Map<string, bigint>();
    for (const currency of new Set([...Object.keys(totals), ...cash.currencies()])) {
      left.set(currency, (totals[currency] ?? 0n) - netOf(cash, currency));
    }
    opening ??= Object.fromEntries(left);
    const before = opening;
    difference = Object.fromEntries(
      [...left].map(([currency, amount]) => [currency, amount - (before[currency] ?? 0n)]),
    );
  }

  function marks(): Marks {
    return {
      cashReading: reading,
      sealed: cash.sealed(),
      payments: payments.reading(),
      lists: [...lists],
      followedTo,
      balance,
      opening,
      difference,
    };
  }

  function loadMarks(saved: Marks): void {
    ({ cashReading: reading, followedTo, balance, opening, difference } = saved);
    cash.loadSealed(saved.sealed);
    payments.loadReading(saved.payments);
    lists.clear();
    for (const list of saved.lists) lists.add(list);
  }

  const loadRow: Readonly<Record<MoneyList, (id: string, saved: unknown) => void>> = {
    payout: (id, saved) => void (saved ? payouts.set(id, saved as Payout) : payouts.delete(id)),
    dispute: (id, saved) => void (saved ? disputes.set(id, saved as Dispute) : disputes.delete(id)),
    schedule: (id, saved) => saved ? putSchedule(saved as Schedule) : forgetSchedule(id),
  };
  const rows = { payout: payouts, dispute: disputes, schedule: schedules };

  return {
    cash,
    payments,
    get cashReading() {
      return reading;
    },
    get balance() {
      return balance;
    },
    get balanceCheck() {
      return opening && { opening, difference };
    },
    payouts: () => payouts.values(),
    disputes: () => disputes.values(),
    schedules: () => schedules.values(),
    scheduleOf: (subscription) => bySubscription.get(subscription),
    setCashReading(next) {
      reading = next;
      marksChanged();
    },
    setListRead(list, read) {
      if (read) lists.add(list);
      else lists.delete(list);
      marksChanged();
    },
    isListRead: (list) => lists.has(list),
    followedTo: () => followedTo,
    setFollowedTo(moment) {
      if (followedTo === moment) return;
      followedTo = moment;
      marksChanged();
    },
    setPayout(payout) {
      payouts.set(payout.id, payout);
      changed("payout", payout.id);
    },
    setDispute(dispute) {
      disputes.set(dispute.id, dispute);
      changed("dispute", dispute.id);
    },
    setSchedule(schedule) {
      putSchedule(schedule);
      changed("schedule", schedule.id);
    },
    setBalance(next) {
      balance = next;
      if (reading.done) check(balanceTotals(next));
      marksChanged();
    },
    forgetBefore(before) {
      for (const kind of ["payout", "dispute"] as const) {
        for (const [id, { created }] of rows[kind]) {
          if (created >= before) continue;
          rows[kind].delete(id);
          changed(kind, id);
        }
      }
    },
    setCalendar(next) {
      cash.setCalendar(next);
      payments.setCalendar(next);
    },
    saved(kind, id) {
      if (kind === "money") return marks();
      if (isPaymentPart(kind)) return payments.saved(kind, id);
      return isCashPart(kind) ? cash.saved(kind, id) : rows[kind].get(id);
    },
    load(kind, id, saved) {
      if (kind === "money") {
        if (saved) loadMarks(saved as Marks);
      } else if (isPaymentPart(kind)) payments.load(kind, id, saved);
      else if (isCashPart(kind)) cash.load(kind, id, saved);
      else loadRow[kind](id, saved);
    },
    watch: (listener) => void (changed = listener),
  };
}
