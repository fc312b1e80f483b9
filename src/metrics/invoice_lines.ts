/**
 * The invoices of a subscription as they are kept to rebuild its past (metrics.md B.6): lines that
 * differ by their period alone are kept once, with their periods, so that years of renewals take
 * little room.
 *
 * @module
 */
import type { HistoryLine } from "./history_line.ts";
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
  /** draft, open, paid, uncollectible, void. */
  readonly status: string;
  /** When the invoice was given up; `null` for any other. Unix seconds. */
  readonly uncollectibleAt: number | null;
  readonly lines: readonly InvoiceLine[];
}

/** Lines that differ by their period alone. */
interface Run {
  readonly line: InvoiceLine;
  /** from, to, from, to … in Unix seconds. */
  periods: readonly number[];
}

/** An invoice that may still become another: a draft, an open one, one that was given up. */
interface Pending {
  readonly key: number;
  readonly status: string;
  readonly uncollectibleAt: number | null;
  readonly lines: readonly InvoiceLine[];
}

/** An invoice that could not be read. */
interface Unread {
  readonly key: number;
  /** When it was made, Unix seconds. */
  readonly at: number;
}

/** What lines are kept with: older ones are read again. */
const FORMAT = 2;

/**
 * What the invoices of one subscription say: plain data, as there is one for each subscription, and
 * as a database keeps it.
 */
export interface InvoiceHistory {
  readonly format: number;
  /** Of invoices that stay as they are. */
  runs: readonly Run[];
  /** Digests of the ids of those invoices. */
  invoices: readonly number[];
  pending: readonly Pending[];
  unread: readonly Unread[];
}

/** Whether a stored history has all that a past is made of; one of an older program is read anew. */
export function isCurrent({ format }: Partial<InvoiceHistory>): boolean {
  return format === FORMAT;
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
    a.paused === b.paused && a.failedAt === b.failedAt &&
    equal(a.amount, b.amount) && equal(a.inclusiveTax, b.inclusiveTax) &&
    a.discounts.length === b.discounts.length &&
    a.discounts.every((one, index) =>
      one.duration === b.discounts[index]!.duration &&
      equal(one.amount, b.discounts[index]!.amount)
    ) &&
    sameDiscounts(a.itemDiscounts, b.itemDiscounts) &&
    sameDiscounts(a.sharedDiscounts, b.sharedDiscounts);
}

const NONE: readonly never[] = [];

export function emptyHistory(): InvoiceHistory {
  return { format: FORMAT, runs: NONE, invoices: NONE, pending: NONE, unread: NONE };
}

/** Invoices in these states stay as they are. */
const FINAL: ReadonlySet<string> = new Set(["paid", "void"]);
/** What an invoice that may still change goes through, in order. */
const COURSE = ["draft", "open", "uncollectible"];

function without<T extends { readonly key: number }>(list: readonly T[], key: number) {
  return list.some((one) => one.key === key) ? list.filter((one) => one.key !== key) : list;
}

/**
 * Takes an invoice in, in place of what it was before; one that cannot change is taken once.
 *
 * @param origin A listing may be older than a change that came meanwhile: it takes nothing back.
 */
export function addInvoice(
  history: InvoiceHistory,
  invoice: HistoryInvoice,
  origin: "listing" | "change" = "listing",
): void {
  const key = digest(invoice.id);
  if (history.invoices.includes(key)) return;
  const before = history.pending.find((one) => one.key === key);
  const back = before && COURSE.indexOf(invoice.status) < COURSE.indexOf(before.status);
  if (origin === "listing" && back && !FINAL.has(invoice.status)) return;
  history.pending = without(history.pending, key);
  history.unread = without(history.unread, key);
  if (!FINAL.has(invoice.status)) {
    const { status, uncollectibleAt, lines } = invoice;
    history.pending = history.pending.concat({ key, status, uncollectibleAt, lines });
    return;
  }
  // A list that is joined keeps no room for more, as one that grows does.
  history.invoices = history.invoices.concat(key);
  for (const line of invoice.lines) {
    const { from, to } = line.period;
    const run = history.runs.find((one) => alike(one.line, line));
    if (run) run.periods = run.periods.concat(from, to);
    else history.runs = history.runs.concat({ line, periods: [from, to] });
  }
}

/** Notes an invoice that cannot be read, made `at` (Unix seconds). */
export function addUnread(history: InvoiceHistory, id: string, at: number): void {
  const key = digest(id);
  if (history.invoices.includes(key)) return;
  history.pending = without(history.pending, key);
  history.unread = without(history.unread, key).concat({ key, at });
}

/** When the invoices were made that cannot be read, Unix seconds. */
export function unreadIn({ unread }: InvoiceHistory): readonly number[] {
  return unread.map(({ at }) => at).sort((a, b) => a - b);
}

/** When the newest of the invoices that were given up was given up, Unix seconds. */
export function givenUpAt({ pending }: InvoiceHistory): number | null {
  return pending.reduce<number | null>(
    (latest, { uncollectibleAt }) =>
      uncollectibleAt === null ? latest : Math.max(latest ?? 0, uncollectibleAt),
    null,
  );
}

/** Every line, in no particular order. */
export function linesOf({ runs, pending }: InvoiceHistory): InvoiceLine[] {
  const lines = runs.flatMap(({ line, periods }) =>
    Array.from({ length: periods.length / 2 }, (_, index) => ({
      ...line,
      period: { from: periods[2 * index]!, to: periods[2 * index + 1]! },
    }))
  );
  return pending.length === 0 ? lines : lines.concat(...pending.map((one) => one.lines));
}

function* linesIn({ runs, pending }: InvoiceHistory): Iterable<InvoiceLine> {
  for (const { line } of runs) yield line;
  for (const { lines } of pending) yield* lines;
}

/** Ids of the prices on its lines, some more than once. */
export function pricesOn(history: InvoiceHistory): string[] {
  return [...linesIn(history)].map(({ price }) => price);
}

/** Discounts on its lines, some more than once. */
export function discountsOn(history: InvoiceHistory): Discount[] {
  return [...linesIn(history)].flatMap((line) => [...line.sharedDiscounts, ...line.itemDiscounts]);
}
