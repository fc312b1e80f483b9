/**
 * Daily backups of the SQLite file: made while it is in use, the newest few kept.
 *
 * @module
 */
import type { Clock } from "../../stripe/client.ts";
import type { Logger } from "../../observability/log.ts";
import { StorageError } from "../../store/journal.ts";
import { folderOf } from "../../store/sqlite/durable_file.ts";
import { PARTIAL, removeDatabase, type Verified } from "./backup_file.ts";
import type { BackupAnswer, BackupRequest } from "./backup_worker.ts";

export const DAY_MS = 86_400_000;
/** Daily backups that a server keeps. */
export const BACKUPS_KEPT = 7;
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

/** The names beside a file that follow its own name and the mark of backups. */
function namesBeside(path: string): readonly { readonly path: string; readonly rest: string }[] {
  const folder = folderOf(path);
  const start = path.slice(path.lastIndexOf("/") + 1) + MARK;
  return [...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith(start))
    .map(({ name }) => ({ path: `${folder}/${name}`, rest: name.slice(start.length) }));
}

/** Backups beside the file, oldest first. */
export function backupsOf(path: string): readonly Kept[] {
  const found: Kept[] = [];
  for (const { path: at, rest } of namesBeside(path)) {
    const stamp = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(rest);
    if (!stamp) continue;
    const [, year, month, day, hour, minute, second] = stamp;
    found.push({
      path: at,
      at: Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`),
    });
  }
  return found.sort((a, b) => a.at - b.at);
}

/**
 * Makes a backup in a Worker, so that the calling thread goes on.
 *
 * @param signal Ends it; no backup is there then.
 * @throws {StorageError}
 */
export async function backUpBeside(
  path: string,
  to: string,
  signal: AbortSignal,
): Promise<Verified> {
  const worker = new Worker(new URL("./backup_worker.ts", import.meta.url), { type: "module" });
  const answered = Promise.withResolvers<BackupAnswer>();
  worker.onmessage = ({ data }: MessageEvent<BackupAnswer>) => answered.resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    answered.resolve({ error: event.message });
  };
  const end = () => answered.resolve({ error: "The backup was stopped" });
  signal.addEventListener("abort", end, { once: true });
  try {
    worker.postMessage({ path, to } satisfies BackupRequest);
    const answer = await answered.promise;
    if ("error" in answer) throw new StorageError(answer.error);
    return answer;
  } finally {
    signal.removeEventListener("abort", end);
    worker.terminate();
  }
}

export interface BackupSchedule {
  /** When the newest verified one was made, Unix milliseconds; `null` before the first. */
  newestAt(): number | null;
  /** Size of the newest verified one; `null` before the first. */
  newestBytes(): number | null;
  /** Whether the newest try failed. */
  failed(): boolean;
  stop(): Promise<void>;
}

export interface ScheduleOptions {
  /** Backups that are kept. */
  readonly keep: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether there is something to back up: the first waits for it, for a day at most. */
  readonly ready: () => boolean;
}

function newestOf(path: string): { readonly at: number; readonly bytes: number } | null {
  const newest = backupsOf(path).at(-1);
  return newest ? { at: newest.at, bytes: Deno.statSync(newest.path).size } : null;
}

/** Backs up once a day and keeps the newest ones; older ones go only after a new one is whole. */
export function scheduleBackups(
  path: string,
  { keep, clock, log, ready }: ScheduleOptions,
): BackupSchedule {
  const stopping = new AbortController();
  const { signal } = stopping;
  const startedAt = clock.now();
  let newest = newestOf(path);
  let failed = false;

  function isDue(now: number): boolean {
    if (newest) return now - newest.at >= DAY_MS;
    return ready() || now - startedAt >= DAY_MS;
  }

  async function backUp(at: number): Promise<void> {
    try {
      await backUpBeside(path, backupName(path, at), signal);
      newest = newestOf(path);
      failed = false;
      for (const old of backupsOf(path).slice(0, -keep)) removeDatabase(old.path);
    } catch (error) {
      if (signal.aborted) return;
      failed = true;
      log.error("backup failed", { error });
    }
  }

  async function run(): Promise<void> {
    // Left by a program that ended while it wrote them.
    for (const beside of namesBeside(path)) {
      if (beside.rest.includes(PARTIAL)) removeDatabase(beside.path);
    }
    while (!signal.aborted) {
      const now = clock.now();
      if (isDue(now)) await backUp(now);
      await clock.sleep(LOOK_MS, signal).catch(() => {});
    }
  }
  const running = run();
  return {
    newestAt: () => newest?.at ?? null,
    newestBytes: () => newest?.bytes ?? null,
    failed: () => failed,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
