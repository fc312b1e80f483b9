/**
 * Sessions, tokens and audit log in the SQLite file. Failures are counted in the process, as one
 * alone serves from a file.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { createMemoryFailures } from "../access/memory.ts";
import {
  type AccessStore,
  type AuditRecord,
  type FailedTries,
  FAILURES_MS,
  type SessionRow,
  type TokenRow,
} from "../access/port.ts";
import { chainOf } from "./audit_chain.ts";

type Row = Record<string, unknown>;

function tokenOf({ scopes, ...row }: Row): TokenRow {
  return { ...row, scopes: String(scopes).split(" ") } as unknown as TokenRow;
}

/** @param guard Says what went wrong in words. */
export function accessOf(database: DatabaseSync, guard: <T>(run: () => T) => T): AccessStore {
  const failures = createMemoryFailures();
  const chain = chainOf(database);
  const prepared = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  const statement = (sql: string) => {
    let made = prepared.get(sql);
    if (!made) prepared.set(sql, made = database.prepare(sql));
    return made;
  };
  type Value = string | number | null;
  const run = (sql: string, ...values: Value[]) =>
    guard(() => Number(statement(sql).run(...values).changes));
  const all = (sql: string, ...values: Value[]) =>
    guard(() => statement(sql).all(...values).map((row): Row => ({ ...row })));
  const one = (sql: string, ...values: Value[]) => all(sql, ...values)[0];
  const TOKEN = "name, hash, scopes, created, expires, last_used AS lastUsed";
  return {
    sessions: {
      add: ({ id, user, stamp, begun, expires }) =>
        void run(
          "INSERT INTO sessions (id, user, stamp, begun, expires) VALUES (?, ?, ?, ?, ?)",
          ...[id, user, stamp, begun, expires],
        ),
      find: (id) =>
        one("SELECT id, user, stamp, begun, expires FROM sessions WHERE id = ?", id) as
          | SessionRow
          | undefined,
      extend: (id, expires) =>
        void run("UPDATE sessions SET expires = ? WHERE id = ?", expires, id),
      remove: (id) => void run("DELETE FROM sessions WHERE id = ?", id),
      removeOf: (user) => run("DELETE FROM sessions WHERE user = ?", user),
    },
    tokens: {
      add: ({ name, hash, scopes, created, expires, lastUsed }) =>
        run(
          "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
          ...[name, hash, scopes.join(" "), created, expires, lastUsed],
        ) > 0,
      find(hash) {
        const row = one(`SELECT ${TOKEN} FROM tokens WHERE hash = ?`, hash);
        return row && tokenOf(row);
      },
      used: (hash, at) => void run("UPDATE tokens SET last_used = ? WHERE hash = ?", at, hash),
      all: () => all(`SELECT ${TOKEN} FROM tokens ORDER BY name`).map(tokenOf),
      remove: (name) => run("DELETE FROM tokens WHERE name = ?", name) > 0,
    },
    failures,
    audit: {
      add: (row, writer) => guard(() => chain.add(row, writer ?? null)),
      chain: {
        salt: (fresh) => guard(() => chain.salt(fresh)),
        read: () => guard(() => chain.read()),
        reseal: (decide) => guard(() => chain.reseal(decide)),
      },
      list: (limit, before) =>
        all(
          `SELECT id, at, action, user, address, subject FROM audit WHERE id < ?
           ORDER BY id DESC LIMIT ?`,
          before ?? Number.MAX_SAFE_INTEGER,
          limit,
        ) as unknown as AuditRecord[],
      failedTries: (user, { address, since }) =>
        one(
          `SELECT count(*) AS count, max(at) AS at FROM audit
           WHERE user = ?1 AND action = 'sign_in_failed'
             AND (at < ?2 OR address IS NOT ?3) AND id > coalesce(
             (SELECT max(id) FROM audit WHERE user = ?1 AND action = 'signed_in'), 0)`,
          ...[user, since, address],
        ) as unknown as FailedTries,
    },
    forget(now, auditBefore, writer) {
      failures.forget(now - FAILURES_MS);
      run("DELETE FROM sessions WHERE expires <= ?", now);
      guard(() => chain.prune(auditBefore, writer ?? null));
    },
  };
}
