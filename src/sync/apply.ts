/**
 * Applies what the events say has changed: fetches each object as it is now and puts it into the
 * store (metrics.md D.4).
 *
 * @module
 */
import type { Standing } from "../metrics/standing.ts";
import type { Query } from "../stripe/client.ts";
import { StripeFault } from "../stripe/fault.ts";
import { type BackfillContext, SUBSCRIPTION_EXPAND } from "./backfill.ts";
import { completeFacts } from "./facts.ts";
import { withAllItems } from "./long_lists.ts";
import { isDeleted } from "./object_mirror.ts";

export type Kind = "subscription" | "customer" | "price" | "product" | "coupon";

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

/** An object that has changed. */
export interface Change {
  readonly kind: Kind;
  readonly id: string;
  /** Time of the newest event about it. */
  readonly at: number;
}

/** An object as it was fetched; `null` where Stripe does not have it. */
export interface Fetched {
  readonly change: Change;
  readonly value: unknown | null;
}

export interface Applier {
  /** The object as it is now. @throws {StripeFault} */
  fetch(change: Change): Promise<Fetched>;
  /** Puts objects into the store, with what their values need. @throws {StripeFault} */
  apply(fetched: readonly Fetched[]): Promise<void>;
}

/** Fetches and applies objects; prices, coupons and customers change the value of others. */
export function createApplier(context: BackfillContext): Applier {
  const { store, ledger } = context;
  // What is wrong with one object is not to hold up the others.
  const impatient = { ...context, impatient: true };
  const seconds = () => Math.floor(context.clock.now() / 1000);

  async function fetchObject({ kind, id }: Change): Promise<unknown | null> {
    const expand = EXPANDS[kind];
    const query: Query = expand.length === 0 ? {} : { expand };
    try {
      const path = `${PATHS[kind]}/${encodeURIComponent(id)}`;
      const value = await context.client.retrieve(path, query);
      return kind === "subscription" ? await withAllItems(impatient, value) : value;
    } catch (error) {
      if (!(error instanceof StripeFault)) throw error;
      // A permission that was taken away says nothing about a subscription.
      const optional = kind !== "subscription" && kind !== "price";
      if (error.kind === "not_found") return null;
      if (error.kind === "permission_missing" && optional) return null;
      throw error;
    }
  }

  function applySubscription(change: Change, value: unknown | null): void {
    if (value === null || isDeleted(value)) ledger.putGone(change.id, change.at);
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
        const called = store.calledCustomer(id);
        const before = store.customerDiscount(called);
        ledger.putCustomer(value);
        return before?.id !== store.customerDiscount(called)?.id;
      }
      default:
        ledger.putProduct(value);
        return false;
    }
  }

  /** Subscriptions that a changed price, coupon or customer belongs to. */
  function dependents(on: ReadonlySet<string>): Standing[] {
    return [...store.standings()].filter(({ sub }) =>
      on.has(sub.customer) || sub.items.some(({ price }) => on.has(price.id)) ||
      [...sub.discounts, ...sub.items.flatMap((item) => item.discounts)]
        .some(({ couponId }) => couponId !== null && on.has(couponId))
    );
  }

  async function apply(fetched: readonly Fetched[]): Promise<void> {
    const isSubscription = ({ change }: Fetched) => change.kind === "subscription";
    const dependedOn = new Set<string>();
    // What subscriptions are valued with comes first.
    for (const { change, value } of fetched.filter((one) => !isSubscription(one))) {
      if (value === null || !applyMirror(change, value)) continue;
      dependedOn.add(change.kind === "customer" ? store.calledCustomer(change.id) : change.id);
    }
    const subscriptions = fetched.filter(isSubscription);
    for (const { change, value } of subscriptions) applySubscription(change, value);
    const touched = dependedOn.size === 0 ? [] : dependents(dependedOn);
    ledger.revalue(seconds(), touched.map(({ sub }) => sub));
    const changed = new Set(subscriptions.map(({ change }) => change.id));
    const ids = new Set([...changed, ...touched.map(({ sub }) => sub.id)]);
    const standings = [...ids].flatMap((id) => store.standing(id) ?? []);
    await completeFacts(
      impatient,
      standings.filter(({ sub, mrr }) =>
        mrr === null || changed.has(sub.id) || dependedOn.has(sub.customer)
      ),
    );
  }

  return { fetch: async (change) => ({ change, value: await fetchObject(change) }), apply };
}
