/**
 * Opens the database that a server keeps what it reads in; its driver is loaded here only.
 *
 * @module
 */
import type { Settings } from "../../config/settings.ts";
import type { Logger } from "../observability/log.ts";
import { StorageError } from "../store/journal.ts";
import type { Clock } from "../stripe/client.ts";
import { folderFault } from "./faults.ts";
import { folderOf, makeFolderOf } from "./io.ts";
import { openConfiguredPostgres } from "./open_postgres.ts";
import type { Database } from "./server.ts";

async function makeFolder(path: string): Promise<void> {
  try {
    await makeFolderOf(path);
  } catch (error) {
    const folder = folderOf(path);
    const fault = folderFault(error, folder);
    throw fault === null ? error : new StorageError(`DATABASE_PATH: ${fault}`, { cause: error });
  }
}

/** `null` where none is configured. @throws {StorageError} */
export async function openDatabase(
  settings: Settings,
  clock: Clock,
  log: Logger,
): Promise<Database | null> {
  const { databasePath, database } = settings;
  const onMigrate = (from: number) => log.info("database is migrated", { schema: from });
  if (databasePath !== null) {
    const { openSqlite } = await import("../store/sqlite/database.ts");
    await makeFolder(databasePath);
    const onExposed = (files: readonly string[]) =>
      log.warn("database files are readable by others: give them to this user, or chmod 600", {
        files,
      });
    return openSqlite(databasePath, { onMigrate, onExposed });
  }
  if (database === null) return null;
  return openConfiguredPostgres(database, { clock, onMigrate });
}
