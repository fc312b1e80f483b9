/**
 * What is kept of those who look: sessions, tokens for programs, failed tries, and the audit log.
 * Of sessions and tokens only hashes are kept, so that whoever reads the store can use none.
 *
 * @module
 */

/** At once, from a file or memory; later, from a server. */
export type Awaitable<T> = T | Promise<T>;

export interface SessionRow {
  /** SHA-256 of the cookie. */
  readonly id: string;
  readonly user: string;
  /** Changes with the user's password, which ends the session. */
  readonly stamp: string;
  /** When its user signed in, Unix milliseconds. */
  readonly begun: number;
  /** Unix milliseconds. */
  readonly expires: number;
}

export interface SessionRows {
  add(row: SessionRow): Awaitable<void>;
  find(id: string): Awaitable<SessionRow | undefined>;
  extend(id: string, expires: number): Awaitable<void>;
  remove(id: string): Awaitable<void>;
  /** Ends all of a user; returns how many. */
  removeOf(user: string): Awaitable<number>;
}

export interface TokenRow {
  readonly name: string;
  /** `sha256:…` */
  readonly hash: string;
  readonly scopes: readonly string[];
  /** Unix milliseconds. */
  readonly created: number;
  readonly expires: number;
  readonly lastUsed: number | null;
}

export interface TokenRows {
  /** Whether it was added: the name may be taken. */
  add(row: TokenRow): Awaitable<boolean>;
  find(hash: string): Awaitable<TokenRow | undefined>;
  used(hash: string, at: number): Awaitable<void>;
  /** By name. */
  all(): Awaitable<readonly TokenRow[]>;
  /** Whether there was one of the name. */
  remove(name: string): Awaitable<boolean>;
}

/** How often a name failed in a row, and when last, in Unix milliseconds. */
export interface Failures {
  readonly count: number;
  readonly at: number;
}

export interface FailureRows {
  /**
   * Reads the failures of names and writes what `decide` makes of them, with nobody between.
   *
   * @param decide Is given one for each name, of 0 where there are none.
   */
  change<T>(
    names: readonly string[],
    decide: (
      known: readonly Failures[],
    ) => { readonly next: readonly Failures[]; readonly result: T },
  ): Awaitable<T>;
}

export interface AuditRow {
  /** Unix milliseconds. */
  readonly at: number;
  /** `signed_in`, `token_created` and so on. */
  readonly action: string;
  /** Who; `null` for nobody that is known. */
  readonly user: string | null;
  /** From where; `null` for the command line and the program itself. */
  readonly address: string | null;
  /** On what: a token's name, a route. Holds no personal data. */
  readonly subject: string | null;
}

export interface AuditRecord extends AuditRow {
  /** Grows with time. */
  readonly id: number;
}

/** Tries that were the user's own slips, most likely: from this address, not long before. */
export interface OwnSlips {
  readonly address: string;
  /** Unix milliseconds. */
  readonly since: number;
}

/** Failed sign-ins of a user since the last that succeeded. */
export interface FailedTries {
  readonly count: number;
  /** Of the last one, Unix milliseconds; `null` for none. */
  readonly at: number | null;
}

/** An entry with its seal; `null` where whoever wrote it had no key. */
export interface SealedRecord extends AuditRecord {
  readonly mac: string | null;
}

/** One end of the chain of entries, as `src/security/audit_chain.ts` seals it. */
export interface ChainEnd {
  readonly id: number;
  readonly mac: string;
  readonly seal: string;
}

export interface ChainState {
  readonly salt: string;
  readonly base: ChainEnd | null;
  readonly head: ChainEnd | null;
}

/** Seals entries. */
export interface ChainWriter {
  base(id: number, mac: string): ChainEnd;
  link(before: ChainEnd, entry: AuditRecord): ChainEnd;
}

export interface Resealed {
  readonly base: ChainEnd;
  readonly head: ChainEnd;
  readonly macs: ReadonlyMap<number, string>;
}

/** The chain of the audit log. */
export interface AuditChain {
  /** The salt of its key; `fresh` becomes it where there is none yet. */
  salt(fresh: string): Awaitable<string>;
  /** All entries, oldest first, and the chain of the same moment; `null` where there is none yet. */
  read(): Awaitable<
    { readonly state: ChainState | null; readonly entries: readonly SealedRecord[] }
  >;
  /** Puts new seals in place with nobody writing between; `null` leaves all as it is. */
  reseal(
    decide: (state: ChainState, entries: readonly SealedRecord[]) => Resealed | null,
  ): Awaitable<void>;
}

export interface AuditRows {
  /** @param chain Seals the entry; `null`, or left out, where there is no key. */
  add(row: AuditRow, chain?: ChainWriter | null): Awaitable<void>;
  /** `null` where nothing outlives the process. */
  readonly chain: AuditChain | null;
  /** Newest first, those before an id. */
  list(limit: number, before: number | null): Awaitable<readonly AuditRecord[]>;
  failedTries(user: string, except: OwnSlips): Awaitable<FailedTries>;
}

export interface AccessStore {
  readonly sessions: SessionRows;
  readonly tokens: TokenRows;
  readonly failures: FailureRows;
  readonly audit: AuditRows;
  /**
   * Deletes what has ended: times in Unix milliseconds.
   *
   * @param chain Seals the new beginning of the audit log.
   */
  forget(now: number, auditBefore: number, chain?: ChainWriter | null): Awaitable<void>;
}

/** After so long without a failure everything is forgotten. */
export const FAILURES_MS = 60 * 60_000;
