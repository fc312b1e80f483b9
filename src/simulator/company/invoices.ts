/** Which invoices a history made, and when; light references from which objects are drawn later. */
import { DAY, periodAt } from "./calendar.ts";
import { makeId } from "./ids.ts";
import { type Cause, periodOf, stateAt, stepOf, type Sub, type SubState } from "./state.ts";

/** An invoice: who, when, and in which state of the subscription it was made. */
export interface InvoiceRef {
  readonly id: string;
  readonly created: number;
  readonly sub: Sub;
  readonly state: SubState;
  /** The state before, of a change in mid-cycle. */
  readonly before: SubState | null;
  readonly reason: "subscription_create" | "subscription_cycle" | "subscription_update";
}

export function invoiceId(sub: Sub, created: number): string {
  return makeId("in", sub.index, created);
}

/** An id for the invoice that a state made; several of one second need several. */
function stateInvoiceId(sub: Sub, index: number): string {
  const { at } = sub.states[index]!;
  return sub.traits ? makeId("in", sub.index, at, index) : invoiceId(sub, at);
}

/** Changes that are invoiced (prorated) at once. */
const PRORATED: ReadonlySet<Cause> = new Set([
  "upgraded",
  "downgraded",
  "seats_changed",
  "addon_added",
  "addon_removed",
  "trial_given",
  "trial_extended",
]);

/** Whether nothing is invoiced before the first cycle begins, at an anchor ahead. */
function isAhead({ opened, anchor, at }: SubState): boolean {
  return opened !== undefined && at < anchor;
}

/** The invoice that a state made as it began, if any. */
export function invoiceOfState(sub: Sub, index: number): InvoiceRef | null {
  const state = sub.states[index]!;
  const before = sub.states[index - 1] ?? null;
  const ref = (reason: InvoiceRef["reason"], from: SubState | null = null): InvoiceRef => ({
    id: stateInvoiceId(sub, index),
    created: state.at,
    sub,
    state,
    before: from,
    reason,
  });
  if (state.cause === "created") return isAhead(state) ? null : ref("subscription_create");
  if (state.cause === "changed_at_renewal") return ref("subscription_cycle", before);
  if (state.cause === "trial_converted" || state.cause === "phase_changed") {
    return ref("subscription_cycle");
  }
  if (state.cause === "payment_failed") {
    const renewal = before && periodOf(before, state.at).start === state.at;
    return ref(renewal ? "subscription_cycle" : "subscription_update");
  }
  return PRORATED.has(state.cause) ? ref("subscription_update", before) : null;
}

function nextRenewal(state: SubState, after: number): number {
  return after < state.anchor ? state.anchor : periodAt(state.anchor, stepOf(state), after).end;
}

/** The renewals of a state after `from`, up to and with `until`, while it was in force. */
export function renewalsOf(state: SubState, from: number, until: number): number[] {
  if (state.status === "trialing" || state.status === "canceled") return [];
  const times: number[] = [];
  let end = nextRenewal(state, Math.max(from, state.at));
  while (end <= until) {
    times.push(end);
    end = periodAt(state.anchor, stepOf(state), end).end;
  }
  return times;
}

/** The end of the stretch in which a state renews; at the next state's start that one decides. */
export function lastSecondOf(sub: Sub, index: number, until: number): number {
  const next = sub.states[index + 1];
  return next ? Math.min(until, next.at - 1) : until;
}

function cycleRef(sub: Sub, state: SubState, created: number): InvoiceRef {
  const id = invoiceId(sub, created);
  return { id, created, sub, state, before: null, reason: "subscription_cycle" };
}

/** All invoices of a subscription after `from`, up to and with `until`, oldest first. */
export function invoicesOf(sub: Sub, from: number, until: number): InvoiceRef[] {
  const refs: InvoiceRef[] = [];
  sub.states.forEach((state, index) => {
    if (state.at > until) return;
    const own = state.at > from ? invoiceOfState(sub, index) : null;
    if (own) refs.push(own);
    for (const at of renewalsOf(state, from, lastSecondOf(sub, index, until))) {
      refs.push(cycleRef(sub, state, at));
    }
    // A change at the very second of a renewal comes after it, unless it makes the invoice itself.
    const next = sub.states[index + 1];
    if (next && next.at <= until && next.at > from && renewsAt(state, next)) {
      if (!isCycle(invoiceOfState(sub, index + 1))) refs.push(cycleRef(sub, state, next.at));
    }
  });
  return refs;
}

