/**
 * Follows Stripe's events: which objects changed, and when. The events' own content is not
 * believed: each object is fetched as it is now (metrics.md D.4).
 *
 * @module
 */
import { cursorOf, type Query, type StripePage } from "../stripe/client.ts";
import { StripeFault } from "../stripe/fault.ts";
import { idOf, object, optionalId, type Shape, shape, text, whole } from "../stripe/shape.ts";
import { type BackfillContext, SUBSCRIPTION_EXPAND } from "./backfill.ts";
import { completeFacts } from "./facts.ts";

/** Events may appear late, so the last hour is looked at again (metrics.md D.4.9). */
const OVERLAP_SECONDS = 3600;
/** How often the whole overlap is read again; polls in between stop at a page they know. */
const WHOLE_OVERLAP_SECONDS = 600;
/** Objects fetched at the same time; the client's limits come on top. */
const FETCHES = 16;

type Kind = "subscription" | "customer" | "price" | "product" | "coupon";

const PATHS: Readonly<Record<Kind, string>> = {
  subscription: "/v1/subscriptions",
  customer: "/v1/customers",
  price: "/v1/prices",
  product: "/v1/products",
  coupon: "/v1/coupons",
};

const EXPANDS: Readonly<Record<Kind, readonly string[]>> = {
  subscription: SUBSCRIPTION_EXPAND,
  customer: ["discount.source.coupon"],
  price: ["tiers", "currency_options"],
  product: [],
  coupon: ["applies_to", "currency_options"],
};

interface StripeEvent {
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
  /** Fetches and applies what changed since; returns how many objects. @throws {StripeFault} */
  poll(): Promise<number>;
}

interface Change {
  readonly kind: Kind;
  readonly id: string;
  /** Time of the newest event about it. */
  readonly at: number;
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

/** Applies fetched objects; prices, coupons and customers change the value of others. */
function createApplier(context: BackfillContext) {
  const { store, ledger } = context;
  const seconds = () => Math.floor(context.clock.now() / 1000);

  async function fetchObject({ kind, id }: Change): Promise<unknown | null> {
    const expand = EXPANDS[kind];
    const query: Query = expand.length === 0 ? {} : { expand };
    try {
      return await context.client.retrieve(`${PATHS[kind]}/${encodeURIComponent(id)}`, query);
    } catch (error) {
      const gone = error instanceof StripeFault &&
        (error.kind === "not_found" || error.kind === "permission_missing");
      if (gone) return null;
      throw error;
    }
  }

  function applySubscription(change: Change, value: unknown | null): void {
    if (value === null) ledger.putGone(change.id, change.at);
    else ledger.putChanged(value, change.at, seconds());
  }

  /** Puts what others depend on; returns whether their values may have changed. */
  function applyMirror({ kind, id }: Change, value: unknown): boolean {
    switch (kind) {
      case "price":
        ledger.putPrice(value);
        return true;
      case "coupon":
        ledger.putCoupon(value);
        return true;
      case "customer": {
        const before = store.customerDiscount(id);
        ledger.putCustomer(value);
        return before?.id !== store.customerDiscount(id)?.id;
      }
      default:
        ledger.putProduct(value);
        return false;
    }
  }

  return async function apply(changes: readonly Change[]): Promise<void> {
    const dependedOn = new Set<string>();
    const subscriptions = new Set<string>();
    for (let start = 0; start < changes.length; start += FETCHES) {
      const batch = changes.slice(start, start + FETCHES);
      const values = await Promise.all(batch.map(fetchObject));
      batch.forEach((change, index) => {
        const value = values[index];
        if (change.kind === "subscription") {
          subscriptions.add(change.id);
          applySubscription(change, value);
        } else if (value != null && applyMirror(change, value)) dependedOn.add(change.id);
      });
    }
    if (dependedOn.size > 0) {
      ledger.revalue(seconds(), (sub) =>
        dependedOn.has(sub.customer) ||
        sub.items.some(({ price }) => dependedOn.has(price.id)) ||
        [...sub.discounts, ...sub.items.flatMap((item) => item.discounts)]
          .some(({ couponId }) => couponId !== null && dependedOn.has(couponId)), "kept");
    }
    if (subscriptions.size > 0) await completeFacts(context, (sub) => subscriptions.has(sub.id));
  };
}

export function createEventFollower(context: BackfillContext): EventFollower {
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
      const fresh = page.data.map(readEvent).filter(({ id }) => !known.has(id));
      found.push(...fresh);
      if (!page.hasMore || page.data.length === 0 || (!whole && fresh.length === 0)) return found;
      after = cursorOf(page.data.at(-1));
    }
  }

  return {
    async begin() {
      const page = await client.list("/v1/events", { limit: 1 });
      const last = page.data[0] === undefined ? null : readEvent(page.data[0]);
      newest = last?.created ?? seconds();
      floor = newest;
      known.clear();
      wholeAt = seconds();
    },
    async poll() {
      const whole = seconds() - wholeAt >= WHOLE_OVERLAP_SECONDS;
      const events = await unseen(whole);
      const changes = coalesce(events);
      await apply(changes);
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
