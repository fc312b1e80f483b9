/** Webhooks as Stripe sends them: signed by the real SDK's test helper. */
import Stripe from "stripe";
import { API_VERSION } from "../../src/simulator/mod.ts";

export const WEBHOOK_SECRET = "whsec_of_the_tests";

const { webhooks } = new Stripe("rk_test_webhooks");

export interface SentEvent {
  readonly id?: string;
  readonly type: string;
  readonly object: unknown;
  /** Unix seconds. */
  readonly created?: number;
  readonly livemode?: boolean;
  readonly account?: string;
  readonly apiVersion?: string;
  readonly previous?: Readonly<Record<string, unknown>>;
}

let sent = 0;

/** The body of a webhook. */
export function eventBody(event: SentEvent): string {
  const { object, previous, apiVersion = API_VERSION, ...rest } = event;
  return JSON.stringify({
    id: `evt_sent${String(++sent).padStart(8, "0")}`,
    object: "event",
    api_version: apiVersion,
    created: Math.floor(Date.now() / 1000),
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    ...rest,
    data: { object, ...(previous ? { previous_attributes: previous } : {}) },
  });
}

export interface ThinEvent {
  /** `v1.customer.subscription.updated` unless told otherwise. */
  readonly type?: string;
  /** Type and id of the object. */
  readonly related: readonly [type: string, id: string];
  readonly context?: string;
}

/** The body of a thin event (`EventNotification` of the SDK): it names its object. */
export function thinBody(event: ThinEvent): string {
  const { type = "v1.customer.subscription.updated", related: [kind, id], context } = event;
  return JSON.stringify({
    id: `evt_thin${String(++sent).padStart(8, "0")}`,
    object: "v2.core.event",
    type,
    created: new Date().toISOString(),
    livemode: false,
    ...(context ? { context } : {}),
    related_object: { id, type: kind, url: `/v1/${kind}s/${id}` },
  });
}

/** The header that Stripe would send with a body, now unless told otherwise. */
export function signatureOf(
  payload: string,
  secret = WEBHOOK_SECRET,
  timestamp = Math.floor(Date.now() / 1000),
): Promise<string> {
  return webhooks.generateTestHeaderStringAsync({ payload, secret, timestamp });
}

/** Status and JSON of an answer. */
export type Answer = readonly [status: number, body: unknown];

/** Sends a body, signed unless a signature is given. */
export async function sendWebhook(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  signature?: string,
): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "stripe-signature": signature ?? await signatureOf(String(body)) },
    body,
  });
  return [response.status, await response.json()];
}