/** Whether an invoice is the renewal's own, so that it makes no other one. */
export function isCycle(ref: InvoiceRef | null): boolean {
  return ref?.reason === "subscription_cycle";
}

/** Whether the state before would have renewed at the second in which the next one began. */
export function renewsAt(state: SubState, next: SubState): boolean {
  if (state.status === "trialing" || next.status === "canceled" || next.at <= state.at) {
    return false;
  }
  if (next.at < state.anchor) return false;
  return periodAt(state.anchor, stepOf(state), next.at).start === next.at;
}

/** The newest invoice of a scripted life, several of which may be of one second. */
function latestOfScript(sub: Sub, state: SubState, at: number): string | null {
  const known = sub.states.slice(0, sub.states.lastIndexOf(state) + 1);
  return invoicesOf({ ...sub, states: known }, 0, at).at(-1)?.id ?? null;
}

/** The id of the newest invoice at a time, without walking the whole history. */
export function latestInvoiceId(sub: Sub, state: SubState, at: number): string | null {
  if (sub.traits) return latestOfScript(sub, state, at);
  let index = sub.states.lastIndexOf(state);
  let until = at;
  for (; index > 0; index--) {
    const each = sub.states[index]!;
    const { start } = periodOf(each, until);
    if (each.status !== "trialing" && each.status !== "canceled" && start > each.at) {
      return invoiceId(sub, start);
    }
    if (invoiceOfState(sub, index) || renewsAt(sub.states[index - 1]!, each)) {
      return invoiceId(sub, each.at);
    }
    until = each.at - 1;
  }
  const first = sub.states[0]!;
  const { start } = periodOf(first, until);
  const renewed = first.status !== "trialing" && start > first.at;
  return invoiceId(sub, renewed ? start : first.at);
}

/** When an invoice is final, if it is to become so: that of a renewal may be a draft first. */
export function finalizedAt({ sub, state, created, reason }: InvoiceRef): number {
  const isPlain = state.status === "active" && !state.pause;
  const wait = reason === "subscription_cycle" && isPlain ? sub.traits?.finalizesAfter ?? 0 : 0;
  return created + wait;
}

/** What becomes at once of an invoice whose collection is paused. */
const PAUSED_FATES = {
  void: "void",
  keep_as_draft: "draft",
  mark_uncollectible: "uncollectible",
} as const;

/** What became of an invoice by a time. */
export function fateOf(ref: InvoiceRef, at: number): {
  readonly status: "paid" | "open" | "uncollectible" | "void" | "draft";
  readonly paidAt: number | null;
  readonly changedAt: number;
} {
  const { state, created, sub } = ref;
  const fate = (
    status: "paid" | "open" | "uncollectible" | "void" | "draft",
    changedAt: number,
  ) => ({
    status,
    paidAt: status === "paid" ? changedAt : null,
    changedAt,
  });
  const closing = sub.traits?.closings?.get(created);
  if (closing) return closing.at <= at ? fate(closing.status, closing.at) : fate("open", created);
  if (state.pause) return fate(PAUSED_FATES[state.pause.behavior], created);
  if (state.status === "unpaid") return fate("draft", created);
  if (state.status !== "past_due") {
    const finalAt = finalizedAt(ref);
    if (at < finalAt) return fate("draft", created);
    const paidAt = finalAt + (sub.traits?.paysAfter ?? 0) * DAY;
    return paidAt <= at ? fate("paid", paidAt) : fate("open", created);
  }
  for (const later of sub.states.slice(sub.states.indexOf(state) + 1)) {
    if (later.at > at) break;
    if (later.cause === "invoice_closed") return fate(sub.traits?.closes ?? "void", later.at);
    if (later.status === "active") return fate("paid", later.at);
    // Retries are over: Stripe gives the invoice up, whether the subscription ends with it or not.
    if (later.status === "canceled" || later.status === "unpaid") {
      return fate("uncollectible", later.at);
    }
  }
  return fate("open", created);
}

/** The state that a moment is billed by. */
export function billedState(sub: Sub, at: number): SubState {
  return stateAt(sub, at) ?? sub.states[0]!;
}
