/**
 * Exact fractions. Every figure is summed as fractions and rounded once, half away from zero
 * (metrics.md A.8); no float ever holds an amount.
 *
 * @module
 */

/** A fraction in lowest terms; `d` is positive. Amounts are fractions of a minor unit. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

export const ZERO: Rational = { n: 0n, d: 1n };
export const ONE: Rational = { n: 1n, d: 1n };

function gcd(a: bigint, b: bigint): bigint {
  a = a < 0n ? -a : a;
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/**
 * Makes the fraction n/d in lowest terms.
 *
 * @throws {RangeError} when `d` is 0.
 */
export function rational(n: bigint | number, d: bigint | number = 1n): Rational {
  let num = BigInt(n);
  let den = BigInt(d);
  if (den === 0n) throw new RangeError("Cannot make a fraction as its denominator is 0");
  if (den === 1n) return { n: num, d: 1n };
  if (den < 0n) [num, den] = [-num, -den];
  const g = gcd(num, den);
  return g === 1n ? { n: num, d: den } : { n: num / g, d: den / g };
}

export function add(a: Rational, b: Rational): Rational {
  return a.d === b.d ? rational(a.n + b.n, a.d) : rational(a.n * b.d + b.n * a.d, a.d * b.d);
}

export function subtract(a: Rational, b: Rational): Rational {
  return add(a, negate(b));
}

export function negate(a: Rational): Rational {
  return { n: -a.n, d: a.d };
}

export function multiply(a: Rational, b: Rational): Rational {
  return rational(a.n * b.n, a.d * b.d);
}

/** @throws {RangeError} when `b` is 0. */
export function divide(a: Rational, b: Rational): Rational {
  return rational(a.n * b.d, a.d * b.n);
}

/** Negative, zero or positive as `a` is smaller than, equal to or greater than `b`. */
export function compare(a: Rational, b: Rational): number {
  const left = a.n * b.d;
  const right = b.n * a.d;
  return left < right ? -1 : left > right ? 1 : 0;
}

export function equal(a: Rational, b: Rational): boolean {
  return a.n === b.n && a.d === b.d;
}

export function minimum(a: Rational, b: Rational): Rational {
  return compare(a, b) <= 0 ? a : b;
}

export function sum(values: Iterable<Rational>): Rational {
  let total: Rational | null = null;
  // A sum of one is that one: of a hundred thousand subscriptions most have one line.
  for (const value of values) total = total ? add(total, value) : value;
  return total ?? ZERO;
}

/** Rounds to a whole number, half away from zero (metrics.md A.8). */
export function round(a: Rational): bigint {
  const magnitude = a.n < 0n ? -a.n : a.n;
  const rounded = (2n * magnitude + a.d) / (2n * a.d);
  return a.n < 0n ? -rounded : rounded;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

function parseDecimal(text: string): Rational | null {
  const match = NUMBER.exec(text);
  const digits = (match?.[2] ?? "") + (match?.[3] ?? "");
  if (!match || digits === "") return null;
  const exponent = Number(match[4] ?? 0) - (match[3]?.length ?? 0);
  const n = BigInt(match[1] + digits);
  return exponent >= 0
    ? rational(n * 10n ** BigInt(exponent))
    : rational(n, 10n ** BigInt(-exponent));
}

/**
 * Reads `"1234"`, `"-0.5"`, `"1e-7"` or `"13/3"` exactly. JSON numbers go through their text:
 * `parse(String(33.33))` is 3333/100, not the binary float beside it.
 *
 * @throws {TypeError} when the text is none of these.
 */
export function parse(text: string): Rational {
  const slash = text.indexOf("/");
  const above = parseDecimal(slash < 0 ? text : text.slice(0, slash));
  const below = slash < 0 ? ONE : parseDecimal(text.slice(slash + 1));
  if (!above || !below || below.n === 0n) {
    throw new TypeError(`Cannot read ${JSON.stringify(text)} as a number`);
  }
  return slash < 0 ? above : divide(above, below);
}

/** Writes `"2900"` for a whole number, `"2500/3"` for a fraction. */
export function format(a: Rational): string {
  return a.d === 1n ? String(a.n) : `${a.n}/${a.d}`;
}

/** The nearest float: for charts, sorting and ratios on screen, never for sums. */
export function toNumber(a: Rational): number {
  const direct = Number(a.n) / Number(a.d);
  if (Number.isFinite(direct)) return direct;
  return Number((a.n * 1_000_000n) / a.d) / 1_000_000;
}
