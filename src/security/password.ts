/**
 * Password hashes that say how they were made: `pbkdf2-sha256$600000$<salt>$<hash>`. Checking takes
 * as long for a user that does not exist.
 *
 * @module
 */
import { isCommonPassword } from "./common_passwords.ts";
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

/**
 * @throws {TypeError} when the password is shorter than 12 characters or longer than 1,024, or one
 * that guessers try first.
 */
export async function hashPassword(password: Secret): Promise<string> {
  // As people count them: a sign beyond the first 65,536 is one character.
  const { length } = [...password.reveal().normalize("NFKC")];
  if (length < LENGTH_MIN || length > LENGTH_MAX) {
    throw new TypeError(
      `A password must have ${LENGTH_MIN} to ${LENGTH_MAX} characters: this one has ${length}`,
    );
  }
  if (isCommonPassword(password.reveal())) {
    throw new TypeError(
      "This password is among the first that guessers try: choose another, such as four words " +
        "that have nothing to do with each other",
    );
  }
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const hash = await derive(password.reveal(), salt, ROUNDS);
  return `pbkdf2-sha256$${ROUNDS}$${toBase64(salt)}$${toBase64(hash)}`;
}

export interface Checked {
  readonly ok: boolean;
  /** The hash was made with fewer rounds than are made now: it should be made anew. */
  readonly weak: boolean;
}

export type Derive = typeof derive;

/**
 * Whether a password is the one of a hash. It takes one derivation whether there is such a user or
 * not, so that its time tells nothing; of as many rounds as the users' own hashes, as far as those
 * agree.
 *
 * @param hash `null` for a user that does not exist: checked against nobody's, then refused.
 * @param like A user's hash, whose rounds nobody's has.
 * @throws {TypeError} when a hash is none.
 */
export async function verifyPassword(
  password: string,
  hash: string | null,
  like: string | null = null,
  deriveBits: Derive = derive,
): Promise<Checked> {
  const rounds = like === null ? ROUNDS : parseHash(like).rounds;
  const nobody: Hash = { rounds, salt: new Uint8Array(16), hash: new Uint8Array(32) };
  const known = hash === null ? nobody : parseHash(hash);
  const tried = password.slice(0, LENGTH_MAX);
  const found = await deriveBits(tried, known.salt, known.rounds);
  const ok = equalBytes(found, known.hash) && hash !== null && password.length <= LENGTH_MAX;
  return { ok, weak: ok && known.rounds < ROUNDS };
}
