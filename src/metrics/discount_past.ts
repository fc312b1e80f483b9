/**
 * Since when and until when discounts were in force, as renewals and the live object tell
 * (metrics.md B.6 step 2.4). A discount carries its own start and end; when one was taken away
 * before its end, nothing says.
 *
 * @module
 */
import type { MrrOptions } from "./options.ts";
import type { Coupon, Discount } from "./types.ts";

/** The discounts that a renewal, or the live object, had. */
export interface DiscountsSeen {
  /** Unix seconds. */
  readonly at: number;
  readonly discounts: readonly Discount[];
}

/** A discount in force in [from, to), Unix seconds; `to` is null while it lasts. */
export interface DiscountSpan {
  readonly discount: Discount;
  readonly from: number;
  readonly to: number | null;
  /** From here to its end it may have been gone already; `null` where its end is known. */
  readonly doubtedFrom: number | null;
}

interface Rules {
  readonly options: MrrOptions;
  coupon(discount: Discount): Coupon | undefined;
}

function spanOf(
  id: string,
  seen: readonly DiscountsSeen[],
  live: DiscountsSeen | null,
  { options, coupon }: Rules,
): DiscountSpan {
  const all = live ? [...seen, live] : seen;
  const has = ({ discounts }: DiscountsSeen) => discounts.some((one) => one.id === id);
  const first = all.findIndex(has);
  const last = all.findLastIndex(has);
  const discount = all[last]!.discounts.find((one) => one.id === id)!;
  const before = all[first - 1]?.at ?? -Infinity;
  // On an invoice it was applied, whatever second it began in.
  const from = discount.start > before ? Math.min(discount.start, all[first]!.at) : all[first]!.at;
  const next = all[last + 1]?.at ?? null;
  const { end } = discount;
  const span = { discount, from, doubtedFrom: null };
  if (next === null || (end !== null && end <= next)) return { ...span, to: end };
  if (coupon(discount)?.duration !== "once") {
    return { ...span, to: next, doubtedFrom: all[last]!.at };
  }
  // Stripe takes it off once its invoice is made; where it is subtracted, that period has it.
  return { ...span, to: options.subtractOnce ? next : all[last]!.at };
}

/**
 * The spans of every discount that was seen.
 *
 * @param seen What renewals had, oldest first.
 * @param live What the object has now; `null` where it tells nothing more.
 */
export function discountSpans(
  seen: readonly DiscountsSeen[],
  live: DiscountsSeen | null,
  rules: Rules,
): readonly DiscountSpan[] {
  const all = live ? [...seen, live] : seen;
  const ids = new Set(all.flatMap(({ discounts }) => discounts.map(({ id }) => id)));
  return [...ids].map((id) => spanOf(id, seen, live, rules));
}

/** The discounts in force at a moment, each as if without start and end of its own. */
export function discountsAt(spans: readonly DiscountSpan[], at: number): readonly Discount[] {
  return spans.filter(({ from, to }) => from <= at && (to === null || at < to))
    .map(({ discount }) => ({ ...discount, start: 0, end: null }));
}
