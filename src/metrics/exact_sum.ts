/**
 * A running sum of many fractions: one whole numerator per denominator. There are few
 * denominators (12, 60, …), so adding costs one integer addition and no reduction
 * (metrics.md A.8).
 *
 * @module
 */
import { add, type Rational, rational, ZERO } from "./rational.ts";

export interface ExactSum {
  add(value: Rational): void;
  subtract(value: Rational): void;
  /** The exact total, in lowest terms; worked out once after each change. */
  total(): Rational;
}

export function createExactSum(): ExactSum {
  const numerators = new Map<bigint, bigint>();
  let known: Rational | null = ZERO;
  function change(n: bigint, d: bigint): void {
    const next = (numerators.get(d) ?? 0n) + n;
    if (next === 0n) numerators.delete(d);
    else numerators.set(d, next);
    known = null;
  }
  return {
    add: (value) => change(value.n, value.d),
    subtract: (value) => change(-value.n, value.d),
    total() {
      if (known) return known;
      let total = ZERO;
      for (const [d, n] of numerators) total = add(total, rational(n, d));
      return known = total;
    },
  };
}
