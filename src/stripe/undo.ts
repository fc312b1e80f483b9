/**
 * Undoes what an event says has changed: the subscription as it was before (metrics.md B.6 step
 * 3, D.4.7). Of the event's own content only its time, what was before, and the status are taken.
 *
 * @module
 */
import type { Coupon, Discount, Price, Subscription } from "../metrics/types.ts";
import {
  flag,
  idOf,
  list,
  object,
  optionalObject,
  optionalText,
  optionalWhole,
  type Shape,
  shape,
  text,
  whole,
} from "./shape.ts";
import { translateDiscount, translateItem, translateTaxRate } from "./translate.ts";

/** A change of a subscription, from its event. */
export interface SubscriptionChange {
  readonly subscription: string;
  /** Unix seconds. */
  readonly at: number;
  readonly kind: "created" | "updated" | "deleted";
  /** The status after the change. */
  readonly status: string;
  /** Fields of the object as they were before; none for a creation or a deletion. */
  readonly previous: Readonly<Record<string, unknown>>;
}

/** What is mirrored, and discounts that were seen elsewhere: events carry bare ids. */
export interface UndoMirror {
  price(id: string): Price | undefined;
  coupon(id: string): Coupon | undefined;
  discount(id: string): Discount | undefined;
}

/** Fields whose former values are of use; the others are not kept. */
const FIELDS = [
  "status",
  "trial_end",
  "cancel_at",
  "cancel_at_period_end",
  "canceled_at",
  "ended_at",
  "cancellation_details",
  "pause_collection",
  "automatic_tax",
  "discounts",
  "default_tax_rates",
  "items",
] as const;

const NOTHING: Readonly<Record<string, unknown>> = {};

/** What an item is charged by, as text: renewals move its period and nothing else. */
function termsOf(items: Shape): string {
  return list(items, "data").map(({ value, path }) => {
    const item = shape(value, path);
    const { quantity, discounts, tax_rates, current_trial } = item.fields;
    const price = idOf(item, "price");
    return JSON.stringify([item.fields.id, price, quantity, discounts, tax_rates, current_trial]);
  }).join();
}

/** Whether the items differ in more than their period, or a cancellation on a set day needs it. */
function itemsMatter(before: Shape, after: Shape, previous: Shape): boolean {
  const dated = after.fields.cancel_at != null || previous.fields.cancel_at != null;
  const now = optionalObject(after, "items");
  return dated || now === null || termsOf(before) !== termsOf(now);
}

/**
 * The change that an event of a subscription tells of, slim; `null` for another event.
 *
 * @throws {ShapeError}
 */
export function subscriptionChange(event: unknown): SubscriptionChange | null {
  const from = shape(event);
  const type = text(from, "type");
  if (!type.startsWith("customer.subscription.")) return null;
  const data = object(from, "data");
  const after = object(data, "object");
  const suffix = type.slice("customer.subscription.".length);
  const kind = suffix === "created" || suffix === "deleted" ? suffix : "updated";
  const before = optionalObject(data, "previous_attributes");
  let previous = NOTHING;
  if (before && kind === "updated") {
    const items = optionalObject(before, "items");
    const kept = FIELDS.filter((name) =>
      before.fields[name] !== undefined &&
      (name !== "items" || (items !== null && itemsMatter(items, after, before)))
    );
    if (kept.length > 0) {
      previous = Object.fromEntries(kept.map((name) => [name, before.fields[name]]));
    }
  }
  return {
    subscription: text(after, "id"),
    at: whole(from, "created"),
    kind,
    status: text(after, "status"),
    previous,
  };
}

/** A whole object of discounts among events: `customer.discount.*`; `null` for another event. */
export function discountOf(event: unknown, mirror: Pick<UndoMirror, "coupon">): Discount | null {
  const from = shape(event);
  if (!text(from, "type").startsWith("customer.discount.")) return null;
  const discount = object(object(from, "data"), "object");
  return translateDiscount(discount.fields, discount.path, mirror);
}

function resolved(discounts: readonly Discount[], mirror: UndoMirror): readonly Discount[] {
  return discounts.map((one) => one.couponId === null ? mirror.discount(one.id) ?? one : one);
}

function formerPause(sub: Subscription, before: Shape): Subscription["pause"] {
  const former = optionalObject(before, "pause_collection");
  if (!former) return null;
  // Of an object that stayed, an event names only the fields that changed.
  const { behavior, resumes_at } = former.fields;
  return {
    behavior: behavior === undefined ? sub.pause?.behavior ?? "void" : text(former, "behavior"),
    resumesAt: resumes_at === undefined
      ? sub.pause?.resumesAt ?? null
      : optionalWhole(former, "resumes_at"),
  };
}

type Undo = (sub: Subscription, before: Shape, mirror: UndoMirror) => Partial<Subscription>;

const UNDO: Readonly<Record<typeof FIELDS[number], Undo>> = {
  status: (_, before) => ({ status: text(before, "status") }),
  trial_end: (_, before) => ({ trialEnd: optionalWhole(before, "trial_end") }),
  cancel_at: (_, before) => ({ cancelAt: optionalWhole(before, "cancel_at") }),
  cancel_at_period_end: (_, before) => ({
    cancelAtPeriodEnd: flag(before, "cancel_at_period_end"),
  }),
  canceled_at: (_, before) => ({ canceledAt: optionalWhole(before, "canceled_at") }),
  ended_at: (_, before) => ({ endedAt: optionalWhole(before, "ended_at") }),
  cancellation_details(sub, before) {
    const details = optionalObject(before, "cancellation_details");
    if (details && details.fields.reason === undefined) return { cancelReason: sub.cancelReason };
    return { cancelReason: details && optionalText(details, "reason") };
  },
  pause_collection: (sub, before) => ({ pause: formerPause(sub, before) }),
  automatic_tax(sub, before) {
    const tax = optionalObject(before, "automatic_tax");
    return {
      automaticTax: tax?.fields.enabled === undefined ? sub.automaticTax : flag(tax, "enabled"),
    };
  },
  discounts: (_, before, mirror) => ({
    discounts: resolved(
      list(before, "discounts").map(({ value, path }) => translateDiscount(value, path, mirror)),
      mirror,
    ),
  }),
  default_tax_rates: (_, before) => ({
    defaultTaxRates: list(before, "default_tax_rates")
      .map(({ value, path }) => translateTaxRate(value, path)),
  }),
  items: (_, before, mirror) => ({
    items: list(object(before, "items"), "data").map(({ value, path }) => {
      const item = translateItem(value, path, mirror);
      return { ...item, discounts: resolved(item.discounts, mirror) };
    }),
  }),
};

/**
 * A subscription as it was before it was deleted. A deletion carries no former values: the
 * status is the one that the event before left.
 */
export function undoDeletion(sub: Subscription, at: number, status: string): Subscription {
  // One that was ended at once was not going to end before.
  const atOnce = sub.canceledAt !== null && sub.canceledAt >= at;
  return {
    ...sub,
    status,
    endedAt: null,
    canceledAt: atOnce ? null : sub.canceledAt,
    cancelReason: atOnce ? null : sub.cancelReason,
  };
}

/** A subscription as it was before a change. @throws {ShapeError} */
export function undoChange(
  sub: Subscription,
  { previous }: SubscriptionChange,
  mirror: UndoMirror,
): Subscription {
  const before = shape(previous, "previous_attributes");
  return FIELDS.reduce(
    (state, name) =>
      previous[name] === undefined ? state : { ...state, ...UNDO[name](state, before, mirror) },
    sub,
  );
}
