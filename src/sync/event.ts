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
  ShapeError,
  text,
  time,
  TIME_MAX,
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

/** What the address of a thin event's object says: `/v1/customers/cus_…/discount`. */
function idsInUrl(url: string): Record<string, string> {
  const [, folder, id] = /^\/v1\/(customers|subscriptions|invoices)\/([^/?]+)/.exec(url) ?? [];
  return folder && id ? { [folder.slice(0, -1)]: id } : {};
}

/** Unix seconds of RFC 3339. */
function secondsOf(from: Shape, key: string): number {
  const value = text(from, key);
  const seconds = Math.floor(Date.parse(value) / 1000);
  if (!(seconds >= 0 && seconds <= TIME_MAX)) {
    throw new ShapeError(key, "a time in RFC 3339", value);
  }
  return seconds;
}

/**
 * A thin event names its object and holds nothing of it; the type is that of the snapshot event
 * behind `v1.` (metrics.md D.3).
 */
function readThinEvent(from: Shape): InboxEvent {
  const related = optionalObject(from, "related_object");
  const id = related && optionalText(related, "id");
  return {
    id: text(from, "id"),
    type: text(from, "type").replace(/^v1\./, ""),
    created: secondsOf(from, "created"),
    livemode: flag(from, "livemode"),
    account: accountOf(from),
    apiVersion: null,
    ids: {
      ...(related ? idsInUrl(optionalText(related, "url") ?? "") : {}),
      ...(id ? { id } : {}),
    },
    previous: {},
  };
}

function accountOf(from: Shape): string | null {
  return optionalText(from, "account") ?? optionalText(from, "context")?.split("/").at(-1) ?? null;
}

/**
 * What is kept of an event, snapshot or thin.
 *
 * @param fallbackId For an event without an id, which Stripe may sign too.
 * @throws {ShapeError} when it is none.
 */
export function readEvent(value: unknown, fallbackId?: string): InboxEvent {
  const from = shape(value);
  if (from.fields.object === "v2.core.event") return readThinEvent(from);
  const data = object(from, "data");
  return {
    id: from.fields.id === undefined && fallbackId ? fallbackId : text(from, "id"),
    type: text(from, "type"),
    created: time(from, "created"),
    livemode: flag(from, "livemode"),
    account: accountOf(from),
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
