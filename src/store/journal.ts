/**
 * What a database keeps of a source: facts by kind and id, from which a store in memory is made
 * again. What follows from facts (sums, movements) is not kept but for the daily rows.
 *
 * @module
 */

import type { InboxRow, InboxStorage } from "./inbox.ts";
import { MONEY_KINDS } from "./money.ts";

/** In the order in which they are read back: each needs only kinds before it. */
export const FACT_KINDS = [
  "info",
  "status",
  "price",
  "coupon",
  "product",
  "forgotten",
  "discount",
  "past_due_since",
  "inclusive_tax",
  "history",
  "past_states",
  "corrections",
  "unreadable",
  "subscription",
  "closed",
  ...MONEY_KINDS,
  "invoice_reading",
  "shown",
] as const;
export type FactKind = typeof FACT_KINDS[number];

export interface Fact {
  readonly kind: FactKind;
  readonly id: string;
  /** JSON text as the codec writes it; `null` takes the fact away. */
  readonly body: string | null;
}

/** A row of the history of snapshots: a currency's close of a local day. */
export interface Snapshot {
  readonly currency: string;
  /** `2026-10-05`. */
  readonly day: string;
  /** Exact minor units a month. */
  readonly mrr: string;
  readonly customers: number;
  /** What made it, by kind: exact minor units and customers. */
  readonly movements: string;
}

/** Where a store is made again from. */
export interface FactReader {
  /** All facts of a kind. */
  facts(kind: FactKind): Iterable<Fact>;
  /** The opening that is kept beside them, told from what they are; `null` without one. */
  opening(): string | null;
}

/** Kinds that say how a source is doing: no opening is told from them. */
export const DOING: ReadonlySet<FactKind> = new Set(["status", "shown"]);

/** Where a store keeps its changes; a promise settles when they are durable. */
export interface FactWriter {
  /**
   * Writes all or nothing. `events` are those of the inbox whose effect the facts are, so that
   * neither is there without the other.
   *
   * @throws {StorageError}
   */
  write(
    facts: readonly Fact[],
    snapshots: readonly Snapshot[],
    events?: readonly InboxRow[],
  ): void | Promise<void>;
  /**
   * Keeps the opening of what is written, until something else than what is in `DOING` is.
   *
   * @throws {StorageError}
   */
  writeOpening(text: string): void | Promise<void>;
  /** Deletes snapshots of days before. @throws {StorageError} */
  forgetSnapshots(before: string): void | Promise<void>;
}

/** What one source keeps, where it is at hand: in a file. */
export interface Journal extends FactReader, FactWriter, InboxStorage {
  write(
    facts: readonly Fact[],
    snapshots: readonly Snapshot[],
    events?: readonly InboxRow[],
  ): void;
  writeOpening(text: string): void;
  addEvents(rows: readonly InboxRow[]): readonly string[];
  /** Snapshots of [from, to), oldest first; days as `2026-10-05`. */
  snapshots(from: string, to: string): readonly Snapshot[];
  forgetSnapshots(before: string): void;
  /** Takes everything of the source away. */
  forget(): void;
}

/** A database that cannot do what it is asked: what is wrong and what to do about it. */
export class StorageError extends Error {
  override readonly name = "StorageError";
}

/** The database does not answer now, and may later without anyone changing the configuration. */
export class UnreachableError extends StorageError {}

/** Another replica keeps the source now: what this one has not written is void. */
export class LeaseLostError extends StorageError {}
