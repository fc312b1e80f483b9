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
  | { readonly is: "discount"; readonly sub: Sub; readonly discount: DiscountState };

export interface EventRecord {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly type: Stripe.Event.Type;
  readonly subject: Subject;
}

/** The top-level fields that differ, with the values they had. */
function previous<T extends object>(before: T, after: T): Partial<T> {
  const changed: Partial<T> = {};
  for (const key of Object.keys(after) as (keyof T)[]) {
    const was = before[key];
    if (JSON.stringify(was) !== JSON.stringify(after[key])) changed[key] = was;
  }
  return changed;
}

function dataOf(
  { created, subject, type }: EventRecord,
  catalogue: CatalogueObjects,
): Stripe.Event.Data {
  switch (subject.is) {
    case "customer":
      return { object: bare(customerObject(subject.customer, created, catalogue)) };
    case "discount": {
      const { sub, discount } = subject;
      const owner = { customer: sub.customer.id, subscription: sub.id, item: null };
      const object = bare(discountObject(discount, owner, catalogue));
      return { object: type.endsWith("deleted") ? { ...object, deleted: true } : object };
    }
    case "subscription": {
      const { sub, state, before } = subject;
      const after = bare(subscriptionObject(sub, state, created, catalogue));
      if (!before) return { object: after };
      const was = bare(
        subscriptionObject(sub, before, Math.max(before.at, created - 1), catalogue),
      );
      // A deletion carries the final object and no previous attributes.
      if (type === "customer.subscription.deleted") return { object: after };
      return { object: after, previous_attributes: previous(was, after) };
    }
    case "schedule":
      return { object: bare(scheduleObject(subject.ref, created)) };
    case "invoice": {
      const { ref, changed } = subject;
      const object = bare(invoiceObject(ref, created, catalogue));
      if (!changed) return { object };
      const was = bare(invoiceObject(ref, created - 1, catalogue));
      return { object, previous_attributes: previous(was, object) };
    }
  }
}

const REFERENCES = new Set(["discounts", "coupon"]);

/** The object as events carry it: references as ids, nothing hidden included. */
function bare<T>(value: T): T {
  const hidden = new Set(["tiers", "currency_options", "applies_to", "payments"]);
  return JSON.parse(JSON.stringify(value, (key, each) => {
    if (hidden.has(key)) return undefined;
    if (!REFERENCES.has(key)) return each;
    if (Array.isArray(each)) return each.map((one) => one?.id ?? one);
    return each?.id ?? each;
  }));
}

/** An event as Stripe sends it. */
export function eventObject(record: EventRecord, catalogue: CatalogueObjects): Stripe.Event {
  return {
    id: record.id,
    object: "event",
    api_version: API_VERSION,
    created: record.created,
    data: dataOf(record, catalogue),
    livemode: false,
    pending_webhooks: 0,
    request: { id: null, idempotency_key: null },
    type: record.type,
  } as Stripe.Event;
}
