/**
 * A transaction, whole or not at all.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";

/** Runs what is to be written together; the fault that ends it is the one that is thrown. */
export function inTransaction(database: DatabaseSync, run: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    run();
    database.exec("COMMIT");
  } catch (error) {
    try {
      database.exec("ROLLBACK");
    } catch {
      // SQLite ends a transaction by itself when the disk is full: that is to be told, not this.
    }
    throw error;
  }
}
