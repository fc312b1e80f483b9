/**
 * Password hashes that say how they were made: `pbkdf2-sha256$600000$<salt>$<hash>`. Checking takes
 * as long for a user that does not exist.
 *
 * @module
 */
import type { Secret } from "./secret.ts";

const ROUNDS = 600_000;
const ROUNDS_MIN = 100_000;
const ROUNDS_MAX = 10_000_000;
const LENGTH_MIN = 12;
const LENGTH_MAX = 1_024;

const encoder = new TextEncoder();

interface Hash {
  readonly rounds: number;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array<ArrayBuffer>;
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("=", "");
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** @throws {TypeError} when a text is no hash of this form. */
export function parseHash(text: string): Hash {
  const found = /^pbkdf2-sha256\$(\d{1,8})\$([A-Za-z0-9+/]{22,})\$([A-Za-z0-9+/]{43})$/.exec(text);
  const rounds = Number(found?.[1]);
  if (!found || rounds < ROUNDS_MIN || rounds > ROUNDS_MAX) {
    throw new TypeError(
      "is no password hash of pbkdf2-sha256 with 100,000 rounds or more: make one with " +
        "glance password:hash",
    );
  }
  return { rounds, salt: fromBase64(found[2]!), hash: fromBase64(found[3]!) };
}

async function derive(
  password: string,
  salt: Uint8Array<ArrayBuffer>,
  rounds: number,
): Promise<Uint8Array<ArrayBuffer>> {
  // The same letters typed on another keyboard may come as other code points.
  const bytes = encoder.encode(password.normalize("NFKC"));
  const key = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds },
    key,
    256,
  );
  return new Uint8Array(bits);
}

/** Whether two texts of bytes are equal, in a time that tells nothing of where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index++) difference |= a[index]! ^ (b[index] ?? 0);
  return difference === 0;
}

/** @throws {TypeError} when the password is shorter than 12 characters or longer than 1,024. */
export async function hashPassword(password: Secret): Promise<string> {
  const { length } = password.reveal();
  if (length < LENGTH_MIN || length > LENGTH_MAX) {
    throw new TypeError(
      `A password must have ${LENGTH_MIN} to ${LENGTH_MAX} characters: this one has ${length}`,
    );
  }
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const hash = await derive(password.reveal(), salt, ROUNDS);
  return `pbkdf2-sha256$${ROUNDS}$${toBase64(salt)}$${toBase64(hash)}`;
}

/** Stands in for a user that does not exist; no password has it. */
const NOBODY: Hash = { rounds: ROUNDS, salt: new Uint8Array(16), hash: new Uint8Array(32) };

/**
 * Whether a password is the one of a hash.
 *
 * @param hash `null` for a user that does not exist: checked against nobody's, then refused.
 * @throws {TypeError} when the hash is none.
 */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const known = hash === null ? NOBODY : parseHash(hash);
  const tried = password.slice(0, LENGTH_MAX);
  const found = await derive(tried, known.salt, known.rounds);
  return equalBytes(found, known.hash) && hash !== null && password.length <= LENGTH_MAX;
}
