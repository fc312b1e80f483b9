/**
 * The commands about the database: what is in it, backups, moving it, letting go.
 *
 * @module
 */
import type { Settings } from "../../../config/settings.ts";
import { digestOf, tombstoneOf } from "../../store/forgotten.ts";
import { type Fact, FACT_KINDS, StorageError } from "../../store/journal.ts";
import { openSqlite } from "../../store/sqlite/database.ts";
import { SCHEMA_VERSION } from "../../store/sqlite/migrations.ts";
import { spanText } from "../../widgets/period_text.ts";
import { recordCommand } from "../access.ts";
import { configuredAuditLine } from "../audit_chain.ts";
import { makeBackup, verify } from "./backup_file.ts";
import { backupName, BACKUPS_KEPT, backupsOf, DAY_MS } from "./backups.ts";
import { restore } from "./restore.ts";
import { existingPath, openConfigured, type OpenedDatabase, sqlitePath } from "./stored.ts";
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

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

async function sourceLines(database: OpenedDatabase): Promise<string[]> {
  const lines: string[] = [];
  for (const { name, mode } of await database.sources()) {
    const source = await database.source(name, mode);
    const holder = await database.holder(name, mode);
    lines.push(`${name} (${mode})${holder === null ? "" : `, kept by ${holder}`}`);
    for (const kind of FACT_KINDS) {
      const count = [...await source.facts(kind)].length;
      if (count > 0) lines.push(`  ${kind.replaceAll("_", " ")}: ${count}`);
    }
    const days = (await source.snapshots("0000-01-01", "9999-12-31")).map(({ day }) => day);
    const span = days.length > 0 ? `, ${spanText(days[0]!, days.at(-1)!)}` : "";
    lines.push(`  daily snapshots: ${days.length}${span}`);
    const open = (await source.openEvents()).length;
    if (open > 0) lines.push(`  events that wait or were set aside: ${open}`);
  }
  return lines;
}

function fileLines(path: string, nowMs: number): string[] {
  let exposed: readonly string[] = [];
  using database = openSqlite(path, { shared: true, onExposed: (paths) => exposed = paths });
  const newest = backupsOf(path).at(-1);
  const hours = newest && Math.round((nowMs - newest.at) / 3_600_000);
  const problems = database.check();
  return [
    `${path}: SQLite, schema ${database.schema()} of ${SCHEMA_VERSION}, ` +
    mebibytes(database.sizeBytes()),
    problems.length === 0 ? "Every page is whole" : `Damaged: ${problems.join("; ")}`,
    newest ? `Newest backup: ${newest.path}, ${hours} h old` : "There is no backup",
    ...exposed.map((file) =>
      `Readable by other users of this machine: ${file}. As its owner: chmod 600 ${file}`
    ),
  ];
}

/** `db:status` */
export async function status({ settings, print, nowMs }: DatabaseCommand): Promise<void> {
  if (!settings.database) fileLines(existingPath(settings), nowMs).forEach(print);
  await using database = await openConfigured(settings, "look");
  if (settings.database) print(`PostgreSQL, ${mebibytes(await database.sizeBytes())}`);
  (await sourceLines(database)).forEach(print);
  const audit = await configuredAuditLine(settings);
  if (audit !== null) print(audit);
}

/** PostgreSQL has its own tools for this. @throws {TypeError} */
function onlySqlite({ database }: Settings, what: string): void {
  if (!database) return;
  throw new TypeError(
    `${what} is for SQLite: PostgreSQL is backed up with pg_dump and restored ` +
      "with pg_restore; db:export and db:import move data between the two",
  );
}

/** `db:backup [FILE]`, also while a server uses the database. */
export async function backup({ settings, rest, nowMs, print }: DatabaseCommand): Promise<void> {
  onlySqlite(settings, "db:backup");
  const path = existingPath(settings);
  const to = rest[0] ?? backupName(path, nowMs);
  const { facts } = await makeBackup(path, to);
  print(`${to}: ${facts} facts, whole`);
}

/** `db:restore FILE`, or with `--verify` only whether it could be. */
export async function restoreBackup(command: DatabaseCommand): Promise<void> {
  const { settings, rest, nowMs, print } = command;
  const [backupPath] = rest;
  if (backupPath === undefined) throw new TypeError("db:restore needs the path of a backup");
  onlySqlite(settings, "db:restore");
  const path = sqlitePath(settings);
  try {
    Deno.statSync(backupPath);
  } catch {
    throw new TypeError(`There is no backup at ${backupPath}`);
  }
  if (command.verify) {
    using copy = openSqlite(backupPath, { shared: true });
    return print(`${backupPath}: ${verify(copy).facts} facts, whole, can be restored`);
  }
  const { kept } = await restore(backupPath, path, nowMs);
  print(`${path} is ${backupPath} now` + (kept ? `; what was there before is ${kept}` : ""));
}

