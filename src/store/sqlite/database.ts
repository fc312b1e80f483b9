/**
 * The SQLite file: WAL, durable commits. The process that syncs keeps a lock beside it, as two that
 * sync the same source would overwrite each other; commands that look at it need none.
 *
 * @module
 */
import { backup, DatabaseSync } from "node:sqlite";
import {
  DOING,
  type Fact,
  type FactKind,
  type Journal,
  type Snapshot,
  StorageError,
} from "../journal.ts";
import type { AccessStore } from "../access/port.ts";
import { accessOf } from "./access.ts";
import { resolvedPath } from "./durable_file.ts";
import { inboxOf } from "./inbox.ts";
import { migrate, SCHEMA_VERSION, versionOf } from "./migrations.ts";
import { refuseForeign } from "./own_file.ts";
import { makePrivateFile, tightenFiles } from "./private_files.ts";
import { createFileCheck } from "./same_file.ts";
import { inTransaction } from "./transaction.ts";

export interface SqliteDatabase extends Disposable {
  /** The journal of a source, named by its key in the configuration and its mode. */
  journal(name: string, mode: string): Journal;
  readonly access: AccessStore;
  /** Reads and writes for real, for the health report. @throws {StorageError} */
  probe(): void;
  /** Runs what reads so that all of it is of one moment, also beside a server. @throws {StorageError} */
  atOnce<T>(read: () => T): T;
  /** The sources that are in it. */
  sources(): readonly { readonly name: string; readonly mode: string }[];
  sizeBytes(): number;
  /** Daily snapshots of all sources. */
  countSnapshots(): number;
  /** Tells how long each query takes from now on. */
  observe(onQuery: (kind: "write" | "read" | "probe", seconds: number) => void): void;
  schema(): number;
  /** Copies the whole to a file while it is in use; holds this thread until it is done. */
  backup(path: string): Promise<void>;
  /** Leaves nothing of deleted and replaced rows in the file or its log. @throws {StorageError} */
  scrub(): void;
  /** What is wrong with the file; nothing when it is whole. */
  check(): readonly string[];
}

const BUSY_MS = 2_000;

const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/disk is full|SQLITE_FULL/i, "the disk is full: free some space; nothing that was kept is lost"],
  [/readonly|read-only/i, "the file may not be written: check its owner and permissions"],
  [/locked|busy/i, "another process uses it: stop that one, or give each its own DATABASE_PATH"],
  [/not a database|malformed/i, "the file is damaged: restore a backup with glance db:restore"],
  [/unable to open/i, "the file cannot be opened: check that its folder exists and may be written"],
];

/** The error with what to do, without the file's content. */
function explained(error: unknown, path: string): StorageError {
  if (error instanceof StorageError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const known = SENTENCES.find(([pattern]) => pattern.test(message));
  return new StorageError(`The database ${path}: ${known ? known[1] : message}`, { cause: error });
}

function configure(database: DatabaseSync): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  database.exec("PRAGMA foreign_keys = ON");
}

/** Runs a query and tells how long it took. */
type Timed = <T>(kind: "write" | "read" | "probe", run: () => T) => T;

function journalOf(
  database: DatabaseSync,
  path: string,
  timed: Timed,
  checkFile: () => void,
  name: string,
  mode: string,
): Journal {
  const find = database.prepare("SELECT id FROM sources WHERE name = ? AND mode = ?");
  const insert = database.prepare("INSERT INTO sources (name, mode) VALUES (?, ?)");
  /** Looking at a source does not make one. */
  const known = () => Number(find.get(name, mode)?.id ?? -1);
  const made = () => {
    const id = known();
    return id >= 0 ? id : Number(insert.run(name, mode).lastInsertRowid);
  };
  const put = database.prepare(
    `INSERT INTO facts (source, kind, id, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (source, kind, id) DO UPDATE SET body = excluded.body`,
  );
  const remove = database.prepare("DELETE FROM facts WHERE source = ? AND kind = ? AND id = ?");
  const all = database.prepare("SELECT id, body FROM facts WHERE source = ? AND kind = ?");
  const putSnapshot = database.prepare(
    `INSERT INTO snapshots (source, currency, day, mrr, customers, movements)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (source, day, currency) DO UPDATE
     SET mrr = excluded.mrr, customers = excluded.customers, movements = excluded.movements`,
  );
  const range = database.prepare(
    `SELECT currency, day, mrr, customers, movements FROM snapshots
     WHERE source = ? AND day >= ? AND day < ? ORDER BY day, currency`,
  );
  const putOpening = database.prepare(
    `INSERT INTO openings (source, body) VALUES (?, ?)
     ON CONFLICT (source) DO UPDATE SET body = excluded.body`,
  );
  const opening = database.prepare("SELECT body FROM openings WHERE source = ?");
  const endOpening = database.prepare("DELETE FROM openings WHERE source = ?");
  const old = database.prepare("DELETE FROM snapshots WHERE source = ? AND day < ?");
  const inbox = inboxOf(database);

  function transaction(run: () => void): void {
    try {
      checkFile();
      timed("write", () => inTransaction(database, run));
    } catch (error) {
      throw explained(error, path);
    }
  }

  return {
    *facts(kind: FactKind) {
      for (const row of all.iterate(known(), kind)) {
        yield { kind, id: row.id as string, body: row.body as string };
      }
    },
    write(facts: readonly Fact[], snapshots: readonly Snapshot[], events = []) {
      if (facts.length === 0 && snapshots.length === 0 && events.length === 0) return;
      transaction(() => {
        const source = made();
        if (facts.some(({ kind }) => !DOING.has(kind))) endOpening.run(source);
        for (const row of events) inbox.put(source, row);
        for (const { kind, id, body } of facts) {
          if (body === null) remove.run(source, kind, id);
          else put.run(source, kind, id, body);
        }
        for (const { currency, day, mrr, customers, movements } of snapshots) {
          putSnapshot.run(source, currency, day, mrr, customers, movements);
        }
      });
    },
    opening: () => opening.get(known())?.body as string | undefined ?? null,
    writeOpening: (text) => transaction(() => void putOpening.run(made(), text)),
    snapshots: (from, to) =>
      timed(
        "read",
        () => range.all(known(), from, to).map((row) => ({ ...row }) as unknown as Snapshot),
      ),
    addEvents(rows) {
      let fresh: string[] = [];
      transaction(() => {
        const source = made();
        fresh = rows.filter((row) => inbox.add(source, row)).map(({ event }) => event.id);
      });
      return fresh;
    },
    openEvents: () => timed("read", () => inbox.open(known())),
    recentEvents: (limit) => timed("read", () => inbox.recent(known(), limit)),
    countEvents: () => timed("read", () => inbox.count(known())),
    forgetEvents: (before) => transaction(() => inbox.forget(known(), before)),
    forgetSnapshots: (before) => transaction(() => void old.run(known(), before)),
    forget: () =>
      transaction(() => void database.prepare("DELETE FROM sources WHERE id = ?").run(known())),
  };
}

