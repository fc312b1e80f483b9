/**
 * The schema of the SQLite file: numbered steps, forward only. A released step is never changed.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { StorageError } from "../journal.ts";
import { inTransaction } from "./transaction.ts";

/** Step `n` of the list leads to version `n + 1`. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE sources (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL,
     mode TEXT NOT NULL,
     UNIQUE (name, mode)
   ) STRICT;
   CREATE TABLE facts (
     source INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
     kind TEXT NOT NULL,
     id TEXT NOT NULL,
     body TEXT NOT NULL,
     PRIMARY KEY (source, kind, id)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE snapshots (
     source INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
     currency TEXT NOT NULL,
     day TEXT NOT NULL,
     mrr TEXT NOT NULL,
     customers INTEGER NOT NULL,
     movements TEXT NOT NULL,
     PRIMARY KEY (source, day, currency)
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE inbox (
     source INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
     id TEXT NOT NULL,
     state TEXT NOT NULL,
     received INTEGER NOT NULL,
     body TEXT NOT NULL,
     PRIMARY KEY (source, id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX inbox_received ON inbox (source, received);
   CREATE INDEX inbox_open ON inbox (source, received) WHERE state IN ('waiting', 'set_aside');`,
  // Those who look: of sessions and tokens the hashes alone.
  `CREATE TABLE sessions (
     id TEXT PRIMARY KEY,
     user TEXT NOT NULL,
     stamp TEXT NOT NULL,
     expires INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE tokens (
     name TEXT PRIMARY KEY,
     hash TEXT NOT NULL UNIQUE,
     scopes TEXT NOT NULL,
     created INTEGER NOT NULL,
     expires INTEGER NOT NULL,
     last_used INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE audit (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     at INTEGER NOT NULL,
     action TEXT NOT NULL,
     user TEXT,
     address TEXT,
     subject TEXT
   ) STRICT;`,
  `CREATE TABLE openings (
     source INTEGER PRIMARY KEY REFERENCES sources (id) ON DELETE CASCADE,
     body TEXT NOT NULL
   ) STRICT;`,
  // Sessions of before have been renewed last, or begun, 14 days before they end.
  `ALTER TABLE sessions ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
   UPDATE sessions SET begun = expires - 1209600000;
   CREATE INDEX audit_user ON audit (user, action, id);`,
  // Entries of before stay without a seal.
  `ALTER TABLE audit ADD COLUMN mac TEXT;
   CREATE TABLE audit_chain (
     one INTEGER PRIMARY KEY CHECK (one = 1),
     salt TEXT NOT NULL,
     base TEXT,
     head TEXT
   ) STRICT;`,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

export function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()!.user_version);
}

/**
 * Brings the schema to this program's version, each step whole or not at all.
 *
 * @param before Called once when there is data to migrate, such as for a backup.
 * @throws {StorageError} when the file was written by a newer program.
 */
export function migrate(database: DatabaseSync, before: (from: number) => void = () => {}): void {
  const version = versionOf(database);
  if (version > SCHEMA_VERSION) {
    throw new StorageError(
      `The database has schema ${version}, and this program knows up to ${SCHEMA_VERSION}: ` +
        "run the newer version that wrote it, or restore a backup from before",
    );
  }
  if (version === SCHEMA_VERSION) return;
  if (version > 0) before(version);
  for (let step = version; step < SCHEMA_VERSION; step++) {
    inTransaction(database, () => {
      // Another process may have been faster while this one waited for the lock.
      if (versionOf(database) !== step) return;
      database.exec(MIGRATIONS[step]!);
      database.exec(`PRAGMA user_version = ${step + 1}`);
    });
  }
}
