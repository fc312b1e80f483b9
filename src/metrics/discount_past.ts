/**
 * Since when and until when discounts were in force, as renewals and the live object tell
 * (metrics.md B.6 step 2.4). A discount carries its own start and end; when one was taken away
 * before its end, nothing says.
 *
 * @module
 */
import type { Coupon, Discount } from "./types.ts";

/** The discounts that a renewal, or the live object, had. */
export interface DiscountsSeen {
  /** Unix seconds. */
  readonly at: number;
  readonly discounts: readonly Discount[];
  /** The object has them, not an invoice. */
  readonly live?: boolean;
}

/** A discount in force in [from, to), Unix seconds; `to` is null while it lasts. */
export interface DiscountSpan {
  readonly discount: Discount;
  readonly from: number;
  readonly to: number | null;
  /** When it may have been in force or not: nothing tells when it came, or went. */
  readonly doubts: readonly { readonly from: number; readonly to: number }[];
}

interface Rules {
  coupon(discount: Discount): Coupon | undefined;
}

function has(id: string): (seen: DiscountsSeen) => boolean {
  return ({ discounts }) => discounts.some((one) => one.id === id);
}

/** The span of a discount that was seen at `all[first]` to `all[last]` without a break. */
function spanOf(
  id: string,
  all: readonly DiscountsSeen[],
  first: number,
  last: number,
  { coupon }: Rules,
): DiscountSpan {
  const seenFrom = all[first]!.at;
  const seenTo = all[last]!.at;
  const discount = all[last]!.discounts.find((one) => one.id === id)!;
  const { start, end } = discount;
  const before = all[first - 1]?.at ?? -Infinity;
  // On an invoice it was applied, whatever second it began in.
  const from = start > before ? Math.min(start, seenFrom) : seenFrom;
  const coming = from === seenFrom && start <= before ? [{ from: before, to: from }] : [];
  const next = all[last + 1]?.at ?? null;
  // Stripe takes it off with the invoice that uses it: only the object itself still shows one.
  if (coupon(discount)?.duration === "once" && !all[last]!.live) {
    return { discount, from, to: seenTo, doubts: [] };
  }
  if (next === null || (end !== null && end <= next)) {
    return { discount, from, to: end, doubts: coming };
  }
  return { discount, from, to: next, doubts: [...coming, { from: seenTo, to: next }] };
}

/** @param told What tells both which discounts there were and that there was no other. */
function spansOf(
  id: string,
  told: readonly DiscountsSeen[],
  between: readonly DiscountsSeen[],
  rules: Rules,
): DiscountSpan[] {
  const all = [...told, ...between.filter(has(id))].sort((a, b) => a.at - b.at);
  const present = all.map(has(id));
  return present.flatMap((there, first) => {
    if (!there || present[first - 1]) return [];
    const after = present.indexOf(false, first);
    return [spanOf(id, all, first, after < 0 ? all.length - 1 : after - 1, rules)];
  });
}

/**
 * The spans of every discount that was seen.
 *
 * @param seen What renewals had, oldest first.
 * @param between What was seen besides, where a discount that is missing may be there all the same.
 * @param live What the object has now; `null` where it tells nothing more.
 */
export function discountSpans(
  seen: readonly DiscountsSeen[],
  between: readonly DiscountsSeen[],
  live: DiscountsSeen | null,
  rules: Rules,
): readonly DiscountSpan[] {
  const told = live ? [...seen, { ...live, live: true }] : seen;
  const ids = new Set(
    [...told, ...between].flatMap(({ discounts }) => discounts.map(({ id }) => id)),
  );
  return [...ids].flatMap((id) => spansOf(id, told, between, rules));
}

/** The discounts in force at a moment, each as if without start and end of its own. */
export function discountsAt(spans: readonly DiscountSpan[], at: number): readonly Discount[] {
  return spans.filter(({ from, to }) => from <= at && (to === null || at < to))
    .map(({ discount }) => ({ ...discount, start: 0, end: null }));
}
