/**
 * The past of one subscription item, read from its invoice lines (metrics.md B.6 step 2).
 *
 * @module
 */
import { monthlyFactor, spanOf } from "./interval.ts";
import type { MrrOptions } from "./options.ts";
import {
  equal,
  multiply,
  negate,
  type Rational,
  rational,
  subtract,
  sum,
  ZERO,
} from "./rational.ts";
import type { Quality, SegmentLine } from "./segments.ts";

/** A discount as an invoice line carries it: what it took off, in minor units. */
export interface LineDiscount {
  readonly amount: Rational;
  /** `coupon.duration`: forever, repeating, once. */
  readonly duration: string;
}

/** A line of an invoice that belongs to a subscription item, slim. Amounts are minor units. */
export interface HistoryLine {
  readonly item: string;
  readonly price: string;
  readonly product: string;
  readonly quantity: bigint;
  readonly interval: string;
  readonly intervalCount: number;
  /** The service period [from, to) in Unix seconds. */
  readonly period: { readonly from: number; readonly to: number };
  readonly proration: boolean;
  /** A proration that gives back: below 0, or naming the lines that it credits. */
  readonly credit: boolean;
  /** Before discounts; below 0 for a credit. */
  readonly amount: Rational;
  readonly discounts: readonly LineDiscount[];
  /** Tax within `amount`. */
  readonly inclusiveTax: Rational;
  /** draft, open, paid, uncollectible, void. */
  readonly invoiceStatus: string;
}

/** The lines that hold for an item: one, or several where its price is tiered; none in a hole. */
export type Held = readonly HistoryLine[];

/** Values what ran at a moment, in minor units a month net of tax and of discounts. */
export interface Valuer {
  /** A value for each of `running`, in its order; `null` where its price is not known. */
  worth(running: readonly Held[], at: number): readonly (Rational | null)[];
  /** Moments at which values change between two lines: a discount begins or ends. Unix seconds. */
  readonly turns: readonly number[];
  /** Whether a discount may have gone by then already: nothing says when it went. */
  doubtful(at: number): boolean;
}

/** What an item had in [from, to). `held` is empty where it was worth nothing. */
export interface ItemStretch {
  readonly item: string;
  readonly from: number;
  readonly to: number;
  readonly held: Held;
  readonly quality: Quality;
}

/** Invoices whose lines count (B.6 step 2.2). */
export const COUNTED: ReadonlySet<string> = new Set(["paid", "open", "uncollectible"]);

/** Seconds of the whole interval that ends where the lines end (a prorated one began earlier). */
function fullSeconds({ interval, intervalCount, period }: HistoryLine): number {
  const span = spanOf(interval, intervalCount);
  if (!span) return period.to - period.from;
  const end = Temporal.Instant.fromEpochMilliseconds(period.to * 1000).toZonedDateTimeISO("UTC");
  const length = span.base === "month" ? { months: span.length } : { days: span.length };
  return period.to - end.subtract(length).epochMilliseconds / 1000;
}

/**
 * The monthly value of lines by what they charged: amount net of tax and of the discounts that
 * count, a prorated one × full period / prorated period (B.6 step 2.3).
 */
export function valueByAmounts(lines: readonly HistoryLine[], options: MrrOptions): Rational {
  return sum(lines.map((line) => {
    const span = spanOf(line.interval, line.intervalCount);
    const { from, to } = line.period;
    if (!span || to <= from) return ZERO;
    const off = line.discounts.filter(({ duration }) =>
      duration === "forever" || (duration === "repeating" && options.subtractRepeating) ||
      (duration === "once" && options.subtractOnce)
    );
    const tax = options.inclusiveTax === "deduct" ? line.inclusiveTax : ZERO;
    const net = subtract(line.amount, sum([tax, ...off.map(({ amount }) => amount)]));
    const charged = net.n > 0n ? net : ZERO;
    const full = line.proration ? rational(fullSeconds(line), to - from) : rational(1);
    return multiply(multiply(charged, full), monthlyFactor(span, options));
  }));
}

