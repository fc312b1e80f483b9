/**
 * The audit log: who did what, from where. Names of users and addresses, and no other personal
 * data.
 *
 * @module
 */
import type { ChainWriter } from "./audit_chain.ts";
import type { Awaitable } from "./recent.ts";

/** What is recorded, and how the page calls it. */
export const AUDIT_ACTIONS = {
  signed_in: "signed in",
  sign_in_failed: "failed to sign in",
  sign_in_throttled: "was made to wait after too many tries",
  signed_in_by_proxy: "was signed in by the proxy, first on this day",
  signed_out: "signed out",
  sessions_ended: "ended the sessions of",
  token_created: "created the token",
  token_revoked: "revoked the token",
  token_used: "first use on this day",
  configuration_taken: "changed the configuration",
  secrets_rotated: "sealed secrets anew",
  interface_read: "read the interface, first on this day, at",
  exported: "exported",
  compared: "compared with Stripe the source",
  event_retried: "let an event be tried again",
  customer_forgotten: "put a customer under the tombstone",
  source_forgotten: "let go of the source",
} as const;
export type AuditAction = keyof typeof AUDIT_ACTIONS;

export interface AuditEntry {
  readonly action: AuditAction;
  /** Left out for nobody that is known. */
  readonly user?: string | null;
  /** Left out for the command line and the program itself. */
  readonly address?: string | null;
  /** On what: a token's name, a route. */
  readonly subject?: string | null;
}

/** Where it is kept. */
export interface AuditKeeper {
  add(row: {
    readonly at: number;
    readonly action: string;
    readonly user: string | null;
    readonly address: string | null;
    readonly subject: string | null;
  }, chain?: ChainWriter | null): Awaitable<void>;
}

export interface AuditLog {
  /** Settles once it is kept, or could not be, which is said to `onError`. */
  record(entry: AuditEntry): Promise<void>;
}

export interface AuditOptions {
  readonly keeper: AuditKeeper;
  /** What seals entries; left out where there is no master key, or nothing outlives the process. */
  readonly chain?: (() => Promise<ChainWriter>) | null;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Told of each entry as well, such as a log. */
  readonly onEntry?: (entry: AuditEntry) => void;
  readonly onError: (error: unknown) => void;
}

export function createAudit({ keeper, chain, now, onEntry, onError }: AuditOptions): AuditLog {
  return {
    async record(entry) {
      onEntry?.(entry);
      const { action, user = null, address = null, subject = null } = entry;
      try {
        const row = { at: Math.floor(now()), action, user, address, subject };
        await keeper.add(row, chain ? await chain() : null);
      } catch (error) {
        onError(error);
      }
    },
  };
}
