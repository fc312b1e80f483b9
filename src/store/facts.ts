/**
 * What a store knows beside a subscription that its value depends on.
 *
 * @module
 */
import type { MrrFacts } from "../metrics/mrr.ts";
import type { Subscription } from "../metrics/types.ts";
import type { SourceView } from "./port.ts";

export function factsOf(view: SourceView, sub: Subscription): MrrFacts {
  return {
    coupon: view.coupon,
    price: view.price,
    customerDiscount: view.customerDiscount(sub.customer) ?? null,
    pastDueSince: view.pastDueSince(sub.id),
    inclusiveTaxPercent: view.inclusiveTax(sub.id),
  };
}
