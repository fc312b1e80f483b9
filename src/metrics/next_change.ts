/**
 * When a value changes although nobody does anything (metrics.md A.10).
 *
 * @module
 */
import { type MrrFacts, NO_FACTS } from "./mrr.ts";
import type { MrrOptions } from "./options.ts";
import type { Discount, Subscription } from "./types.ts";

const DAY_SECONDS = 86_400;

/**
 * The next moment after `at` (Unix seconds) at which the MRR may change although nobody did
 * anything, or `null` (metrics.md A.10).
 */
export function nextChangeAt(
  sub: Subscription,
  at: number,
  options: MrrOptions,
  facts: MrrFacts = NO_FACTS,
): number | null {
  let next: number | null = null;
  function consider(time: number | null | undefined): void {
    if (time != null && time > at && (next === null || time < next)) next = time;
  }
  function considerDiscounts(discounts: readonly Discount[]): void {
    for (const { start, end } of discounts) {
      consider(start);
      consider(end);
    }
  }
  considerDiscounts(sub.discounts);
  if (facts.customerDiscount) considerDiscounts([facts.customerDiscount]);
  consider(sub.pause?.resumesAt);
  for (const { trial, discounts } of sub.items) {
    consider(trial?.start);
    consider(trial?.end);
    considerDiscounts(discounts);
  }
  if (typeof options.pastDue === "object" && facts.pastDueSince !== undefined) {
    // The limit is passed in the second after the last one that still counts.
    consider(facts.pastDueSince + options.pastDue.maxDays * DAY_SECONDS + 1);
  }
  return next;
}
