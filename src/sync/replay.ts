/**
 * Replays the last 30 days of events of every subscription, newest to oldest, so that changes in
 * that time have their exact moment (metrics.md B.6 step 3).
 *
 * @module
 */
import { discountsOn } from "../metrics/invoice_lines.ts";
import { joinStates, type PastStates } from "../metrics/past_states.ts";
import type { Discount, Subscription } from "../metrics/types.ts";
import {
  type DiscountChange,
  discountChange,
  type SubscriptionChange,
  subscriptionChange,
} from "../stripe/change.ts";
import { StripeFault } from "../stripe/fault.ts";
import { secondOf } from "../stripe/one_second.ts";
import { idIn, ShapeError } from "../stripe/shape.ts";
import type { UndoMirror } from "../stripe/undo.ts";
import type { SourceStore } from "../store/port.ts";
import type { BackfillContext } from "./backfill.ts";
import { withExpiredDiscounts } from "./expired_discounts.ts";
import { withCustomerDiscounts } from "./customer_discounts.ts";
import { statesBefore } from "./earlier_states.ts";
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
   * A state that cannot be read is as the one after it, and doubtful; those before it are told on.
   */
  replay(current: Subscription, known: PastStates | undefined, to: number): PastStates | null;
}

/** An event log that events can be put into, each as often as it comes. */
export interface OpenEventLog extends EventLog {
  take(event: unknown): void;
}

/** The events that were put in, slim, each once. */
interface Collected {
  /** By subscription and event. */
  readonly changes: Map<string, Map<string, SubscriptionChange>>;
  /** Of discounts of customers as a whole, by customer and event. */
  readonly ofCustomers: Map<string, Map<string, DiscountChange>>;
  /** Every discount that came whole, by id. */
  readonly discounts: Map<string, Discount>;
}

function putIn<T extends { readonly event: string }>(
  into: Map<string, Map<string, T>>,
  key: string,
  change: T,
): void {
  const known = into.get(key) ?? new Map();
  into.set(key, known.set(change.event, change));
}

/** @throws {ShapeError} */
function collect(
  { changes, ofCustomers, discounts }: Collected,
  event: unknown,
  store: SourceStore,
) {
  const ofDiscount = discountChange(event, store);
  if (!ofDiscount) {
    const change = subscriptionChange(event);
    if (change) putIn(changes, change.subscription, change);
    return;
  }
  const { before, after, customer, ofCustomer } = ofDiscount;
  for (const one of [before, after]) if (one && one.couponId !== null) discounts.set(one.id, one);
  if (ofCustomer && customer !== null) {
    putIn(ofCustomers, store.calledCustomer(customer), ofDiscount);
  }
}

/** What a discount that an event names by its id is known from. */
function discountsKnown(store: SourceStore, sub: Subscription): ReadonlyMap<string, Discount> {
  const history = store.history(sub.id);
  const seen = [
    ...(history ? discountsOn(history) : []),
    ...sub.discounts,
    ...sub.items.flatMap((item) => item.discounts),
  ];
  return new Map(seen.filter(({ couponId }) => couponId !== null).map((one) => [one.id, one]));
}

/** What is found by id to undo changes of a subscription. */
function mirrorOf(store: SourceStore, sub: Subscription, { discounts }: Collected): UndoMirror {
  const known = discountsKnown(store, sub);
  return {
    price: store.price,
    coupon: store.coupon,
    discount: (id) => known.get(id) ?? discounts.get(id),
  };
}

/** @param since From here on every event is going to be put in, Unix seconds. */
export function createEventLog(store: SourceStore, since: number): OpenEventLog {
  const collected: Collected = {
    changes: new Map(),
    ofCustomers: new Map(),
    discounts: new Map(),
  };
  const { changes, ofCustomers } = collected;

  function statesOf(base: Subscription, end: number): PastStates | null {
    const own = [...changes.get(base.id)?.values() ?? []].filter(({ at }) => at < end);
    const ofCustomer = [...ofCustomers.get(base.customer)?.values() ?? []]
      .filter(({ at }) => at < end);
    if (!changes.has(base.id) && ofCustomer.length === 0) return null;
    const bySecond = Map.groupBy(own, ({ at }) => at);
    const seconds = [...bySecond].sort(([a], [b]) => b - a).map(([, each]) => secondOf(each));
    const mirror = mirrorOf(store, base, collected);
    const states = statesBefore(base, seconds, since, mirror, (at, problem) => {
      const ids = bySecond.get(at)!.map(({ event }) => event).sort();
      store.setUnreadable({ kind: "event", id: ids.join(" "), problem });
    });
    const history = store.history(base.id);
    const whole = history && own.some((change) => !change.showsItemDiscounts)
      ? withExpiredDiscounts(states, base, history)
      : states;
    return ofCustomer.length === 0 ? whole : withCustomerDiscounts(whole, base, ofCustomer);
  }

  return {
    since,
    take(event) {
      try {
        collect(collected, event, store);
      } catch (error) {
        if (!(error instanceof ShapeError)) throw error;
        store.setUnreadable({
          kind: "event",
          id: idIn(event) ?? "event without an id",
          problem: error.message,
        });
      }
    },
    *subscriptions() {
      yield* changes.keys();
      if (ofCustomers.size === 0) return;
      for (const { sub } of store.standings()) {
        if (ofCustomers.has(sub.customer) && !changes.has(sub.id)) yield sub.id;
      }
    },
    replay(current, past, to) {
      const end = Math.min(to, past?.states[0]?.until ?? Infinity);
      const states = statesOf(past?.states[0]?.sub ?? current, end);
      return states && joinStates(states, past);
    },
  };
}

/**
 * Reads the events; `null` where the key may not.
 *
 * @param from Older events are not read, Unix seconds.
 * @throws {StripeFault}
 */
export async function readEventLog(context: BackfillContext, from = 0): Promise<EventLog | null> {
  const now = Math.floor(context.clock.now() / 1000);
  const since = Math.max(from, now - KEPT_SECONDS);
  const log = createEventLog(context.store, since);
  try {
    await listWindowed(context, "/v1/events", { "types": TYPES }, {
      from: since,
      to: now + 1,
      workersMax: WORKERS_MAX,
      onPage: (data) => data.forEach(log.take),
    });
  } catch (error) {
    if (!(error instanceof StripeFault) || error.kind !== "permission_missing") throw error;
    return null;
  }
  return log;
}
