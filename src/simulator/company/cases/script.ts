/**
 * Lives by a script: what a case of metrics.md B.6 consists of is written down as an opening and a
 * few changes at given seconds; what follows from them comes by itself.
 */
import { between, type Dice, pick } from "../../random.ts";
import { addMonths, DAY, type Period, periodAt, type Step } from "../calendar.ts";
import type { CouponSpec, PriceSpec } from "../catalogue.ts";
import { append, discountFrom } from "../changes.ts";
import { makeId } from "../ids.ts";
import { doDue } from "../life.ts";
import {
  type Cause,
  current,
  type CustomerRecord,
  dueAt,
  type ItemState,
  type Sub,
  type SubState,
  type Traits,
} from "../state.ts";

export interface Act {
  /** Unix seconds. */
  readonly at: number;
  readonly change: (sub: Sub, at: number) => void;
}

/** A subscription as it is opened, and what happens to it. */
export interface Script {
  readonly at: number;
  readonly items: readonly (readonly [price: PriceSpec, quantity: number])[];
  readonly traits: Omit<Traits, "name">;
  readonly coupon?: CouponSpec;
  /** On the first item. */
  readonly itemCoupon?: CouponSpec;
  /** A trial of the first item alone. */
  readonly offer?: Period;
  readonly first?: Partial<SubState>;
  readonly acts: readonly Act[];
}

/** A customer's part: a discount of the customer's own, and the subscriptions. */
export interface Part {
  readonly customerCoupon?: CouponSpec;
  readonly scripts: readonly Script[];
}

/** What a case is told: when to play, and by which dice. */
export interface Stage {
  readonly now: number;
  readonly dice: Dice;
  readonly yearly: boolean;
  /** Months of the plan. */
  readonly step: 1 | 12;
  /** When the case's main change comes: within the last 30 days, or before. */
  readonly target: number;
  readonly isRecent: boolean;
}

export type Case = (stage: Stage) => Part;

/** Months since the opening, for a plan of this step: enough for several renewals. */
function monthsOpen({ dice, step }: Stage): number {
  return step === 12 ? 12 : between(dice, 4, 10);
}

/** An opening, so that a renewal falls near the target; and that renewal. */
export function renewingAtTarget(stage: Stage): { readonly at: number; readonly renewal: number } {
  const at = addMonths(stage.target, -monthsOpen(stage));
  const { start } = periodAt(at, stage.step, stage.target + DAY);
  return { at, renewal: start };
}

/** An opening some time before, and a second near the target, well within a period. */
export function withinPeriod(stage: Stage): { readonly at: number; readonly within: number } {
  const { dice, target, step } = stage;
  const at = addMonths(target, -monthsOpen(stage)) - between(dice, 3 * DAY, 25 * DAY) - 4321;
  return { at, within: awayFromRenewals(at, step, target) };
}

/** The same second, or one that is at least two days from a renewal. */
export function awayFromRenewals(anchor: number, step: Step, at: number): number {
  const { start, end } = periodAt(anchor, step, at);
  if (at - start < 2 * DAY) return start + 2 * DAY + 77;
  return end - at < 2 * DAY ? end - 2 * DAY - 77 : at;
}

/** `count` periods after a renewal. */
export function periodsAfter(anchor: number, step: Step, from: number, count: number): number {
  let at = from;
  for (let each = 0; each < count; each++) at = periodAt(anchor, step, at).end;
  return at;
}

/** A change of a state's fields. */
export function act(at: number, cause: Cause, change: Partial<SubState>): Act {
  return { at, change: (sub, when) => void append(sub, when, cause, change) };
}

/** A change of an item's quantity. */
export function actOfQuantity(
  at: number,
  quantity: number,
  cause: Cause = "seats_changed",
  item = 0,
): Act {
  const change = (sub: Sub, when: number) => {
    const items = current(sub).items.map((each, index) =>
      index === item ? { ...each, quantity } : each
    );
    append(sub, when, cause, { items });
  };
  return { at, change };
}

/** One of a list that is not empty, by dice. */
export function oneOf<T>({ dice }: Stage, choices: readonly T[]): T {
  return pick(dice, choices);
}

/** Opens a subscription by its script. */
export function openScript(
  script: Script,
  name: string,
  customer: CustomerRecord,
  index: number,
  seed: number,
  dice: Dice,
): Sub {
  const { at, coupon, itemCoupon, first = {} } = script;
  const base = { index, id: makeId("sub", index, seed), created: at, customer, dice };
  const anchor = first.anchor ?? at;
  const items = script.items.map(([price, quantity], number): ItemState => ({
    id: makeId("si", index, number),
    created: at,
    price,
    quantity,
    discounts: number === 0 && itemCoupon ? [discountFrom(itemCoupon, at, anchor, index)] : [],
    ...(number === 0 && script.offer ? { offer: script.offer } : {}),
  }));
  const state: SubState = {
    at,
    cause: "created",
    status: "active",
    items,
    discounts: coupon ? [discountFrom(coupon, at, anchor, index)] : [],
    anchor,
    trialStart: null,
    trialEnd: null,
    cancelAt: null,
    cancelAtPeriodEnd: false,
    canceledAt: null,
    endedAt: null,
    reason: null,
    feedback: null,
    pause: null,
    planned: null,
    outcome: null,
    ...first,
  };
  const sub: Sub = { ...base, states: [state], traits: { name, ...script.traits } };
  customer.subscriptions.push(sub);
  return sub;
}

/** Plays a script up to a time: its changes, and what is due between them. */
export function play(sub: Sub, acts: readonly Act[], until: number): void {
  const left = acts.toSorted((a, b) => a.at - b.at);
  while (current(sub).status !== "canceled") {
    const next = left[0];
    const due = dueAt(current(sub)) ?? Infinity;
    if (Math.min(due, next?.at ?? Infinity) > until) return;
    if (next && next.at <= due) {
      left.shift();
      next.change(sub, next.at);
    } else doDue(sub, until);
  }
}
