/**
 * What an event of a subscription or discount says has changed, slim and in today's shape, whatever
 * API version the event is of (metrics.md B.6 step 3, D.4.7).
 *
 * @module
 */
import type { Coupon, Discount } from "../metrics/types.ts";
import {
  formerDiscount,
  formerFields,
  isObject,
  type Json,
  newestDiscount,
  newestSubscription,
  periodsOf,
} from "./older_shapes.ts";
import {
  idOf,
  list,
  object,
  optionalId,
  optionalObject,
  type Shape,
  shape,
  ShapeError,
  text,
  time,
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
  "periods",
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
  /** Whether it must be of an item beyond the tenth, of which events show nothing. */
  readonly hidden: boolean;
  /** Whether items come with their discounts, which older API versions leave out. */
  readonly showsItemDiscounts: boolean;
  /** What cannot be read of it: then nothing is known of what it changed. */
  readonly problem: string | null;
}

const NOTHING: Json = {};

function ids(from: Shape, key: string): string {
  return list(from, key).map(({ value }) =>
    typeof value === "string" ? value : (value as { id?: unknown } | null)?.id
  ).join("+");
}

/** What an item is charged by: renewals move its period and nothing else. */
function termsOf(value: unknown, path: string): string {
  const item = shape(value, path);
  const { id, quantity = null, current_trial = null } = item.fields;
  return JSON.stringify([
    id,
    idOf(item, "price"),
    quantity,
    current_trial,
    ids(item, "discounts"),
    ids(item, "tax_rates"),
  ]);
}

/**
 * What a field says, as text: equal where nothing differs that counts.
 *
 * @throws {ShapeError} where it is of an unknown shape.
 */
export function meaningOf(fields: Json, field: Field): string {
  const from: Shape = { path: "", fields };
  switch (field) {
    case "items": {
      const items = object(from, "items");
      return list(items, "data").map(({ value, path }) => termsOf(value, path)).sort().join();
    }
    case "discounts":
    case "default_tax_rates":
      return ids(from, field);
    default:
      return JSON.stringify(fields[field] ?? null);
  }
}

/** Whether a former value says something else than the one after it, or cannot be read. */
function counts(field: Field, previous: Json, after: Json): boolean {
  if (previous[field] === undefined) return false;
  if ((field !== "items" && field !== "periods") || after[field] === undefined) return true;
  try {
    return meaningOf(previous, field) !== meaningOf(after, field);
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

/** What is kept of a change. */
type Kept = Pick<SubscriptionChange, "previous" | "after" | "hidden">;

const NO_FIELDS: Kept = { previous: NOTHING, after: NOTHING, hidden: false };

function showsItemDiscounts({ fields }: Shape): boolean {
  const data = isObject(fields.items) ? fields.items.data : null;
  const [first] = Array.isArray(data) ? data : [];
  return isObject(first) && first.discounts !== undefined;
}

/** What comes with a change of any item: ten of them, which are the same, and a new invoice. */
const SILENT: ReadonlySet<string> = new Set(["items", "latest_invoice"]);

/** Whether nothing that an event names, nor a renewal, is the cause of it, and items are not shown. */
function hides({ items, current_period_start }: Json, before: Json, at: number): boolean {
  if (!isObject(items) || items.has_more !== true) return false;
  const [first] = Array.isArray(items.data) ? items.data : [];
  const began = isObject(first) ? first.current_period_start ?? current_period_start : null;
  return began !== at && Object.keys(before).every((name) => SILENT.has(name));
}

/** What the event names, of the fields that are of use. @throws {ShapeError} */
function keptOf(data: Shape, kind: SubscriptionChange["kind"], at: number): Kept {
  const raw = object(data, "object").fields;
  const before = optionalObject(data, "previous_attributes");
  if (kind === "deleted" || (kind === "updated" && !before)) return NO_FIELDS;
  const after = { ...newestSubscription(raw), periods: periodsOf(raw) };
  if (kind === "created" || !before) return { ...NO_FIELDS, after: only(after, FIELDS) };
  const previous = formerFields(before.fields, raw);
  const kept = FIELDS.filter((field) => counts(field, previous, after));
  if (kept.length === 0) return { ...NO_FIELDS, hidden: hides(raw, before.fields, at) };
  // Most are renewals: of those little is kept.
  const renewed = kept.length === 1 && kept[0] === "periods";
  return {
    previous: only(previous, kept),
    after: only(after, renewed ? kept : FIELDS),
    hidden: false,
  };
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
    at: time(from, "created"),
    kind,
    showsItemDiscounts: showsItemDiscounts(after),
  } as const;
  try {
    const status = text(after, "status");
    return { ...head, status, ...keptOf(data, kind, head.at), problem: null };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return { ...head, status: null, ...NO_FIELDS, problem: error.message };
  }
}

/** A change of a discount, from its event. */
export interface DiscountChange {
  /** Id of the event. */
  readonly event: string;
  /** Unix seconds. */
  readonly at: number;
  readonly customer: string | null;
  /** Whether it belongs to the customer as a whole: it counts where a subscription has none. */
  readonly ofCustomer: boolean;
  readonly before: Discount | null;
  readonly after: Discount | null;
}

/**
 * The change of a discount that an event tells of (`customer.discount.*`); `null` for another event.
 *
 * @throws {ShapeError}
 */
export function discountChange(
  event: unknown,
  mirror: { coupon(id: string): Coupon | undefined },
): DiscountChange | null {
  const from = shape(event);
  const type = text(from, "type");
  if (!type.startsWith("customer.discount.")) return null;
  const data = object(from, "data");
  const now = object(data, "object");
  const read = (fields: Json, path: string) =>
    translateDiscount(newestDiscount(fields), path, mirror);
  const discount = read(now.fields, now.path);
  const former = optionalObject(data, "previous_attributes");
  const { subscription = null, invoice = null, invoice_item = null } = now.fields;
  const changed = former ? read(formerDiscount(now.fields, former.fields), former.path) : discount;
  return {
    event: text(from, "id"),
    at: time(from, "created"),
    customer: optionalId(now, "customer"),
    ofCustomer: subscription === null && invoice === null && invoice_item === null,
    before: type.endsWith(".created") ? null : changed,
    after: type.endsWith(".deleted") ? null : discount,
  };
}
