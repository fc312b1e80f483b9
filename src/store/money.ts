/**
 * What a store keeps of the money that flows: slim facts, sums by day, nothing personal
 * (metrics.md C.9 to C.11).
 *
 * @module
 */
import type { Calendar } from "../metrics/calendar.ts";
import type { Balance, Dispute, Payout } from "../metrics/cash.ts";
import { type CashBook, type CashView, createCashBook } from "../metrics/cash_book.ts";
import { createPaymentBook, type PaymentBook, type PaymentView } from "../metrics/payment_book.ts";
import type { Schedule } from "../metrics/schedules.ts";

/** How far the balance transactions are read. */
export interface CashReading {
  /** `null` before anything was read. */
  readonly from: number | null;
  /** Whether everything that is kept was read. */
  readonly done: boolean;
}

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
  setPayout(payout: Payout): void;
  setDispute(dispute: Dispute): void;
  /** One that ended is kept no longer. */
  setSchedule(schedule: Schedule): void;
  /** The balance at a moment at which no transaction was missing. */
  setBalance(balance: Balance): void;
  /** Drops payouts and disputes created before a moment (Unix seconds). */
  forgetBefore(created: number): void;
  setCalendar(calendar: Calendar): void;
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

export function createMoneyMirror(calendar: Calendar): MoneyMirror {
  const cash = createCashBook(calendar);
  const payments = createPaymentBook(calendar);
  const payouts = new Map<string, Payout>();
  const disputes = new Map<string, Dispute>();
  const schedules = new Map<string, Schedule>();
  const bySubscription = new Map<string, Schedule>();
  let reading: CashReading = { from: null, done: false };
  let balance: Balance | null = null;
  let opening: Record<string, bigint> | null = null;
  let difference: Record<string, bigint> = {};

  function forgetSchedule(id: string): void {
    const known = schedules.get(id);
    if (known?.subscription) bySubscription.delete(known.subscription);
    schedules.delete(id);
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
    setCashReading: (next) => void (reading = next),
    setPayout: (payout) => void payouts.set(payout.id, payout),
    setDispute: (dispute) => void disputes.set(dispute.id, dispute),
    setSchedule(schedule) {
      forgetSchedule(schedule.id);
      if (!COMING.has(schedule.status)) return;
      schedules.set(schedule.id, schedule);
      if (schedule.subscription) bySubscription.set(schedule.subscription, schedule);
    },
    setBalance(next) {
      balance = next;
      if (reading.done) check(balanceTotals(next));
    },
    forgetBefore(before) {
      for (const [id, { created }] of payouts) if (created < before) payouts.delete(id);
      for (const [id, { created }] of disputes) if (created < before) disputes.delete(id);
    },
    setCalendar(next) {
      cash.setCalendar(next);
      payments.setCalendar(next);
    },
  };
}
