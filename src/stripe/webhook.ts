/**
 * Verifies that a webhook comes from Stripe: `Stripe-Signature` over the raw body, by Web Crypto
 * (metrics.md D.4.1; Stripe's scheme `t=…,v1=…`).
 *
 * @module
 */
import type { Secret } from "../security/secret.ts";

/** Seconds that a signature's time may lie from now, before or after. */
const TOLERANCE_SECONDS = 300;
/** While a secret rolls Stripe sends one signature more; nothing real comes near this. */
const HEADER_LENGTH_MAX = 4096;

export type SignatureFault = "signature_missing" | "signature_invalid" | "signature_expired";

interface SignatureHeader {
  /** As it was signed. */
  readonly timestamp: string;
  readonly signatures: readonly string[];
}

/** Reads `t=1700000000,v1=5257…,v1=…,v0=…`; `null` for what Stripe would not send. */
function readHeader(header: string): SignatureHeader | null {
  if (header.length > HEADER_LENGTH_MAX) return null;
  const timestamps: string[] = [];
  const signatures: string[] = [];
  for (const part of header.split(",")) {
    const [name, value = ""] = part.trim().split("=", 2);
    if (name === "t") timestamps.push(value);
    // Of the schemes only `v1` is one to trust: others are passed over.
    if (name === "v1") signatures.push(value);
  }
  const [timestamp] = timestamps;
  const isOne = timestamps.length === 1 && /^[1-9]\d{0,11}$/.test(timestamp!);
  return isOne && signatures.length > 0 ? { timestamp: timestamp!, signatures } : null;
}

/** Compares in a time that does not depend on where texts differ; both of known length. */
function isSame(given: string, expected: string): boolean {
  if (given.length !== expected.length) return false;
  let difference = 0;
  for (let index = 0; index < expected.length; index++) {
    difference |= given.charCodeAt(index) ^ expected.charCodeAt(index);
  }
  return difference === 0;
}

function signed(timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const prefix = new TextEncoder().encode(`${timestamp}.`);
  const content = new Uint8Array(prefix.length + body.length);
  content.set(prefix);
  content.set(body, prefix.length);
  return content;
}

function importKey(secret: Secret): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret.reveal());
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/** What a sender who knows the secret puts beside a body: `t=…,v1=…`; `timestamp` in seconds. */
export async function signatureFor(
  secret: Secret,
  body: Uint8Array,
  timestamp: number,
): Promise<string> {
  const content = signed(String(timestamp), body);
  const bytes = await crypto.subtle.sign("HMAC", await importKey(secret), content);
  return `t=${timestamp},v1=${new Uint8Array(bytes).toHex()}`;
}

/** Checks one request's raw body and `Stripe-Signature`; `null` when it is Stripe's. */
export type WebhookVerifier = (
  body: Uint8Array,
  header: string | null,
) => Promise<SignatureFault | null>;

/**
 * A verifier for the secrets in force: two during a rotation, and all of them are tried.
 *
 * @param now Unix seconds.
 * @param tolerance Seconds that a signature's time may lie from now; five minutes, as Stripe has it.
 * @throws {RangeError} without a secret.
 */
export function createWebhookVerifier(
  secrets: readonly Secret[],
  now: () => number,
  tolerance = TOLERANCE_SECONDS,
): WebhookVerifier {
  if (secrets.length === 0) {
    throw new RangeError("Cannot verify webhooks as there must be >= 1 secret: there is none");
  }
  let keys: Promise<CryptoKey[]> | null = null;
  return async function verifyWebhook(body, header) {
    if (!header) return "signature_missing";
    const read = readHeader(header);
    if (!read) return "signature_invalid";
    const { timestamp, signatures } = read;
    if (Math.abs(now() - Number(timestamp)) > tolerance) return "signature_expired";
    const content = signed(timestamp, body);
    let found = false;
    for (const key of await (keys ??= Promise.all(secrets.map(importKey)))) {
      const expected = new Uint8Array(await crypto.subtle.sign("HMAC", key, content)).toHex();
      for (const given of signatures) found = isSame(given, expected) || found;
    }
    return found ? null : "signature_invalid";
  };
}
