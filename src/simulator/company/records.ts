/** Events as light records; Stripe's event object is drawn when one is served. */
import type Stripe from "stripe";
import { API_VERSION } from "../version.ts";
import {
  type CatalogueObjects,
  customerObject,
  discountObject,
  subscriptionObject,
} from "./render_subscription.ts";
import type { InvoiceRef } from "./invoices.ts";
import { olderShape } from "./render_older.ts";
import { scheduleObject, type ScheduleRef } from "./render_schedule.ts";
import { invoiceObject } from "./render_invoice.ts";
import type { CustomerRecord, DiscountState, Sub, SubState } from "./state.ts";

/** What an event is about. */
export type Subject =
  | { readonly is: "customer"; readonly customer: CustomerRecord }
  | {
    readonly is: "subscription";
    readonly sub: Sub;
    readonly state: SubState;
    /** The state before; null for the first event of a subscription. */
    readonly before: SubState | null;
  }
  | { readonly is: "invoice"; readonly ref: InvoiceRef; readonly changed: boolean }
  | { readonly is: "schedule"; readonly ref: ScheduleRef }
  | {
    readonly is: "discount";
    readonly customer: CustomerRecord;
    /** Null where it is the customer's own. */
    readonly sub: Sub | null;
    readonly discount: DiscountState;
  };

export interface EventRecord {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly type: Stripe.Event.Type;
  readonly subject: Subject;
}

/** The top-level fields that differ, with the values they had. */
function previous(before: Json, after: Json): Json {
  const changed: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = before[key];
    if (JSON.stringify(was) !== JSON.stringify(after[key])) changed[key] = was;
  }
  return changed;
}

type Json = Readonly<Record<string, unknown>>;

/** An event's object, and what it was before if that is told. */
interface Told {
  readonly object: object;
  readonly was?: object;
}

function toldOf({ created, subject, type }: EventRecord, catalogue: CatalogueObjects): Told {
  switch (subject.is) {
    case "customer":
      return { object: customerObject(subject.customer, created, catalogue) };
    case "discount": {
      const { customer, sub, discount } = subject;
      const owner = { customer: customer.id, subscription: sub?.id ?? null, item: null };
      const object = discountObject(discount, owner, catalogue);
      return { object: type.endsWith("deleted") ? { ...object, deleted: true } : object };
    }
    case "subscription": {
      const { sub, state, before } = subject;
      const object = subscriptionObject(sub, state, created, catalogue);
      // A deletion carries the final object and no previous attributes.
      if (!before || type === "customer.subscription.deleted") return { object };
      const at = Math.max(before.at, created - 1);
      return { object, was: subscriptionObject(sub, before, at, catalogue) };
    }
    case "schedule":
      return { object: scheduleObject(subject.ref, created) };
    case "invoice": {
      const { ref, changed } = subject;
      const object = invoiceObject(ref, created, catalogue);
      return changed ? { object, was: invoiceObject(ref, created - 1, catalogue) } : { object };
    }
  }
}

/** The customer whom an event is about. */
function customerOf(subject: Subject): CustomerRecord {
  if (subject.is === "customer" || subject.is === "discount") return subject.customer;
  return (subject.is === "invoice" || subject.is === "schedule" ? subject.ref : subject).sub
    .customer;
}

const REFERENCES = new Set(["discounts", "coupon"]);
const HIDDEN = new Set(["tiers", "currency_options", "applies_to", "payments"]);
/** What a list within an object holds at most. */
const NESTED_MAX = 10;

/** The first ten of a list; `has_more` says that there are others. */
function cut(value: unknown): unknown {
  const list = value as { object?: unknown; data?: readonly unknown[] } | null;
  if (list?.object !== "list" || !Array.isArray(list.data)) return value;
  return list.data.length <= NESTED_MAX
    ? list
    : { ...list, data: list.data.slice(0, NESTED_MAX), has_more: true };
}

/** The object as events carry it: references as ids, long lists cut, nothing hidden included. */
function bare(value: object, hasIds = true): Json {
  return JSON.parse(JSON.stringify(value, (key, each) => {
    if (HIDDEN.has(key)) return undefined;
    if (!hasIds || !REFERENCES.has(key)) return cut(each);
    if (Array.isArray(each)) return each.map((one) => one?.id ?? one);
    return each?.id ?? each;
  }));
}

function dataOf(record: EventRecord, catalogue: CatalogueObjects): Stripe.Event.Data {
  const version = customerOf(record.subject).eventVersion;
  const prices = (id: unknown) => [...catalogue.prices.values()].find((price) => price.id === id);
  const drawn = (object: object) =>
    version ? bare(olderShape(object, version, prices), false) : bare(object);
  const { object, was } = toldOf(record, catalogue);
  const after = drawn(object);
  if (!was) return { object: after } as unknown as Stripe.Event.Data;
  return {
    object: after,
    previous_attributes: previous(drawn(was), after),
  } as unknown as Stripe.Event.Data;
}

/** An event as Stripe sends it. */
export function eventObject(record: EventRecord, catalogue: CatalogueObjects): Stripe.Event {
  return {
    id: record.id,
    object: "event",
    api_version: customerOf(record.subject).eventVersion ?? API_VERSION,
    created: record.created,
    data: dataOf(record, catalogue),
    livemode: false,
    pending_webhooks: 0,
    request: { id: null, idempotency_key: null },
    type: record.type,
  } as Stripe.Event;
}
