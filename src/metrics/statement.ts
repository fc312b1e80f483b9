/**
 * What the invoice lines of one item with one start say of it (metrics.md B.6 step 2.3).
 *
 * @module
 */
import { type Held, type HistoryLine, isDraft } from "./history_line.ts";
import { add, compare, equal, negate, ONE, type Rational, subtract, sum } from "./rational.ts";

/** How lines are read: the options that hold in the past too (metrics.md B.6 step 2.5). */
export interface Reading {
  /** Periods whose collection was paused count. */
  readonly pausesCount: boolean;
  /** Drafts that were never finalised are of a pause that takes MRR to 0. */
  readonly draftsPause: (line: HistoryLine) => boolean;
  /** Lines of a free trial hold like others. */
  readonly trialsCount: boolean;
  /** Whether lines are of a free trial: worth 0 although their price is not free. */
  readonly isTrial: (lines: Held) => boolean;
}

export type Statement =
  /** From the start to `to` the item is what the lines say. */
  | { readonly kind: "held"; readonly held: Held; readonly to: number }
  /** It is worth 0 from the start to `to`. */
  | { readonly kind: "trial" | "paused" | "ended"; readonly to: number }
  /** What was undone in the same second: it is what it was, at least to `to`. */
  | { readonly kind: "same"; readonly to: number };

function endOf(lines: readonly HistoryLine[]): number {
  return Math.max(...lines.map(({ period }) => period.to));
}

/** How much an invoice says that its period was sold: the first of these wins. */
function rankOf({ invoiceStatus, paused }: HistoryLine): number {
  if (paused) return 4;
  return ["paid", "open", "uncollectible", "void"].indexOf(invoiceStatus);
}

/** Whether two renewals state the same, on two invoices. */
function sameRenewal(a: HistoryLine, b: HistoryLine): boolean {
  return !a.proration && !b.proration && a.price === b.price && a.quantity === b.quantity &&
    a.period.to === b.period.to && equal(a.amount, b.amount);
}

/**
 * Without what another invoice stands for: one that was voided, written off or closed by a pause and
 * made anew, and one that was made twice.
 */
function withoutReplaced(lines: readonly HistoryLine[]): readonly HistoryLine[] {
  return lines.filter((line, index) => {
    const rank = rankOf(line);
    const alike = lines.filter((other) =>
      other !== line && other.proration === line.proration && other.credit === line.credit
    );
    const given = line.proration ? line.invoiceStatus === "void" && !line.paused : rank >= 2;
    if (given && alike.some((other) => rankOf(other) < Math.min(rank, line.proration ? 3 : 2))) {
      return false;
    }
    return !alike.some((other) =>
      sameRenewal(line, other) &&
      (rankOf(other) < rank || (rankOf(other) === rank && lines.indexOf(other) < index))
    );
  });
}

function near(a: Rational, b: Rational): boolean {
  const difference = subtract(a, b);
  return compare(difference.n < 0n ? negate(difference) : difference, ONE) <= 0;
}

/** Whether a credit takes back a line as a whole, before or after its discounts. */
function takesBack(credit: HistoryLine, line: HistoryLine): boolean {
  if (credit.price !== line.price || credit.quantity !== line.quantity) return false;
  const back = negate(credit.amount);
  if ((back.n === 0n) !== (line.amount.n === 0n)) return false;
  const off = sum(line.discounts.map(({ amount }) => amount));
  const given = sum(credit.discounts.map(({ amount }) => amount));
  return near(back, line.amount) || near(back, subtract(line.amount, off)) ||
    near(add(back, given), subtract(line.amount, off));
}

/** Debits and renewals without those that credits of the same second take back, and whether the
 * credits end what ran. */
function settle(lines: readonly HistoryLine[]) {
  const credits = lines.filter(({ credit }) => credit);
  const standing = lines.filter(({ credit }) => !credit)
    // A proration is taken back rather than a renewal.
    .sort((a, b) => Number(b.proration) - Number(a.proration));
  const ending = credits.filter((credit) => {
    const back = standing.findIndex((line) => takesBack(credit, line));
    const [taken] = back < 0 ? [] : standing.splice(back, 1);
    // A renewal that is taken back was what ran; a debit came and went in that second.
    return taken === undefined || !taken.proration;
  });
  return { standing, credited: ending.length > 0 };
}

/**
 * What lines of one item that begin together say, in whatever order; `null` where they say nothing
 * (only drafts).
 *
 * A debit holds from there on, before a renewal of the same second; a credit without one ends the
 * item; what cancels out in that second changes nothing.
 */
export function statementOf(lines: readonly HistoryLine[], reading: Reading): Statement | null {
  const stated = withoutReplaced(lines.filter((line) => !isDraft(line)));
  if (stated.length === 0) {
    const kept = lines.filter((line) => !line.proration && reading.draftsPause(line));
    return kept.length > 0 ? { kind: "paused", to: endOf(kept) } : null;
  }
  const counted = reading.pausesCount ? stated : stated.filter(({ paused }) => !paused);
  if (counted.length === 0) return { kind: "paused", to: endOf(stated) };
  const { standing, credited } = settle(counted);
  if (standing.length === 0) return { kind: credited ? "ended" : "same", to: endOf(counted) };
  const debits = standing.filter(({ proration }) => proration);
  const held = debits.length > 0 ? debits : standing;
  return !reading.trialsCount && reading.isTrial(held)
    ? { kind: "trial", to: endOf(held) }
    : { kind: "held", held, to: endOf(held) };
}
