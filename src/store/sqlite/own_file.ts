/**
 * Whether the file at a path may be used: not a folder, and not a database of another program.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { StorageError } from "../journal.ts";

const BUSY_MS = 2_000;
/** Tables of every schema that this program has had. */
const OURS = ["sources", "facts", "snapshots"];

/** Tables and version, of one moment: another process may be making them. */
function contentOf(path: string): { readonly version: number; readonly tables: Set<string> } {
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    database.exec("BEGIN");
    const tables = database.prepare(
      "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite#_%' ESCAPE '#'",
    ).all().map(({ name }) => String(name));
    const version = Number(database.prepare("PRAGMA user_version").get()!.user_version);
    return { version, tables: new Set(tables) };
  } finally {
    database.close();
  }
}

/**
 * Lets a file through that is ours, empty or not there, and writes nothing into or beside any other.
 * What cannot be read is told by opening it.
 *
 * @throws {StorageError} for a folder, or a database of another program.
 */
export function refuseForeign(path: string): void {
  const fault = foreignFault(path);
  if (fault !== null) throw new StorageError(fault);
}

function foreignFault(path: string): string | null {
  let content;
  try {
    const { isDirectory, size } = Deno.statSync(path);
    if (isDirectory) {
      const inside = `${path.replace(/\/+$/, "")}/glance.db`;
      return `DATABASE_PATH ${path} is a folder: name a file in it, such as ${inside}`;
    }
    if (size === 0) return null;
    content = contentOf(path);
  } catch {
    return null;
  }
  const { version, tables } = content;
  const ours = version === 0 ? tables.size === 0 : OURS.every((name) => tables.has(name));
  return ours ? null : `The database ${path} is another program's SQLite file: nothing in it was ` +
    "changed. Name another file, which need not be there yet, in DATABASE_PATH";
}
