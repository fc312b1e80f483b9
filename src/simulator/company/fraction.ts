/** Exact fractions for the company's own books; the product has its own, and neither knows the other. */

export interface Fraction {
  readonly n: bigint;
  /** Always positive. */
  readonly d: bigint;
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
}

export function fraction(n: bigint, d = 1n): Fraction {
  const shared = gcd(n, d);
  return shared <= 1n ? { n, d } : { n: n / shared, d: d / shared };
}

export const ZERO: Fraction = { n: 0n, d: 1n };

/** Reads a number's or decimal's text: "12.5" is 25/2. */
export function parse(value: number | string): Fraction {
  const [whole = "0", decimals = ""] = String(value).split(".");
  return fraction(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
}

export function add(a: Fraction, b: Fraction): Fraction {
  return fraction(a.n * b.d + b.n * a.d, a.d * b.d);
}

export function subtract(a: Fraction, b: Fraction): Fraction {
  return fraction(a.n * b.d - b.n * a.d, a.d * b.d);
}

export function multiply(a: Fraction, b: Fraction): Fraction {
  return fraction(a.n * b.n, a.d * b.d);
}

export function divide(a: Fraction, b: Fraction): Fraction {
  return b.n < 0n ? fraction(-a.n * b.d, -a.d * b.n) : fraction(a.n * b.d, a.d * b.n);
}

export function isLess(a: Fraction, b: Fraction): boolean {
  return a.n * b.d < b.n * a.d;
}

/** Half away from zero (metrics.md A.8). */
export function round({ n, d }: Fraction): number {
  const half = ((n < 0n ? -n : n) * 2n + d) / (2n * d);
  return Number(n < 0n ? -half : half);
}

/** `5000/3`, and `2900` for a whole number. */
export function text({ n, d }: Fraction): string {
  return d === 1n ? `${n}` : `${n}/${d}`;
}
