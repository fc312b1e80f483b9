/**
 * The true history: every subscription is a line of immutable states, and everything served (the
 * object, invoices, events) and everything counted (the books) is derived from it.
 */
import type { Dice } from "../random.ts";
import { type Period, periodAt, type Step } from "./calendar.ts";
import type { CouponSpec, Currency, PriceSpec, TaxSpec } from "./catalogue.ts";

/** Versions of Stripe's interface whose events still come. */
export type OlderVersion = "2024-06-20" | "2022-11-15";

/** Why a state began. */
export type Cause =
  | "created"
  | "trial_converted"
  | "trial_given"
  | "trial_extended"
  | "upgraded"
  | "downgraded"
  | "planned"
  | "phase_changed"
  | "seats_changed"
  | "changed_silently"
  | "changed_at_renewal"
  | "changed_pending"
  | "addon_added"
  | "addon_removed"
  | "coupon_applied"
  | "discount_ended"
  | "payment_failed"
  | "payment_recovered"
  | "invoice_closed"
  | "gave_up"
  | "paused"
  | "resumed"
  | "cancel_scheduled"
  | "cancel_undone"
  | "canceled";

export interface DiscountState {
  readonly id: string;
  readonly coupon: CouponSpec;
  readonly start: number;
  readonly end: number | null;
  /** When Stripe takes it off the subscription: at its end, or when its one invoice is made. */
  readonly leavesAt: number | null;
}

export interface ItemState {
  readonly id: string;
  readonly created: number;
  readonly price: PriceSpec;
  readonly quantity: number;
  readonly discounts: readonly DiscountState[];
  /** A trial of this item alone (`current_trial`), at a price of its own. */
  readonly offer?: Period;
}

/** A change of the first item that a schedule makes at the end of a period. */
export interface PlannedChange {
  /** Of the schedule. */
  readonly id: string;
  readonly at: number;
  readonly items: readonly ItemState[];
}

export interface SubState {
  /** Unix seconds; in force until the next state. */
  readonly at: number;
  readonly cause: Cause;
  readonly status: "trialing" | "active" | "past_due" | "unpaid" | "canceled";
  readonly items: readonly ItemState[];
  readonly discounts: readonly DiscountState[];
  readonly anchor: number;
  /** Where its first cycle begins only at an anchor ahead: since when it runs. */
  readonly opened?: number;
  readonly trialStart: number | null;
  readonly trialEnd: number | null;
  readonly cancelAt: number | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly canceledAt: number | null;
  readonly endedAt: number | null;
  readonly reason: "cancellation_requested" | "payment_failed" | null;
  readonly feedback: string | null;
  readonly pause:
    | {
      readonly behavior: "void" | "keep_as_draft" | "mark_uncollectible";
      readonly resumesAt: number | null;
    }
    | null;
  readonly planned: PlannedChange | null;
  /** What will come of a failed payment or a trial, decided when it began. */
  readonly outcome: { readonly at: number; readonly good: boolean } | null;
}

export interface CustomerRecord {
  readonly index: number;
  readonly id: string;
  readonly created: number;
  readonly currency: Currency;
  readonly tax: TaxSpec | null;
  /** The version in whose shapes the events of this customer came; the present one by default. */
  readonly eventVersion?: OlderVersion;
  /** A discount of the customer's own, which subscriptions without one take. */
  readonly discount: DiscountState | null;
  readonly subscriptions: Sub[];
}

/** How somebody closed an invoice by hand. */
export interface Closing {
  readonly at: number;
  readonly status: "void" | "uncollectible";
}

/** What sets apart the subscriptions whose lives follow a script. */
export interface Traits {
  /** The case whose script it follows. */
  readonly name: string;
  /** Invoices are sent, and paid so many days later; without it a card is charged at once. */
  readonly paysAfter?: number;
  /** Seconds for which the invoice of a renewal stays a draft; without it it is final at once. */
  readonly finalizesAfter?: number;
  /** Invoices that were closed by hand, by the second in which they were made. */
  readonly closings?: ReadonlyMap<number, Closing>;
  /** How the invoice of a failed payment is closed by hand. */
  readonly closes?: Closing["status"];
  /** Whether a trial given in mid-cycle gives back the unused rest. */
  readonly credits?: boolean;
  /** The quantity on the line of a flat fee; without it the fee is on the line of its tier. */
  readonly flatLine?: 0 | 1 | "units";
  /** The events of one second come in no order. */
  readonly scrambled?: boolean;
}

export interface Sub {
  readonly index: number;
  readonly id: string;
  readonly created: number;
  readonly customer: CustomerRecord;
  readonly states: SubState[];
  readonly dice: Dice;
  readonly traits?: Traits;
}

/** The state in force now. */
export function current(sub: Sub): SubState {
  return sub.states.at(-1)!;
}

/** The state in force at a time, or undefined before the start. */
export function stateAt(sub: Sub, at: number): SubState | undefined {
  for (let index = sub.states.length - 1; index >= 0; index--) {
    if (sub.states[index]!.at <= at) return sub.states[index];
  }
  return undefined;
}

/** The interval; all items of a subscription share one. */
export function stepOf(state: SubState): Step {
  const { every, months } = state.items[0]!.price;
  if (!every) return months;
  return { days: every.unit === "week" ? 7 * every.count : every.count };
}

/** The billing period that holds a time; a subscription that ended stays in its last one. */
export function periodOf(state: SubState, at: number): Period {
  if (state.status === "trialing") return { start: state.trialStart!, end: state.trialEnd! };
  const last = state.endedAt === null ? at : Math.min(at, state.endedAt - 1);
  if (last < state.anchor) {
    const start = state.opened ?? state.trialStart ?? state.anchor;
    return { start, end: state.trialEnd ?? state.anchor };
  }
  const known = periods.get(state);
  if (known && known.start <= last && last < known.end) return known;
  const period = periodAt(state.anchor, stepOf(state), last);
  periods.set(state, period);
  return period;
}

/** The period last asked for, by state: lists ask for the same one again and again. */
const periods = new WeakMap<SubState, Period>();

/** All discounts of a state, of its items too. */
export function discountsOf(state: SubState): DiscountState[] {
  return [...state.discounts, ...state.items.flatMap((item) => item.discounts)];
}

/** When something that is already decided happens; null if nothing is. */
export function dueAt(state: SubState): number | null {
  if (state.status === "canceled") return null;
  const times = discountsOf(state).map(({ leavesAt }) => leavesAt);
  times.push(state.cancelAt, state.outcome?.at ?? null, state.pause?.resumesAt ?? null);
  times.push(state.planned?.at ?? null);
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
