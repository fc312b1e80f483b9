/**
 * Minor units as Stripe's API has them (metrics.md A.7). The runtime's own currency tables
 * disagree for some twenty currencies by a factor of 10 or 100, so they are not asked.
 *
 * @module
 */
import { multiply, type Rational, rational } from "./rational.ts";

const ZERO_DECIMALS = new Set(
  "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(" "),
);
const THREE_DECIMALS = new Set("bhd jod kwd omr tnd".split(" "));
/** Two decimals in the API, shown with none: 5 ISK is 500 there. */
const SHOWN_WHOLE = new Set(["isk", "ugx"]);

/** Decimals of the API's minor unit: usd 2, jpy 0, kwd 3. `currency` in lower case. */
export function exponentOf(currency: string): number {
  return ZERO_DECIMALS.has(currency) ? 0 : THREE_DECIMALS.has(currency) ? 3 : 2;
}

/** Decimals to show: as `exponentOf`, but 0 for isk and ugx. */
export function displayDigitsOf(currency: string): number {
  return SHOWN_WHOLE.has(currency) ? 0 : exponentOf(currency);
}

/**
 * Converts an amount in minor units of `from` to minor units of `to`. `rate` is what one major
 * unit of `from` is worth in major units of `to` (metrics.md A.9).
 */
export function convert(amount: Rational, from: string, to: string, rate: Rational): Rational {
  const shift = exponentOf(to) - exponentOf(from);
  const scale = shift >= 0 ? rational(10n ** BigInt(shift)) : rational(1n, 10n ** BigInt(-shift));
  return multiply(multiply(amount, rate), scale);
}
