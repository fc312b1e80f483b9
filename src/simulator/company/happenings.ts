/** Which events a change makes, as Stripe would send them. */
import type Stripe from "stripe";
import {
  fateOf,
  finalizedAt,
  invoiceId,
  invoiceOfState,
  type InvoiceRef,
  invoicesOf,
  isCycle,
  renewsAt,
} from "./invoices.ts";
import { scheduleOfState, type ScheduleRef } from "./render_schedule.ts";
import type { Subject } from "./records.ts";
import type { CustomerRecord, Sub } from "./state.ts";

/** An event without its id. */
export interface Happening {
  readonly created: number;
  readonly type: Stripe.Event.Type;
  readonly subject: Subject;
}

/** The events of a new invoice. */
export function invoiceHappenings(ref: InvoiceRef): Happening[] {
  const { created } = ref;
  const event = (type: Stripe.Event.Type): Happening => ({
    created,
    type,
    subject: { is: "invoice", ref, changed: false },
  });
  const { status } = fateOf(ref, created);
  const first = [event("invoice.created")];
  if (status === "draft") return first;
  first.push(event("invoice.finalized"));
  if (status === "paid") return [...first, event("invoice.paid")];
  if (status === "void") return [...first, event("invoice.voided")];
  if (status === "uncollectible") return [...first, event("invoice.marked_uncollectible")];
  // What is sent is not tried.
  if (ref.state.status !== "past_due") return first;
  return [...first, event("invoice.payment_failed")];
}

/** The events of a renewal: the periods move on and an invoice is made. */
export function renewalHappenings(sub: Sub, index: number, at: number): Happening[] {
  const state = sub.states[index]!;
  const ref: InvoiceRef = {
    id: invoiceId(sub, at),
    created: at,
    sub,
    state,
    before: null,
    reason: "subscription_cycle",
  };
  return [
    {
      created: at,
      type: "customer.subscription.updated",
      subject: { is: "subscription", sub, state, before: state },
    },
    ...invoiceHappenings(ref),
  ];
}

/** The events of the change with which a state began. */
export function changeHappenings(sub: Sub, index: number): Happening[] {
  const state = sub.states[index]!;
  const before = sub.states[index - 1] ?? null;
  const { at, cause } = state;
  const event = (type: Stripe.Event.Type, subject: Subject): Happening => ({
    created: at,
    type,
    subject,
  });
  const suffix = cause === "created"
    ? "created"
    : state.status === "canceled"
    ? "deleted"
    : "updated";
  const events = [
    event(`customer.subscription.${suffix}`, { is: "subscription", sub, state, before }),
  ];
  const agreed = scheduleOfState(sub, state);
  if (agreed) events.push(event("subscription_schedule.created", { is: "schedule", ref: agreed }));
  const begun = cause === "phase_changed" && before ? scheduleBefore(sub, index) : null;
  if (begun) events.push(event("subscription_schedule.released", { is: "schedule", ref: begun }));
  for (const discount of discountChanges(sub, index)) events.push(discount);
  const ref = invoiceOfState(sub, index);
  if (ref) events.push(...invoiceHappenings(ref));
  if (before && renewsAt(before, state) && !isCycle(ref)) {
    // The renewal of this very second belongs to the state before.
    events.unshift(...renewalHappenings(sub, index - 1, at));
  }
  const failed = before && (cause === "payment_recovered" || before.status === "past_due")
    ? failedInvoice(sub, index)
    : null;
  if (failed && state.status !== "unpaid") {
    const type = cause === "payment_recovered"
      ? "invoice.paid"
      : fateOf(failed, at).status === "void"
      ? "invoice.voided"
      : "invoice.marked_uncollectible";
    events.push(event(type, { is: "invoice", ref: failed, changed: true }));
  }
  return events;
}

/** What became later of invoices that wait, that are sent, or that somebody closed by hand. */
export function laterHappenings(sub: Sub, from: number, until: number): Happening[] {
  if (!sub.traits) return [];
  return invoicesOf(sub, 0, until).flatMap((ref) => {
    const { status, changedAt } = fateOf(ref, until);
    const finalAt = finalizedAt(ref);
    const isLate = finalAt > Math.max(from, ref.created) && finalAt <= until;
    const subject = { is: "invoice", ref, changed: true } as const;
    const final: Happening[] = isLate
      ? [{ created: finalAt, type: "invoice.finalized", subject }]
      : [];
    const isTold = ref.state.status === "past_due" || status === "open" || status === "draft";
    if (isTold || changedAt <= Math.max(from, ref.created)) return final;
    const type = status === "void"
      ? "invoice.voided"
      : status === "paid"
      ? "invoice.paid"
      : "invoice.marked_uncollectible";
    return [...final, { created: changedAt, type, subject }];
  });
}

/** A discount of the customer's own comes and goes. */
export function customerDiscountHappenings(
  customer: CustomerRecord,
  from: number,
  until: number,
): Happening[] {
  const { discount } = customer;
  if (!discount) return [];
  const subject = { is: "discount", customer, sub: null, discount } as const;
  return ([["created", discount.start], ["deleted", discount.leavesAt]] as const).flatMap(
    ([suffix, created]) =>
      created !== null && created > from && created <= until
        ? [{ created, type: `customer.discount.${suffix}`, subject } as const]
        : [],
  );
}

function discountChanges(sub: Sub, index: number): Happening[] {
  const state = sub.states[index]!;
  const before = sub.states[index - 1]?.discounts ?? [];
  const has = (list: readonly { id: string }[], id: string) => list.some((each) => each.id === id);
  const event = (suffix: "created" | "deleted", discount: typeof before[number]): Happening => ({
    created: state.at,
    type: `customer.discount.${suffix}`,
    subject: { is: "discount", customer: sub.customer, sub, discount },
  });
  return [
    ...state.discounts.filter(({ id }) => !has(before, id)).map((each) => event("created", each)),
    ...before.filter(({ id }) => !has(state.discounts, id)).map((each) => event("deleted", each)),
  ];
}

/** The schedule whose next phase began with a state. */
function scheduleBefore(sub: Sub, index: number): ScheduleRef | null {
  for (let each = index - 1; each > 0; each--) {
    const ref = scheduleOfState(sub, sub.states[each]!);
    if (ref) return ref;
  }
  return null;
}

/** The invoice whose payment failed before a state. */
function failedInvoice(sub: Sub, index: number): InvoiceRef | null {
  for (let each = index - 1; each > 0; each--) {
    if (sub.states[each]!.cause === "payment_failed") return invoiceOfState(sub, each);
  }
  return null;
}
