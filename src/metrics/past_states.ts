/**
 * What a subscription's object was before it became what it is, as events and the following of
 * changes tell: the facts from which exact times come (metrics.md B.6 step 3). Kept, so that
 * changed options recount the past without asking Stripe.
 *
 * @module
 */
import { causeOf } from "./causes.ts";
import { mrr, type MrrFacts } from "./mrr.ts";
import { nextChangeAt } from "./next_change.ts";
import type { MrrOptions } from "./options.ts";
import { isSeen, type Seen, type Stretch } from "./seen.ts";
import { type Quality, type Segment, segmentLines } from "./segments.ts";
import type { Discount, Item, Subscription } from "./types.ts";

/** The object as it was until a moment, Unix seconds. */
export interface PastState {
  readonly until: number;
  readonly sub: Subscription;
  /** What an event said of it could not be read: in part it is as the state after it. */
  readonly doubtful?: boolean;
}

export interface PastStates {
  /** From here on every change is known, Unix seconds. */
  readonly since: number;
  /** From here up to `since` something is known to have been told that could not be read. */
  readonly doubtedSince?: number;
  /** Oldest first; each begins where the one before ended, the first at `since`. */
  readonly states: readonly PastState[];
  /**
   * Stretches of which nothing is known but by invoices, as nobody looked and Stripe has no events
   * of them any more; each begins where a state ended. Oldest first.
   */
  readonly unknown?: readonly Stretch[];
}

const NO_STRETCHES: readonly Stretch[] = [];

/** The states with those unknown stretches that they reach back to. */
export function withUnknown(
  past: PastStates,
  unknown: readonly Stretch[] = NO_STRETCHES,
): PastStates {
  const within = unknown.filter(({ from }) => from >= past.since);
  const { since, states } = past;
  return within.length === 0 ? { since, states } : { since, states, unknown: within };
}

/** States kept of one subscription; the oldest go first. */
const STATES_MAX = 64;

function discountText({ id, couponId, start, end }: Discount): string {
  return `${id} ${couponId} ${start} ${end}`;
}

function itemText(item: Item, dated: boolean): string {
  const { trial, taxRates, currentPeriodStart, currentPeriodEnd } = item;
  return [
    item.id,
    item.price.id,
    item.quantity ?? 1n,
    trial && `${trial.start}-${trial.end}`,
    item.discounts.map(discountText).join("+"),
    taxRates.map(({ inclusive, percentage }) => `${inclusive} ${percentage.n}`).join("+"),
    dated ? `${currentPeriodStart}-${currentPeriodEnd}` : "",
  ].join(" ");
}

/** Everything that the value depends on. Periods matter to a cancellation on a set day only. */
function meaning(sub: Subscription): string {
  const dated = sub.cancelAt !== null;
  const { pause } = sub;
  return [
    sub.status,
    sub.customer,
    sub.currency,
    sub.trialEnd,
    sub.cancelAt,
    sub.cancelAtPeriodEnd,
    sub.canceledAt,
    sub.endedAt,
    sub.cancelReason,
    pause && `${pause.behavior} ${pause.resumesAt}`,
    sub.automaticTax,
    sub.itemsTruncated,
    sub.items.map((item) => itemText(item, dated)).sort().join(),
    sub.discounts.map(discountText).join(),
    sub.defaultTaxRates.map(({ inclusive, percentage }) => `${inclusive} ${percentage.n}`).join(),
  ].join("|");
}

/** Whether two states of a subscription are worth the same at any time. */
export function sameMeaning(a: Subscription, b: Subscription): boolean {
  return a === b || meaning(a) === meaning(b);
}

/** The states bounded in number: what is dropped is told by invoices again. */
export function bounded(past: PastStates): PastStates {
  const { states, unknown } = past;
  if (states.length <= STATES_MAX) return past;
  const dropped = states[states.length - STATES_MAX - 1]!;
  return withUnknown({ since: dropped.until, states: states.slice(-STATES_MAX) }, unknown);
}

/**
 * The states with one more: `before` was in force until `at`.
 *
 * @param since From when on all changes are known, where none was noted yet. Unix seconds.
 */
