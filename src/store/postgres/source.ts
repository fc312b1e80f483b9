/**
 * One source in PostgreSQL: its facts with the version of the write that they came with, and the
 * lease of the one replica that writes them.
 *
 * A write and a change of holder both update the source's row, so one waits for the other. Whoever
 * writes names the fence of its lease: after another took the lease, its writes are refused,
 * however late they come.
 *
 * @module
 */
import type { TransactionSql } from "postgres";
import {
  type Fact,
  FACT_KINDS,
  type FactKind,
  type FactReader,
  type FactWriter,
  LeaseLostError,
  type Snapshot,
} from "../journal.ts";
import type { InboxRow } from "../inbox.ts";
import type { Run } from "./database.ts";
import {
  addEvents,
  forgetEvents,
  type InboxRows,
  putEvents,
  readInbox,
  retryEvent,
} from "./inbox.ts";

/** Where each write is told: `source version`, with 0 for one of the inbox or the lease. */
export const CHANNEL = "glance_facts";
/** Rows in one statement. */
const ROWS_MAX = 2_000;
/** A process that is paused within a transaction holds its lock no longer than this. */
const IDLE_TRANSACTION_MS = "8000";

/** Undoes a taking that came too late. */
class Taken extends Error {}

/** The right to write a source, until another replica takes it. */
export interface Lease {
  readonly holder: string;
  readonly fence: number;
  /** The newest version when it was taken. */
  readonly version: number;
}

/** Facts as of one moment, or changed since another. */
export interface Facts extends FactReader {
  readonly version: number;
  readonly size: number;
}

export interface PostgresSource {
  readonly id: number;
  /** Everything that is kept. @throws {StorageError} */
  load(): Promise<Facts>;
  /** What was written after a version; a body of `null` was taken away. @throws {StorageError} */
  changesSince(version: number): Promise<Facts>;
  /**
   * Takes the lease where it is free, run out or this holder's own. @throws {StorageError}
   *
   * @returns `null` while another replica holds it.
   */
  acquire(holder: string, leaseMs: number): Promise<Lease | null>;
  /** Makes it last from now on again; `false` when another has it. @throws {StorageError} */
  renew(lease: Lease, leaseMs: number): Promise<boolean>;
  /** Lets another take it at once. @throws {StorageError} */
  release(lease: Lease): Promise<void>;
  /** Who holds it, if it has not run out. @throws {StorageError} */
  holder(): Promise<string | null>;
  /** Writes under a lease; one write at a time. */
  writer(lease: Lease): FactWriter;
  /** Snapshots of [from, to), oldest first. @throws {StorageError} */
  snapshots(from: string, to: string): Promise<readonly Snapshot[]>;
  /** Adds events that are not there yet; returns the ids of those. @throws {StorageError} */
  addEvents(rows: readonly InboxRow[]): Promise<readonly string[]>;
  /** @throws {StorageError} */
  inbox(): Promise<InboxRows>;
  /** Lets an event that was set aside be tried again by the holder. @throws {StorageError} */
  retryEvent(id: string): Promise<void>;
  /** Forgets what was settled and received before, Unix milliseconds. @throws {StorageError} */
  forgetEvents(before: number): Promise<void>;
  /** Takes everything of the source away. @throws {StorageError} */
  forget(): Promise<void>;
}

const KNOWN: ReadonlySet<string> = new Set(FACT_KINDS);

function factsOf(version: number, rows: Iterable<readonly unknown[]>): Facts {
  const byKind = new Map<string, Fact[]>();
  let size = 0;
  for (const [kind, id, body] of rows as Iterable<[FactKind, string, string | null]>) {
    // A newer program beside this one may keep more: that is its own.
    if (!KNOWN.has(kind)) continue;
    let facts = byKind.get(kind);
    if (!facts) byKind.set(kind, facts = []);
    facts.push({ kind, id, body });
    size++;
  }
  return { version, size, facts: (kind) => byKind.get(kind) ?? [] };
}

function* chunks<T>(rows: readonly T[]): Iterable<readonly T[]> {
  for (let start = 0; start < rows.length; start += ROWS_MAX) {
    yield rows.slice(start, start + ROWS_MAX);
  }
}

async function putFacts(
  tx: TransactionSql,
  source: number,
  version: number,
  facts: readonly Fact[],
): Promise<void> {
  for (const part of chunks(facts)) {
    await tx`
      INSERT INTO facts (source, kind, id, body, version)
      SELECT ${source}, kind, id, body, ${version}
      FROM unnest(
        ${part.map(({ kind }) => kind)}::text[],
        ${part.map(({ id }) => id)}::text[],
        ${part.map(({ body }) => body)}::text[]
      ) AS fresh (kind, id, body)
      ON CONFLICT (source, kind, id)
      DO UPDATE SET body = excluded.body, version = excluded.version`;
  }
}

async function putSnapshots(
  tx: TransactionSql,
  source: number,
  snapshots: readonly Snapshot[],
): Promise<void> {
  for (const part of chunks(snapshots)) {
    await tx`
      INSERT INTO snapshots (source, currency, day, mrr, customers, movements)
      SELECT ${source}, * FROM unnest(
        ${part.map(({ currency }) => currency)}::text[],
        ${part.map(({ day }) => day)}::text[],
        ${part.map(({ mrr }) => mrr)}::text[],
        ${part.map(({ customers }) => String(customers))}::bigint[],
        ${part.map(({ movements }) => movements)}::text[]
      )
      ON CONFLICT (source, day, currency) DO UPDATE
      SET mrr = excluded.mrr, customers = excluded.customers, movements = excluded.movements`;
  }
}

