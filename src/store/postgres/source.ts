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
import type { Sql } from "postgres";
import {
  DOING,
  type Fact,
  FACT_KINDS,
  type FactKind,
  type FactReader,
  type FactWriter,
  LeaseLostError,
  type Snapshot,
} from "../journal.ts";
import type { InboxRow } from "../inbox.ts";
import { MONEY_KINDS } from "../money.ts";
import type { Run } from "./database.ts";
import {
  addEvents,
  columnsOf,
  forgetEvents,
  type InboxRows,
  readInbox,
  retryEvent,
} from "./inbox.ts";

/** Where each write is told: `source version`, with 0 for one of the inbox or the lease. */
export const CHANNEL = "glance_facts";
/** In place of a version: the holder is asked to compare the source with Stripe. */
export const COMPARE = -1;
/** Facts in one statement. */
const FACTS_MAX = 20_000;

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
  /** Everything that is kept, or of some kinds, with the opening. @throws {StorageError} */
  load(kinds?: readonly FactKind[]): Promise<Facts>;
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
  /** Asks the holder to compare the source with Stripe. @throws {StorageError} */
  askToCompare(): Promise<void>;
  /** Forgets what was settled and received before, Unix milliseconds. @throws {StorageError} */
  forgetEvents(before: number): Promise<void>;
  /** Takes everything of the source away. @throws {StorageError} */
  forget(): Promise<void>;
}

const KNOWN: ReadonlySet<string> = new Set(FACT_KINDS);

/** Stands for the kind of the row that has the opening. */
const OPENING = "opening";

function factsOf(version: number, rows: Iterable<readonly unknown[]>): Facts {
  const byKind = new Map<string, Fact[]>();
  let size = 0;
  let opening: string | null = null;
  for (const [kind, id, body] of rows as Iterable<[FactKind, string, string | null]>) {
    if (kind as string === OPENING) opening = body;
    // A newer program beside this one may keep more: that is its own.
    if (!KNOWN.has(kind)) continue;
    let facts = byKind.get(kind);
    if (!facts) byKind.set(kind, facts = []);
    facts.push({ kind, id, body });
    size++;
  }
  return { version, size, facts: (kind) => byKind.get(kind) ?? [], opening: () => opening };
}

/** A batch as statements, each whole or not at all. */
interface Part {
  readonly facts: readonly Fact[];
  readonly snapshots: readonly Snapshot[];
  readonly events: readonly InboxRow[];
}

/** What says how far things are read, and sums that would count twice what is read again. */
const LAST: ReadonlySet<FactKind> = new Set([...MONEY_KINDS, "invoice_reading", "status"]);

/**
 * Nearly always one part. Of more, the last has how far everything is read: a crash between leaves
 * facts that are read and put again, never a change that is taken for applied.
 */
function* partsOf({ facts, snapshots, events }: Part): Iterable<Part> {
  if (facts.length <= FACTS_MAX) return yield { facts, snapshots, events };
  const first = facts.filter(({ kind }) => !LAST.has(kind));
  for (let start = 0; start < first.length; start += FACTS_MAX) {
    yield { facts: first.slice(start, start + FACTS_MAX), snapshots: [], events: [] };
  }
  yield { facts: facts.filter(({ kind }) => LAST.has(kind)), snapshots, events };
}

/**
 * One statement and so one transaction: the client's own transactions end the program when their
 * connection is lost (postgres 3.4.9). The fence is judged under the lock of the source's row.
 */
function writePart(sql: Sql, id: number, { fence }: Lease, { facts, snapshots, events }: Part) {
  const rows = columnsOf(events);
  return sql`
    WITH writing AS (
      UPDATE sources SET version = version + 1 WHERE id = ${id} AND fence = ${fence}
      RETURNING id, version
    ), put_facts AS (
      INSERT INTO facts (source, kind, id, body, version)
      SELECT writing.id, fresh.kind, fresh.id, fresh.body, writing.version
      FROM writing, unnest(
        ${facts.map(({ kind }) => kind)}::text[],
        ${facts.map(({ id }) => id)}::text[],
        ${facts.map(({ body }) => body)}::text[]
      ) AS fresh (kind, id, body)
      ON CONFLICT (source, kind, id)
      DO UPDATE SET body = excluded.body, version = excluded.version
    ), put_snapshots AS (
      INSERT INTO snapshots (source, currency, day, mrr, customers, movements)
      SELECT writing.id, fresh.* FROM writing, unnest(
        ${snapshots.map(({ currency }) => currency)}::text[],
        ${snapshots.map(({ day }) => day)}::text[],
        ${snapshots.map(({ mrr }) => mrr)}::text[],
        ${snapshots.map(({ customers }) => String(customers))}::bigint[],
        ${snapshots.map(({ movements }) => movements)}::text[]
      ) AS fresh
      ON CONFLICT (source, day, currency) DO UPDATE
      SET mrr = excluded.mrr, customers = excluded.customers, movements = excluded.movements
    ), put_events AS (
      INSERT INTO inbox (source, id, state, received, body)
      SELECT writing.id, fresh.* FROM writing, unnest(
        ${rows.ids}::text[], ${rows.states}::text[], ${rows.received}::bigint[],
        ${rows.bodies}::text[]
      ) AS fresh
      ON CONFLICT (source, id) DO UPDATE SET state = excluded.state, body = excluded.body
    ), keep_opening AS (
      UPDATE openings SET version = writing.version FROM writing
      WHERE openings.source = writing.id AND openings.version = writing.version - 1
      AND ${facts.every(({ kind }) => DOING.has(kind))}
    ) SELECT pg_notify(${CHANNEL}, id || ' ' || version) FROM writing`;
}

