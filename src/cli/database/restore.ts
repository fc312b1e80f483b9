/**
 * Puts a backup in the place of the SQLite file.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { StorageError } from "../../store/journal.ts";
import { lockSqlite, openSqlite } from "../../store/sqlite/database.ts";
import { replaceDurably, resolvedPath, syncFile } from "../../store/sqlite/durable_file.ts";
import { tightenFiles } from "../../store/sqlite/private_files.ts";
import { isThere, makeBackup, PARTIAL, removeDatabase, verify } from "./backup_file.ts";

/** Not the name of a daily backup, as those are removed after some days. */
export function keptName(path: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `${path}.before-restore-${stamp}`;
}

/** Copies a file, if there is one, so that it outlives a power cut. */
function copyDurably(from: string, to: string): void {
  if (!isThere(from)) return;
  Deno.copyFileSync(from, to);
  syncFile(to);
}

/** Copies the file with everything in its log; one that is damaged is copied as it is. */
async function keep(path: string, kept: string): Promise<void> {
  try {
    await makeBackup(path, kept);
    removeDatabase(`${kept}-wal`);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    copyDurably(path, kept);
  }
}

/** Moves the log into the file, so that the file is whole without it. */
function endLog(path: string): void {
  try {
    using database = new DatabaseSync(path);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch {
    // A damaged file has nothing to be moved into, and its copy has its log.
  }
  // The next file must not be given the log of this one.
  for (const suffix of ["-wal", "-shm"]) removeDatabase(path + suffix);
}

/** @throws {StorageError} while a server uses the file; nothing is kept of it then. */
function locked(path: string, kept: string): Disposable {
  try {
    return lockSqlite(path);
  } catch (error) {
    removeDatabase(kept);
    throw error;
  }
}

/**
 * Replaces the file by a backup; the present one is kept beside it with everything in its log. A
 * crash on the way leaves the one or the other.
 *
 * @throws {StorageError} while a server uses the file, or when the backup is not whole.
 */
export async function restore(
  backup: string,
  path: string,
  nowMs: number,
): Promise<{ readonly kept?: string }> {
  {
    using source = openSqlite(backup, { shared: true });
    verify(source);
  }
  const target = resolvedPath(path);
  const kept = keptName(target, nowMs);
  // SQLite deletes the log of a damaged file when it closes it.
  copyDurably(`${target}-wal`, `${kept}-wal`);
  using _held = locked(path, kept);
  const fresh = target + PARTIAL;
  await makeBackup(backup, fresh);
  const there = isThere(target);
  if (there) await keep(target, kept);
  endLog(target);
  replaceDurably(fresh, target);
  // What was copied has the rights of what it was copied from.
  tightenFiles(target);
  return there ? { kept } : {};
}
