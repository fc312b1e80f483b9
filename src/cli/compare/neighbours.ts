/**
 * Whether a month that differs is explained by the months beside it.
 *
 * @module
 */
import { add, equal, type Rational, round, subtract, ZERO } from "../../metrics/rational.ts";
import { cellKey, type CustomerMonths, monthAfter } from "./customer_months.ts";
import type { ExportKind } from "./export_file.ts";

/** Our books and a file, by the same keys. */
export interface Sides {
  readonly kind: ExportKind;
  readonly here: CustomerMonths;
  readonly there: CustomerMonths;
  /** The first and the last month that the file tells of. */
  readonly told: { readonly from: string; readonly to: string };
}

/** One customer's month. */
export interface Cell {
  readonly customer: string;
  readonly currency: string;
  readonly month: string;
}

/** Both are the same number of whole minor units. */
export function agree(a: Rational, b: Rational): boolean {
  return equal(a, b) || round(a) === round(b);
}

interface Around {
  /** The file's value of so many months later; `null` where it does not tell. */
  there(months: number): Rational | null;
  here(months: number): Rational;
}

function around({ here, there, told }: Sides, { customer, currency, month }: Cell): Around {
  const keyOf = (months: number) => cellKey(customer, currency, monthAfter(month, months));
  return {
    here: (months) => here.get(keyOf(months)) ?? ZERO,
    there(months) {
      const at = monthAfter(month, months);
      return at < told.from || at > told.to ? null : there.get(keyOf(months)) ?? ZERO;
    },
  };
}

/** What changed within two months one after the other, here and there. */
interface Pair {
  readonly here: readonly [Rational, Rational];
  readonly there: readonly [Rational, Rational];
}

/** The levels before, at and after: their changes, where the level before is the same. */
function pairOfLevels({ here, there }: Around): Pair | null {
  const [before, at, after] = [there(-1), there(0), there(1)];
  if (!before || !at || !after || !agree(here(-1), before)) return null;
  return {
    here: [subtract(here(0), here(-1)), subtract(here(1), here(0))],
    there: [subtract(at, before), subtract(after, at)],
  };
}

/** The changes of the months that begin so many months later. */
function pairOfChanges({ here, there }: Around, months: number): Pair | null {
  const [first, second] = [there(months), there(months + 1)];
  if (!first || !second) return null;
  return { here: [here(months), here(months + 1)], there: [first, second] };
}

/** The same change over two months, which there is whole in one of them. */
function isSameChange({ here, there }: Pair): boolean {
  const sum = add(there[0], there[1]);
  return !agree(sum, ZERO) && agree(add(here[0], here[1]), sum) &&
    (agree(there[0], ZERO) || agree(there[1], ZERO));
}

/**
 * Whether the file dates a change a month earlier or later than our books: over the two months
 * together both change by the same. A month that is merely wrong beside others that agree is none.
 */
export function isMoved(sides: Sides, cell: Cell): boolean {
  const near = around(sides, cell);
  const pairs = sides.kind === "level"
    ? [pairOfLevels(near)]
    : [pairOfChanges(near, -1), pairOfChanges(near, 0)];
  return pairs.some((pair) => pair !== null && isSameChange(pair));
}

/** Whether a level differs alone: ours is the same before and after, and there as here. */
export function isLone(sides: Sides, cell: Cell): boolean {
  if (sides.kind !== "level") return false;
  const { here, there } = around(sides, cell);
  const [before, after] = [there(-1), there(1)];
  return before !== null && agree(before, here(0)) && agree(here(-1), here(0)) &&
    agree(here(1), here(0)) && (after === null || agree(after, here(0)));
}
