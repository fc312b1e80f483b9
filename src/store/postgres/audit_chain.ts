/**
 * The audit log in PostgreSQL, and its chain. Any number of replicas write it: each locks the row of
 * the chain first, so that one alone adds an entry and the new head.
 *
 * @module
 */
import type { Sql, TransactionSql } from "postgres";
import type {
  AuditChain,
  AuditRecord,
  AuditRow,
  ChainEnd,
  ChainState,
  ChainWriter,
  SealedRecord,
} from "../access/port.ts";
import type { Run } from "./database.ts";

type Row = Record<string, unknown>;

export function recordOf({ id, at, action, user_name, address, subject }: Row): AuditRecord {
  const text = (value: unknown) => value === null ? null : String(value);
  return {
    id: Number(id),
    at: Number(at),
    action: String(action),
    user: text(user_name),
    address: text(address),
    subject: text(subject),
  };
}

const endOf = (text: unknown): ChainEnd | null => text === null ? null : JSON.parse(String(text));

function stateOf(row: Row | undefined): ChainState | null {
  return row ? { salt: String(row.salt), base: endOf(row.base), head: endOf(row.head) } : null;
}

/** Nobody else writes the chain until the transaction ends. */
async function lockedState(sql: TransactionSql): Promise<ChainState | null> {
  const [row] = await sql`SELECT salt, base, head FROM audit_chain FOR UPDATE`;
  return stateOf(row);
}

async function writeEnds(sql: TransactionSql, base: ChainEnd | null, head: ChainEnd | null) {
  const text = (end: ChainEnd | null) => end && JSON.stringify(end);
  await sql`UPDATE audit_chain SET base = ${text(base)}, head = ${text(head)}`;
}

async function insert(sql: Sql | TransactionSql, row: AuditRow): Promise<number> {
  const { at, action, user, address, subject } = row;
  const [made] = await sql`
    INSERT INTO audit (at, action, user_name, address, subject)
    VALUES (${at}, ${action}, ${user}, ${address}, ${subject}) RETURNING id`;
  return Number(made!.id);
}

export async function addEntry(sql: Sql, row: AuditRow, writer: ChainWriter | null) {
  if (writer === null) return void await insert(sql, row);
  await sql.begin(async (inner) => {
    const before = await lockedState(inner);
    const [last] = await inner`SELECT coalesce(max(id), 0) AS id FROM audit`;
    const base = before!.base ?? writer.base(Number(last!.id), "");
    const id = await insert(inner, row);
    const head = writer.link(before!.head ?? base, { ...row, id });
    await inner`UPDATE audit SET mac = ${head.mac} WHERE id = ${id}`;
    await writeEnds(inner, base, head);
  });
}

/** Deletes entries from before a time, and keeps the last of them as the base. */
export async function prune(sql: Sql, before: number, writer: ChainWriter | null): Promise<void> {
  await sql.begin(async (inner) => {
    const known = await lockedState(inner);
    const [row] = await inner`
      SELECT max(id) AS id FROM audit
      WHERE id < coalesce((SELECT min(id) FROM audit WHERE at >= ${before}), 9000000000000000)`;
    if (row!.id === null) return;
    const last = Number(row!.id);
    if (known?.base && last > known.base.id) {
      const [sealed] = await inner`
        SELECT mac FROM audit WHERE id <= ${last} AND mac IS NOT NULL ORDER BY id DESC LIMIT 1`;
      const mac = String(sealed?.mac ?? known.base.mac);
      await writeEnds(inner, writer?.base(last, mac) ?? { id: last, mac, seal: "" }, known.head);
    }
    await inner`DELETE FROM audit WHERE id <= ${last}`;
  });
}

function sealedOf(row: Row): SealedRecord {
  return { ...recordOf(row), mac: row.mac === null ? null : String(row.mac) };
}

export function chainOf(run: Run): AuditChain {
  return {
    salt: (fresh) =>
      run("write", async (sql) => {
        await sql`INSERT INTO audit_chain (one, salt) VALUES (1, ${fresh}) ON CONFLICT DO NOTHING`;
        const [row] = await sql`SELECT salt FROM audit_chain`;
        return String(row!.salt);
      }),
    read: () =>
      run("read", (sql) =>
        sql.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY", async (inner) => {
          const [row] = await inner`SELECT salt, base, head FROM audit_chain`;
          const rows = await inner`SELECT * FROM audit ORDER BY id`;
          return { state: stateOf(row), entries: rows.map(sealedOf) };
        })) as ReturnType<AuditChain["read"]>,
    reseal: (decide) =>
      run("write", (sql) =>
        sql.begin(async (inner) => {
          const known = await lockedState(inner);
          const rows = await inner`SELECT * FROM audit ORDER BY id`;
          const resealed = known && decide(known, rows.map(sealedOf));
          if (!resealed) return;
          await inner`
            UPDATE audit SET mac = fresh.mac
            FROM unnest(${[...resealed.macs.keys()]}::bigint[], ${[
            ...resealed.macs.values(),
          ]}::text[])
              AS fresh (id, mac)
            WHERE audit.id = fresh.id`;
          await writeEnds(inner, resealed.base, resealed.head);
        })) as Promise<void>,
  };
}