/** Debits without those that a credit of the same size takes back in the same second. */
function standing(lines: readonly HistoryLine[]): readonly HistoryLine[] {
  const credits = lines.filter(({ proration, credit }) => proration && credit);
  return lines.filter((line) => {
    if (!line.proration || line.credit) return false;
    const back = credits.findIndex((credit) =>
      credit.price === line.price && credit.quantity === line.quantity &&
      equal(negate(credit.amount), line.amount)
    );
    if (back < 0) return true;
    credits.splice(back, 1);
    return false;
  });
}

interface Verdict {
  readonly held: Held;
  readonly to: number;
  /** Its invoice was voided: nobody says since when and until when it was worth nothing. */
  readonly voided: boolean;
}

/** What the lines of one start say: the lines that hold from there, none for an end or a hole. */
function verdict(lines: readonly HistoryLine[]): Verdict | null {
  const counted = lines.filter(({ invoiceStatus }) => COUNTED.has(invoiceStatus));
  const debits = standing(counted);
  const regular = counted.filter(({ proration }) => !proration);
  const held = debits.length > 0 ? debits : regular;
  const voided = held.length === 0 && counted.length === 0;
  const ended = held.length > 0
    ? held
    : counted.length > 0
    ? counted
    : lines.filter((line) => line.invoiceStatus === "void" && !line.proration);
  if (ended.length === 0) return null;
  return { held, to: Math.max(...ended.map(({ period }) => period.to)), voided };
}

/** Whether lines on drafts lie between two moments: not a statement about the value yet. */
function drafted(lines: readonly HistoryLine[], from: number, to: number): boolean {
  return lines.some(({ invoiceStatus, period }) =>
    invoiceStatus === "draft" && period.from < to && period.to > from
  );
}

/** Lines in an order that does not depend on the order in which they were read. */
function inOrder(a: HistoryLine, b: HistoryLine): number {
  const key = (line: HistoryLine) =>
    [
      line.price,
      line.product,
      line.quantity,
      line.interval,
      line.intervalCount,
      line.period.to,
      line.proration,
      line.amount.n,
      line.invoiceStatus,
    ].join(" ");
  return a.period.from - b.period.from || (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}

function quantityOf(held: Held): bigint {
  return held.reduce((total, { quantity }) => total + quantity, 0n);
}

/** The line of a segment that lines on invoices stand for. */
export function lineOf(held: Held, exact: Rational): SegmentLine {
  const { item, price, product, interval, intervalCount } = held[0]!;
  return { item, price, product, interval, intervalCount, quantity: quantityOf(held), exact };
}

function sameTerms(a: Held, b: Held): boolean {
  return a[0]!.price === b[0]!.price && quantityOf(a) === quantityOf(b);
}

/**
 * The stretches of one item in time order, none overlapping another: a later start ends what
 * runs. Where no line covers it the item is worth nothing; a void period is such a hole.
 *
 * What cannot be known is `inferred` (B.6 step 5 and limits): a change that shows at a renewal
 * was made some time within the period before; the periods in which a hole began and ended; a
 * time that only drafts cover.
 */
export function itemStretches(lines: readonly HistoryLine[]): readonly ItemStretch[] {
  const starts = Map.groupBy([...lines].sort(inOrder), ({ period }) => period.from);
  const stretches: ItemStretch[] = [];
  let inVoid = false;
  const doubtLast = () => {
    const last = stretches.at(-1);
    if (last) stretches[stretches.length - 1] = { ...last, quality: "inferred" };
  };
  for (const [from, ofStart] of starts) {
    const found = verdict(ofStart);
    if (!found || found.to <= from) continue;
    const { held, to, voided } = found;
    const { item } = ofStart[0]!;
    let last = stretches.at(-1);
    if (last && last.to < from && last.held.length > 0 && drafted(lines, last.to, from)) {
      last = { ...last, from: last.to, to: from, quality: "inferred" };
      stretches.push(last);
    }
    const renewed = last !== undefined && last.to <= from && held.some((line) => !line.proration);
    const changed = renewed && last!.held.length > 0 && !sameTerms(last!.held, held);
    if (changed || voided !== inVoid) doubtLast();
    if (last && last.to > from) stretches.push({ ...stretches.pop()!, to: from });
    stretches.push({ item, from, to, held, quality: changed ? "inferred" : "invoice" });
    inVoid = voided;
  }
  return stretches;
}
