/**
 * What a database keeps of a source: facts by kind and id, from which a store in memory is made
 * again. What follows from facts (sums, movements) is not kept but for the daily rows.
 *
 * @module
 */

import type { InboxRow, InboxStorage } from "./inbox.ts";

/** In the order in which they are read back: each needs only kinds before it. */
export const FACT_KINDS = [
  "info",
  "status",
  "price",
  "coupon",
  "product",
  "discount",
  "past_due_since",
  "inclusive_tax",
  "history",
  "past_states",
  "corrections",
  "unreadable",
  "subscription",
  "closed",
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

/** What one source keeps. */
export interface Journal extends InboxStorage {
  /** All facts of a kind. */
  facts(kind: FactKind): Iterable<Fact>;
  /**
   * Writes all or nothing, and returns when it is durable. `events` are those of the inbox whose
   * effect the facts are, so that neither is there without the other.
   *
   * @throws {StorageError}
   */
  write(
    facts: readonly Fact[],
    snapshots: readonly Snapshot[],
    events?: readonly InboxRow[],
  ): void;
  /** Snapshots of [from, to), oldest first; days as `2026-10-05`. */
  snapshots(from: string, to: string): readonly Snapshot[];
  /** Deletes snapshots of days before. */
  forgetSnapshots(before: string): void;
  /** Takes everything of the source away. */
  forget(): void;
}

/** A database that cannot do what it is asked: what is wrong and what to do about it. */
export class StorageError extends Error {
  override readonly name = "StorageError";
}
