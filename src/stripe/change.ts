/**
 * What an event of a subscription or discount says has changed, slim and in today's shape, whatever
 * API version the event is of (metrics.md B.6 step 3, D.4.7).
 *
 * @module
 */
import type { Coupon, Discount } from "../metrics/types.ts";
import { formerFields, type Json, newestDiscount, newestSubscription } from "./older_shapes.ts";
import {
  idOf,
  list,
  object,
  optionalObject,
  type Shape,
  shape,
  ShapeError,
  text,
  whole,
} from "./shape.ts";
import { translateDiscount } from "./translate.ts";

/** Fields whose former values are of use, in the order in which they are undone. */
export const FIELDS = [
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
  "current_period",
] as const;
export type Field = typeof FIELDS[number];

/** A change of a subscription, from its event. */
export interface SubscriptionChange {
  /** Id of the event. */
  readonly event: string;
  readonly type: string;
  readonly subscription: string;
  /** Unix seconds. */
  readonly at: number;
  readonly kind: "created" | "updated" | "deleted";
  /** The status after the change; `null` where it cannot be read. */
  readonly status: string | null;
  /** Fields of the object as they were before, complete; none for a creation or a deletion. */
  readonly previous: Json;
  /** The same fields, and others, after the change; left out where nothing is kept of it. */
  readonly after: Json;
  /** What cannot be read of it: then nothing is known of what it changed. */
  readonly problem: string | null;
}

const NOTHING: Json = {};

function ids(from: Shape, key: string): string {
  return list(from, key).map(({ value }) =>
    typeof value === "string" ? value : (value as { id?: unknown } | null)?.id
  ).join("+");
}

function termsOf(value: unknown, path: string, dated: boolean): string {
  const item = shape(value, path);
  const { id, quantity = null, current_trial = null } = item.fields;
  const { current_period_start, current_period_end } = item.fields;
  return JSON.stringify([
    id,
    idOf(item, "price"),
    quantity,
    current_trial,
    ids(item, "discounts"),
    ids(item, "tax_rates"),
    dated ? `${current_period_start}-${current_period_end}` : "",
  ]);
}

/**
 * What a field says, as text: equal where nothing differs that counts. Renewals move the period of
 * items and nothing else, which matters to a cancellation on a set day alone.
 *
 * @throws {ShapeError} where it is of an unknown shape.
 */
export function meaningOf(fields: Json, field: Field, dated: boolean): string {
  const from: Shape = { path: "", fields };
  switch (field) {
    case "items": {
      const items = object(from, "items");
      return list(items, "data").map(({ value, path }) => termsOf(value, path, dated)).sort()
        .join();
    }
    case "discounts":
    case "default_tax_rates":
      return ids(from, field);
    default:
      return JSON.stringify(fields[field] ?? null);
  }
}

/** Whether a cancellation on a set day is before or after the change. */
export function isDated({ previous, after }: Pick<SubscriptionChange, "previous" | "after">) {
  return previous.cancel_at != null || after.cancel_at != null;
}

/** Whether a former value counts, or cannot be read. */
function counts(field: Field, previous: Json, after: Json): boolean {
  if (previous[field] === undefined) return false;
  const dated = isDated({ previous, after });
  if (field === "current_period") return dated;
  if (field !== "items" || after.items === undefined) return true;
  try {
    return meaningOf(previous, field, dated) !== meaningOf(after, field, dated);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return true;
  }
}

function only(from: Json, fields: readonly Field[]): Json {
  return Object.fromEntries(
    fields.flatMap((name) => from[name] === undefined ? [] : [[name, from[name]]]),
  );
}

/** What the event names, of the fields that are of use. @throws {ShapeError} */
function namedIn(data: Shape): { readonly previous: Json; readonly after: Json } {
  const before = optionalObject(data, "previous_attributes");
  if (!before) return { previous: NOTHING, after: NOTHING };
  const raw = object(data, "object").fields;
  const after = {
    ...newestSubscription(raw),
    current_period: { start: raw.current_period_start, end: raw.current_period_end },
  };
  const previous = formerFields(before.fields, raw);
  const kept = FIELDS.filter((field) => counts(field, previous, after));
  return kept.length === 0
    ? { previous: NOTHING, after: NOTHING }
    : { previous: only(previous, kept), after: only(after, FIELDS) };
}

/**
 * The change that an event of a subscription tells of, slim; `null` for another event. One whose
 * content cannot be read is a change of which nothing else is known.
 *
 * @throws {ShapeError} where not even the subscription and the time can be read.
 */
export function subscriptionChange(event: unknown): SubscriptionChange | null {
  const from = shape(event);
  const type = text(from, "type");
  if (!type.startsWith("customer.subscription.")) return null;
  const data = object(from, "data");
  const after = object(data, "object");
  const suffix = type.slice("customer.subscription.".length);
  const kind = suffix === "created" || suffix === "deleted" ? suffix : "updated";
  const head = {
    event: text(from, "id"),
    type,
    subscription: text(after, "id"),
    at: whole(from, "created"),
    kind,
  } as const;
  try {
    const status = text(after, "status");
    const named = kind === "updated" ? namedIn(data) : { previous: NOTHING, after: NOTHING };
    return { ...head, status, ...named, problem: null };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return { ...head, status: null, previous: NOTHING, after: NOTHING, problem: error.message };
  }
}

/**
 * Whole objects of discounts among events (`customer.discount.*`): the one that it is about and,
 * where it took the place of another, that one; `null` for another event.
 *
 * @throws {ShapeError}
 */
export function discountsOf(
  event: unknown,
  mirror: { coupon(id: string): Coupon | undefined },
): readonly Discount[] | null {
  const from = shape(event);
  if (!text(from, "type").startsWith("customer.discount.")) return null;
  const data = object(from, "data");
  const after = object(data, "object");
  const discounts = [translateDiscount(newestDiscount(after.fields), after.path, mirror)];
  const before = optionalObject(data, "previous_attributes");
  if (typeof before?.fields.id === "string") {
    const former = newestDiscount({ ...after.fields, ...before.fields });
    discounts.push(translateDiscount(former, before.path, mirror));
  }
  return discounts;
}
