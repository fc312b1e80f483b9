/** Endings and coupons: fixed terms, leaving and coming back on one day, discounts that end. */
import { between, roll } from "../../random.ts";
import { addMonths, DAY, HOUR } from "../calendar.ts";
import type { CouponSpec } from "../catalogue.ts";
import { append, discountFrom } from "../changes.ts";
import { current, periodOf } from "../state.ts";
import {
  CASE_COUPONS,
  GRADUATED_MONTHLY,
  GRADUATED_YEARLY,
  SEAT_MONTHLY,
  SEAT_YEARLY,
  VOLUME_MONTHLY,
} from "./catalogue.ts";
import {
  type Act,
  act,
  type Case,
  oneOf,
  periodsAfter,
  renewingAtTarget,
  type Script,
  type Stage,
  withinPeriod,
} from "./script.ts";

function seats(stage: Stage, at: number, acts: readonly Act[]): Script {
  const price = stage.yearly ? SEAT_YEARLY : SEAT_MONTHLY;
  return { at, items: [[price, between(stage.dice, 1, 6)]], traits: {}, acts };
}

/** A term agreed at the beginning: it counts until its last period. */
const fixedTerm: Case = (stage) => {
  const { at, renewal } = renewingAtTarget(stage);
  const cancelAt = periodsAfter(at, stage.step, renewal, oneOf(stage, [1, 1, 2]));
  const term = { cancelAt, canceledAt: at, reason: "cancellation_requested" } as const;
  return { scripts: [{ ...seats(stage, at, []), first: term }] };
};

/** Leaves and comes back with another subscription on one day, and takes back a third's end. */
const backTheSameDay: Case = (stage) => {
  const { at, within } = withinPeriod(stage);
  const noon = within - within % DAY + 12 * HOUR;
  const asked = { canceledAt: noon, reason: "cancellation_requested" } as const;
  const leaves = act(noon, "canceled", { ...asked, status: "canceled", endedAt: noon });
  const regrets: Act = {
    at: noon,
    change: (sub, when) => {
      const { end } = periodOf(current(sub), when);
      append(sub, when, "cancel_scheduled", { ...asked, cancelAt: end, cancelAtPeriodEnd: true });
      append(sub, when + 2 * HOUR, "cancel_undone", {
        cancelAt: null,
        cancelAtPeriodEnd: false,
        canceledAt: null,
        reason: null,
      });
    },
  };
  const comesBack = seats(stage, noon + HOUR, []);
  return {
    scripts: [seats(stage, at, [leaves]), seats(stage, at + HOUR, [regrets]), comesBack],
  };
};

function discounted(stage: Stage, coupon: CouponSpec): Pick<Script, "items" | "traits"> {
  const tiers = stage.yearly ? GRADUATED_YEARLY : oneOf(stage, [GRADUATED_MONTHLY, VOLUME_MONTHLY]);
  const hasTiers = roll(stage.dice) < 0.5;
  const price = hasTiers ? tiers : stage.yearly ? SEAT_YEARLY : SEAT_MONTHLY;
  const flatLine = oneOf<0 | 1 | "units">(stage, [0, 1, "units"]);
  const quantity = coupon.percent === undefined ? 9 : between(stage.dice, 2, 12);
  return { items: [[price, quantity]], traits: hasTiers ? { flatLine } : {} };
}

/** A coupon of some kind, from the beginning. */
function couponAt(place: "coupon" | "itemCoupon" | "customerCoupon"): Case {
  return (stage) => {
    const coupon = oneOf<CouponSpec>(stage, CASE_COUPONS);
    const at = withinPeriod(stage).at;
    const script = { at, ...discounted(stage, coupon), acts: [] };
    if (place === "customerCoupon") return { customerCoupon: coupon, scripts: [script] };
    return { scripts: [{ ...script, [place]: coupon }] };
  };
}

/** A coupon given to somebody who is long there, on the subscription or on its item. */
const couponLater: Case = (stage) => {
  const coupon = oneOf<CouponSpec>(stage, CASE_COUPONS);
  const { at, within } = withinPeriod(stage);
  const onItem = roll(stage.dice) < 0.35;
  const gives: Act = {
    at: within,
    change: (sub, when) => {
      const state = current(sub);
      const renewal = periodOf(state, when).end;
      // What is for one invoice leaves when that is final.
      const finalAt = renewal + (sub.traits?.finalizesAfter ?? 0);
      const discount = discountFrom(coupon, when, finalAt, sub.index);
      const items = state.items.map((item) => ({ ...item, discounts: [discount] }));
      append(sub, when, "coupon_applied", onItem ? { items } : { discounts: [discount] });
    },
  };
  return { scripts: [{ at, ...discounted(stage, coupon), acts: [gives] }] };
};

/** A trial of the item alone that still runs. */
const trialOffer: Case = (stage) => {
  const at = stage.isRecent ? stage.target : addMonths(stage.target, -1);
  const offer = { start: at, end: stage.now + between(stage.dice, 4, 50) * DAY };
  const script = seats(stage, at, []);
  return { scripts: [{ ...script, offer }] };
};

export const ENDINGS: Readonly<Record<string, Case>> = {
  fixed_term: fixedTerm,
  back_the_same_day: backTheSameDay,
  coupon_of_subscription: couponAt("coupon"),
  coupon_of_item: couponAt("itemCoupon"),
  coupon_of_customer: couponAt("customerCoupon"),
  coupon_later: couponLater,
  trial_offer: trialOffer,
};
