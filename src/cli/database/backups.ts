/**
 * Backups of the SQLite file: made while it is in use, on a schedule, the newest few kept.
 *
 * @module
 */
import type { Clock } from "../../stripe/client.ts";
import type { Logger } from "../../observability/log.ts";
import { lockSqlite, openSqlite, type SqliteDatabase } from "../../store/sqlite/database.ts";
import { tightenFiles } from "../../store/sqlite/private_files.ts";
import { decodeFact } from "../../store/codec.ts";
import { FACT_KINDS, StorageError } from "../../store/journal.ts";

const DAY_MS = 86_400_000;
/** Between two looks whether a backup is due. */
const LOOK_MS = 60_000;
const MARK = ".backup-";

/** `glance.db` at 2026-11-24 18:05:09 UTC is backed up as `glance.db.backup-20261124T180509Z`. */
export function backupName(path: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `${path}${MARK}${stamp}`;
}

interface Kept {
  readonly path: string;
  /** Unix milliseconds. */
  readonly at: number;
}

/** Backups beside the file, oldest first. */
export function backupsOf(path: string): readonly Kept[] {
  const at = path.lastIndexOf("/");
  const folder = at < 0 ? "." : path.slice(0, at) || "/";
  const file = path.slice(at + 1);
  const found: Kept[] = [];
  for (const { name } of Deno.readDirSync(folder)) {
    const stamp = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(
      name.startsWith(`${file}${MARK}`) ? name.slice(file.length + MARK.length) : "",
    );
    if (!stamp) continue;
    const [, year, month, day, hour, minute, second] = stamp;
    found.push({
      path: `${folder}/${name}`,
      at: Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`),
    });
  }
  return found.sort((a, b) => a.at - b.at);
}

/**
 * Whether every page of a database is whole and every fact can be understood.
 *
 * @throws {StorageError} that says what is not.
 */
export function verify(database: SqliteDatabase): { readonly facts: number } {
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

/** Copies a backup over the file; the present one is kept beside it. @throws {StorageError} */
export function restore(backup: string, path: string, nowMs: number): { readonly kept?: string } {
  {
    // Refused while a server has it, and while the backup is not whole.
    using source = openSqlite(backup, { shared: true });
    verify(source);
  }
  const kept = backupName(path, nowMs);
  using _held = lockSqlite(path);
  const there = tryFile(() => Deno.copyFileSync(path, kept));
  // What was not taken over into the file yet belongs to it, not to the backup.
  for (const suffix of ["-wal", "-shm"]) tryFile(() => Deno.removeSync(path + suffix));
  Deno.copyFileSync(backup, path);
  // A copy has the rights of the backup, which may belong to another user.
  tightenFiles(path);
  return there ? { kept } : {};
}

/** Whether the file that is worked on was there. */
function tryFile(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

export interface BackupSchedule {
  /** When the newest was made, Unix milliseconds; `null` before the first. */
  newestAt(): number | null;
  /** Whether the newest try failed. */
  failed(): boolean;
  stop(): void;
}

/** Backs up once a day and keeps the newest ones. */
export function scheduleBackups(
  database: SqliteDatabase,
  path: string,
  { keep, clock, log }: { readonly keep: number; readonly clock: Clock; readonly log: Logger },
): BackupSchedule {
  const stopping = new AbortController();
  let newest = backupsOf(path).at(-1)?.at ?? null;
  let failed = false;
  async function run(): Promise<void> {
    while (true) {
      if (newest === null || clock.now() - newest >= DAY_MS) {
        try {
          const at = clock.now();
          await database.backup(backupName(path, at));
          newest = at;
          failed = false;
          for (const old of backupsOf(path).slice(0, -keep)) Deno.removeSync(old.path);
        } catch (error) {
          failed = true;
          log.error("backup failed", { error });
        }
      }
      await clock.sleep(LOOK_MS, stopping.signal);
    }
  }
  run().catch(() => {});
  return { newestAt: () => newest, failed: () => failed, stop: () => stopping.abort() };
}
