/**
 * The payments of subscription invoices: each one that failed or is not paid by itself, all others
 * as sums by day, each counted once (metrics.md C.9, C.11). The first reading counts what was
 * created before its end; what changes later comes one by one.
 *
 * @module
 */
import type { Calendar } from "./calendar.ts";
import { createDaySums, NO_SUMS } from "./day_sums.ts";
import type { PaymentFact } from "./failed_payments.ts";

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
  /** Begins the reading of everything created before `to` (Unix seconds), anew. */
  begin(to: number): void;
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

export function createPaymentBook(initial: Calendar): PaymentBook {
  let calendar = initial;
  const facts = new Map<string, PaymentFact>();
  const sums = createDaySums(calendar);
  /** Settled ones that no reading counts: id → created. */
  const recent = new Map<string, number>();
  /** Settled by a change before the reading came to them. */
  const early = new Set<string>();
  let boundary = Infinity;

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
    if (origin === "listing") return early.has(invoice);
    if (created < boundary || recent.has(invoice)) return true;
    for (const [id, at] of recent) {
      if (at >= created - RECENT_SECONDS) break;
      recent.delete(id);
    }
    recent.set(invoice, created);
    return false;
  }

  /** One that was open is counted here, so it must not be counted when it comes again. */
  function noteSettled({ invoice, created }: PaymentFact, origin: "listing" | "change"): void {
    if (created >= boundary) recent.set(invoice, created);
    else if (origin === "change") early.add(invoice);
  }

  return {
    begin(to) {
      boundary = to;
      sums.clear();
      recent.clear();
      early.clear();
      for (const [id, fact] of facts) if (!fact.firstFailureAt) facts.delete(id);
    },
    put(given, origin) {
      const before = facts.get(given.invoice);
      const fact = merged(before, given);
      if (!isSettled(fact)) {
        if (fact.status === "void" && fact.firstFailureAt === null) facts.delete(fact.invoice);
        else facts.set(fact.invoice, fact);
        return;
      }
      facts.delete(fact.invoice);
      if (before) noteSettled(fact, origin);
      if (before || !isCounted(fact, origin)) settle(fact);
    },
    remove: (invoice) => void facts.delete(invoice),
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
