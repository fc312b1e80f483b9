/**
 * The commands about the database: what is in it, backups, moving it, letting go.
 *
 * @module
 */
import type { Settings } from "../../../config/settings.ts";
import { FACT_KINDS, StorageError } from "../../store/journal.ts";
import { openSqlite, type SqliteDatabase } from "../../store/sqlite/database.ts";
import { SCHEMA_VERSION } from "../../store/sqlite/migrations.ts";
import { backupName, backupsOf, restore, verify } from "./backups.ts";
import { exportLines, importLines } from "./transfer.ts";

export interface DatabaseCommand {
  readonly settings: Settings;
  /** What follows the command. */
  readonly rest: readonly string[];
  readonly verify: boolean;
  /** Unix milliseconds. */
  readonly nowMs: number;
  readonly print: (line: string) => void;
}

/** @throws {TypeError} where none is configured. */
function pathOf({ databasePath }: Settings): string {
  if (databasePath !== null) return databasePath;
  throw new TypeError("There is no database: set DATABASE_PATH to the path of a SQLite file");
}

/** @throws {TypeError} where the file is not there: looking at it must not make one. */
function existing(settings: Settings): string {
  const path = pathOf(settings);
  try {
    Deno.statSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new TypeError(`There is no database at ${path} yet: it is made by the first start`);
  }
  return path;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function sourceLines(database: SqliteDatabase): string[] {
  return database.sources().flatMap(({ name, mode }) => {
    const journal = database.journal(name, mode);
    const counts = FACT_KINDS.map((kind) => [kind, [...journal.facts(kind)].length] as const)
      .filter(([, count]) => count > 0);
    const days = journal.snapshots("0000-01-01", "9999-12-31").map(({ day }) => day);
    return [
      `${name} (${mode})`,
      ...counts.map(([kind, count]) => `  ${kind.replaceAll("_", " ")}: ${count}`),
      `  daily snapshots: ${days.length}${days.length > 0 ? `, ${days[0]} to ${days.at(-1)}` : ""}`,
    ];
  });
}

/** `db:status` */
export function status({ settings, print, nowMs }: DatabaseCommand): void {
  const path = existing(settings);
  using database = openSqlite(path, { shared: true });
  const newest = backupsOf(path).at(-1);
  const hours = newest && Math.round((nowMs - newest.at) / 3_600_000);
  const problems = database.check();
  [
    `${path}: SQLite, schema ${database.schema()} of ${SCHEMA_VERSION}, ` +
    mebibytes(database.sizeBytes()),
    problems.length === 0 ? "Every page is whole" : `Damaged: ${problems.join("; ")}`,
    newest ? `Newest backup: ${newest.path}, ${hours} h old` : "There is no backup",
    ...sourceLines(database),
  ].forEach(print);
}

/** `db:backup [FILE]`, also while a server uses the database. */
export async function backup({ settings, rest, nowMs, print }: DatabaseCommand): Promise<void> {
  const path = existing(settings);
  const to = rest[0] ?? backupName(path, nowMs);
  {
    using database = openSqlite(path, { shared: true });
    await database.backup(to);
  }
  using copy = openSqlite(to, { shared: true });
  const { facts } = verify(copy);
  print(`${to}: ${facts} facts, whole`);
}

/** `db:restore FILE`, or with `--verify` only whether it could be. */
export function restoreBackup(command: DatabaseCommand): void {
  const { settings, rest, nowMs, print } = command;
  const [backupPath] = rest;
  if (backupPath === undefined) throw new TypeError("db:restore needs the path of a backup");
  const path = pathOf(settings);
  try {
    Deno.statSync(backupPath);
  } catch {
    throw new TypeError(`There is no backup at ${backupPath}`);
  }
  if (command.verify) {
    using copy = openSqlite(backupPath, { shared: true });
    return print(`${backupPath}: ${verify(copy).facts} facts, whole, can be restored`);
  }
  const { kept } = restore(backupPath, path, nowMs);
  print(`${path} is ${backupPath} now` + (kept ? `; what was there before is ${kept}` : ""));
}

/** `db:export [FILE]`: NDJSON, on the standard output without a file. */
export async function exportAll({ settings, rest, print }: DatabaseCommand): Promise<void> {
  using database = openSqlite(existing(settings), { shared: true });
  if (rest[0] === undefined) {
    for (const line of exportLines(database)) print(line);
    return;
  }
  using file = await Deno.open(rest[0], { write: true, createNew: true });
  const encoder = new TextEncoder();
  let pending = "";
  for (const line of exportLines(database)) {
    pending += `${line}\n`;
    if (pending.length < 1 << 16) continue;
    file.writeSync(encoder.encode(pending));
    pending = "";
  }
  file.writeSync(encoder.encode(pending));
  file.syncSync();
}

async function* linesOf(path: string): AsyncIterable<string> {
  const file = await Deno.open(path);
  let rest = "";
  for await (const chunk of file.readable.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
  if (rest !== "") yield rest;
}

/** `db:import FILE` */
export async function importAll({ settings, rest, print }: DatabaseCommand): Promise<void> {
  const [path] = rest;
  if (path === undefined) throw new TypeError("db:import needs the path of an export");
  using database = openSqlite(pathOf(settings));
  const { facts, snapshots } = await importLines(linesOf(path), database, path);
  print(`${facts} facts and ${snapshots} daily snapshots were taken in`);
}

/** `source:forget NAME`: what is stored of a source, in both modes. */
export function forgetSource({ settings, rest, print }: DatabaseCommand): void {
  const [name] = rest;
  if (name === undefined) throw new TypeError("source:forget needs the name of a source");
  using database = openSqlite(existing(settings));
  const found = database.sources().filter((source) => source.name === name);
  if (found.length === 0) {
    const known = database.sources().map((source) => source.name).join(", ") || "none";
    throw new StorageError(`The database has no source ${name}: it has ${known}`);
  }
  for (const { mode } of found) {
    database.journal(name, mode).forget();
    print(`${name} (${mode}) is forgotten; the next start reads the account again`);
  }
}
