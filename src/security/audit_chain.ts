/**
 * The chain of the audit log: each entry is sealed by an HMAC over itself and the seal before, under
 * a key drawn from the master key, which is not in the database. Whoever may write the database but
 * has not the master key cannot change, take out, put in or cut off an entry unseen. The seal of the
 * newest entry is sealed once more as the head; where old entries are pruned, the last of them stays
 * as the base.
 *
 * What it cannot show: that the whole database was put back to an earlier state of itself.
 *
 * @module
 */
import type { Secret } from "./secret.ts";

/** HMAC-SHA-256 of a text, in hexadecimal. */
export type Sign = (text: string) => string;

export interface ChainedEntry {
  readonly id: number;
  readonly at: number;
  readonly action: string;
  readonly user: string | null;
  readonly address: string | null;
  readonly subject: string | null;
}

/** An entry as it is stored; without a seal where whoever wrote it had no master key. */
export interface SealedEntry extends ChainedEntry {
  readonly mac: string | null;
}

/** One end of the chain, sealed so that it cannot be moved. */
export interface ChainEnd {
  /** Of the last entry before the chain, or the newest in it; 0 for none. */
  readonly id: number;
  /** The seal of that entry; empty where none is sealed yet. */
  readonly mac: string;
  readonly seal: string;
}

export interface ChainState {
  /** Random, so that no two databases have one key. */
  readonly salt: string;
  /** Before the first entry; `null` before the first is sealed. */
  readonly base: ChainEnd | null;
  readonly head: ChainEnd | null;
}

/** Makes what a store writes down. */
export interface ChainWriter {
  base(id: number, mac: string): ChainEnd;
  /** The new head. */
  link(before: ChainEnd, entry: ChainedEntry): ChainEnd;
}

const ROUNDS = 600_000;

/** The key of a chain: the slow part, once for each start. */
export async function createSign(master: Secret, salt: string): Promise<Sign> {
  const { createHmac } = globalThis.process.getBuiltinModule("node:crypto");
  const bytes = (text: string) => new TextEncoder().encode(text);
  const key = await crypto.subtle.importKey("raw", bytes(master.reveal()), "PBKDF2", false, [
    "deriveBits",
  ]);
  const pbkdf2 = {
    name: "PBKDF2",
    hash: "SHA-256",
    salt: bytes(`glance audit ${salt}`),
    iterations: ROUNDS,
  };
  const bits = new Uint8Array(await crypto.subtle.deriveBits(pbkdf2, key, 256));
  return (text) => createHmac("sha256", bits).update(text).digest("hex");
}

const macOf = (sign: Sign, before: string, entry: ChainedEntry) => {
  const { id, at, action, user, address, subject } = entry;
  return sign(JSON.stringify(["entry", before, id, at, action, user, address, subject]));
};
const sealOf = (sign: Sign, kind: "base" | "head", id: number, mac: string) =>
  sign(JSON.stringify([kind, id, mac]));

export function createChainWriter(sign: Sign): ChainWriter {
  return {
    base: (id, mac) => ({ id, mac, seal: sealOf(sign, "base", id, mac) }),
    link(before, entry) {
      const mac = macOf(sign, before.mac, entry);
      return { id: entry.id, mac, seal: sealOf(sign, "head", entry.id, mac) };
    },
  };
}

export type ChainReport =
  /** No entry was ever sealed. */
  | { readonly kind: "none" }
  | {
    readonly kind: "whole";
    readonly sealed: number;
    /** From before the chain: nothing is known about them. */
    readonly before: number;
    /** Written later without the master key: nothing is known about them either. */
    readonly unsealed: number;
  }
  | { readonly kind: "broken"; readonly problem: string };

function broken(problem: string): ChainReport {
  return { kind: "broken", problem };
}

/**
 * Whether a chain is whole.
 *
 * @param entries All entries, oldest first.
 * @param signs Under the master key, and under the one before it.
 */
export function verifyChain(
  entries: readonly SealedEntry[],
  { base, head }: ChainState,
  signs: readonly Sign[],
): ChainReport {
  const isEnd = (kind: "base" | "head", { id, mac, seal }: ChainEnd) =>
    signs.some((sign) => sealOf(sign, kind, id, mac) === seal);
  if (base === null && head === null) {
    for (const { id, mac } of entries) {
      if (mac !== null) {
        return broken(`entry ${id} is sealed, and the beginning of the chain is gone`);
      }
    }
    return { kind: "none" };
  }
  if (base?.seal === "") {
    return broken("old entries were pruned by a program without the master key");
  }
  if (base === null || !isEnd("base", base)) {
    return broken("the beginning of the chain was changed, or is of another master key");
  }
  let last = base.mac;
  let lastId = base.id;
  const count = { sealed: 0, before: 0, unsealed: 0 };
  for (const entry of entries) {
    if (entry.mac === null) {
      if (entry.id <= base.id) count.before++;
      else count.unsealed++;
      continue;
    }
    if (!signs.some((sign) => macOf(sign, last, entry) === entry.mac)) {
      return broken(`entry ${entry.id} was changed, or one before it was taken out or put in`);
    }
    last = entry.mac;
    lastId = entry.id;
    count.sealed++;
  }
  if (head === null || !isEnd("head", head)) {
    return broken("the end of the chain was changed, or is of another master key");
  }
  // All entries may be pruned: the base then is the head.
  if (head.mac !== last || head.id !== lastId) {
    return broken(`entries after ${lastId} were taken out: the newest was ${head.id}`);
  }
  return { kind: "whole", ...count };
}

export interface Resealed {
  readonly base: ChainEnd;
  readonly head: ChainEnd;
  /** The new seal of each sealed entry. */
  readonly macs: ReadonlyMap<number, string>;
}

/** A whole chain under another key. Sealed entries alone, oldest first. */
export function reseal(
  entries: readonly SealedEntry[],
  base: ChainEnd,
  sign: Sign,
): Resealed {
  const writer = createChainWriter(sign);
  // The seal of a pruned entry cannot be made anew: its old one is as good a beginning.
  const start = writer.base(base.id, base.mac);
  const macs = new Map<number, string>();
  let head: ChainEnd = { ...start, seal: sealOf(sign, "head", base.id, base.mac) };
  for (const entry of entries) {
    if (entry.mac === null) continue;
    head = writer.link(head, entry);
    macs.set(entry.id, head.mac);
  }
  return { base: start, head, macs };
}
