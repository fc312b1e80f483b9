/**
 * Checks a name and a password, slowly enough for those who guess.
 *
 * @module
 */
import type { AuthSettings } from "../config/auth.ts";
import { throttledAs } from "../src/security/address.ts";
import { verifyPassword } from "../src/security/password.ts";
import type { Session, Sessions } from "../src/security/sessions.ts";
import type { Throttle } from "../src/security/throttle.ts";
import type { FailedTries } from "../src/store/access/port.ts";
import type { ProblemCode } from "./api/problem.ts";
import type { ServerDeps } from "./deps.ts";
import { stampOf } from "./identify.ts";

export interface SignInFailure {
  readonly code: ProblemCode;
  readonly text: string;
  /** Seconds after which a try is of use. */
  readonly wait?: number;
}

export interface SignedIn {
  readonly session: Session;
  /** Tries with the user's name that failed since they signed in last. */
  readonly failed: FailedTries;
}

/** Begins a session for who has the password; `address` is the visitor's. */
export type SignIn = (
  given: { readonly username: string; readonly password: string },
  address: string,
) => Promise<SignedIn | SignInFailure>;

export interface SignInOptions
  extends Pick<ServerDeps, "accessStore" | "audit" | "live" | "log" | "now"> {
  readonly sessions: Sessions;
  readonly throttle: Throttle;
}

/** A failed try from where the user then signs in is their own slip, if it is no older. */
const SLIP_MS = 10 * 60_000;
/** Passwords that are checked at once: each takes a core for a moment. */
const CHECKS_MAX = 16;
/** A wait of an address stands in the audit log once in a quarter of an hour. */
const WAIT_NOTED_MS = 15 * 60_000;
const ADDRESSES_MAX = 10_000;

const WRONG: SignInFailure = {
  code: "unauthenticated",
  text: "This name and password do not belong together",
};
const BUSY: SignInFailure = {
  code: "too_many_tries",
  text: "Too many sign in at once: try again in a few seconds",
  wait: 5,
};
const AWAY: SignInFailure = {
  code: "sign_in_unavailable",
  text: "Nobody can sign in just now, as the database that keeps sessions does not answer",
};

/** All password hashes as one text, which is the same on all replicas. */
export function passwordHashes(auth: AuthSettings): string {
  if (auth?.mode !== "users") return "";
  return [...auth.users.values()].map(({ hash }) => hash).sort().join(" ");
}

/** `40 seconds`, `2 minutes` */
function waitText(seconds: number): string {
  if (seconds < 90) return `${seconds} second${seconds === 1 ? "" : "s"}`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

function tooManyTries(waitMs: number): SignInFailure {
  const wait = Math.ceil(waitMs / 1000);
  return {
    code: "too_many_tries",
    text: `Too many tries: try again in ${waitText(wait)}`,
    wait,
  };
}

export function createSignIn(options: SignInOptions): SignIn {
  const { audit, live, log, now, sessions, throttle } = options;
  const advised = new Set<string>();
  const waitNoted = new Map<string, number>();
  let checking = 0;

  /** The user's file is theirs: a hash that has become weak is not written anew but told of. */
  function advise(user: string): void {
    if (advised.has(user)) return;
    advised.add(user);
    log.warn("password hash is of fewer rounds than are made now: make it anew", { user });
  }

  /** Once for a while: whoever tries without end does not push the other entries out. */
  function noteWait(user: string | null, address: string): void {
    const key = throttledAs(address);
    if (now() - (waitNoted.get(key) ?? -Infinity) < WAIT_NOTED_MS) return;
    if (waitNoted.size >= ADDRESSES_MAX) waitNoted.clear();
    waitNoted.set(key, now());
    void audit.record({ action: "sign_in_throttled", user, address });
  }

  /** A notice that cannot be read keeps nobody out. */
  async function failedTries(user: string, address: string): Promise<FailedTries> {
    try {
      return await options.accessStore.audit.failedTries(user, {
        address,
        since: Math.floor(now()) - SLIP_MS,
      });
    } catch (error) {
      log.warn("failed sign-ins could not be counted", { error });
      return { count: 0, at: null };
    }
  }

  const check: SignIn = async ({ username, password }, address) => {
    const { auth } = live().settings;
    if (auth?.mode !== "users") return WRONG;
    const user = auth.users.get(username);
    // What is no user's name may be a password in the wrong field.
    const known = user ? username : null;
    const wait = await throttle.begin(username, throttledAs(address));
    if (wait > 0) {
      noteWait(known, address);
      return tooManyTries(wait);
    }
    const like = [...auth.users.values()][0]?.hash ?? null;
    const { ok, weak } = await verifyPassword(password, user?.hash ?? null, like);
    if (!user || !ok) {
      void audit.record({ action: "sign_in_failed", user: known, address });
      return WRONG;
    }
    await throttle.succeed(username, throttledAs(address));
    if (weak) advise(username);
    const session = await sessions.begin(username, stampOf(user.hash));
    const failed = await failedTries(username, address);
    void audit.record({ action: "signed_in", user: username, address });
    return { session, failed };
  };

  return async function signIn(given, address) {
    if (checking >= CHECKS_MAX) return BUSY;
    checking++;
    try {
      return await check(given, address);
    } catch (error) {
      log.error("signing in failed", { error });
      return AWAY;
    } finally {
      checking--;
    }
  };
}
