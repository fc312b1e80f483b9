/** What a subscription is worth a month by its true state (metrics.md A.2 to A.7), by plain rules. */
import { DAY } from "./calendar.ts";
import type { Currency, PriceSpec } from "./catalogue.ts";
import { type Counting, COUNTINGS, monthly } from "./counting.ts";
import * as exact from "./fraction.ts";
import type { Fraction } from "./fraction.ts";
import { type DiscountState, type ItemState, periodOf, type Sub, type SubState } from "./state.ts";

/** Tiers' units and flat fees, packages or plain units, for one interval. */
export function grossOf(price: PriceSpec, quantity: number, currency: Currency): Fraction {
  const { tiers, mode, unit, packageSize } = price;
  if (!tiers) {
    const units = packageSize === undefined ? quantity : Math.ceil(quantity / packageSize);
    return exact.multiply(exact.parse(units), exact.parse(unit![currency]!));
  }
  let sum = exact.ZERO;
  let below = 0;
  for (const { upTo, unit, flat } of tiers) {
    const reached = upTo === null || quantity <= upTo;
    const units = mode === "volume" ? quantity : Math.min(quantity, upTo ?? quantity) - below;
    if (mode !== "volume" || reached) {
      const amount = exact.multiply(exact.parse(units), exact.parse(unit[currency]!));
      sum = exact.add(sum, exact.add(amount, exact.parse(flat?.[currency] ?? 0)));
    }
    if (reached) break;
    below = upTo;
  }
  return sum;
}

interface Line {
  readonly product: string;
  amount: Fraction;
}

/** Takes one discount off the lines it applies to, in proportion to what is left on them. */
function takeOff(lines: readonly Line[], { coupon }: DiscountState, currency: Currency): void {
  const { percent, amount, appliesTo } = coupon;
  const eligible = lines.filter(({ product }) => !appliesTo || product === appliesTo.id);
  if (percent !== undefined) {
    const kept = exact.subtract(
      exact.parse(1),
      exact.divide(exact.parse(percent), exact.parse(100)),
    );
    for (const line of eligible) line.amount = exact.multiply(line.amount, kept);
    return;
  }
  const off = exact.parse(amount?.[currency] ?? 0);
  const sum = eligible.reduce((total, line) => exact.add(total, line.amount), exact.ZERO);
  if (sum.n === 0n) return;
  const kept = exact.isLess(sum, off) ? exact.ZERO : exact.divide(exact.subtract(sum, off), sum);
  for (const line of eligible) line.amount = exact.multiply(line.amount, kept);
}

/** Whether a discount is on its object at a time: until it ends, or its one invoice is made. */
export function isHeld({ start, leavesAt }: DiscountState, at: number): boolean {
  return start <= at && (leavesAt === null || at < leavesAt);
}

function isTaken(discount: DiscountState, at: number, counting: Counting): boolean {
  const { duration } = discount.coupon;
  if (duration === "repeating" && !counting.subtractRepeating) return false;
  if (duration === "once" && !counting.subtractOnce) return false;
  return isHeld(discount, at);
}

/** When the failure that a state stands in began. */
export function pastDueSince(sub: Sub, state: SubState): number {
  let index = sub.states.lastIndexOf(state);
  while (index > 0 && sub.states[index - 1]!.status === "past_due") index--;
  return sub.states[index]!.at;
}

function statusCounts(sub: Sub, state: SubState, at: number, counting: Counting): boolean {
  if (state.status === "active") return true;
  if (state.status === "trialing") return counting.trialing === "count";
  if (state.status !== "past_due" || counting.pastDue === "exclude") return false;
  if (counting.pastDue === "count") return true;
  return at - pastDueSince(sub, state) <= counting.pastDue.maxDays * DAY;
}

function isPaused({ pause }: SubState, at: number, { pauseCollection }: Counting): boolean {
  if (!pause || (pause.resumesAt !== null && pause.resumesAt <= at)) return false;
  if (pauseCollection === "count") return false;
  return pauseCollection === "exclude" || pause.behavior !== "keep_as_draft";
}

function isLeaving(state: SubState, at: number, { cancellation }: Counting): boolean {
  if (cancellation === "at_end") return false;
  if (state.cancelAtPeriodEnd) return true;
  return state.cancelAt !== null && state.cancelAt <= periodOf(state, at).end;
}

function isOffered({ offer }: ItemState, at: number, { trialOffers }: Counting): boolean {
  return trialOffers === "exclude" && offer !== undefined && offer.start <= at && at < offer.end;
}

/**
 * Exact monthly revenue of a subscription in a state at a time, in its currency's minor units.
 *
 * @param at Unix seconds.
 */
export function revenueOf(
  sub: Sub,
  state: SubState,
  at: number,
  counting: Counting = COUNTINGS.stripe,
): Fraction {
  if (!statusCounts(sub, state, at, counting) || isPaused(state, at, counting)) return exact.ZERO;
  if (isLeaving(state, at, counting)) return exact.ZERO;
  const { currency, discount, tax } = sub.customer;
  const taken = (each: DiscountState) => isTaken(each, at, counting);
  const items = state.items.filter((item) => !isOffered(item, at, counting));
  const lines = items.map(({ price, quantity, discounts }) => {
    const line = { product: price.product.id, amount: grossOf(price, quantity, currency) };
    for (const each of discounts.filter(taken)) takeOff([line], each, currency);
    return line;
  });
  const shared = state.discounts.some((each) => isHeld(each, at))
    ? state.discounts
    : discount
    ? [discount]
    : [];
  for (const each of shared.filter(taken)) takeOff(lines, each, currency);
  const sum = lines.reduce((total, { amount }) => exact.add(total, amount), exact.ZERO);
  const gross = monthly(sum, state.items[0]!.price, counting);
  if (!tax || counting.inclusiveTax === "ignore") return gross;
  return exact.divide(gross, exact.fraction(BigInt(100 + tax.percentage), 100n));
}
