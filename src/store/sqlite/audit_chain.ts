/**
 * The audit log in the SQLite file, and its chain. Commands write beside a server, so each entry and
 * the new head are one transaction that takes the write lock first.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import type {
  AuditChain,
  AuditRow,
  ChainEnd,
  ChainState,
  ChainWriter,
  SealedRecord,
} from "../access/port.ts";
import { inTransaction } from "./transaction.ts";

const COLUMNS = "id, at, action, user, address, subject, mac";

const endOf = (text: unknown): ChainEnd | null => text === null ? null : JSON.parse(String(text));

export function chainOf(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);

  function state(): ChainState | null {
    const row = sql("SELECT salt, base, head FROM audit_chain").get();
    return row ? { salt: String(row.salt), base: endOf(row.base), head: endOf(row.head) } : null;
  }

  function writeEnds(base: ChainEnd | null, head: ChainEnd | null): void {
    sql("UPDATE audit_chain SET base = ?, head = ?").run(
      base && JSON.stringify(base),
      head && JSON.stringify(head),
    );
  }

  function insert({ at, action, user, address, subject }: AuditRow): number {
    return Number(
      sql("INSERT INTO audit (at, action, user, address, subject) VALUES (?, ?, ?, ?, ?)")
        .run(at, action, user, address, subject).lastInsertRowid,
    );
  }

  function entries(): SealedRecord[] {
    return sql(`SELECT ${COLUMNS} FROM audit ORDER BY id`).all()
      .map((row) => ({ ...row }) as unknown as SealedRecord);
  }

  return {
    read() {
      database.exec("BEGIN");
      try {
        return { state: state(), entries: entries() };
      } finally {
        database.exec("COMMIT");
      }
    },
    salt(fresh: string): string {
      sql("INSERT INTO audit_chain (one, salt) VALUES (1, ?) ON CONFLICT DO NOTHING").run(fresh);
      return state()!.salt;
    },
    add(row: AuditRow, writer: ChainWriter | null): void {
      if (writer === null) return void insert(row);
      inTransaction(database, () => {
        const before = state()!;
        const last = sql("SELECT coalesce(max(id), 0) AS id FROM audit").get()!;
        const base = before.base ?? writer.base(Number(last.id), "");
        const id = insert(row);
        const head = writer.link(before.head ?? base, { ...row, id });
        sql("UPDATE audit SET mac = ? WHERE id = ?").run(head.mac, id);
        writeEnds(base, head);
      });
    },
    /** Deletes entries from before a time, and keeps the last of them as the base. */
    prune(before: number, writer: ChainWriter | null): void {
      inTransaction(database, () => {
        const last = sql(
          `SELECT max(id) AS id FROM audit
           WHERE id < coalesce((SELECT min(id) FROM audit WHERE at >= ?), 9e15)`,
        ).get(before)!.id;
        if (last === null) return;
        const known = state();
        if (known?.base && Number(last) > known.base.id) {
          const sealed = sql(
            "SELECT mac FROM audit WHERE id <= ? AND mac IS NOT NULL ORDER BY id DESC LIMIT 1",
          ).get(Number(last));
          const mac = String(sealed?.mac ?? known.base.mac);
          const base = writer?.base(Number(last), mac) ?? { id: Number(last), mac, seal: "" };
          writeEnds(base, known.head);
        }
        sql("DELETE FROM audit WHERE id <= ?").run(Number(last));
      });
    },
    reseal(decide: Parameters<AuditChain["reseal"]>[0]): void {
      inTransaction(database, () => {
        const known = state();
        const resealed = known && decide(known, entries());
        if (!resealed) return;
        const update = sql("UPDATE audit SET mac = ? WHERE id = ?");
        for (const [id, mac] of resealed.macs) update.run(mac, id);
        writeEnds(resealed.base, resealed.head);
      });
    },
  };
}
