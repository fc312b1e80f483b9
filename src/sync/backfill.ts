/**
 * The first reading of an account: prices and coupons, then every subscription, then what their
 * values may still need (design.md section 5, metrics.md D.2).
 *
 * @module
 */
import type { SourceStore } from "../store/port.ts";
import { idIn } from "../stripe/shape.ts";
import { StripeFault } from "../stripe/fault.ts";
import { completeFacts } from "./facts.ts";
import type { FetchOrder } from "./fetch_order.ts";
import type { Ledger } from "./ledger.ts";
import { eachWithAllItems } from "./long_lists.ts";
import { COUPONS_UNREAD, CUSTOMER_DISCOUNTS_UNREAD, setReason } from "./reasons.ts";
import { listAll, type ListingContext, listWindowed } from "./listing.ts";

/** Stripe's first year: no account has an older object. */
export const STRIPE_BEGAN = Date.UTC(2010, 0, 1) / 1000;

/** What a subscription is read with everywhere, so that its discounts can be valued. */
export const SUBSCRIPTION_EXPAND = ["discounts.source.coupon", "items.data.discounts"] as const;

function listExpand(paths: readonly string[]): string[] {
  return paths.map((path) => `data.${path}`);
}

export interface BackfillContext extends ListingContext {
  readonly store: SourceStore;
  readonly ledger: Ledger;
  readonly workersMax: number;
  readonly order: FetchOrder;
}

const seconds = (context: ListingContext) => Math.floor(context.clock.now() / 1000);

/**
 * Lists a resource that the key may lack, or that may fail for a while: that costs its own figures
 * and keeps no other away. Returns whether it was read as far as the key may.
 */
async function listOptional(
  context: BackfillContext,
  resource: string,
  expand: readonly string[],
  put: (value: unknown) => void,
): Promise<boolean> {
  const permitted = (permission: "ok" | "missing") =>
    context.store.setStatus({
      permissions: { ...context.store.status.permissions, [resource]: permission },
    });
  try {
    const query = expand.length === 0 ? {} : { expand };
    const impatient = { ...context, impatient: context.impatient ?? true };
    await listAll(impatient, `/v1/${resource}`, query, (data) => data.forEach(put));
    permitted("ok");
    return true;
  } catch (error) {
    if (!(error instanceof StripeFault) || error.kind === "key_rejected") throw error;
    if (error.kind === "stopped") throw error;
    if (error.kind === "permission_missing") permitted("missing");
    return error.kind === "permission_missing";
  }
}

/** A longer time is a guess from too little: a day. */
const SECONDS_LEFT_MAX = 86_400;

/** How long a reading goes on, or `null` where that cannot be told yet. */
export function secondsLeftOf(left: number, ratePerSecond: number): number | null {
  const seconds = ratePerSecond > 0 ? left / ratePerSecond : Infinity;
  return seconds <= SECONDS_LEFT_MAX ? seconds : null;
}

/** Counts what arrives and says how far it is. */
function trackProgress(context: BackfillContext) {
  const { store } = context;
  const startedAt = context.clock.steady();
  let done = 0;
  return (count: number, left: number): void => {
    done += count;
    const elapsed = Math.max(0.001, (context.clock.steady() - startedAt) / 1000);
    const ratePerSecond = done / elapsed;
    store.setStatus({
      progress: {
        done,
        estimated: done + left,
        ratePerSecond,
        secondsLeft: secondsLeftOf(left, ratePerSecond),
      },
    });
    store.publish();
  };
}

async function readSubscriptions(context: BackfillContext): Promise<void> {
  const progress = trackProgress(context);
  const request = context.order.begin();
  await listWindowed(
    context,
    "/v1/subscriptions",
    { status: "all", expand: listExpand(SUBSCRIPTION_EXPAND) },
    {
      from: STRIPE_BEGAN,
      // A second may not be over: objects of the running one are met by the events.
      to: seconds(context) + 1,
      workersMax: context.workersMax,
      prepare: (data) => eachWithAllItems(context, data),
      onPage: (data, left) => {
        const now = seconds(context);
        for (const value of data) {
          if (!request.isLate(`subscription ${idIn(value)}`)) context.ledger.putListed(value, now);
        }
        progress(data.length, left);
      },
    },
  );
  request.end();
}

/** Customers carry discounts that count where a subscription has none of its own. */
export async function readCustomers(context: BackfillContext): Promise<boolean> {
  const { store, ledger, order } = context;
  const discounted = new Set<string>();
  const request = order.begin();
  const read = await listOptional(
    context,
    "customers",
    ["data.discount.source.coupon"],
    (value) => {
      const id = idIn(value);
      // An event may have told of it since.
      if (request.isLate(`customer ${id}`)) return;
      ledger.putCustomer(value);
      if (id !== null && store.customerDiscount(id)) discounted.add(id);
    },
  );
  request.end();
  if (discounted.size > 0) {
    const subs = [...store.standings()].map(({ sub }) => sub)
      .filter(({ customer }) => discounted.has(customer));
    ledger.revalueWhole(seconds(context), subs);
    await completeFacts(context, subs.flatMap(({ id }) => store.standing(id) ?? []));
  }
  setReason(
    store,
    CUSTOMER_DISCOUNTS_UNREAD,
    !read || store.status.permissions.customers === "missing",
  );
  return read;
}

export function readProducts(context: BackfillContext): Promise<boolean> {
  return listOptional(context, "products", [], context.ledger.putProduct);
}

/** What a coupon is limited to stands in the listing alone, not in the discounts that name it. */
export async function readCoupons(context: BackfillContext): Promise<boolean> {
  const { store, ledger } = context;
  const expand = ["data.applies_to", "data.currency_options"];
  const read = await listOptional(context, "coupons", expand, ledger.putCoupon);
  if (read && store.status.reasons.includes(COUPONS_UNREAD)) {
    const discounted = [...store.standings()].map(({ sub }) => sub).filter((sub) =>
      sub.discounts.length > 0 || sub.items.some(({ discounts }) => discounts.length > 0) ||
      store.customerDiscount(sub.customer) !== undefined
    );
    ledger.revalueWhole(seconds(context), discounted);
  }
  setReason(store, COUPONS_UNREAD, !read);
  return read;
}

/**
 * Reads the whole account into the store: prices and subscriptions, by which MRR stands but for the
 * discounts of customers; then those and what else can be left out for a while. Pages that MRR needs
 * and that fail for a passing reason are repeated.
 *
 * @param onMrr Called once MRR stands.
 * @throws {StripeFault} when the key is rejected, or may not read subscriptions or prices.
 */
export async function backfill(context: BackfillContext, onMrr = () => {}): Promise<void> {
  const { store, ledger } = context;
  // When it is read again, the figures of the first reading stay until better ones are there.
  const first = store.status.asOf === null;
  if (first) {
    store.setStatus({ phase: "backfill", reasons: ["backfill_running"] });
    store.publish();
  }
  await Promise.all([
    listAll(
      context,
      "/v1/prices",
      { expand: ["data.tiers", "data.currency_options"] },
      (data) => data.forEach(ledger.putPrice),
    ),
    readCoupons(context),
  ]);
  await readSubscriptions(context);
  await completeFacts(context, store.standings());
  store.setStatus({ progress: null });
  setReason(store, "backfill_running", false);
  setReason(store, "events_unread", store.status.permissions.events === "missing");
  if (first) setReason(store, CUSTOMER_DISCOUNTS_UNREAD, true);
  onMrr();
  await Promise.all([readProducts(context), readCustomers(context)]);
}
