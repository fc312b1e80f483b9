/**
 * A waterfall in whole minor units whose parts add up to its ends (metrics.md B.7).
 *
 * @module
 */
import {
  add,
  compare,
  format,
  negate,
  type Rational,
  rational,
  round,
  subtract,
  sum,
} from "./rational.ts";

/** In the order in which equal remainders are served. */
const PARTS = ["new", "expansion", "reactivation", "contraction", "churn", "fx"] as const;
type Part = typeof PARTS[number];

/** Minor units; contraction and churn as amounts above 0, fx with its sign. */
export type WaterfallParts<T> = Readonly<Record<"start" | Part, T>>;
export type Waterfall = WaterfallParts<bigint> & { readonly end: bigint };

function signed(part: Part, value: Rational): Rational {
  return part === "contraction" || part === "churn" ? negate(value) : value;
}

function floor({ n, d }: Rational): bigint {
  const whole = n / d;
  return n < 0n && whole * d !== n ? whole - 1n : whole;
}

/**
 * Rounds the ends half away from zero, and the parts so that start and signed parts add up to
 * end exactly: each is floored, the missing units go to the largest remainders. A part of
 * exactly 0 stays 0.
 *
 * @throws {RangeError} when start or end is below 0, which MRR never is.
 */
export function roundWaterfall(exact: WaterfallParts<Rational>): Waterfall {
  const parts = PARTS.map((part) => {
    const value = signed(part, exact[part]);
    const whole = floor(value);
    return { part, value, whole, remainder: subtract(value, rational(whole)) };
  });
  const exactEnd = add(exact.start, sum(parts.map(({ value }) => value)));
  if (exact.start.n < 0n || exactEnd.n < 0n) {
    throw new RangeError(
      `Cannot round waterfall as start and end must be >= 0: they are ${format(exact.start)} ` +
        `and ${format(exactEnd)}`,
    );
  }
  const start = round(exact.start);
  const end = round(exactEnd);
  const missing = end - start - parts.reduce((total, { whole }) => total + whole, 0n);
  const served = new Set(
    parts.filter(({ value }) => value.n !== 0n)
      .sort((a, b) => compare(b.remainder, a.remainder))
      .slice(0, Number(missing))
      .map(({ part }) => part),
  );
  const rounded = new Map<Part, bigint>(parts.map(({ part, whole }) => {
    const value = served.has(part) ? whole + 1n : whole;
    return [part, part === "contraction" || part === "churn" ? -value : value];
  }));
  const of = (part: Part) => rounded.get(part)!;
  return {
    start,
    new: of("new"),
    expansion: of("expansion"),
    reactivation: of("reactivation"),
    contraction: of("contraction"),
    churn: of("churn"),
    fx: of("fx"),
    end,
  };
}
