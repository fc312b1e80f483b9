/** How a subscription lives: how it starts, what is decided comes, what usually happens in a month. */
import { between, createDice, pick, pickWeighted, roll } from "../random.ts";
import { addMonths, DAY } from "./calendar.ts";
import {
  API_MONTHLY,
  BUSINESS_MONTHLY,
  BUSINESS_YEARLY,
  CONTACTS_MONTHLY,
  COUPONS,
  ENTERPRISE_MONTHLY,
  type PriceSpec,
  STARTER_MONTHLY,
  STARTER_YEARLY,
  TEAM_MONTHLY,
  TEAM_YEARLY,
} from "./catalogue.ts";
import * as changes from "./changes.ts";
import { makeId } from "./ids.ts";
import * as plans from "./plan_changes.ts";
import {
  current,
  type CustomerRecord,
  dueAt,
  type ItemState,
  periodOf,
  type Sub,
  type SubState,
} from "./state.ts";

const TRIAL_DAYS = 14;

type Plan = readonly [prices: readonly PriceSpec[], weight: number];

/** Plans by how often they are bought; Business is chosen in the customer's currency. */
const PLANS: readonly Plan[] = [
  [[STARTER_MONTHLY], 26],
  [[STARTER_YEARLY], 7],
  [[TEAM_MONTHLY], 26],
  [[TEAM_YEARLY], 9],
  [BUSINESS_MONTHLY, 9],
  [BUSINESS_YEARLY, 4],
  [[CONTACTS_MONTHLY], 11],
  [[ENTERPRISE_MONTHLY], 3],
  [[API_MONTHLY], 5],
];

function firstDiscounts(
  sub: Omit<Sub, "states">,
  item: ItemState,
  at: number,
  firstInvoice: number,
) {
  const chance = roll(sub.dice);
  if (item.price === TEAM_MONTHLY && chance < 0.08) {
    const seats = changes.discountFrom(COUPONS.seats, at, firstInvoice, sub.index);
    return { items: [{ ...item, discounts: [seats] }], discounts: [] };
  }
  const coupon = chance < 0.04
    ? COUPONS.partner
    : chance < 0.06
    ? COUPONS.loyal
    : chance < 0.12
    ? COUPONS.launch
    : chance < 0.17
    ? COUPONS.welcome
    : null;
  const discounts = coupon ? [changes.discountFrom(coupon, at, firstInvoice, sub.index)] : [];
  return { items: [item], discounts };
}

/** Opens a subscription for a customer; a third begin with a trial, of which most convert. */
export function openSubscription(
  customer: CustomerRecord,
  index: number,
  at: number,
  seed: number,
  trial?: boolean,
): Sub {
  const dice = createDice(seed, index, 77);
  const base = { index, id: makeId("sub", index, seed), created: at, customer, dice };
  const prices = pickWeighted(dice, PLANS);
  const price = prices.find(({ currency }) => currency === customer.currency) ?? prices[0]!;
  const trialing = trial ?? roll(dice) < 0.33;
  const trialEnd = trialing ? at + TRIAL_DAYS * DAY : null;
  const item = changes.makeItem(base, price, at, 0);
  const state: SubState = {
    at,
    cause: "created",
    status: trialing ? "trialing" : "active",
    ...firstDiscounts(base, item, at, trialEnd ?? at),
    anchor: trialEnd ?? at,
    trialStart: trialing ? at : null,
    trialEnd,
    cancelAt: null,
    cancelAtPeriodEnd: false,
    canceledAt: null,
    endedAt: null,
    reason: null,
    feedback: null,
    pause: null,
    planned: null,
    outcome: trialEnd === null ? null : { at: trialEnd, good: roll(dice) < 0.66 },
  };
  const sub: Sub = { ...base, states: [state] };
  customer.subscriptions.push(sub);
  return sub;
}

/** Does the next thing that is already decided, if it is due by a time; says what it was. */
export function doDue(sub: Sub, until: number): string | null {
  const state = current(sub);
  const at = dueAt(state);
  if (at === null || at > until) return null;
  if (state.cancelAt === at) return changes.endScheduled(sub, at);
  if (state.outcome?.at === at) return doOutcome(sub, state.outcome.good, at);
  if (state.pause?.resumesAt === at) return changes.resume(sub, at);
  if (state.planned?.at === at) return plans.changePhase(sub, at);
  return changes.endDiscounts(sub, at);
}

function doOutcome(sub: Sub, good: boolean, at: number): string | null {
  if (current(sub).status !== "trialing") {
    return good ? changes.recoverPayment(sub, at) : changes.giveUp(sub, at);
  }
  if (good) return changes.convertTrial(sub, at);
  changes.append(sub, at, "canceled", {
    status: "canceled",
    canceledAt: at,
    endedAt: at,
    reason: "cancellation_requested",
    outcome: null,
  });
  return "trial ended without a purchase";
}

/** Chances in a month, in thousandths. */
const MONTHLY: readonly [(sub: Sub, at: number) => string | null, number][] = [
  [changes.cancel, 25],
  [plans.upgrade, 16],
  [plans.downgrade, 6],
  [plans.changeSeats, 130],
  [plans.addAddon, 14],
  [plans.removeAddon, 6],
  [changes.applyCoupon, 5],
  [changes.pause, 6],
];

function liveAMonth(sub: Sub, at: number): void {
  let chance = roll(sub.dice) * 1000;
  for (const [change, weight] of MONTHLY) {
    chance -= weight;
    if (chance >= 0) continue;
    change(sub, at);
    return;
  }
  plans.planAhead(sub, at);
}

/** Chance that one of a month's payments fails, in thousandths. */
const FAILING = 40;

/** Lives a subscription from its start to a time, by its own dice alone. */
export function liveUntil(sub: Sub, until: number): void {
  let next = sub.created + between(sub.dice, 5 * DAY, 30 * DAY);
  // Payments fail where they are due, at the next renewal.
  let failing = Infinity;
  while (current(sub).status !== "canceled") {
    const due = dueAt(current(sub)) ?? Infinity;
    const at = Math.min(due, next, failing);
    if (at > until) return;
    if (due === at) doDue(sub, until);
    else if (failing === at) {
      changes.failPayment(sub, at);
      failing = Infinity;
    } else {
      liveAMonth(sub, at);
      if (roll(sub.dice) * 1000 < FAILING) failing = periodOf(current(sub), at).end;
      next += between(sub.dice, 26 * DAY, 35 * DAY);
    }
  }
}

/** When a customer whose subscription ended comes back; null for most, who do not. */
export function returnTime(sub: Sub): number | null {
  const { endedAt } = current(sub);
  if (endedAt === null || roll(sub.dice) >= 0.12) return null;
  return endedAt + between(sub.dice, 20 * DAY, 120 * DAY);
}

/** When a customer opens a second subscription beside the first; null for most. */
export function secondTime(sub: Sub): number | null {
  if (roll(sub.dice) >= 0.05) return null;
  return addMonths(sub.created, between(sub.dice, 1, 6)) + pick(sub.dice, [DAY, 3 * DAY, 9 * DAY]);
}