export function withState(
  past: PastStates | undefined,
  before: Subscription,
  at: number,
  since: number,
): PastStates {
  const { since: known, states, unknown } = past ??
    { since: Math.min(since, at), states: [], unknown: NO_STRETCHES };
  const until = Math.max(at, states.at(-1)?.until ?? known);
  return bounded(
    withUnknown({ since: known, states: [...states, { until, sub: before }] }, unknown),
  );
}

/** States read later than others that follow on them. */
export function joinStates(older: PastStates, newer: PastStates | undefined): PastStates {
  if (!newer) return bounded(older);
  const from = newer.since;
  const before = older.states.filter(({ until }) => until <= from);
  const since = Math.min(older.since, from);
  const unknown = [...older.unknown ?? [], ...newer.unknown ?? []];
  return bounded(withUnknown({ since, states: [...before, ...newer.states] }, unknown));
}

/** The state in force at a moment, Unix seconds; `undefined` where it is not among the past ones. */
export function stateAt(past: PastStates | undefined, at: number): Subscription | undefined {
  return past?.states.find(({ until }) => until > at)?.sub;
}

/** A state between two moments. */
interface Lasting extends PastState {
  readonly from: number;
  /** Since when it had been past due without a break; `undefined` where that is not known. */
  readonly lateSince: number | undefined;
}

function* lasting(
  past: PastStates,
  current: Subscription,
  to: number,
  lateFirst: number | undefined,
): Iterable<Lasting> {
  let from = past.since;
  let lateSince = lateFirst;
  let late = false;
  for (const state of [...past.states, { sub: current, until: to }]) {
    const now = state.sub.status === "past_due";
    if (!now) lateSince = undefined;
    else if (!late && from > past.since) lateSince = from;
    late = now;
    yield { ...state, from, lateSince };
    from = state.until;
  }
}

/** Where a stretch that begins at `from` is known to begin: behind what is unknown. */
function knownFrom({ unknown }: PastStates, from: number): number {
  return unknown?.find((stretch) => stretch.from <= from && from < stretch.to)?.to ?? from;
}

/**
 * What a subscription was worth from the first known state to `to`, exactly, with the times of
 * its changes. Where a state is doubtful the segment is `inferred`, also one worth 0.
 *
 * @param current The object as it is since the last of the states.
 * @param seen Which changes were seen as they happened; the others come from events.
 * @param lateFirst Since when the first state had been past due, where that is known.
 */
export function stateSegments(
  past: PastStates,
  current: Subscription,
  to: number,
  options: MrrOptions,
  facts: MrrFacts,
  seen: Seen,
  lateFirst?: number,
): readonly Segment[] {
  const segments: Segment[] = [];
  for (const state of lasting(past, current, to, lateFirst)) {
    const { sub, lateSince } = state;
    const isCurrent = sub === current && facts.pastDueSince !== undefined;
    const then = { ...facts, pastDueSince: isCurrent ? facts.pastDueSince : lateSince };
    const from = knownFrom(past, state.from);
    addState(segments, { ...state, from }, to, options, then, seen);
  }
  return segments;
}

/** Adds the segments of one state; one that ends there has what ended it as its cause. */
function addState(
  segments: Segment[],
  { sub, from, until, doubtful = false }: Lasting,
  to: number,
  options: MrrOptions,
  facts: MrrFacts,
  seen: Seen,
): void {
  const last = Math.min(until, to);
  for (let at: number | null = Math.max(from, sub.created); at !== null && at < last;) {
    const next = nextChangeAt(sub, at, options, facts);
    const end = Math.min(next ?? last, last);
    const result = mrr(sub, at, options, facts);
    const before = segments.at(-1);
    if (result.kind === "value" && result.amount.n === 0n && before?.to === at) {
      segments[segments.length - 1] = { ...before, cause: causeOf(sub) };
    }
    const known: Quality = isSeen(seen, at) ? "live" : "event";
    if (result.kind === "value" && (doubtful || result.amount.n > 0n) && at < end) {
      segments.push({
        subscription: sub.id,
        customer: sub.customer,
        from: at,
        to: end,
        currency: sub.currency,
        exact: result.amount,
        quality: doubtful ? "inferred" : known,
        lines: result.amount.n > 0n ? segmentLines(result) : [],
      });
    }
    at = next;
  }
}
