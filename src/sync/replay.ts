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
import {
  discountsOf,
  type Field,
  type SubscriptionChange,
  subscriptionChange,
} from "../stripe/change.ts";
import { StripeFault } from "../stripe/fault.ts";
import { type Second, secondOf } from "../stripe/one_second.ts";
import { cursorOf, ShapeError } from "../stripe/shape.ts";
import { undoChange, undoDeletion, type UndoMirror } from "../stripe/undo.ts";
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
   * A state that cannot be read is as the one after it, and doubtful; those before it are told on.
   */
  replay(current: Subscription, known: PastStates | undefined, to: number): PastStates | null;
}

/** The status that a subscription had when it was deleted, where no event before tells it. */
function untoldStatus(sub: Subscription, at: number): string | null {
  if (sub.trialEnd !== null && sub.trialEnd >= at) return "trialing";
  // After failed payments it was past due or unpaid, which differ in worth.
  return sub.cancelReason === "payment_failed" ? null : "active";
}

/** A subscription, with the fields of it that could not be read of an event since. */
interface Told {
  readonly sub: Subscription;
  readonly doubt: ReadonlySet<Field>;
}

/** What stood before a second; `null` where the events do not tell. */
function before({ sub, doubt }: Told, second: Second, older: Second | null, mirror: UndoMirror) {
  if (second.created) return null;
  const status = second.deleted
    ? second.status ?? older?.status ?? untoldStatus(sub, second.at)
    : sub.status;
  if (status === null) return null;
  const lasting = second.deleted ? undoDeletion(sub, second.at, status) : sub;
  const undone = undoChange(lasting, second.previous, mirror, second.at);
  const left = new Set(doubt);
  for (const field of Object.keys(second.previous)) left.delete(field as Field);
  let earlier = undone.sub;
  for (const field of [...second.unread.keys(), ...undone.unread.keys()]) {
    // What it was then is what the event before left.
    const value = older?.after(field);
    const told = value === undefined ? null : undoChange(earlier, { [field]: value }, mirror, 0);
    if (told && told.unread.size === 0) earlier = told.sub;
    else left.add(field);
  }
  const unread = [...second.unread.values(), ...undone.unread.values()];
  return { told: { sub: earlier, doubt: left }, unread };
}

/**
 * @param seconds Of one subscription, newest first.
 * @param note Told of each second that cannot be read as a whole.
 */
function statesBefore(
  base: Subscription,
  seconds: readonly Second[],
  since: number,
  mirror: UndoMirror,
  note: (at: number, problem: string) => void,
): PastStates {
  const states: PastState[] = [];
  let told: Told = { sub: base, doubt: new Set() };
  for (const [index, second] of seconds.entries()) {
    const { at } = second;
    const earlier = before(told, second, seconds[index + 1] ?? null, mirror);
    if (earlier === null) return { since: at, states: states.reverse() };
    if (earlier.unread.length > 0) note(at, earlier.unread[0]!);
    const { sub, doubt } = earlier.told;
    const doubtful = doubt.size > 0;
    if (!sameMeaning(sub, told.sub) || doubtful !== told.doubt.size > 0) {
      states.push({ until: at, sub, ...(doubtful ? { doubtful } : {}) });
    }
    told = earlier.told;
  }
  return { since: Math.max(since, base.created), states: states.reverse() };
}

/** The events of each subscription, each once; and discounts that they carry whole. */
function createLog({ store }: BackfillContext) {
  const changes = new Map<string, Map<string, SubscriptionChange>>();
  const discounts = new Map<string, Discount>();
  return {
    changes,
    discounts,
    take(event: unknown): void {
      try {
        const seen = discountsOf(event, store);
        for (const discount of seen ?? []) discounts.set(discount.id, discount);
        const change = seen ? null : subscriptionChange(event);
        if (!change) return;
        const known = changes.get(change.subscription) ?? new Map();
        changes.set(change.subscription, known.set(change.event, change));
      } catch (error) {
        if (!(error instanceof ShapeError)) throw error;
        store.setUnreadable({ kind: "event", id: cursorOf(event), problem: error.message });
      }
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
  const { clock, store } = context;
  const now = Math.floor(clock.now() / 1000);
  const since = Math.max(from, now - KEPT_SECONDS);
  const log = createLog(context);

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
    subscriptions: () => log.changes.keys(),
    replay(current, past, to) {
      const changes = log.changes.get(current.id);
      if (!changes) return null;
      const end = Math.min(to, past?.states[0]?.until ?? Infinity);
      const bySecond = Map.groupBy(changes.values(), ({ at }) => at);
      const seconds = [...bySecond].filter(([at]) => at < end).sort(([a], [b]) => b - a)
        .map(([, ofSecond]) => secondOf(ofSecond));
      const base = past?.states[0]?.sub ?? current;
      const own = known(base);
      const mirror: UndoMirror = {
        price: store.price,
        coupon: store.coupon,
        discount: (id) => own.get(id) ?? log.discounts.get(id),
      };
      const states = statesBefore(base, seconds, since, mirror, (at, problem) => {
        const ids = bySecond.get(at)!.map(({ event }) => event).sort();
        store.setUnreadable({ kind: "event", id: ids.join(" "), problem });
      });
      return joinStates(states, past);
    },
  };
}
