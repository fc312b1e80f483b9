/**
 * Replays the last 30 days of events of every subscription, newest to oldest, so that changes in
 * that time have their exact moment (metrics.md B.6 step 3).
 *
 * @module
 */
import { discountsOn } from "../metrics/invoice_lines.ts";
import {
  joinStates,
  type PastState,
  type PastStates,
  sameMeaning,
} from "../metrics/past_states.ts";
import type { Discount, Subscription } from "../metrics/types.ts";
import { StripeFault } from "../stripe/fault.ts";
import { cursorOf, ShapeError } from "../stripe/shape.ts";
import {
  discountOf,
  type SubscriptionChange,
  subscriptionChange,
  undoChange,
  undoDeletion,
  type UndoMirror,
} from "../stripe/undo.ts";
import type { BackfillContext } from "./backfill.ts";
import { listWindowed } from "./listing.ts";

/** Stripe keeps events so long; an hour is left for those that go while they are read. */
const KEPT_SECONDS = 30 * 86_400 - 3600;
const WORKERS_MAX = 4;
const TYPES = [
  ...["created", "updated", "deleted", "paused", "resumed", "pending_update_applied"]
    .map((name) => `customer.subscription.${name}`),
  ...["created", "updated", "deleted"].map((name) => `customer.discount.${name}`),
];

/** The events of subscriptions, slim. */
export interface EventLog {
  /** From here on every event was read, Unix seconds. */
  readonly since: number;
  /** Subscriptions with an event. */
  subscriptions(): Iterable<string>;
  /**
   * What a subscription was before the events that it had until `to`: states that come before
   * those that are known, or before the object as it is. `null` where nothing is told of it.
   *
   * @throws {ShapeError} when an event's former values are of an unknown shape.
   */
  replay(current: Subscription, known: PastStates | undefined, to: number): PastStates | null;
}

/** The status that a subscription had when it was deleted, where no event before tells it. */
function untoldStatus(sub: Subscription, at: number): string | null {
  if (sub.trialEnd !== null && sub.trialEnd >= at) return "trialing";
  // After failed payments it was past due or unpaid, which differ in worth.
  return sub.cancelReason === "payment_failed" ? null : "active";
}

/** What stood before a change; `null` where the event does not tell. */
function before(
  sub: Subscription,
  change: SubscriptionChange,
  older: SubscriptionChange | undefined,
  mirror: UndoMirror,
): Subscription | null {
  if (change.kind === "updated") return undoChange(sub, change, mirror);
  if (change.kind === "created") return null;
  const status = older?.status ?? untoldStatus(sub, change.at);
  return status === null ? null : undoDeletion(sub, change.at, status);
}

/** @param changes Of one subscription, newest first. */
function statesBefore(
  base: Subscription,
  changes: readonly SubscriptionChange[],
  since: number,
  mirror: UndoMirror,
): PastStates {
  const states: PastState[] = [];
  let sub = base;
  for (const [index, change] of changes.entries()) {
    const earlier = before(sub, change, changes[index + 1], mirror);
    if (earlier === null) return { since: change.at, states: states.reverse() };
    if (!sameMeaning(earlier, sub)) states.push({ until: change.at, sub: earlier });
    sub = earlier;
  }
  return { since: Math.max(since, base.created), states: states.reverse() };
}

/**
 * Reads the events; `null` where the key may not.
 *
 * @param from Older events are not read, Unix seconds.
 * @throws {StripeFault}
 */
export async function readEventLog(context: BackfillContext, from = 0): Promise<EventLog | null> {
  const { clock, store } = context;
  const now = Math.floor(clock.now() / 1000);
  const since = Math.max(from, now - KEPT_SECONDS);
  const log = new Map<string, { readonly change: SubscriptionChange; readonly order: number }[]>();
  const discounts = new Map<string, Discount>();
  let order = 0;

  function take(event: unknown): void {
    order++;
    try {
      const discount = discountOf(event, store);
      if (discount) discounts.set(discount.id, discount);
      const change = discount ? null : subscriptionChange(event);
      if (!change) return;
      const changes = log.get(change.subscription);
      if (changes) changes.push({ change, order });
      else log.set(change.subscription, [{ change, order }]);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      store.setUnreadable({ kind: "event", id: cursorOf(event), problem: error.message });
    }
  }

  try {
    await listWindowed(context, "/v1/events", { "types": TYPES }, {
      from: since,
      to: now + 1,
      workersMax: WORKERS_MAX,
      onPage: (data) => data.forEach(take),
    });
  } catch (error) {
    if (!(error instanceof StripeFault) || error.kind !== "permission_missing") throw error;
    return null;
  }

  function known(sub: Subscription): ReadonlyMap<string, Discount> {
    const history = store.history(sub.id);
    const seen = [
      ...(history ? discountsOn(history) : []),
      ...sub.discounts,
      ...sub.items.flatMap((item) => item.discounts),
    ];
    return new Map(seen.filter(({ couponId }) => couponId !== null).map((one) => [one.id, one]));
  }

  return {
    since,
    subscriptions: () => log.keys(),
    replay(current, past, to) {
      const entries = log.get(current.id);
      if (!entries) return null;
      const end = Math.min(to, past?.states[0]?.until ?? Infinity);
      // Newest first; those of one second as Stripe lists them.
      const changes = entries.sort((a, b) => b.change.at - a.change.at || a.order - b.order)
        .flatMap(({ change }) => change.at < end ? [change] : []);
      const base = past?.states[0]?.sub ?? current;
      const own = known(base);
      const mirror: UndoMirror = {
        price: store.price,
        coupon: store.coupon,
        discount: (id) => own.get(id) ?? discounts.get(id),
      };
      return joinStates(statesBefore(base, changes, since, mirror), past);
    },
  };
}
