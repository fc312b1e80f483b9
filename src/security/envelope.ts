/**
 * Sealed secrets: `encrypted:v2.<key id>.<rounds>~<salt>.<nonce>.<ciphertext>` (design.md
 * section 6). AES-256-GCM under a key that PBKDF2-SHA256 draws from the master key and the salt.
 * The purpose and the owner of a secret are authenticated with it, so that one cannot be put in
 * another's place. Web Crypto alone.
 *
 * The key id tells a wrong master key from a damaged envelope. It is an HMAC under the stretched
 * key, so that checking a guess of the master key against it costs all rounds. Version 1 had an
 * id of one SHA-256, against which guesses were 600,000 times cheaper: its envelopes still open,
 * are not current, and `secret:rotate` replaces them.
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
  /** Whether it is of the present master key and version, with enough rounds. */
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
  readonly version: 1 | 2;
  readonly keyId: string;
  readonly rounds: number;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly ciphertext: Uint8Array<ArrayBuffer>;
}

function partsOf(envelope: string): Parts {
  const found = /^encrypted:v(\d+)\.([\w-]+)\.(\d+)~([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(
    envelope,
  );
  if (!found) {
    throw new EnvelopeError(
      "The encrypted value is not whole: it must be as glance secret:seal printed it, on one line",
    );
  }
  const [, version, keyId, rounds, ...texts] = found;
  if (version !== "1" && version !== "2") {
    throw new EnvelopeError(
      `The encrypted value is of version ${version}, and this program knows 1 and 2: update it, ` +
        "or seal the secret again",
    );
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
  const known = version === "1" ? 1 : 2;
  return { version: known, keyId: keyId!, rounds: count, salt, nonce, ciphertext };
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

/** The key id of version 1: only compared with, never written. */
async function keyIdOfVersion1(master: Secret): Promise<string> {
  const bytes = encoder.encode(`glance key id ${master.reveal()}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.slice(0, 4).toHex();
}

function associated(version: number, { purpose, source }: SecretPlace): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(["glance", version, purpose, source]));
}

/** The master key after all rounds. */
interface Stretched {
  /** The base of the keys of single secrets. */
  readonly base: CryptoKey;
  /** The key id in envelopes of this salt. */
  readonly keyId: string;
}

async function stretch(
  master: Secret,
  { salt, rounds }: Pick<Parts, "salt" | "rounds">,
): Promise<Stretched> {
  const { subtle } = crypto;
  const bytes = encoder.encode(master.reveal());
  const imported = await subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveBits"]);
  const pbkdf2 = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  const bits = await subtle.deriveBits(pbkdf2, imported, 256);
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const idKey = await subtle.importKey("raw", bits, hmac, false, ["sign"]);
  const id = new Uint8Array(await subtle.sign("HMAC", idKey, encoder.encode("glance key id")));
  return {
    base: await subtle.importKey("raw", bits, "HKDF", false, ["deriveKey"]),
    keyId: toBase64Url(id.slice(0, 16)),
  };
}

/** Stretches a master key once for each salt, as opening an account repeats it. */
function createStretcher(master: Secret) {
  const known = new Map<string, Promise<Stretched>>();
  return (parts: Pick<Parts, "salt" | "rounds">): Promise<Stretched> => {
    const key = `${parts.rounds} ${toBase64Url(parts.salt)}`;
    let stretched = known.get(key);
    if (!stretched) {
      if (known.size >= DERIVED_MAX) known.clear();
      known.set(key, stretched = stretch(master, parts));
    }
    return stretched;
  };
}

/** A key of its own for each secret, so that no two share one. */
function keyOf({ base }: Stretched, { nonce }: Pick<Parts, "nonce">): Promise<CryptoKey> {
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: nonce, info: encoder.encode("glance secret") },
    base,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

/**
 * @param previous The master key before, while secrets are sealed anew.
 * @throws {EnvelopeError} when a master key is too weak.
 */
export function createVault(master: Secret, previous: Secret | null = null): Vault {
  checkMasterKey(master);
  if (previous) checkMasterKey(previous, "GLANCE_MASTER_KEY_PREVIOUS");
  const stretchers = (previous ? [master, previous] : [master])
    .map((key) => ({ key, stretch: createStretcher(key) }));
  const salt = crypto.getRandomValues(new Uint8Array(16));

  /** The stretched master key of an envelope. @throws {EnvelopeError} when none is of it. */
  async function stretchedFor(parts: Parts): Promise<Stretched> {
    for (const { key, stretch } of stretchers) {
      if (parts.version === 1) {
        if (await keyIdOfVersion1(key) === parts.keyId) return stretch(parts);
      } else {
        const stretched = await stretch(parts);
        if (stretched.keyId === parts.keyId) return stretched;
      }
    }
    throw new EnvelopeError(
      "The encrypted value was sealed under a master key that is neither GLANCE_MASTER_KEY nor " +
        "GLANCE_MASTER_KEY_PREVIOUS: give that key, or seal the secret again",
    );
  }

  return {
    async seal(secret, place) {
      const nonce = crypto.getRandomValues(new Uint8Array(12));
      const stretched = await stretchers[0]!.stretch({ salt, rounds: ROUNDS });
      const sealed = await crypto.subtle.encrypt(
        { name: "AES-GCM", iv: nonce, additionalData: associated(2, place) },
        await keyOf(stretched, { nonce }),
        encoder.encode(secret.reveal()),
      );
      const parts = [salt, nonce, new Uint8Array(sealed)].map(toBase64Url);
      return `${PREFIX}v2.${stretched.keyId}.${ROUNDS}~${parts.join(".")}`;
    },
    async open(envelope, place) {
      const parts = partsOf(envelope);
      const key = await keyOf(await stretchedFor(parts), parts);
      try {
        const opened = await crypto.subtle.decrypt(
          { name: "AES-GCM", iv: parts.nonce, additionalData: associated(parts.version, place) },
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
      const parts = partsOf(envelope);
      if (parts.version === 1 || parts.rounds < ROUNDS) return false;
      return (await stretchers[0]!.stretch(parts)).keyId === parts.keyId;
    },
  };
}
