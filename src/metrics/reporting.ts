/**
 * A value in the reporting currency (metrics.md A.9).
 *
 * @module
 */
import { convert } from "./currency.ts";
import type { MrrResult } from "./mrr.ts";
import { multiply, ONE, type Rational } from "./rational.ts";

/** Rates into one currency: what one major unit of a currency is worth in `to`. */
export interface Rates {
  readonly to: string;
  readonly rates: Readonly<Record<string, Rational>>;
}

/** The result in the reporting currency; unresolved without a rate, never at 1.0 (A.9). */
export function convertResult(result: MrrResult, { to, rates }: Rates): MrrResult {
  if (result.kind === "unresolved" || result.currency === to) return result;
  const rate = rates[result.currency];
  if (!rate) return { kind: "unresolved", issues: ["fx_rate_missing"] };
  const factor = convert(ONE, result.currency, to, rate);
  return {
    ...result,
    currency: to,
    amount: multiply(result.amount, factor),
    lines: result.lines.map((line) => ({
      ...line,
      gross: multiply(line.gross, factor),
      discounted: multiply(line.discounted, factor),
      amount: multiply(line.amount, factor),
    })),
  };
}
