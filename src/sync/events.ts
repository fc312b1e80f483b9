/**
 * Follows Stripe's events: which objects changed, and when. The events' own content is not
 * believed: each object is fetched as it is now (metrics.md D.4).
 *
 * @module
 */
import type { SourceStore } from "../store/port.ts";
import type { StripePage } from "../stripe/client.ts";
import {
  cursorOf,
  idOf,
  object,
  optionalId,
  type Shape,
  shape,
  ShapeError,
  text,
  whole,
} from "../stripe/shape.ts";
import { type Change, createApplier, type Kind } from "./apply.ts";
import type { BackfillContext } from "./backfill.ts";

/** Events may appear late, so the last hour is looked at again (metrics.md D.4.9). */
const OVERLAP_SECONDS = 3600;
/** How often the whole overlap is read again; polls in between stop at a page they know. */
const WHOLE_OVERLAP_SECONDS = 600;

export interface StripeEvent {
  readonly id: string;
  readonly type: string;
  /** Unix seconds. */
  readonly created: number;
  readonly object: Shape;
}

function readEvent(value: unknown): StripeEvent {
  const from = shape(value);
  return {
    id: text(from, "id"),
    type: text(from, "type"),
    created: whole(from, "created"),
    object: object(object(from, "data"), "object"),
  };
}

/** The objects that an event says have changed. */
function touched({ type, object: of }: StripeEvent): readonly (readonly [Kind, string])[] {
  const found: [Kind, string][] = [];
  const note = (kind: Kind, id: string | null) => void (id && found.push([kind, id]));
  if (type.startsWith("customer.subscription.")) note("subscription", idOf(of, "id"));
  else if (type.startsWith("customer.discount.")) {
    note("customer", optionalId(of, "customer"));
    note("subscription", optionalId(of, "subscription"));
  } else if (/^customer\.(created|updated|deleted)$/.test(type)) note("customer", idOf(of, "id"));
  else if (type.startsWith("subscription_schedule.")) {
    note("subscription", optionalId(of, "subscription"));
  } else {
    const kind = /^(price|product|coupon)\./.exec(type)?.[1] as Kind | undefined;
    if (kind) note(kind, idOf(of, "id"));
  }
  return found;
}

export interface EventFollower {
  /** Notes where the events stand; what comes later will be followed. */
  begin(): Promise<void>;
  /** Goes on from the last event that was applied, created at `last` (Unix seconds). */
  resume(last: number): void;
  /** Fetches and applies what changed since; returns how many objects. @throws {StripeFault} */
  poll(): Promise<number>;
}

/** The newest state of each object, once, in order of their events. */
function coalesce(events: readonly StripeEvent[]): Change[] {
  const changes = new Map<string, Change>();
  for (const event of [...events].sort((a, b) => a.created - b.created)) {
    for (const [kind, id] of touched(event)) {
      changes.delete(`${kind} ${id}`);
      changes.set(`${kind} ${id}`, { kind, id, at: event.created });
    }
  }
  return [...changes.values()];
}

/** The event, or `null` where it is of another shape than is known; that is noted. */
function tryEvent(store: SourceStore, value: unknown): StripeEvent | null {
  try {
    const event = readEvent(value);
    touched(event);
    return event;
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    store.setUnreadable({ kind: "event", id: cursorOf(value), problem: error.message });
    return null;
  }
}

/** @param notice Told the events that were applied, in any order, each once. */
export function createEventFollower(
  context: BackfillContext,
  notice: (events: readonly StripeEvent[]) => void = () => {},
): EventFollower {
  const { client, clock, store } = context;
  const apply = createApplier(context);
  const known = new Map<string, number>();
  let floor = 0;
  let newest = 0;
  let wholeAt = 0;
  const seconds = () => Math.floor(clock.now() / 1000);

  function forgetOld(): void {
    for (const [id, created] of known) {
      if (created < newest - 2 * OVERLAP_SECONDS) known.delete(id);
    }
  }

  async function unseen(whole: boolean): Promise<StripeEvent[]> {
    const found: StripeEvent[] = [];
    const since = Math.max(floor, newest - OVERLAP_SECONDS);
    let after: string | null = null;
    while (true) {
      const page: StripePage = await client.list("/v1/events", {
        limit: 100,
        "created[gte]": since,
        ...(after === null ? {} : { starting_after: after }),
      });
      const fresh = page.data.filter((value) => !known.has(cursorOf(value)));
      for (const value of fresh) {
        const event = tryEvent(store, value);
        if (event) found.push(event);
        // Of those there are few: they are known for good.
        else known.set(cursorOf(value), Infinity);
      }
      if (!page.hasMore || page.data.length === 0 || (!whole && fresh.length === 0)) return found;
      after = cursorOf(page.data.at(-1));
    }
  }

  return {
    async begin() {
      const page = await client.list("/v1/events", { limit: 1 });
      const last = page.data[0] === undefined ? null : tryEvent(store, page.data[0]);
      // The server's clock may be another one: where it has no event yet, all will be new.
      newest = last?.created ?? 0;
      if (last) store.setStatus({ lastEventAt: newest });
      floor = newest;
      known.clear();
      wholeAt = seconds();
    },
    resume(last) {
      newest = last;
      floor = last - OVERLAP_SECONDS;
      known.clear();
      wholeAt = seconds();
    },
    async poll() {
      const whole = seconds() - wholeAt >= WHOLE_OVERLAP_SECONDS;
      const events = await unseen(whole);
      const changes = coalesce(events);
      await apply(changes);
      notice(events);
      // Only now: a failed poll leaves the events to the next one.
      for (const { id, created } of events) {
        known.set(id, created);
        newest = Math.max(newest, created);
      }
      if (whole) wholeAt = seconds();
      forgetOld();
      if (events.length > 0) store.setStatus({ lastEventAt: newest });
      return changes.length;
    },
  };
}
