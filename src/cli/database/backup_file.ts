/**
 * A backup as a file: written under a temporary name, verified, made durable, then renamed. So
 * whatever has the name of a backup is whole.
 *
 * @module
 */
import { decodeFact } from "../../store/codec.ts";
import { FACT_KINDS, StorageError } from "../../store/journal.ts";
import { openSqlite, type SqliteDatabase } from "../../store/sqlite/database.ts";
import { replaceDurably } from "../../store/sqlite/durable_file.ts";

/** Follows the name of a file that is still being written. */
export const PARTIAL = ".partial";

export interface Verified {
  readonly facts: number;
}

/**
 * Whether every page of a database is whole and every fact can be understood.
 *
 * @throws {StorageError} that says what is not.
 */
export function verify(database: SqliteDatabase): Verified {
  const problems = database.check();
  if (problems.length > 0) {
    throw new StorageError(`The file is damaged: ${problems.slice(0, 3).join("; ")}`);
  }
  let facts = 0;
  for (const { name, mode } of database.sources()) {
    const journal = database.journal(name, mode);
    const prices = new Set<string>();
    for (const kind of FACT_KINDS) {
      for (const { id, body } of journal.facts(kind)) {
        facts++;
        if (kind === "price") prices.add(id);
        try {
          decodeFact(body!, (price) => prices.has(price) ? {} : undefined);
        } catch {
          throw new StorageError(`The ${kind} ${id} of ${name} (${mode}) cannot be understood`);
        }
      }
    }
  }
  return { facts };
}

/** Removes a file and the log beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of ["", "-wal", "-shm"]) {
    try {
      Deno.removeSync(path + suffix);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** Whether there is a file. */
export function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Copies the database at `path`, which may be in use, to `to`.
 *
 * @throws {StorageError} when it cannot be copied or the copy is not whole; nothing is left then.
 */
export async function makeBackup(path: string, to: string): Promise<Verified> {
  if (!isThere(path)) throw new StorageError(`There is no database at ${path} to copy`);
  const fresh = to + PARTIAL;
  removeDatabase(fresh);
  try {
    {
      using database = openSqlite(path, { shared: true });
      await database.backup(fresh);
    }
    const verified = verifyFile(fresh);
    replaceDurably(fresh, to);
    return verified;
  } catch (error) {
    removeDatabase(fresh);
    throw error;
  }
}

function verifyFile(path: string): Verified {
  using copy = openSqlite(path, { shared: true });
  return verify(copy);
}
