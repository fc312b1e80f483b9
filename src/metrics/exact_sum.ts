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

/** There is one for each day, currency and kind of movement: its functions are shared. */
class NumeratorSum implements ExactSum {
  readonly #numerators = new Map<bigint, bigint>();
  #known: Rational | null = ZERO;

  #change(n: bigint, d: bigint): void {
    const next = (this.#numerators.get(d) ?? 0n) + n;
    if (next === 0n) this.#numerators.delete(d);
    else this.#numerators.set(d, next);
    this.#known = null;
  }

  add({ n, d }: Rational): void {
    this.#change(n, d);
  }

  subtract({ n, d }: Rational): void {
    this.#change(-n, d);
  }

  total(): Rational {
    if (this.#known) return this.#known;
    let total = ZERO;
    for (const [d, n] of this.#numerators) total = add(total, rational(n, d));
    return this.#known = total;
  }
}

export function createExactSum(): ExactSum {
  return new NumeratorSum();
}