/** @throws {StorageError} */
export async function createSource(run: Run, name: string, mode: string): Promise<PostgresSource> {
  const id = await run("write", async (sql) => {
    const [row] = await sql`
      INSERT INTO sources (name, mode) VALUES (${name}, ${mode})
      ON CONFLICT (name, mode) DO UPDATE SET name = excluded.name RETURNING id`;
    return Number(row!.id);
  });

  /** Facts and their version as of one moment: one statement sees one state. */
  const read = (since: number | null, kinds: readonly FactKind[] = FACT_KINDS) =>
    run("read", async (sql) => {
      const rows = await sql`
        SELECT NULL, NULL, version::text FROM sources WHERE id = ${id}
        UNION ALL
        (SELECT ${OPENING}, '', body FROM openings JOIN sources USING (version)
         WHERE source = ${id} AND id = ${id} AND ${since === null && kinds !== FACT_KINDS})
        UNION ALL
        (SELECT kind, id, body FROM facts WHERE source = ${id} AND kind = ANY(${[...kinds]})
         AND ${since === null ? sql`body IS NOT NULL` : sql`version > ${since}`})`.values();
      const version = rows.find(([kind]) => kind === null)?.[2];
      return factsOf(Number(version ?? 0), rows);
    });

  const refused = () => new LeaseLostError("Another replica keeps this source now");

  return {
    id,
    load: (kinds) => read(null, kinds),
    changesSince: (version) => read(version),
    acquire: (holder, leaseMs) => run("lease", (sql) => acquire(sql, id, holder, leaseMs)),
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
      async write(facts, snapshots, events = []) {
        for (const part of partsOf({ facts, snapshots, events })) {
          const rows = await run("write", (sql) => writePart(sql, id, lease, part));
          if (rows.length === 0) throw refused();
        }
      },
      writeOpening: (text) =>
        run("write", async (sql) => {
          await sql`
            INSERT INTO openings (source, body, version)
            SELECT id, ${text}, version FROM sources WHERE id = ${id} AND fence = ${lease.fence}
            ON CONFLICT (source)
            DO UPDATE SET body = excluded.body, version = excluded.version`;
        }),
      forgetSnapshots: (before) =>
        run("write", async (sql) => {
          await sql`
            DELETE FROM snapshots WHERE source = ${id} AND day < ${before}
            AND EXISTS (SELECT FROM sources WHERE id = ${id} AND fence = ${lease.fence})`;
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
    askToCompare: () =>
      run("write", async (sql) => {
        await sql`SELECT pg_notify(${CHANNEL}, ${`${id} ${COMPARE}`})`;
      }),
    forgetEvents: (before) => run("write", (sql) => forgetEvents(sql, id, before)),
    forget: () =>
      run("write", async (sql) => {
        await sql`DELETE FROM sources WHERE id = ${id}`;
      }),
  };
}

async function acquire(
  sql: Sql,
  id: number,
  holder: string,
  leaseMs: number,
): Promise<Lease | null> {
  const lasting = sql`clock_timestamp() + ${leaseMs} * interval '1 millisecond'`;
  // Nothing is locked while another holds it.
  const [held] = await sql`
    SELECT FROM leases
    WHERE source = ${id} AND holder <> ${holder} AND expires > clock_timestamp()`;
  if (held) return null;
  // Of several that try, the first to get the lease's row has it. The source's row then waits for
  // a write that is under way: it is in the version that is returned.
  const [row] = await sql`
    WITH taken AS (
      INSERT INTO leases AS known (source, holder, fence, expires)
      VALUES (${id}, ${holder}, 1, ${lasting})
      ON CONFLICT (source) DO UPDATE
      SET holder = excluded.holder, fence = known.fence + 1, expires = excluded.expires
      WHERE known.holder = excluded.holder OR known.expires <= clock_timestamp()
      RETURNING fence
    )
    UPDATE sources SET fence = taken.fence FROM taken WHERE id = ${id}
    RETURNING sources.fence, sources.version`;
  return row ? { holder, fence: Number(row.fence), version: Number(row.version) } : null;
}
