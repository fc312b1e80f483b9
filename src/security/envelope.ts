/**
 * Sealed secrets: `encrypted:v1.<key id>.<salt>.<nonce>.<ciphertext>` (design.md section 6).
 * AES-256-GCM under a key that PBKDF2-SHA256 draws from the master key; the rounds stand in front
 * of the salt. What a secret is for and whose it is are authenticated with it, so that one cannot be
 * put in another's place. Web Crypto alone.
 *
 * @module
 */
import { Secret } from "./secret.ts";

/** What a sealed secret is for, and whose it is. */
export interface SecretPlace {
  /** Such as `stripe-api-key`. */
  readonly purpose: string;
  /** The account's key under `accounts:`. */
  readonly source: string;
}

/** A secret cannot be opened: what is wrong and what to do, without anything of it. */
export class EnvelopeError extends TypeError {
  override readonly name = "EnvelopeError";
}

/** Opens and seals under a master key, and opens under the one before it. */
export interface Vault {
  seal(secret: Secret, place: SecretPlace): Promise<string>;
  /** @throws {EnvelopeError} */
  open(envelope: string, place: SecretPlace): Promise<Secret>;
  /** Whether an envelope is sealed under the present master key, with enough rounds. */
  isCurrent(envelope: string): Promise<boolean>;
}

const PREFIX = "encrypted:";
const ROUNDS = 600_000;
/** An envelope with fewer is refused: someone made it weak. */
const ROUNDS_MIN = 100_000;
/** More would be a way to keep this process busy. */
const ROUNDS_MAX = 10_000_000;
/** 32 random bytes are 43 characters; a passphrase of this length is as long to guess at least. */
const MASTER_KEY_MIN = 32;
const DERIVED_MAX = 100;

const encoder = new TextEncoder();

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]+$/.test(text)) return null;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

interface Parts {
  readonly keyId: string;
  readonly rounds: number;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly ciphertext: Uint8Array<ArrayBuffer>;
}

