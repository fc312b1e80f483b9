/** How the company lives on: what is due comes by itself, and one thing more at each step. */
import { between, type Dice, pick, pickWeighted } from "../random.ts";
import { revenueOf } from "./worth.ts";
import * as changes from "./changes.ts";
import type { Clock } from "./clock.ts";
import { type Founding, makeCustomer } from "./founding.ts";
import { changeHappenings, type Happening, renewalHappenings } from "./happenings.ts";
import { subtract, text as exactText, ZERO } from "./fraction.ts";
import { doDue, openSubscription } from "./life.ts";
import * as plans from "./plan_changes.ts";
import { current, type CustomerRecord, dueAt, periodOf, type Sub } from "./state.ts";

export type StepKind =
  | "signup"
  | "trial_started"
  | "trial_converted"
  | "upgraded"
  | "downgraded"
  | "seats_changed"
  | "addon_added"
  | "coupon_applied"
  | "payment_failed"
  | "payment_recovered"
  | "cancel"
  | "cancel_undone"
  | "paused"
  | "resumed"
  | "reactivated"
  | "due";

/** What happened, in words. */
export interface Step {
  readonly kind: StepKind;
  /** Unix seconds. */
  readonly at: number;
  readonly customer: string;
  readonly subscription: string;
  readonly text: string;
  readonly currency: string;
  /** Change of exact monthly revenue, minor units as a fraction: `-5000/3`. */
  readonly delta: string;
}

export interface StepsOptions {
  readonly founding: Founding;
  readonly dice: Dice;
  readonly customers: CustomerRecord[];
  readonly subs: Sub[];
  readonly clock: Clock;
  readonly record: (happening: Happening) => void;
  readonly shelve: {
    readonly customer: (customer: CustomerRecord) => void;
    readonly subscription: (sub: Sub) => void;
  };
}

type Change = (sub: Sub, at: number) => string | null;

/** What a step can be, and how often. */
const STEPS: readonly (readonly [StepKind, number])[] = [
  ["signup", 22],
  ["trial_started", 8],
  ["trial_converted", 6],
  ["upgraded", 11],
  ["downgraded", 4],
  ["seats_changed", 20],
  ["addon_added", 5],
  ["coupon_applied", 2],
  ["payment_failed", 6],
  ["payment_recovered", 5],
  ["cancel", 8],
  ["cancel_undone", 1],
  ["paused", 1],
  ["resumed", 1],
  ["reactivated", 4],
];

const CHANGES: Readonly<Partial<Record<StepKind, Change>>> = {
  trial_converted: changes.convertTrial,
  upgraded: plans.upgrade,
  downgraded: plans.downgrade,
  seats_changed: plans.changeSeats,
  addon_added: plans.addAddon,
  coupon_applied: changes.applyCoupon,
  payment_failed: changes.failPayment,
  payment_recovered: changes.recoverPayment,
  cancel: changes.cancel,
  cancel_undone: changes.undoCancel,
  paused: changes.pause,
  resumed: changes.resume,
};

/** How many subscriptions are tried for a change before another kind of step is drawn. */
const TRIES_MAX = 200;

export function createSteps(options: StepsOptions) {
  const { founding, dice, customers, subs, clock, record, shelve } = options;

  /** Records what happened to a subscription since it had `count` states, and queues it. */
  function settle(sub: Sub, count: number, at: number): void {
    for (let index = count; index < sub.states.length; index++) {
      for (const happening of changeHappenings(sub, index)) record(happening);
    }
    clock.queue(sub, at);
  }

  function said(kind: StepKind, sub: Sub, at: number, text: string): Step {
    const { states, id, customer } = sub;
    const before = states.at(-2);
    const was = before ? revenueOf(sub, before, at) : ZERO;
    const delta = exactText(subtract(revenueOf(sub, current(sub), at), was));
    return {
      kind,
      at,
      customer: customer.id,
      subscription: id,
      text,
      currency: customer.currency,
      delta,
    };
  }

  function advance(until: number): Step[] {
    const happened: Step[] = [];
    for (let due = clock.take(until); due; due = clock.take(until)) {
      const { sub, at } = due;
      const count = sub.states.length;
      if (dueAt(current(sub)) === at) {
        const text = doDue(sub, at);
        settle(sub, count, at);
        if (text) happened.push(said("due", sub, at, text));
        continue;
      }
      for (const happening of renewalHappenings(sub, count - 1, at)) record(happening);
      clock.queue(sub, at);
    }
    clock.set(Math.max(until, clock.now()));
    return happened;
  }

  function open(customer: CustomerRecord, at: number, trial: boolean): Sub {
    const sub = openSubscription(customer, subs.length, at, founding.seed, trial);
    subs.push(sub);
    shelve.subscription(sub);
    settle(sub, 0, at);
    return sub;
  }

  function signUp(at: number, trial: boolean): Step {
    const customer = makeCustomer(customers.length, at, founding.seed);
    customers.push(customer);
    shelve.customer(customer);
    record({ created: at, type: "customer.created", subject: { is: "customer", customer } });
    const sub = open(customer, at, trial);
    const { name } = current(sub).items[0]!.price.product;
    const kind = trial ? "trial_started" : "signup";
    return said(kind, sub, at, trial ? `began a trial of ${name}` : `signed up for ${name}`);
  }

  /** A customer all of whose subscriptions ended comes back. */
  function reactivate(at: number): Step | null {
    for (let tries = 0; tries < TRIES_MAX && customers.length > 0; tries++) {
      const customer = pick(dice, customers);
      const ended = customer.subscriptions.every((sub) => current(sub).status === "canceled");
      if (!ended || customer.subscriptions.length === 0) continue;
      const sub = open(customer, at, false);
      const { name } = current(sub).items[0]!.price.product;
      return said("reactivated", sub, at, `came back for ${name}`);
    }
    return null;
  }

  function change(kind: StepKind, apply: Change, at: number): Step | null {
    for (let tries = 0; tries < TRIES_MAX && subs.length > 0; tries++) {
      const sub = pick(dice, subs);
      // Nothing happens twice within a second to one subscription, nor at its renewal.
      if (current(sub).at >= at || periodOf(current(sub), at).start === at) continue;
      const count = sub.states.length;
      const text = apply(sub, at);
      if (text === null) continue;
      settle(sub, count, at);
      return said(kind, sub, at, text);
    }
    return null;
  }

  function step(at: number): Step {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const kind = pickWeighted(dice, STEPS);
      const apply = CHANGES[kind];
      const done = apply
        ? change(kind, apply, at)
        : kind === "reactivated"
        ? reactivate(at)
        : signUp(at, kind === "trial_started");
      if (done) return done;
    }
    return signUp(at, between(dice, 0, 2) === 0);
  }

  return { advance, step };
}
