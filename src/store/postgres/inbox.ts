/**
 * The table of events in PostgreSQL. Any replica adds to it; what became of an event is written by
 * the holder of the lease, with the facts that follow from it.
 *
 * @module
 */
import type { Sql } from "postgres";
import type { InboxRow } from "../inbox.ts";

/** Rows of the inbox as of one moment. */
export interface InboxRows {
  /** Waiting or set aside, oldest first. */
  readonly open: readonly InboxRow[];
  /** The newest, newest first. */
  readonly recent: readonly InboxRow[];
  readonly total: number;
}

const RECENT_MAX = 100;

function rowOf({ state, received, body }: Record<string, unknown>): InboxRow {
  return { ...JSON.parse(String(body)), state, receivedAt: Number(received) };
}

/** Rows as arrays, one for each column. */
export function columnsOf(rows: readonly InboxRow[]) {
  return {
    ids: rows.map(({ event }) => event.id),
    states: rows.map(({ state }) => state),
    received: rows.map(({ receivedAt }) => String(Math.round(receivedAt))),
    bodies: rows.map(({ state: _state, receivedAt: _at, ...body }) => JSON.stringify(body)),
  };
}

/** Returns the ids of those that were not there. */
export async function addEvents(
  sql: Sql,
  source: number,
  rows: readonly InboxRow[],
  channel: string,
): Promise<readonly string[]> {
  const { ids, states, received, bodies } = columnsOf(rows);
  const fresh = await sql`
    WITH added AS (
      INSERT INTO inbox (source, id, state, received, body)
      SELECT ${source}, * FROM unnest(
        ${ids}::text[], ${states}::text[], ${received}::bigint[], ${bodies}::text[]
      ) ON CONFLICT (source, id) DO NOTHING RETURNING id
    ), told AS (
      SELECT pg_notify(${channel}, ${`${source} 0`}) WHERE EXISTS (SELECT FROM added)
    ) SELECT id, (SELECT count(*) FROM told) FROM added`;
  return fresh.map(({ id }) => String(id));
}

export async function readInbox(sql: Sql, source: number): Promise<InboxRows> {
  const [open, recent, [count]] = await Promise.all([
    sql`SELECT state, received, body FROM inbox
        WHERE source = ${source} AND state IN ('waiting', 'set_aside') ORDER BY received, id`,
    sql`SELECT state, received, body FROM inbox
        WHERE source = ${source} ORDER BY received DESC, id DESC LIMIT ${RECENT_MAX}`,
    sql`SELECT count(*) AS total FROM inbox WHERE source = ${source}`,
  ]);
  return { open: open.map(rowOf), recent: recent.map(rowOf), total: Number(count!.total) };
}

/** Lets an event that was set aside be tried again by the holder. */
export async function retryEvent(
  sql: Sql,
  source: number,
  id: string,
  channel: string,
): Promise<void> {
  await sql`
    UPDATE inbox SET state = 'waiting',
      body = (body::jsonb || '{"tries": 0, "settledAt": null}')::text
    WHERE source = ${source} AND id = ${id} AND state = 'set_aside'`;
  await sql`SELECT pg_notify(${channel}, ${`${source} 0`})`;
}

export async function forgetEvents(sql: Sql, source: number, before: number): Promise<void> {
  await sql`DELETE FROM inbox WHERE source = ${source} AND received < ${String(Math.round(before))}
            AND state IN ('done', 'ignored')`;
}
