/**
 * Undoes what events say has changed: the subscription as it was before (metrics.md B.6 step 3).
 *
 * @module
 */
import type { Coupon, Discount, Item, Price, Subscription } from "../metrics/types.ts";
import { type Field, FIELDS } from "./change.ts";
import type { Json } from "./older_shapes.ts";
import {
  flag,
  list,
  object,
  optionalObject,
  optionalText,
  optionalTime,
  type Shape,
  shape,
  ShapeError,
  text,
  time,
} from "./shape.ts";
import { translateDiscount, translateItem, translateTaxRate } from "./translate.ts";

/** What is mirrored, and discounts that were seen elsewhere: events carry bare ids. */
export interface UndoMirror {
  price(id: string): Price | undefined;
  coupon(id: string): Coupon | undefined;
  discount(id: string): Discount | undefined;
}

/** A subscription before a change. */
export interface Undone {
  readonly sub: Subscription;
  /** Fields whose former values cannot be read: they are as after the change. */
  readonly unread: ReadonlyMap<Field, string>;
}

/** Items that Stripe lists inside a subscription. */
const LISTED_MAX = 10;

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
      : optionalTime(former, "resumes_at"),
  };
}

/** The same item after the change. One that is named by its subscription is the only one. */
function itemAfter(sub: Subscription, id: unknown): Item | undefined {
  if (id !== sub.id) return sub.items.find((item) => item.id === id);
  return sub.items.length === 1 ? sub.items[0] : undefined;
}

/** A former item; what older versions do not say of one is as it is after the change. */
function formerItem(value: unknown, path: string, sub: Subscription, mirror: UndoMirror): Item {
  const { fields } = shape(value, path);
  const after = itemAfter(sub, fields.id);
  const told = Object.fromEntries(Object.entries(fields).filter(([, each]) => each !== undefined));
  const item = translateItem(
    after
      ? {
        current_period_start: after.currentPeriodStart,
        current_period_end: after.currentPeriodEnd,
        ...told,
        id: after.id,
      }
      : told,
    path,
    mirror,
  );
  return {
    ...item,
    trial: after && fields.current_trial === undefined ? after.trial : item.trial,
    discounts: after && fields.discounts === undefined
      ? after.discounts
      : resolved(item.discounts, mirror),
  };
}

type Period = Pick<Item, "currentPeriodStart" | "currentPeriodEnd">;

/** A copy of items with their former periods: what renews together, renewed together. */
function withPeriods(
  items: readonly Item[],
  formerOf: (item: Item) => Period | undefined,
): readonly Item[] {
  const textOf = ({ currentPeriodStart: from, currentPeriodEnd: to }: Period) => `${from} ${to}`;
  const told = new Map(
    items.flatMap((item) => {
      const former = formerOf(item);
      return former ? [[textOf(item), former] as const] : [];
    }),
  );
  return items.map((item) => {
    const { currentPeriodStart, currentPeriodEnd } = formerOf(item) ?? told.get(textOf(item)) ??
      item;
    return { ...item, currentPeriodStart, currentPeriodEnd };
  });
}

/** The items with the periods that are told by item, or of all by `*`. @throws {ShapeError} */
function formerPeriods(sub: Subscription, periods: Shape): readonly Item[] {
  const told = new Map(
    Object.keys(periods.fields).map((id) => {
      const [from, to] = list(periods, id).map(({ value }) => value);
      const period = { path: periods.path, fields: { from, to } };
      return [id, {
        currentPeriodStart: time(period, "from"),
        currentPeriodEnd: time(period, "to"),
      }];
    }),
  );
  return withPeriods(sub.items, ({ id }) => told.get(id) ?? told.get("*"));
}

/** Former items: all, or ten of them and the others as they are after the change. */
function formerItems(sub: Subscription, before: Shape, mirror: UndoMirror, at: number) {
  const from = object(before, "items");
  const listed = list(from, "data").map(({ value, path }) => formerItem(value, path, sub, mirror));
  if (from.fields.has_more !== true) return { items: listed, itemsTruncated: false };
  const byId = new Map(listed.map((item) => [item.id, item]));
  const others = withPeriods(sub.items, ({ id }) => byId.get(id))
    .filter(({ id, created = 0 }) => !byId.has(id) && created < at);
  // Where none is left, more are told of than are known.
  return { items: [...listed, ...others], itemsTruncated: others.length === 0 };
}

/** An item beyond the tenth came without its event naming the items: its own time tells. */
function withoutNew(sub: Subscription, at: number): Subscription {
  if (sub.items.length <= LISTED_MAX) return sub;
  const items = sub.items.filter(({ created = 0 }) => created < at);
  return items.length === sub.items.length ? sub : { ...sub, items };
}

type Undo = (
  sub: Subscription,
  before: Shape,
  mirror: UndoMirror,
  at: number,
) => Partial<Subscription>;

const UNDO: Readonly<Record<Field, Undo>> = {
  status: (_, before) => ({ status: text(before, "status") }),
  trial_end: (_, before) => ({ trialEnd: optionalTime(before, "trial_end") }),
  cancel_at: (_, before) => ({ cancelAt: optionalTime(before, "cancel_at") }),
  cancel_at_period_end: (_, before) => ({
    cancelAtPeriodEnd: flag(before, "cancel_at_period_end"),
  }),
  canceled_at: (_, before) => ({ canceledAt: optionalTime(before, "canceled_at") }),
  ended_at: (_, before) => ({ endedAt: optionalTime(before, "ended_at") }),
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
  items: formerItems,
  periods: (sub, before) => ({ items: formerPeriods(sub, object(before, "periods")) }),
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

/**
 * A subscription as it was before a change.
 *
 * @param previous Former values in today's shape, complete (`SubscriptionChange.previous`).
 * @param at When it changed, Unix seconds: an item that was created then was not there before.
 */
export function undoChange(
  sub: Subscription,
  previous: Json,
  mirror: UndoMirror,
  at: number,
): Undone {
  const before = shape(previous, "previous_attributes");
  const unread = new Map<Field, string>();
  let state = sub;
  for (const field of FIELDS) {
    if (previous[field] === undefined) continue;
    try {
      state = { ...state, ...UNDO[field](state, before, mirror, at) };
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      unread.set(field, error.message);
    }
  }
  return { sub: previous.items === undefined ? withoutNew(state, at) : state, unread };
}