/**
 * Holds the lock until it is closed, or the process ends in whatever way. A link to a file shares the
 * file's lock.
 */
function lock(path: string): DatabaseSync {
  const lockPath = `${resolvedPath(path)}.lock`;
  makePrivateFile(lockPath);
  const held = new DatabaseSync(lockPath);
  try {
    held.exec("PRAGMA locking_mode = EXCLUSIVE");
    held.exec("BEGIN EXCLUSIVE");
    return held;
  } catch (error) {
    held.close();
    throw error;
  }
}

/**
 * Keeps every other process from using the file, whatever is in it.
 *
 * @throws {StorageError} when one does.
 */
export function lockSqlite(path: string): Disposable {
  refuseForeign(path);
  tightenFiles(path);
  try {
    const held = lock(path);
    return { [Symbol.dispose]: () => held.close() };
  } catch (error) {
    throw explained(error, path);
  }
}

export interface SqliteOptions {
  /** Whether another process may have it open as well, for a command that looks at it. */
  readonly shared?: boolean;
  /**
   * Told from which schema, before one with data is migrated; called after its backup was written
   * beside the file.
   */
  readonly onMigrate?: (from: number) => void;
  /** Told files that others on this machine may read and that belong to another user. */
  readonly onExposed?: (paths: readonly string[]) => void;
  /** Milliseconds, for how long queries take. */
  readonly now?: () => number;
}

/**
 * Opens the file, and makes or migrates it.
 *
 * @throws {StorageError} that says what is wrong and what to do.
 */
export function openSqlite(
  path: string,
  options: SqliteOptions = {},
): SqliteDatabase {
  const { shared = false, onMigrate = () => {}, now = () => performance.now() } = options;
  refuseForeign(path);
  makePrivateFile(path);
  const exposed = tightenFiles(path);
  if (exposed.length > 0) options.onExposed?.(exposed);
  let held: DatabaseSync | null = null;
  let database: DatabaseSync;
  try {
    if (!shared) held = lock(path);
    database = new DatabaseSync(path);
  } catch (error) {
    held?.close();
    throw explained(error, path);
  }
  try {
    configure(database);
    migrate(database, (from) => {
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      Deno.copyFileSync(path, `${path}.before-schema-${from + 1}`);
      onMigrate(from);
    });
  } catch (error) {
    database.close();
    held?.close();
    throw explained(error, path);
  }
  const guard = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw explained(error, path);
    }
  };
  const checkFile = createFileCheck(database, path);
  let onQuery: Parameters<SqliteDatabase["observe"]>[0] = () => {};
  const timed: Timed = (kind, run) => {
    const startedAt = now();
    try {
      return run();
    } finally {
      onQuery(kind, (now() - startedAt) / 1000);
    }
  };
  const one = (sql: string) => Number(Object.values(database.prepare(sql).get()!)[0]);
  return {
    access: accessOf(database, guard),
    journal: (name, mode) => guard(() => journalOf(database, path, timed, checkFile, name, mode)),
    probe: () =>
      guard(() =>
        timed("probe", () => {
          checkFile();
          one("SELECT count(*) FROM sources");
          database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
        })
      ),
    atOnce: (read) =>
      guard(() => {
        database.exec("BEGIN");
        try {
          return read();
        } finally {
          database.exec("COMMIT");
        }
      }),
    sources: () =>
      guard(() =>
        database.prepare("SELECT name, mode FROM sources ORDER BY name, mode").all()
          .map(({ name, mode }) => ({ name: String(name), mode: String(mode) }))
      ),
    sizeBytes: () => guard(() => one("PRAGMA page_count") * one("PRAGMA page_size")),
    countSnapshots: () => guard(() => timed("read", () => one("SELECT count(*) FROM snapshots"))),
    observe: (listener) => void (onQuery = listener),
    schema: () => versionOf(database),
    async backup(to) {
      makePrivateFile(to);
      try {
        // In one step: SQLite begins anew after a write of another connection between two.
        await backup(database, to, { rate: -1 });
      } catch (error) {
        throw explained(error, to);
      }
    },
    scrub: () =>
      guard(() => {
        database.exec("PRAGMA secure_delete = ON; VACUUM");
        database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      }),
    check: () =>
      guard(() =>
        database.prepare("PRAGMA integrity_check").all()
          .map((row) => String(row.integrity_check)).filter((line) => line !== "ok")
      ),
    [Symbol.dispose]() {
      database.close();
      held?.close();
    },
  };
}
