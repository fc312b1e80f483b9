/**
 * Notices that the SQLite file was removed or replaced while it is open: SQLite would go on writing
 * into a file that nobody can find again.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { StorageError } from "../journal.ts";
import { makePrivateFile } from "./private_files.ts";

/** Device and inode; `null` where there is no file or the system has no inodes. */
function identityOf(path: string): string | null {
  try {
    const { dev, ino } = Deno.statSync(path);
    return ino === null ? null : `${dev} ${ino}`;
  } catch {
    return null;
  }
}

/** Writes what the open file holds into a new one. */
function rescue(database: DatabaseSync, to: string): string {
  try {
    // It may be written into a file that is there and empty.
    makePrivateFile(to);
    database.prepare("VACUUM INTO ?").run(to);
    return `what it held is in ${to}: stop the program, put that file in its place and start`;
  } catch {
    return "what it held could not be written beside it: put the file back, or restore a backup " +
      "with glance db:restore";
  }
}

/**
 * A check that the path still leads to the open file. What that file holds is written into
 * `PATH.rescued` when it does not for the first time.
 *
 * @returns The check; it throws a StorageError that says what to do.
 */
export function createFileCheck(database: DatabaseSync, path: string): () => void {
  const opened = identityOf(path);
  let advice: string | null = null;
  return function checkFile() {
    if (opened === null || identityOf(path) === opened) return;
    advice ??= rescue(database, `${path}.rescued`);
    throw new StorageError(
      `The database ${path} was removed or replaced while the program uses it; ${advice}`,
    );
  };
}
