/**
 * Sessions, tokens, failures and audit log in PostgreSQL, shared by all replicas.
 *
 * @module
 */
import type { Sql, TransactionSql } from "postgres";
import {
  type AccessStore,
  type Failures,
  FAILURES_MS,
  type SessionRow,
  type TokenRow,
} from "../access/port.ts";
import { addEntry, chainOf, prune, recordOf } from "./audit_chain.ts";
import type { Run } from "./database.ts";

type Row = Record<string, unknown>;

function sessionOf({ id, user_name, stamp, begun, expires }: Row): SessionRow {
  return {
    id: String(id),
    user: String(user_name),
    stamp: String(stamp),
    begun: Number(begun),
    expires: Number(expires),
  };
}

function tokenOf({ name, hash, scopes, created, expires, last_used }: Row): TokenRow {
  return {
    name: String(name),
    hash: String(hash),
    scopes: String(scopes).split(" "),
    created: Number(created),
    expires: Number(expires),
    lastUsed: last_used === null ? null : Number(last_used),
  };
}

/** Rows are locked in the order of their names, so that no two wait for each other. */
async function change<T>(
  sql: TransactionSql,
  names: readonly string[],
  decide: (
    known: readonly Failures[],
  ) => { readonly next: readonly Failures[]; readonly result: T },
): Promise<T> {
  const sorted = [...names].sort();
  await sql`INSERT INTO failures (name, count, at)
            SELECT name, 0, 0 FROM unnest(${sorted}::text[]) AS name ORDER BY name
            ON CONFLICT (name) DO NOTHING`;
  const rows = await sql`SELECT name, count, at FROM failures
                         WHERE name = ANY(${sorted}) ORDER BY name FOR UPDATE`;
  const known = names.map((name) => {
    const row = rows.find((one) => one.name === name)!;
    return { count: Number(row.count), at: Number(row.at) };
  });
  const { next, result } = decide(known);
  for (const [index, name] of names.entries()) {
    const { count, at } = next[index]!;
    await sql`UPDATE failures SET count = ${count}, at = ${at} WHERE name = ${name}`;
  }
  return result;
}

export function createAccess(run: Run): AccessStore {
  const write = (query: (sql: Sql) => Promise<unknown>) =>
    run("write", async (sql) => void await query(sql));
  return {
    sessions: {
      add: ({ id, user, stamp, begun, expires }) =>
        write((sql) =>
          sql`INSERT INTO sessions (id, user_name, stamp, begun, expires)
              VALUES (${id}, ${user}, ${stamp}, ${begun}, ${expires})`
        ),
      find: (id) =>
        run("read", async (sql) => {
          const [row] = await sql`SELECT * FROM sessions WHERE id = ${id}`;
          return row && sessionOf(row);
        }),
      extend: (id, expires) =>
        write((sql) => sql`UPDATE sessions SET expires = ${expires} WHERE id = ${id}`),
      remove: (id) => write((sql) => sql`DELETE FROM sessions WHERE id = ${id}`),
      removeOf: (user) =>
        run("write", async (sql) => {
          return (await sql`DELETE FROM sessions WHERE user_name = ${user}`).count;
        }),
    },
    tokens: {
      add: ({ name, hash, scopes, created, expires, lastUsed }) =>
        run("write", async (sql) => {
          const { count } = await sql`
            INSERT INTO tokens VALUES (
              ${name}, ${hash}, ${scopes.join(" ")}, ${created}, ${expires}, ${lastUsed}
            ) ON CONFLICT DO NOTHING`;
          return count > 0;
        }),
      find: (hash) =>
        run("read", async (sql) => {
          const [row] = await sql`SELECT * FROM tokens WHERE hash = ${hash}`;
          return row && tokenOf(row);
        }),
      used: (hash, at) =>
        write((sql) => sql`UPDATE tokens SET last_used = ${at} WHERE hash = ${hash}`),
      all: () =>
        run("read", async (sql) => (await sql`SELECT * FROM tokens ORDER BY name`).map(tokenOf)),
      remove: (name) =>
        run("write", async (sql) => {
          return (await sql`DELETE FROM tokens WHERE name = ${name}`).count > 0;
        }),
    },
    failures: {
      change: (names, decide) =>
        run("write", (sql) => sql.begin((inner) => change(inner, names, decide))) as Promise<never>,
    },
    audit: {
      add: (row, writer) => run("write", (sql) => addEntry(sql, row, writer ?? null)),
      chain: chainOf(run),
      list: (limit, before) =>
        run("read", async (sql) => {
          const rows = await sql`
            SELECT * FROM audit WHERE ${before}::bigint IS NULL OR id < ${before}::bigint
            ORDER BY id DESC LIMIT ${limit}`;
          return rows.map(recordOf);
        }),
      failedTries: (user, { address, since }) =>
        run("read", async (sql) => {
          const [row] = await sql`
            SELECT count(*) AS count, max(at) AS at FROM audit
            WHERE user_name = ${user} AND action = 'sign_in_failed'
              AND (at < ${since} OR address IS DISTINCT FROM ${address}) AND id > coalesce(
              (SELECT max(id) FROM audit WHERE user_name = ${user} AND action = 'signed_in'), 0)`;
          return { count: Number(row!.count), at: row!.at === null ? null : Number(row!.at) };
        }),
    },
    forget: (now, auditBefore, writer) =>
      run("write", async (sql) => {
        await sql`DELETE FROM sessions WHERE expires <= ${now}`;
        await sql`DELETE FROM failures WHERE at < ${now - FAILURES_MS}`;
        await prune(sql, auditBefore, writer ?? null);
      }),
  };
}
