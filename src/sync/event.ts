/**
 * Reads Stripe's events, from a webhook's body or the list of events: which object changed, and
 * when. Of the object itself only ids are taken, since it is fetched as it is now (metrics.md D.4).
 *
 * @module
 */
import type { InboxEvent } from "../store/inbox.ts";
import {
  flag,
  idOf,
  object,
  optionalId,
  optionalObject,
  optionalText,
  type Shape,
  shape,
  text,
  whole,
} from "../stripe/shape.ts";
import type { Change, Kind } from "./apply.ts";

/** Fields that name what an object belongs to. */
const REFERENCES = ["customer", "subscription", "invoice"] as const;
/** Fields whose former values are kept: none of them can hold personal data. */
const FORMER = [
  "status",
  "trial_end",
  "cancel_at",
  "cancel_at_period_end",
  "canceled_at",
  "ended_at",
  "quantity",
  "active",
] as const;

function idsOf(of: Shape): Record<string, string> {
  const ids: Record<string, string> = {};
  for (const name of ["id", ...REFERENCES]) {
    const value = of.fields[name];
    const id = typeof value === "string" ? value : (value as { id?: unknown } | null)?.id;
    if (typeof id === "string") ids[name] = id;
  }
  return ids;
}

function formerOf(data: Shape): InboxEvent["previous"] {
  const before = optionalObject(data, "previous_attributes")?.fields ?? {};
  const isPlain = (value: unknown) => value === null || typeof value !== "object";
  return Object.fromEntries(
    FORMER.filter((name) => before[name] !== undefined && isPlain(before[name]))
      .map((name) => [name, before[name] as string | number | boolean | null]),
  );
}

/**
 * What is kept of an event.
 *
 * @param fallbackId For an event without an id, which Stripe may sign too.
 * @throws {ShapeError} when it is none.
 */
export function readEvent(value: unknown, fallbackId?: string): InboxEvent {
  const from = shape(value);
  const data = object(from, "data");
  return {
    id: from.fields.id === undefined && fallbackId ? fallbackId : text(from, "id"),
    type: text(from, "type"),
    created: whole(from, "created"),
    livemode: flag(from, "livemode"),
    account: optionalText(from, "account") ?? optionalText(from, "context")?.split("/").at(-1) ??
      null,
    apiVersion: optionalText(from, "api_version"),
    ids: idsOf(object(data, "object")),
    previous: formerOf(data),
  };
}

/** The ids of an event's object, to be read like the object. */
export function objectOf({ ids }: InboxEvent): Shape {
  return { path: "data.object", fields: ids };
}

/** The objects of the mirror that an event says have changed. @throws {ShapeError} */
export function changesOf(event: InboxEvent): readonly Change[] {
  const { type, created: at } = event;
  const of = objectOf(event);
  const found: Change[] = [];
  const note = (kind: Kind, id: string | null) => void (id && found.push({ kind, id, at }));
  if (type.startsWith("customer.subscription.")) note("subscription", idOf(of, "id"));
  else if (type.startsWith("customer.discount.")) {
    note("customer", optionalId(of, "customer"));
    note("subscription", optionalId(of, "subscription"));
  } else if (/^customer\.(created|updated|deleted)$/.test(type)) note("customer", idOf(of, "id"));
  else if (type.startsWith("subscription_schedule.")) {
    note("subscription", optionalId(of, "subscription"));
  } else {
    const kind = /^(price|product|coupon)\./.exec(type)?.[1] as Kind | undefined;
    if (kind) note(kind, idOf(of, "id"));
  }
  return found;
}
