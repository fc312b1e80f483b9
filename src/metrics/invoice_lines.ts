/**
 * The invoices of a subscription as they are kept to rebuild its past (metrics.md B.6): lines that
 * differ by their period alone are kept once, with their periods, so that years of renewals take
 * little room.
 *
 * @module
 */
import type { HistoryLine } from "./history_item.ts";
import { equal } from "./rational.ts";
import type { Discount } from "./types.ts";

/** A line with what it takes to value it by the price mirror. */
export interface InvoiceLine extends HistoryLine {
  /** Discounts of the subscription item. */
  readonly itemDiscounts: readonly Discount[];
  /** Discounts of the subscription or the customer. */
  readonly sharedDiscounts: readonly Discount[];
}

/** An invoice of a subscription, slim. */
export interface HistoryInvoice {
  readonly id: string;
  /** When the invoice was given up; `null` for any other. Unix seconds. */
  readonly uncollectibleAt: number | null;
  readonly lines: readonly InvoiceLine[];
}

/** Lines that differ by their period alone. */
interface Run {
  readonly line: InvoiceLine;
  /** from, to, from, to … in Unix seconds. */
  readonly periods: number[];
}

/**
 * What the invoices of one subscription say: plain data, as there is one for each subscription, and
 * as a database keeps it.
 */
export interface InvoiceHistory {
  readonly runs: Run[];
  /** Digests of the ids of the invoices that are in it. */
  readonly invoices: number[];
  /** When the newest of its invoices that was given up was given up, Unix seconds. */
  uncollectibleAt: number | null;
}

/** 53 bits of an id: few numbers in place of many texts (cyrb53, public domain). */
function digest(id: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let index = 0; index < id.length; index++) {
    const code = id.charCodeAt(index);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}

function sameDiscounts(a: readonly Discount[], b: readonly Discount[]): boolean {
  return a.length === b.length &&
    a.every((one, index) =>
      one.id === b[index]!.id && one.couponId === b[index]!.couponId && one.end === b[index]!.end
    );
}

function alike(a: InvoiceLine, b: InvoiceLine): boolean {
  return a.item === b.item && a.price === b.price && a.quantity === b.quantity &&
    a.proration === b.proration && a.credit === b.credit && a.interval === b.interval &&
    a.intervalCount === b.intervalCount && a.invoiceStatus === b.invoiceStatus &&
    equal(a.amount, b.amount) && equal(a.inclusiveTax, b.inclusiveTax) &&
    a.discounts.length === b.discounts.length &&
    a.discounts.every((one, index) =>
      one.duration === b.discounts[index]!.duration &&
      equal(one.amount, b.discounts[index]!.amount)
    ) &&
    sameDiscounts(a.itemDiscounts, b.itemDiscounts) &&
    sameDiscounts(a.sharedDiscounts, b.sharedDiscounts);
}

export function emptyHistory(): InvoiceHistory {
  return { runs: [], invoices: [], uncollectibleAt: null };
}

/** Takes an invoice in; one that is in already changes nothing. */
export function addInvoice(history: InvoiceHistory, invoice: HistoryInvoice): void {
  const { runs, invoices } = history;
  const key = digest(invoice.id);
  if (invoices.includes(key)) return;
  invoices.push(key);
  if (invoice.uncollectibleAt !== null) {
    history.uncollectibleAt = Math.max(history.uncollectibleAt ?? 0, invoice.uncollectibleAt);
  }
  for (const line of invoice.lines) {
    const { from, to } = line.period;
    const run = runs.find((one) => alike(one.line, line));
    if (run) run.periods.push(from, to);
    else runs.push({ line, periods: [from, to] });
  }
}

/** Every line, in no particular order. */
export function linesOf({ runs }: InvoiceHistory): InvoiceLine[] {
  return runs.flatMap(({ line, periods }) =>
    Array.from({ length: periods.length / 2 }, (_, index) => ({
      ...line,
      period: { from: periods[2 * index]!, to: periods[2 * index + 1]! },
    }))
  );
}

/** Ids of the prices on its lines, some more than once. */
export function pricesOn({ runs }: InvoiceHistory): string[] {
  return runs.map(({ line }) => line.price);
}

/** Discounts on its lines, some more than once. */
export function discountsOn({ runs }: InvoiceHistory): Discount[] {
  return runs.flatMap(({ line }) => [...line.sharedDiscounts, ...line.itemDiscounts]);
}
