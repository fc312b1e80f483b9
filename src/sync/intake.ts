/**
 * Takes webhooks in: whose they are, whether they are Stripe's, and into the inbox. What it accepts
 * is durable before it says so (metrics.md D.4.1 to D.4.3).
 *
 * @module
 */
import type { Inbox, InboxEvent } from "../store/inbox.ts";
import type { SourceInfo } from "../store/port.ts";
import { ShapeError } from "../stripe/shape.ts";
import type { SignatureFault, WebhookVerifier } from "../stripe/webhook.ts";
import { readEvent } from "./event.ts";

/** Why a request is refused; told to the sender, so it says nothing that helps to forge one. */
export type Refusal =
  | SignatureFault
  | "body_too_large"
  | "body_too_slow"
  | "body_broken"
  | "body_malformed"
  | "source_unknown"
  | "secret_missing";

/** Why an event that Stripe did sign is none of a configured account's. */
export type Mismatch = "livemode_mismatch" | "account_mismatch";

export type IntakeResult =
  | { readonly kind: "accepted"; readonly isNew: boolean; readonly event: InboxEvent }
  /** Acknowledged and not kept: for an error Stripe would send it for days, then stop the endpoint. */
  | { readonly kind: "not_ours"; readonly reason: Mismatch }
  | { readonly kind: "refused"; readonly reason: Refusal }
  | { readonly kind: "unavailable"; readonly error: unknown };

/** A source as the intake knows it. */
export interface IntakeSource {
  readonly name: string;
  /** `null` where no webhook secret is configured. */
  readonly verify: WebhookVerifier | null;
  readonly info: Pick<SourceInfo, "account" | "livemode">;
  readonly inbox: Pick<Inbox, "receive">;
}

/** Takes one request in; `name` is the source that its address names, if it names one. */
export type Intake = (
  name: string | null,
  body: Uint8Array,
  signature: string | null,
) => Promise<IntakeResult>;

const refused = (reason: Refusal): IntakeResult => ({ kind: "refused", reason });

/** Of several faults the one that came closest to being accepted. */
const NEARNESS: readonly Refusal[] = [
  "signature_missing",
  "signature_invalid",
  "signature_expired",
];

/** Sources whose secret made the signature, or why there are none. */
async function signers(
  sources: readonly IntakeSource[],
  body: Uint8Array,
  signature: string | null,
): Promise<readonly IntakeSource[] | Refusal> {
  const found: IntakeSource[] = [];
  let nearest: Refusal = "secret_missing";
  for (const source of sources) {
    if (!source.verify) continue;
    const fault = await source.verify(body, signature);
    if (fault === null) found.push(source);
    else if (NEARNESS.indexOf(fault) > NEARNESS.indexOf(nearest)) nearest = fault;
  }
  return found.length > 0 ? found : nearest;
}

/** An event without an id, which Stripe may sign too, is known by its content. */
async function digestOf(body: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(body));
  return `sha256_${new Uint8Array(digest).toHex()}`;
}

async function eventIn(body: Uint8Array): Promise<InboxEvent | null> {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    const hasId = (value as { id?: unknown } | null)?.id !== undefined;
    return readEvent(value, hasId ? undefined : await digestOf(body));
  } catch (error) {
    const malformed = error instanceof SyntaxError || error instanceof ShapeError ||
      error instanceof TypeError;
    if (!malformed) throw error;
    return null;
  }
}

/** @param now Milliseconds since the epoch. */
export function createIntake(sources: () => readonly IntakeSource[], now: () => number): Intake {
  return async function takeIn(name, body, signature) {
    const named = sources().filter((source) => name === null || source.name === name);
    if (named.length === 0) return refused("source_unknown");
    const signed = await signers(named, body, signature);
    if (typeof signed === "string") return refused(signed);
    const event = await eventIn(body);
    if (!event) return refused("body_malformed");
    const inMode = signed.filter(({ info }) => info.livemode === event.livemode);
    if (inMode.length === 0) return { kind: "not_ours", reason: "livemode_mismatch" };
    const owner = inMode.find(({ info }) =>
      event.account === null || event.account === info.account
    );
    if (!owner) return { kind: "not_ours", reason: "account_mismatch" };
    try {
      return { kind: "accepted", event, isNew: await owner.inbox.receive(event, "webhook", now()) };
    } catch (error) {
      return { kind: "unavailable", error };
    }
  };
}
