/**
 * A subscription that changes, and its events in the shapes of any API version (metrics.md D.1): what
 * was named where, as Stripe has written it since 2020-08-27.
 */
import { makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";

export type Json = Record<string, unknown>;

/** `without items` shows the plan of an only item in place of the items. */
export const VERSIONS = [
  "2026-10-28.endive",
  "2024-06-20",
  "2023-10-16",
  "2020-08-27",
  "2020-08-27 without items",
] as const;
export type Version = typeof VERSIONS[number];

export const START = 1_790_000_000;
const MONTH = 30 * 86_400;
const LISTED_MAX = 10;

export function json<T>(value: T): Json {
  return JSON.parse(JSON.stringify(value));
}

export const PRICES = ["a", "b", "c"].map((name, index) =>
  makePrice({ id: `price_${name}`, unit_amount: 1000 * (index + 1) })
);

export const COUPON = { id: "HALF", object: "coupon", duration: "forever", percent_off: 50 };

export function discount(id: string, more: Json = {}): Json {
  return {
    id,
    object: "discount",
    customer: "cus_plain",
    subscription: "sub_a",
    start: START,
    end: null,
    source: { type: "coupon", coupon: COUPON },
    ...more,
  };
}

export function item(id: string, more: Json = {}): Json {
  const period = { current_period_start: START, current_period_end: START + MONTH };
  return json({ ...makeItem({ id, price: PRICES[0]! }), created: START, ...period, ...more });
}

/** A subscription of as many items. */
export function subscription(items = 1): Json {
  const { items: list, ...rest } = json(makeSubscription({ id: "sub_a", created: START }));
  const data = Array.from({ length: items }, (_, index) => item(`si_${index}`));
  return { ...rest, items: { ...list as Json, data } };
}

/** A discount as older versions have it: its coupon in it. */
function olderDiscount({ source, ...rest }: Json): Json {
  return { ...rest, coupon: (source as Json).coupon };
}

function olderItem(item: Json, version: Version): Json {
  const { current_period_start: _, current_period_end: __, ...rest } = item;
  if (version === "2024-06-20") return rest;
  const { discounts: ___, current_trial: ____, ...oldest } = rest;
  return oldest;
}

/** The object as an event of that version has it: ten items at most, discounts by id. */
export function rendered(sub: Json, version: Version): Json {
  const { data } = sub.items as { data: Json[] };
  const discounts = sub.discounts as Json[];
  const list = { data: data.slice(0, LISTED_MAX), has_more: data.length > LISTED_MAX };
  if (version === VERSIONS[0]) {
    return { ...sub, items: list, discounts: discounts.map(({ id }) => id) };
  }
  const { items: _, discounts: __, ...rest } = sub;
  const [first] = data;
  const single = data.length === 1 ? first! : null;
  const [shown] = discounts;
  const items = { ...list, data: list.data.map((each) => olderItem(each, version)) };
  return {
    ...rest,
    current_period_start: first!.current_period_start,
    current_period_end: first!.current_period_end,
    plan: single && planOf(single.price as Json),
    quantity: single && single.quantity,
    discount: shown ? olderDiscount(shown) : null,
    ...(version === "2024-06-20" ? { discounts: discounts.map(({ id }) => id) } : {}),
    ...(version.endsWith("without items") && single ? {} : { items }),
  };
}

function planOf(price: Json): Json {
  const { interval, interval_count, usage_type } = price.recurring as Json;
  const { id, product, currency, billing_scheme, tiers_mode } = price;
  const amount = { amount: price.unit_amount, amount_decimal: price.unit_amount_decimal };
  return {
    ...{ id, object: "plan", product, currency, billing_scheme, tiers_mode },
    ...{ ...amount, interval, interval_count, usage_type, transform_usage: null },
  };
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What Stripe names as former: of objects the fields that differ, lists as a whole. */
export function former(before: Json, after: Json): Json {
  const differing = Object.keys(before).filter((name) =>
    JSON.stringify(before[name]) !== JSON.stringify(after[name])
  );
  return Object.fromEntries(
    differing.map((name) => {
      const [was, is] = [before[name], after[name]];
      return [name, isObject(was) && isObject(is) ? former(was, is) : was];
    }),
  );
}

let count = 0;

export function event(type: string, created: number, object: Json, previous?: Json): Json {
  count++;
  const data = previous ? { object, previous_attributes: previous } : { object };
  return { id: `evt_${String(count).padStart(6, "0")}`, object: "event", type, created, data };
}

/** The event of a change, and those of the discounts that came or went by it. */
export function eventsOf(before: Json, after: Json, at: number, version: Version): Json[] {
  const [was, is] = [rendered(before, version), rendered(after, version)];
  const own = after.status === "canceled"
    ? event("customer.subscription.deleted", at, is)
    : event("customer.subscription.updated", at, is, former(was, is));
  const idsIn = (sub: Json) => (sub.discounts as Json[]).map(({ id }) => id);
  const changed = (from: Json, to: Json, name: string) =>
    (from.discounts as Json[]).filter(({ id }) => !idsIn(to).includes(id))
      .map((one) => version === VERSIONS[0] ? one : olderDiscount(one))
      .map((one) => event(`customer.discount.${name}`, at, one));
  return [own, ...changed(before, after, "deleted"), ...changed(after, before, "created")];
}
