/**
 * What can happen to a subscription. Each change appends the next state of its line and says in
 * words what happened; a change that does not fit the state gives null.
 */
import { between, pick, pickWeighted, roll } from "../random.ts";
import { addMonths, DAY } from "./calendar.ts";
import { COUPONS, type CouponSpec, type PriceSpec } from "./catalogue.ts";
import { makeId } from "./ids.ts";
import {
  type Cause,
  current,
  type DiscountState,
  type ItemState,
  periodOf,
  type Sub,
  type SubState,
} from "./state.ts";

const FEEDBACK = ["too_expensive", "missing_features", "unused", "switched_service", "other"];

/** Appends a state; times never run backwards on a line. */
export function append(sub: Sub, at: number, cause: Cause, change: Partial<SubState>): SubState {
  const before = current(sub);
  const next: SubState = { ...before, ...change, at: Math.max(at, before.at), cause };
  sub.states.push(next);
  return next;
}

/** A discount from a coupon, with its end by the calendar. */
export function discountFrom(
  coupon: CouponSpec,
  start: number,
  invoiceAt: number,
  owner: number,
): DiscountState {
  const end = coupon.months === undefined ? null : addMonths(start, coupon.months);
  return {
    id: makeId("di", owner, start),
    coupon,
    start,
    end,
    leavesAt: coupon.duration === "once" ? invoiceAt + 1 : end,
  };
}

export function isPlain(state: SubState): boolean {
  return state.status === "active" && state.cancelAt === null && state.pause === null &&
    state.planned === null;
}

/** A cancellation; most run to the end of the period, some end at once, a few are agreed ahead. */
export function cancel(sub: Sub, at: number): string | null {
  const state = current(sub);
  if (!["active", "trialing"].includes(state.status) || state.cancelAt !== null) return null;
  if (state.planned) return null;
  const feedback = pick(sub.dice, FEEDBACK);
  const how = pickWeighted(sub.dice, [["end", 75], ["now", 20], ["later", 5]]);
  const request = { canceledAt: at, reason: "cancellation_requested", feedback } as const;
  const { end } = periodOf(state, at);
  if (how === "now") {
    append(sub, at, "canceled", { ...request, status: "canceled", endedAt: at });
    return `canceled at once (${feedback})`;
  }
  if (how === "later" && state.status === "active") {
    append(sub, at, "cancel_scheduled", { ...request, cancelAt: end + 45 * DAY });
    return "will end on a later day";
  }
  append(sub, at, "cancel_scheduled", { ...request, cancelAt: end, cancelAtPeriodEnd: true });
  return `will cancel at the end of the period (${feedback})`;
}

export function undoCancel(sub: Sub, at: number): string | null {
  const state = current(sub);
  if (state.cancelAt === null || state.status === "canceled") return null;
  append(sub, at, "cancel_undone", {
    cancelAt: null,
    cancelAtPeriodEnd: false,
    canceledAt: null,
    reason: null,
    feedback: null,
  });
  return "stays after all";
}

/** A payment fails; an invoice that is not of a renewal starts the billing cycle anew. */
export function failPayment(sub: Sub, at: number): string | null {
  const state = current(sub);
  if (!isPlain(state)) return null;
  const renewal = periodOf(state, at).start === at;
  append(sub, at, "payment_failed", {
    status: "past_due",
    ...(renewal ? {} : { anchor: at }),
    outcome: { at: at + between(sub.dice, 3, 16) * DAY, good: roll(sub.dice) < 0.75 },
  });
  return "payment failed";
}

export function recoverPayment(sub: Sub, at: number): string | null {
  if (current(sub).status !== "past_due") return null;
  append(sub, at, "payment_recovered", { status: "active", outcome: null });
  return "payment recovered";
}

/** Retries are over: most are canceled, some stay unpaid for two months first. */
export function giveUp(sub: Sub, at: number): string | null {
  const state = current(sub);
  if (state.status === "past_due" && roll(sub.dice) < 0.25) {
    append(sub, at, "gave_up", {
      status: "unpaid",
      outcome: { at: at + 60 * DAY, good: false },
    });
    return "unpaid";
  }
  append(sub, at, "canceled", {
    status: "canceled",
    canceledAt: at,
    endedAt: at,
    reason: "payment_failed",
    outcome: null,
  });
  return "canceled for failed payments";
}

/** Makes an item; `number` sets apart those of one subscription. */
export function makeItem(
  sub: Pick<Sub, "index" | "dice">,
  price: PriceSpec,
  at: number,
  number: number,
): ItemState {
  const [low, high] = price.quantities ?? [1, 1];
  // The product of two throws makes small quantities usual and large ones rare.
  const quantity = low + Math.floor((high - low + 1) * roll(sub.dice) * roll(sub.dice));
  return { id: makeId("si", sub.index, number), created: at, price, quantity, discounts: [] };
}

export function applyCoupon(sub: Sub, at: number): string | null {
  const state = current(sub);
  if (!isPlain(state) || state.discounts.length > 0) return null;
  const coupon: CouponSpec = pick(sub.dice, [COUPONS.loyal, COUPONS.stay, COUPONS.partner]);
  const discount = discountFrom(coupon, at, periodOf(state, at).end, sub.index);
  append(sub, at, "coupon_applied", { discounts: [discount] });
  return `got the coupon ${coupon.id}`;
}

export function endDiscounts(sub: Sub, at: number): string | null {
  const state = current(sub);
  const stays = ({ leavesAt }: DiscountState) => leavesAt === null || leavesAt > at;
  append(sub, at, "discount_ended", {
    discounts: state.discounts.filter(stays),
    items: state.items.map((item) => ({ ...item, discounts: item.discounts.filter(stays) })),
  });
  return "a coupon ended";
}

export function pause(sub: Sub, at: number): string | null {
  const state = current(sub);
  if (!isPlain(state)) return null;
  const behavior = roll(sub.dice) < 0.6 ? "void" : "keep_as_draft";
  const meant = at + between(sub.dice, 20, 70) * DAY;
  // Who pauses wants to skip a payment, so a yearly plan is paused near its renewal only.
  const { end } = periodOf(state, at);
  if (end > at + 70 * DAY) return null;
  const resumesAt = Math.max(meant, end + between(sub.dice, 1, 10) * DAY);
  append(sub, at, "paused", { pause: { behavior, resumesAt } });
  return "paused collection";
}

export function resume(sub: Sub, at: number): string | null {
  if (current(sub).pause === null) return null;
  append(sub, at, "resumed", { pause: null });
  return "resumed";
}

/** A trial becomes a paid subscription; its cycle starts where the trial ended. */
export function convertTrial(sub: Sub, at: number): string | null {
  const state = current(sub);
  if (state.status !== "trialing") return null;
  append(sub, at, "trial_converted", {
    status: "active",
    trialEnd: at,
    anchor: at,
    outcome: null,
  });
  return "trial converted";
}

/** What was scheduled comes. */
export function endScheduled(sub: Sub, at: number): string {
  append(sub, at, "canceled", { status: "canceled", endedAt: at, outcome: null });
  return "ended";
}
