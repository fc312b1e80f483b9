/**
 * The past of one subscription item, read from its invoice lines (metrics.md B.6 step 2).
 *
 * @module
 */
import { type Held, type HistoryLine, isDraft } from "./history_line.ts";
import type { Rational } from "./rational.ts";
import type { Quality, SegmentLine } from "./segments.ts";
import { type Reading, type Statement, statementOf } from "./statement.ts";

/** What lines are worth. */
export interface Worth {
  /** Minor units a month, net of tax and discounts; `null` where their price is not known. */
  readonly exact: Rational | null;
  /** Units that the lines charge. */
  readonly quantity: bigint;
  /** The lines and their price do not agree: the value follows from amounts alone. */
  readonly doubted: boolean;
}

/** Values what ran at a moment. */
export interface Valuer {
  /** A worth for each of `running`, in its order. */
  worth(running: readonly Held[], at: number): readonly Worth[];
  /** Whether the price of lines costs nothing, or is metered; `null` where it is not known. */
  isFree(lines: Held): boolean | null;
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
export function lineOf(held: Held, exact: Rational, quantity: bigint): SegmentLine {
  const { item, price, product, interval, intervalCount } = held[0]!;
  return { item, price, product, interval, intervalCount, quantity, exact };
}

function sameTerms(a: Held, b: Held): boolean {
  return a[0]!.price === b[0]!.price && quantityOf(a) === quantityOf(b);
}

/** Whether lines on drafts lie between two moments: not a statement about the value yet. */
function drafted(lines: readonly HistoryLine[], from: number, to: number): boolean {
  return lines.some((line) => isDraft(line) && line.period.from < to && line.period.to > from);
}

/** What is known of an item beside its lines. */
export interface ItemGaps {
  /** When invoices were made that cannot be read, Unix seconds. */
  readonly unread: readonly number[];
}

/** The stretches while they are made: the last one can still change. */
function createStretches(item: string, lines: readonly HistoryLine[], { unread }: ItemGaps) {
  const made: ItemStretch[] = [];
  let paused = false;

  function doubtLast(): void {
    const last = made.at(-1);
    if (last) made[made.length - 1] = { ...last, quality: "inferred" };
  }

  /** Fills the time that only drafts or unreadable invoices cover with what was before. */
  function fillTo(from: number): void {
    const last = made.at(-1);
    if (!last || last.to >= from || last.held.length === 0) return;
    const covered = drafted(lines, last.to, from) ||
      unread.some((at) => at >= last.to && at < from);
    if (covered) made.push({ ...last, from: last.to, to: from, quality: "inferred" });
  }

  /**
   * What cannot be known is `inferred` (metrics.md B.6 step 2.6 and limits): a change that shows at
   * a renewal was made some time within the period before; so did a pause begin and end.
   */
  function put(from: number, said: Exclude<Statement, { kind: "same" }>): void {
    const held = said.kind === "held" ? said.held : [];
    const last = made.at(-1);
    const renewed = last !== undefined && last.to <= from && held.some((line) => !line.proration);
    const changed = renewed && last.held.length > 0 && !sameTerms(last.held, held);
    if (changed || (said.kind === "paused") !== paused) doubtLast();
    if (last && last.to > from) made.push({ ...made.pop()!, to: from });
    made.push({ item, from, to: said.to, held, quality: changed ? "inferred" : "invoice" });
    paused = said.kind === "paused";
  }

  return {
    made,
    add(from: number, said: Statement): void {
      fillTo(from);
      if (said.kind !== "same") return put(from, said);
      const last = made.at(-1);
      if (last && last.to >= from) made.push({ ...made.pop()!, to: Math.max(last.to, said.to) });
    },
  };
}

/** Marks what holds at the time of an invoice that cannot be read, until the next statement. */
function markUnread(stretches: readonly ItemStretch[], { unread }: ItemGaps): ItemStretch[] {
  return stretches.flatMap((stretch) => {
    const at = unread.find((time) => time >= stretch.from && time < stretch.to);
    if (at === undefined || stretch.quality === "inferred") return [stretch];
    const doubted: ItemStretch = { ...stretch, from: at, quality: "inferred" };
    return at === stretch.from ? [doubted] : [{ ...stretch, to: at }, doubted];
  });
}

/**
 * The stretches of one item in time order, none overlapping another: a later start ends what
 * runs. Where no line covers it the item is worth nothing; a paused period or a trial is a hole.
 *
 * @param lines Of one item, none of zero length.
 */
export function itemStretches(
  lines: readonly HistoryLine[],
  reading: Reading,
  gaps: ItemGaps,
): readonly ItemStretch[] {
  const ordered = [...lines].sort(inOrder);
  const stretches = createStretches(ordered[0]?.item ?? "", ordered, gaps);
  for (const [from, ofStart] of Map.groupBy(ordered, ({ period }) => period.from)) {
    const said = statementOf(ofStart, reading);
    if (said) stretches.add(from, said);
  }
  return markUnread(stretches.made, gaps);
}
