/** Subscription schedules of the company: what was agreed ahead, and what became of it. */
import type Stripe from "stripe";
import { stepOn } from "./calendar.ts";
import {
  current,
  type ItemState,
  periodOf,
  type PlannedChange,
  stepOf,
  type Sub,
  type SubState,
} from "./state.ts";

/** A schedule by the state in which it was agreed. */
export interface ScheduleRef {
  readonly id: string;
  readonly created: number;
  readonly sub: Sub;
  readonly state: SubState;
  readonly planned: PlannedChange;
}

/** The schedule that began with a state, if one did. */
export function scheduleOfState(sub: Sub, state: SubState): ScheduleRef | null {
  const { planned } = state;
  return state.cause === "planned" && planned
    ? { id: planned.id, created: state.at, sub, state, planned }
    : null;
}

export function schedulesOf(subs: readonly Sub[]): ScheduleRef[] {
  return subs.flatMap((sub) => sub.states.flatMap((state) => scheduleOfState(sub, state) ?? []));
}

function phase(
  { customer }: Sub,
  items: readonly ItemState[],
  start: number,
  end: number,
): Stripe.SubscriptionSchedule.Phase {
  return {
    add_invoice_items: [],
    application_fee_percent: null,
    billing_cycle_anchor: null,
    collection_method: null,
    currency: customer.currency,
    default_payment_method: null,
    description: null,
    discounts: [],
    end_date: end,
    invoice_settings: null,
    items: items.map(({ price, quantity }) => ({
      billing_thresholds: null,
      discounts: [],
      metadata: {},
      plan: price.id,
      price: price.id,
      quantity,
    })),
    metadata: {},
    on_behalf_of: null,
    proration_behavior: "none",
    start_date: start,
    transfer_data: null,
    trial_end: null,
  } as unknown as Stripe.SubscriptionSchedule.Phase;
}

/** A schedule as it is at a time; it is released once its last phase has begun. */
export function scheduleObject(ref: ScheduleRef, at: number): Stripe.SubscriptionSchedule {
  const { sub, state, planned } = ref;
  const runs = at < planned.at && current(sub).status !== "canceled";
  const { start } = periodOf(state, state.at);
  const after = stepOn(planned.at, stepOf(state));
  return {
    id: ref.id,
    object: "subscription_schedule",
    application: null,
    billing_mode: { type: "flexible" },
    canceled_at: null,
    completed_at: null,
    created: ref.created,
    current_phase: runs ? { start_date: start, end_date: planned.at } : null,
    customer: sub.customer.id,
    default_settings: {},
    end_behavior: "release",
    livemode: false,
    metadata: {},
    phases: [
      phase(sub, state.items, start, planned.at),
      phase(sub, planned.items, planned.at, after),
    ],
    released_at: runs ? null : planned.at,
    released_subscription: runs ? null : sub.id,
    status: runs ? "active" : "released",
    subscription: runs ? sub.id : null,
    test_clock: null,
  } as unknown as Stripe.SubscriptionSchedule;
}
