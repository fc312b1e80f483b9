/**
 * The table of events of the SQLite file.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import type { InboxRow } from "../inbox.ts";

interface InboxRecord {
  readonly id: string;
  readonly state: string;
  readonly received: number;
  readonly body: string;
}

function rowOf({ state, received, body }: InboxRecord): InboxRow {
  return { ...JSON.parse(body), state, receivedAt: received };
}

/** The rows of sources, each by its number. Runs inside the caller's transactions. */
export function inboxOf(database: DatabaseSync) {
  const add = database.prepare(
    `INSERT INTO inbox (source, id, state, received, body) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (source, id) DO NOTHING`,
  );
  const put = database.prepare(
    `INSERT INTO inbox (source, id, state, received, body) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (source, id) DO UPDATE SET state = excluded.state, body = excluded.body`,
  );
  const open = database.prepare(
    `SELECT id, state, received, body FROM inbox
     WHERE source = ? AND state IN ('waiting', 'set_aside') ORDER BY received, id`,
  );
  const recent = database.prepare(
    `SELECT id, state, received, body FROM inbox
     WHERE source = ? ORDER BY received DESC, id DESC LIMIT ?`,
  );
  const count = database.prepare("SELECT count(*) AS n FROM inbox WHERE source = ?");
  const old = database.prepare(
    "DELETE FROM inbox WHERE source = ? AND received < ? AND state IN ('done', 'ignored')",
  );
  const values = (source: number, { state, receivedAt, ...body }: InboxRow) =>
    [source, body.event.id, state, receivedAt, JSON.stringify(body)] as const;
  const rows = (found: unknown[]) => (found as InboxRecord[]).map(rowOf);
  return {
    add: (source: number, row: InboxRow) => Number(add.run(...values(source, row)).changes) > 0,
    put: (source: number, row: InboxRow) => void put.run(...values(source, row)),
    open: (source: number) => rows(open.all(source)),
    recent: (source: number, limit: number) => rows(recent.all(source, limit)),
    count: (source: number) => Number(count.get(source)!.n),
    forget: (source: number, before: number) => void old.run(source, before),
  };
}