/** @throws {StorageError} */
export async function createSource(run: Run, name: string, mode: string): Promise<PostgresSource> {
  const id = await run("write", async (sql) => {
    const [row] = await sql`
      INSERT INTO sources (name, mode) VALUES (${name}, ${mode})
      ON CONFLICT (name, mode) DO UPDATE SET name = excluded.name RETURNING id`;
    return Number(row!.id);
  });

  /** Facts and their version as of one moment. */
  const read = (since: number | null) =>
    run("read", (sql) =>
      sql.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY", async (tx) => {
        const [row] = await tx`SELECT version FROM sources WHERE id = ${id}`;
        const rows = since === null
          ? tx`SELECT kind, id, body FROM facts WHERE source = ${id} AND body IS NOT NULL`
          : tx`SELECT kind, id, body FROM facts WHERE source = ${id} AND version > ${since}
               ORDER BY version`;
        return factsOf(Number(row?.version ?? 0), await rows.values());
      })) as Promise<Facts>;

  /** Runs in a transaction that the fence lets through, with the version that it makes. */
  function writing(
    { fence }: Lease,
    write: (tx: TransactionSql, version: number) => Promise<void>,
  ): Promise<void> {
    return run("write", async (sql) => {
      await sql.begin(async (tx) => {
        const [row] = await tx`
          UPDATE sources SET version = version + 1 WHERE id = ${id} AND fence = ${fence}
          RETURNING version,
            set_config('idle_in_transaction_session_timeout', ${IDLE_TRANSACTION_MS}, true)`;
        if (!row) throw new LeaseLostError("Another replica keeps this source now");
        await write(tx, Number(row.version));
        await tx`SELECT pg_notify(${CHANNEL}, ${`${id} ${row.version}`})`;
      });
    });
  }

  return {
    id,
    load: () => read(null),
    changesSince: read,
    acquire: (holder, leaseMs) =>
      run("lease", async (sql) => {
        try {
          return await sql.begin((tx) => acquire(tx, id, holder, leaseMs)) as Lease | null;
        } catch (error) {
          if (error instanceof Taken) return null;
          throw error;
        }
      }),
    renew: (lease, leaseMs) =>
      run("lease", async (sql) => {
        const rows = await sql`
          UPDATE leases SET expires = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
          WHERE source = ${id} AND fence = ${lease.fence} RETURNING source`;
        return rows.length > 0;
      }),
    release: (lease) =>
      run("lease", async (sql) => {
        await sql`UPDATE leases SET expires = '-infinity'
                  WHERE source = ${id} AND fence = ${lease.fence}`;
        await sql`SELECT pg_notify(${CHANNEL}, ${`${id} 0`})`;
      }),
    holder: () =>
      run("lease", async (sql) => {
        const [row] = await sql`SELECT holder FROM leases
                                WHERE source = ${id} AND expires > clock_timestamp()`;
        return row ? String(row.holder) : null;
      }),
    writer: (lease) => ({
      write: (facts, snapshots, events = []) =>
        writing(lease, async (tx, version) => {
          await putEvents(tx, id, events);
          await putFacts(tx, id, version, facts);
          await putSnapshots(tx, id, snapshots);
        }),
      forgetSnapshots: (before) =>
        writing(lease, async (tx) => {
          await tx`DELETE FROM snapshots WHERE source = ${id} AND day < ${before}`;
        }),
    }),
    snapshots: (from, to) =>
      run("read", async (sql) => {
        const rows = await sql`
          SELECT currency, day, mrr, customers, movements FROM snapshots
          WHERE source = ${id} AND day >= ${from} AND day < ${to} ORDER BY day, currency`;
        return rows.map((row) => ({ ...row, customers: Number(row.customers) } as Snapshot));
      }),
    addEvents: (rows) => run("write", (sql) => addEvents(sql, id, rows, CHANNEL)),
    inbox: () => run("read", (sql) => readInbox(sql, id)),
    retryEvent: (event) => run("write", (sql) => retryEvent(sql, id, event, CHANNEL)),
    forgetEvents: (before) => run("write", (sql) => forgetEvents(sql, id, before)),
    forget: () =>
      run("write", async (sql) => {
        await sql`DELETE FROM sources WHERE id = ${id}`;
      }),
  };
}

async function acquire(
  tx: TransactionSql,
  id: number,
  holder: string,
  leaseMs: number,
): Promise<Lease | null> {
  const isTaken = async () => {
    const [held] = await tx`
      SELECT holder <> ${holder} AND expires > clock_timestamp() AS taken,
        set_config('idle_in_transaction_session_timeout', ${IDLE_TRANSACTION_MS}, true)
      FROM leases WHERE source = ${id}`;
    return held?.taken === true;
  };
  if (await isTaken()) return null;
  // Waits for a write that is under way: it is in the version that is returned, or refused.
  const [row] = await tx`
    UPDATE sources SET fence = fence + 1 WHERE id = ${id} RETURNING fence, version`;
  // Another may have been faster while this one waited; the fence that it got is not the newest
  // then, unless this transaction is undone.
  if (!row || await isTaken()) throw new Taken();
  await tx`
    INSERT INTO leases (source, holder, fence, expires)
    VALUES (${id}, ${holder}, ${row.fence}, clock_timestamp() + ${leaseMs} * interval '1 millisecond')
    ON CONFLICT (source) DO UPDATE SET holder = excluded.holder, fence = excluded.fence,
      expires = excluded.expires`;
  return { holder, fence: Number(row.fence), version: Number(row.version) };
}
