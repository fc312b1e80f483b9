/**
 * Slows down guessing: after a few failures a user or an address has to wait, longer with each
 * further failure.
 *
 * @module
 */
import type { Awaitable } from "./recent.ts";

/** How often a name failed in a row, and when last, in Unix milliseconds. */
export interface Failures {
  readonly count: number;
  readonly at: number;
}

/** Where failures are counted. */
export interface FailureKeeper {
  /** Reads and writes with nobody between; `decide` is given 0 where there are none. */
  change<T>(
    names: readonly string[],
    decide: (
      known: readonly Failures[],
    ) => { readonly next: readonly Failures[]; readonly result: T },
  ): Awaitable<T>;
}

export interface Throttle {
  /**
   * Milliseconds until the next try is allowed; 0 when this one is. It then is counted as failed
   * before it is checked, so that tries at the same time do not slip through.
   */
  begin(user: string, address: string): Promise<number>;
  /** The try did not fail: the user starts anew, and the address is given its try back. */
  succeed(user: string, address: string): Promise<void>;
}

export interface ThrottleOptions {
  readonly keeper: FailureKeeper;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** A text that all replicas have and the database has not, such as all password hashes. */
  readonly secret: () => string;
}

/** Failures that are free. */
const FREE = 5;
/** The first wait, which doubles with each failure. */
const WAIT_MS = 30_000;
const WAIT_MAX_MS = 15 * 60_000;
/** After so long without a failure everything is forgotten. */
const FORGET_MS = 60 * 60_000;

/**
 * 32 bits of an HMAC. A password may be typed in the place of a name, so a plain digest in the
 * database would let anyone who reads it test guesses at the cost of one hash each.
 */
async function nameOf(secret: string, kind: string, text: string): Promise<string> {
  const bytes = (value: string) => new TextEncoder().encode(value);
  const hmac = { name: "HMAC", hash: "SHA-256" };
  // The word in front, as Web Crypto refuses an empty key.
  const key = await crypto.subtle.importKey("raw", bytes(`throttle ${secret}`), hmac, false, [
    "sign",
  ]);
  const signed = await crypto.subtle.sign("HMAC", key, bytes(text));
  return `${kind} ${new Uint8Array(signed).slice(0, 4).toHex()}`;
}

export function createThrottle({ keeper, now, secret }: ThrottleOptions): Throttle {
  const names = (user: string, address: string) =>
    Promise.all([nameOf(secret(), "user", user), nameOf(secret(), "address", address)]);

  function waitOf({ count, at }: Failures): number {
    if (count < FREE) return 0;
    const length = Math.min(WAIT_MAX_MS, WAIT_MS * 2 ** (count - FREE));
    return Math.max(0, at + length - now());
  }

  return {
    async begin(user, address) {
      return await keeper.change(await names(user, address), (all) => {
        const known = all.map((one) => now() - one.at < FORGET_MS ? one : { count: 0, at: 0 });
        const wait = Math.max(...known.map(waitOf));
        if (wait > 0) return { next: known, result: wait };
        const at = Math.floor(now());
        return { next: known.map(({ count }) => ({ count: count + 1, at })), result: 0 };
      });
    },
    async succeed(user, address) {
      await keeper.change(await names(user, address), ([, ofAddress]) => ({
        // Else whoever has one account could guess at the others from one address for ever.
        next: [{ count: 0, at: 0 }, { ...ofAddress!, count: Math.max(0, ofAddress!.count - 1) }],
        result: undefined,
      }));
    },
  };
}
