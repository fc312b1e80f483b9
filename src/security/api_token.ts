/**
 * Tokens for programs: `glance_`, 256 random bits and a checksum, in hexadecimal. The prefix lets
 * scanners for leaked secrets know one; the checksum tells a mistyped one without asking the store.
 *
 * Only SHA-256 of a token is kept. That is enough here and would not be for a password: 256 random
 * bits cannot be guessed however fast guesses are, so there is nothing for a salt or for slow
 * rounds to protect, and each request can be checked in microseconds.
 *
 * @module
 */

export const SCOPES = ["read:metrics", "read:dashboard"] as const;
/** `read:metrics`: `/metrics` and `/health`; `read:dashboard`: the figures. */
export type Scope = typeof SCOPES[number];

const PREFIX = "glance_";
const SHAPE = /^glance_([0-9a-f]{64})([0-9a-f]{8})$/;
export const TOKEN_HASH = /^sha256:[0-9a-f]{64}$/;

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** 256 random bits. */
export function randomHex(): string {
  return hex(crypto.getRandomValues(new Uint8Array(32)));
}

/** SHA-256 of a text, in hexadecimal. */
export async function sha256(text: string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

/** CRC-32 (ISO 3309), which finds every slip of up to four characters in a row. */
function checksum(text: string): string {
  let crc = 0xffff_ffff;
  for (let index = 0; index < text.length; index++) {
    crc ^= text.charCodeAt(index);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ 0xedb8_8320 : crc >>> 1;
  }
  return (~crc >>> 0).toString(16).padStart(8, "0");
}

/** Whether a text can be a token at all. */
export function isApiToken(text: string): boolean {
  const [, random, sum] = SHAPE.exec(text) ?? [];
  return random !== undefined && checksum(random) === sum;
}

/** What is kept of a token: `sha256:` and 64 digits. */
export async function hashApiToken(token: string): Promise<string> {
  return `sha256:${await sha256(token)}`;
}

/** A new token, to be shown once, and what is kept of it. */
export async function makeApiToken(): Promise<{ readonly token: string; readonly hash: string }> {
  const random = randomHex();
  const token = `${PREFIX}${random}${checksum(random)}`;
  return { token, hash: await hashApiToken(token) };
}