function partsOf(envelope: string): Parts {
  const found = /^encrypted:v(\d+)\.([0-9a-f]+)\.(\d+)~([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(
    envelope,
  );
  if (!found) {
    throw new EnvelopeError(
      "The encrypted value is not whole: it must be as glance secret:seal printed it, on one line",
    );
  }
  const [, version, keyId, rounds, ...texts] = found;
  if (version !== "1") {
    throw new EnvelopeError(`The encrypted value is of version ${version}, and this knows only 1`);
  }
  const [salt, nonce, ciphertext] = texts.map(fromBase64Url);
  const count = Number(rounds);
  if (!salt || !nonce || !ciphertext || salt.length < 16 || nonce.length !== 12) {
    throw new EnvelopeError("The encrypted value is damaged: seal the secret again");
  }
  if (count < ROUNDS_MIN || count > ROUNDS_MAX) {
    throw new EnvelopeError(
      `The encrypted value was sealed with ${count} rounds: ${ROUNDS_MIN} to ${ROUNDS_MAX} are ` +
        "allowed. Seal the secret again",
    );
  }
  return { keyId: keyId!, rounds: count, salt, nonce, ciphertext };
}

/** @throws {EnvelopeError} when a master key is too short to protect anything. */
export function checkMasterKey(key: Secret, name = "GLANCE_MASTER_KEY"): void {
  const { length } = key.reveal();
  const distinct = new Set(key.reveal()).size;
  if (length >= MASTER_KEY_MIN && distinct >= 8) return;
  throw new EnvelopeError(
    `${name} is too weak: it must have at least ${MASTER_KEY_MIN} characters, not all alike. ` +
      "Make one with: glance secret:make",
  );
}

/** A new master key: 32 random bytes. */
export function makeMasterKey(): Secret {
  return new Secret(toBase64Url(crypto.getRandomValues(new Uint8Array(32))));
}

/** Names a master key without telling anything of it. */
async function keyIdOf(master: Secret): Promise<string> {
  const bytes = encoder.encode(`glance key id ${master.reveal()}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest.slice(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function associated({ purpose, source }: SecretPlace): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(["glance", 1, purpose, source]));
}

/** The slow part, once for each salt: what is opened again and again costs it once. */
function createDeriver() {
  const derived = new Map<string, Promise<CryptoKey>>();
  async function stretch(
    master: Secret,
    salt: Uint8Array<ArrayBuffer>,
    rounds: number,
  ): Promise<CryptoKey> {
    const base = await crypto.subtle.importKey(
      "raw",
      encoder.encode(master.reveal()),
      "PBKDF2",
      false,
      ["deriveBits"],
    );
    const bits = await crypto.subtle.deriveBits(
      { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds },
      base,
      256,
    );
    return crypto.subtle.importKey("raw", bits, "HKDF", false, ["deriveKey"]);
  }
  return async (
    id: string,
    master: Secret,
    { salt, nonce, rounds }: Pick<Parts, "salt" | "nonce" | "rounds">,
  ): Promise<CryptoKey> => {
    const key = `${id} ${rounds} ${toBase64Url(salt)}`;
    let stretched = derived.get(key);
    if (!stretched) {
      if (derived.size >= DERIVED_MAX) derived.clear();
      derived.set(key, stretched = stretch(master, salt, rounds));
    }
    // A key of its own for each secret, so that no two share one.
    return crypto.subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt: nonce, info: encoder.encode("glance secret") },
      await stretched,
      { name: "AES-GCM", length: 256 },
      false,
      ["encrypt", "decrypt"],
    );
  };
}

/**
 * @param previous The master key before, while secrets are sealed anew.
 * @throws {EnvelopeError} when a master key is too weak.
 */
export function createVault(master: Secret, previous: Secret | null = null): Vault {
  checkMasterKey(master);
  if (previous) checkMasterKey(previous, "GLANCE_MASTER_KEY_PREVIOUS");
  const derive = createDeriver();
  const salt = crypto.getRandomValues(new Uint8Array(16));

  async function masterFor(keyId: string): Promise<Secret> {
    for (const key of previous ? [master, previous] : [master]) {
      if (await keyIdOf(key) === keyId) return key;
    }
    throw new EnvelopeError(
      `The encrypted value was sealed under the master key ${keyId}, which is neither ` +
        "GLANCE_MASTER_KEY nor GLANCE_MASTER_KEY_PREVIOUS: give that key, or seal the secret again",
    );
  }

  return {
    async seal(secret, place) {
      const id = await keyIdOf(master);
      const nonce = crypto.getRandomValues(new Uint8Array(12));
      const key = await derive(id, master, { salt, nonce, rounds: ROUNDS });
      const sealed = await crypto.subtle.encrypt(
        { name: "AES-GCM", iv: nonce, additionalData: associated(place) },
        key,
        encoder.encode(secret.reveal()),
      );
      const parts = [salt, nonce, new Uint8Array(sealed)].map(toBase64Url);
      return `${PREFIX}v1.${id}.${ROUNDS}~${parts.join(".")}`;
    },
    async open(envelope, place) {
      const parts = partsOf(envelope);
      const key = await derive(parts.keyId, await masterFor(parts.keyId), parts);
      try {
        const opened = await crypto.subtle.decrypt(
          { name: "AES-GCM", iv: parts.nonce, additionalData: associated(place) },
          key,
          parts.ciphertext,
        );
        return new Secret(new TextDecoder().decode(opened));
      } catch {
        throw new EnvelopeError(
          `The encrypted value cannot be opened as ${place.purpose} of ${place.source}: it was ` +
            "changed, or sealed for another place. Seal the secret again for this one",
        );
      }
    },
    async isCurrent(envelope) {
      const { keyId, rounds } = partsOf(envelope);
      return keyId === await keyIdOf(master) && rounds >= ROUNDS;
    },
  };
}
