/**
 * Reading objects whose shape may not be what Stripe documents.
 *
 * @module
 */
import { type Segment, unbookable } from "../metrics/segments.ts";
import type { Standing } from "../metrics/standing.ts";
import type { SourceStore, Unreadable } from "../store/port.ts";
import { ShapeError, TIME_MAX } from "../stripe/shape.ts";

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? value as Fields : {};
}

function idIn(value: unknown): string | null {
  const id = typeof value === "string" ? value : fieldsOf(value).id;
  return typeof id === "string" ? id : null;
}

/** Whether a value is a date that a calendar can show. */
function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= TIME_MAX;
}

/** The subscription of an invoice in Stripe's shapes of today and before 2025. */
function subscriptionOf(invoice: Fields): string | null {
  const details = fieldsOf(fieldsOf(invoice.parent).subscription_details);
  return idIn(details.subscription) ?? idIn(invoice.subscription);
}

/** When the service begins that an invoice's lines are of; else when it was created. */
function sinceOf(invoice: Fields): number | null {
  const { data } = fieldsOf(invoice.lines);
  const starts = (Array.isArray(data) ? data : [])
    .map((line) => fieldsOf(fieldsOf(line).period).start)
    .filter(isTime);
  if (starts.length > 0) return starts.reduce((least, each) => Math.min(least, each));
  return isTime(invoice.created) ? invoice.created : null;
}

/**
 * What an object that is not understood is about, as far as that can be read of it: its
 * subscription, and from when on it would tell something.
 */
export function aboutOf(kind: string, value: unknown): Pick<Unreadable, "subscription" | "since"> {
  const from = fieldsOf(value);
  const object = kind === "event" ? fieldsOf(fieldsOf(from.data).object) : from;
  const isOwn = kind === "event" && object.object === "subscription";
  const subscription = isOwn ? idIn(object) : subscriptionOf(object);
  const since = kind === "event" ? from.created : sinceOf(object);
  return {
    ...(subscription === null ? {} : { subscription }),
    ...(isTime(since) ? { since } : {}),
  };
}

/**
 * Puts a subscription's standing and segments into the store. One that cannot be booked (worth less
 * than 0, or ending before it begins) is taken out and noted instead, so that the others' figures
 * stay right.
 */
export function recordBookable(
  store: SourceStore,
  standing: Standing,
  segments: readonly Segment[],
): void {
  const problem = standing.mrr && standing.mrr.n < 0n
    ? "It is worth less than 0"
    : unbookable(segments);
  if (problem === null) return store.record(standing, segments);
  const { id } = standing.sub;
  store.forget(id);
  store.setUnreadable({ kind: "subscription", id, problem });
}

/** What `read` gives, or `null` where the object is not understood; that is noted. */
export function noteUnreadable<T>(
  store: SourceStore,
  kind: string,
  value: unknown,
  read: () => T,
): T | null {
  const id = (value as { id?: unknown } | null)?.id;
  const name = typeof id === "string" ? id : `${kind} without an id`;
  try {
    const result = read();
    store.clearUnreadable(name);
    return result;
  } catch (error) {
    // Whatever is out of range for our own arithmetic is so for Stripe's object.
    if (!(error instanceof ShapeError || error instanceof RangeError)) throw error;
    store.setUnreadable({ kind, id: name, problem: error.message });
    return null;
  }
}
