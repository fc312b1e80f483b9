/**
 * Inclusive tax, which is in the price but is not revenue (metrics.md A.6).
 *
 * @module
 */
import { type Issue } from "./amount.ts";
import type { PriceFace } from "./types.ts";
import { add, divide, ONE, type Rational, rational, ZERO } from "./rational.ts";
import type { Item, Subscription } from "./types.ts";

/** What a gross amount of the item is divided by: 1 + the sum of its inclusive rates. */
export function taxDivisor(
  sub: Subscription,
  item: Item,
  face: PriceFace,
  automaticPercent: Rational | undefined,
  report: (issue: Issue) => void,
): Rational {
  if (sub.automaticTax) {
    if (!face.taxInclusive) return ONE;
    if (!automaticPercent) {
      report("inclusive_tax_unknown");
      return ONE;
    }
    return add(ONE, divide(automaticPercent, rational(100)));
  }
  const rates = item.taxRates.length > 0 ? item.taxRates : sub.defaultTaxRates;
  let percent = ZERO;
  for (const rate of rates) if (rate.inclusive) percent = add(percent, rate.percentage);
  return add(ONE, divide(percent, rational(100)));
}
