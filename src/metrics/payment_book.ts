/**
 * The payments of subscription invoices: each one that failed or is not paid by itself, all others
 * as sums by day, each counted once (metrics.md C.9, C.11). The first reading counts what was
 * created before its end; what changes later comes one by one.
 *
 * @module
 */
import type { Calendar } from "./calendar.ts";
import { createDaySums, NO_SUMS, type SavedDay } from "./day_sums.ts";
import type { PaymentFact } from "./failed_payments.ts";
import { createIdLog, type SavedIds } from "./id_log.ts";

/** What is kept of payments in a database: single ones, sums, ids that may come again. */
export const PAYMENT_PARTS = ["payment", "billed", "billed_counted"] as const;
export type PaymentPart = typeof PAYMENT_PARTS[number];

/** What the first reading counts. */
export interface PaymentReading {
  /** It counts what was created before, Unix seconds. */
  readonly to: number;
  readonly done: boolean;
}

/** Minor units of one currency. */
export interface Billed {
  readonly due: bigint;
  readonly paid: bigint;
  /** Metered lines, after discounts and without inclusive tax. */
  readonly usage: bigint;
}

export interface PaymentView {
  /** Invoices that failed once, or that are not paid yet. */
  facts(): Iterable<PaymentFact>;
  fact(invoice: string): PaymentFact | undefined;
  /** What invoices of the local days [fromDay, toDay) came to; void and draft ones do not count. */
  billed(currency: string, fromDay: number, toDay: number): Billed;
  currencies(): readonly string[];
}

export interface PaymentBook extends PaymentView {
  /**
   * Begins the reading of everything created before `to` (Unix seconds), anew. What was created
   * later may be listed as well, and counts once by its id.
   */
  begin(to: number): void;
  /** That reading is over. */
  end(): void;
  /** `null` before the first. */
  reading(): PaymentReading | null;
  loadReading(reading: PaymentReading | null): void;
  /** A part as a database keeps it, by an id that `onChange` was told. */
  saved(part: PaymentPart, id: string): unknown;
  load(part: PaymentPart, id: string, saved: unknown): void;
  /**
   * Takes an invoice as it is now.
   *
   * @param origin `listing` for the reading that was begun, `change` for one fetched again.
   */
  put(fact: PaymentFact, origin: "listing" | "change"): void;
  /** A draft was deleted. */
  remove(invoice: string): void;
  setCalendar(calendar: Calendar): void;
}

/** An invoice without an event for so long has been counted and will not come again. */
const RECENT_SECONDS = 60 * 86_400;
/** How often such ones are looked for. */
const FORGET_SECONDS = 86_400;

function isSettled({ status, firstFailureAt }: PaymentFact): boolean {
  return status === "paid" && firstFailureAt === null;
}

/** What is known of a failure is kept when an invoice comes again. */
function merged(before: PaymentFact | undefined, fact: PaymentFact): PaymentFact {
  if (!before || before.firstFailureAt === null) return fact;
  return {
    ...fact,
    firstFailureAt: before.firstFailureAt,
    failedAmount: before.failedAmount,
  };
}

/** The day an invoice belongs to. */
function momentOf({ finalizedAt, created }: PaymentFact): number {
  return finalizedAt ?? created;
}

const COUNTED: ReadonlySet<string> = new Set(["open", "paid", "uncollectible"]);

/** @param onChange Told each part that changes. */
export function createPaymentBook(
  initial: Calendar,
  onChange: (part: PaymentPart, id: string) => void = () => {},
): PaymentBook {
  let calendar = initial;
  const facts = new Map<string, PaymentFact>();
  const sums = createDaySums(calendar, (key) => onChange("billed", key));
  /**
   * Settled ones that are counted: those that no reading counts, and those that a change settled
   * before the reading came to them.
   */
  const counted = createIdLog((segment) => onChange("billed_counted", segment));
  let reading: PaymentReading | null = null;

  /** What was created before has been counted, or will be by the reading. */
  const boundary = () => reading?.to ?? Infinity;

  function setFact(fact: PaymentFact): void {
    facts.set(fact.invoice, fact);
    onChange("payment", fact.invoice);
  }

  function removeFact(invoice: string): void {
    if (facts.delete(invoice)) onChange("payment", invoice);
  }

  function settle(fact: PaymentFact): void {
    const { currency, due, paid, usage } = fact;
    const at = momentOf(fact);
    const add = (name: string, amount: bigint) =>
      sums.add({ at, currency, name, amount, fee: 0n, net: amount, count: 1 });
    add("due", due);
    add("paid", paid);
    if (usage !== 0n) add("usage", usage);
  }

  function isCounted({ invoice, created }: PaymentFact, origin: "listing" | "change"): boolean {
    if (counted.has(invoice)) return true;
    return origin === "change" && created < boundary();
  }

  /** Takes what will not come again for counted without its id. */
  function forgetOld(created: number): void {
    const before = created - RECENT_SECONDS;
    if (!reading?.done || before < reading.to + FORGET_SECONDS) return;
    reading = { ...reading, to: before };
    counted.dropBefore(before);
  }

  /** A payment is counted once: one that may come again is known by its id. */
  function note({ invoice, created }: PaymentFact, origin: "listing" | "change"): void {
    if (origin === "listing" && created < boundary()) return;
    // After the reading only what is newer than its end may come again uncounted.
    if (created >= boundary() || !reading?.done) counted.add(invoice, created);
    forgetOld(created);
  }

  return {
    begin(to) {
      reading = { to, done: false };
      sums.clear();
      counted.clear();
      for (const [id, fact] of facts) if (!fact.firstFailureAt) removeFact(id);
    },
    end() {
      if (!reading) return;
      reading = { ...reading, done: true };
      counted.dropBefore(reading.to);
    },
    reading: () => reading,
    loadReading: (saved) => void (reading = saved),
    saved(part, id) {
      if (part === "payment") return facts.get(id);
      return part === "billed" ? sums.saved(id) : counted.saved(id);
    },
    load(part, id, saved) {
      if (part === "billed") return sums.load(id, saved as SavedDay | null);
      if (part === "billed_counted") return counted.load(id, saved as SavedIds | null);
      if (saved) facts.set(id, saved as PaymentFact);
      else facts.delete(id);
    },
    put(given, origin) {
      const before = facts.get(given.invoice);
      const fact = merged(before, given);
      if (!isSettled(fact)) {
        if (fact.status === "void" && fact.firstFailureAt === null) removeFact(fact.invoice);
        else setFact(fact);
        return;
      }
      removeFact(fact.invoice);
      if (!before && isCounted(fact, origin)) return;
      note(fact, origin);
      settle(fact);
    },
    remove: removeFact,
    facts: () => facts.values(),
    fact: (invoice) => facts.get(invoice),
    billed(currency, fromDay, toDay) {
      const found = sums.period(currency, fromDay, toDay);
      const of = (name: string) => (found.get(name) ?? NO_SUMS).amount;
      const total = { due: of("due"), paid: of("paid"), usage: of("usage") };
      for (const fact of facts.values()) {
        if (fact.currency !== currency || !COUNTED.has(fact.status)) continue;
        const day = calendar.dayOf(momentOf(fact));
        if (day < fromDay || day >= toDay) continue;
        total.due += fact.due;
        total.paid += fact.paid;
        total.usage += fact.usage;
      }
      return total;
    },
    currencies: () =>
      [...new Set([...sums.currencies(), ...[...facts.values()].map((fact) => fact.currency)])]
        .sort(),
    setCalendar(next) {
      calendar = next;
      sums.setCalendar(next);
    },
  };
}