/** `db:export [FILE]`: NDJSON, on the standard output without a file. */
export async function exportAll(command: DatabaseCommand): Promise<void> {
  await exportTo(command);
  await recordCommand(command.settings, command.nowMs, {
    action: "exported",
    subject: "db:export",
  });
}

async function exportTo({ settings, rest, print }: DatabaseCommand): Promise<void> {
  await using database = await openConfigured(settings, "look");
  if (rest[0] === undefined) {
    for await (const line of exportLines(database)) print(line);
    return;
  }
  using file = await Deno.open(rest[0], { write: true, createNew: true, mode: 0o600 });
  const encoder = new TextEncoder();
  let pending = "";
  for await (const line of exportLines(database)) {
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
  await using database = await openConfigured(settings, "make");
  const { facts, snapshots, events } = await importLines(linesOf(path), database, path);
  print(`${facts} facts, ${snapshots} daily snapshots and ${events} events were taken in`);
}

/** `source:forget NAME`: what is stored of a source, in both modes. */
export async function forgetSource(command: DatabaseCommand): Promise<void> {
  const [subject] = command.rest;
  if (subject === undefined) throw new TypeError("source:forget needs the name of a source");
  await letGo(command, subject);
  await recordCommand(command.settings, command.nowMs, { action: "source_forgotten", subject });
}

async function letGo({ settings, print }: DatabaseCommand, name: string): Promise<void> {
  await using database = await openConfigured(settings, "change");
  const known = await database.sources();
  const found = known.filter((source) => source.name === name);
  if (found.length === 0) {
    const names = known.map((source) => source.name).join(", ") || "none";
    throw new StorageError(`The database has no source ${name}: it has ${names}`);
  }
  for (const { mode } of found) {
    const source = await database.source(name, mode);
    await source.forget();
    print(`${name} (${mode}) is forgotten; the next start reads the account again`);
  }
}

/** Kinds whose facts name customers in their text. */
const NAMING = ["past_states", "corrections", "subscription", "closed", "schedule"] as const;

/**
 * `customer:forget CUSTOMER`: the amounts stay under a tombstone, in every source. What Stripe goes
 * on to tell of the customer is put under it too.
 */
export async function forgetCustomer(command: DatabaseCommand): Promise<void> {
  const [customer] = command.rest;
  if (customer === undefined) throw new TypeError("customer:forget needs the id of a customer");
  const subject = tombstoneOf(customer);
  await bury(command, customer, subject);
  const { databasePath } = command.settings;
  if (databasePath !== null) command.print(backupAdvice(databasePath));
  // Not the id: that is what is to be forgotten.
  await recordCommand(command.settings, command.nowMs, { action: "customer_forgotten", subject });
}

async function bury(
  { settings, print }: DatabaseCommand,
  customer: string,
  tombstone: string,
): Promise<void> {
  await using database = await openConfigured(settings, "change");
  let found = 0;
  for (const { name, mode } of await database.sources()) {
    const source = await database.source(name, mode);
    const facts: Fact[] = [];
    for (const kind of NAMING) {
      for (const { id, body } of await source.facts(kind)) {
        if (!body!.includes(`"${customer}"`)) continue;
        facts.push({ kind, id, body: body!.replaceAll(`"${customer}"`, `"${tombstone}"`) });
      }
    }
    for (const { id, body } of await source.facts("discount")) {
      if (id !== customer) continue;
      facts.push({ kind: "discount", id, body: null }, { kind: "discount", id: tombstone, body });
    }
    if (facts.length === 0) continue;
    found += facts.length;
    const digest: Fact = {
      kind: "forgotten",
      id: digestOf(customer),
      body: JSON.stringify(tombstone),
    };
    await source.write([...facts, digest], []);
  }
  if (found === 0) throw new StorageError(`The database has nothing of ${customer}`);
  print(`${customer} is ${tombstone} from now on, in ${found} facts`);
  const advice = database.scrub();
  if (advice !== null) print(advice);
}

/** Until when daily backups hold what the database holds no more. */
function backupAdvice(path: string): string {
  const kept = backupsOf(path);
  const newest = kept.at(-1);
  if (!newest) return "There is no daily backup that still holds the id";
  const until = new Date(newest.at + BACKUPS_KEPT * DAY_MS).toISOString().slice(0, 10);
  return `Daily backups hold the id until ${until} if a server runs (${kept.length} of them): ` +
    "remove them now, or wait; other copies are yours to remove";
}
