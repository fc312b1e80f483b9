/**
 * Keeps the store true: translates what Stripe returned, values it, and writes standing and
 * segments. Objects that cannot be understood are kept as unreadable.
 *
 * @module
 */
import { type MrrFacts, nextChangeAt } from "../metrics/mrr.ts";
import { changeSegments, inferSegments } from "../metrics/segments.ts";
import { standingOf } from "../metrics/standing.ts";
import type { Subscription } from "../metrics/types.ts";
import type { SourceInfo, SourceStore } from "../store/port.ts";
import { shape, ShapeError, text } from "../stripe/shape.ts";
import {
  translateCoupon,
  translateDiscount,
  translatePrice,
  translateSubscription,
} from "../stripe/translate.ts";

/** What the configuration leaves out of every figure (design.md section 3). */
export interface Exclusion {
  readonly customers: readonly string[];
  readonly products: readonly string[];
  readonly prices: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

export const NO_EXCLUSION: Exclusion = { customers: [], products: [], prices: [], metadata: {} };

export interface Ledger {
  putPrice(value: unknown): void;
  putCoupon(value: unknown): void;
  putProduct(value: unknown): void;
  /** Keeps the customer's discount and nothing else. */
  putCustomer(value: unknown): void;
  /** A subscription from a listing: its past is inferred. `now` is when it was read. */
  putListed(value: unknown, now: number): void;
  /** A subscription after a change at `at`; its past stays. */
  putChanged(value: unknown, at: number, now: number): void;
  /** A subscription that Stripe no longer has. */
  putGone(id: string, at: number): void;
  /** Values those again that `which` names, as a change at `at`, or with a new past. */
  revalue(now: number, which: (sub: Subscription) => boolean, past: "kept" | "inferred"): void;
  /** Values everything again under other options or in another time zone, from the mirror. */
  recount(info: SourceInfo, now: number): void;
  /** Values again what changes by time alone and is due; returns how many. */
  tick(now: number): number;
}

export function createLedger(store: SourceStore, exclusion: Exclusion = NO_EXCLUSION): Ledger {
  const metadataKeys = Object.keys(exclusion.metadata);
  const interned = { price: (id: string) => store.price(id), metadataKeys };
  /** When a subscription's value changes by itself next. */
  const due = new Map<string, number>();

  function factsOf(sub: Subscription): MrrFacts {
    return {
      coupon: store.coupon,
      price: store.price,
      customerDiscount: store.customerDiscount(sub.customer) ?? null,
      pastDueSince: store.pastDueSince(sub.id),
      inclusiveTaxPercent: store.inclusiveTax(sub.id),
    };
  }

  function isExcluded(sub: Subscription): boolean {
    return exclusion.customers.includes(sub.customer) ||
      sub.items.some(({ price }) =>
        exclusion.prices.includes(price.id) || exclusion.products.includes(price.product)
      ) ||
      Object.entries(exclusion.metadata).some(([key, value]) => sub.metadata[key] === value);
  }

  function value(sub: Subscription, now: number, changedAt: number | null): void {
    const { options } = store.info;
    const facts = factsOf(sub);
    const { standing, result } = standingOf(sub, now, options, facts, isExcluded(sub));
    const segments = standing.reason === "excluded"
      ? []
      : changedAt === null
      ? inferSegments(sub, now, options, facts, result)
      : changeSegments(store.segments(sub.id), sub, result, changedAt);
    store.record(standing, segments);
    const next = nextChangeAt(sub, now, options, facts);
    if (next === null) due.delete(sub.id);
    else due.set(sub.id, next);
  }

  /** Runs `read`; a shape that is not understood is noted under the object's id. */
  function reading(value: unknown, kind: string, read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      const id = idIn(value) ?? `${kind} without an id`;
      store.forget(id);
      store.setUnreadable({ id, problem: error.message });
    }
  }

  return {
    // A deleted price or coupon goes on in the subscriptions that have it: the mirror keeps it.
    putPrice: (value) =>
      reading(value, "price", () => isDeleted(value) || store.setPrice(translatePrice(value))),
    putCoupon: (value) =>
      reading(value, "coupon", () => isDeleted(value) || store.setCoupon(translateCoupon(value))),
    putProduct: (value) =>
      reading(value, "product", () => {
        const from = shape(value);
        if (!isDeleted(value)) store.setProduct({ id: text(from, "id"), name: text(from, "name") });
      }),
    putCustomer: (value) =>
      reading(value, "customer", () => {
        const from = shape(value);
        const discount = from.fields.discount ?? null;
        store.setCustomerDiscount(
          text(from, "id"),
          discount === null ? null : translateDiscount(discount, "discount"),
        );
      }),
    putListed: (json, now) =>
      reading(json, "subscription", () => value(translateSubscription(json, interned), now, null)),
    putChanged: (json, at, now) =>
      reading(json, "subscription", () => {
        const sub = translateSubscription(json, interned);
        const before = store.standing(sub.id)?.sub;
        if (sub.status !== "past_due") store.setPastDueSince(sub.id, null);
        else if (before && before.status !== "past_due") store.setPastDueSince(sub.id, at);
        value(sub, now, before ? at : null);
      }),
    putGone(id, at) {
      const standing = store.standing(id);
      if (standing) value({ ...standing.sub, status: "canceled", endedAt: at }, at, at);
    },
    revalue(now, which, past) {
      const subs = [...store.standings()].map(({ sub }) => sub).filter(which);
      for (const sub of subs) value(sub, now, past === "kept" ? now : null);
    },
    recount(info, now) {
      const subs = [...store.standings()].map(({ sub }) => sub);
      store.setInfo(info);
      store.clearFigures();
      for (const sub of subs) value(sub, now, null);
    },
    tick(now) {
      let changes = 0;
      for (const [id, at] of due) {
        if (at > now) continue;
        const sub = store.standing(id)?.sub;
        due.delete(id);
        if (!sub) continue;
        value(sub, Math.max(at, now), at);
        changes++;
      }
      return changes;
    },
  };
}

function idIn(value: unknown): string | null {
  const id = (value as { id?: unknown } | null)?.id;
  return typeof id === "string" ? id : null;
}

function isDeleted(value: unknown): boolean {
  return (value as { deleted?: unknown } | null)?.deleted === true;
}
