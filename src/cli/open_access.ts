/**
 * Opens sessions, tokens and audit log of the configured database for a command.
 *
 * @module
 */
import type { Settings } from "../../config/settings.ts";
import { systemClock } from "../resilience/clock.ts";
import type { AccessStore } from "../store/access/port.ts";
import { makeFolderOf } from "./io.ts";
import { openConfiguredPostgres } from "./open_postgres.ts";

export interface OpenedAccess extends AsyncDisposable {
  readonly store: AccessStore;
  readonly settings: Settings;
}

/** The configured database beside a server that may be using it; `null` where there is none. */
export async function openAccess(settings: Settings): Promise<OpenedAccess | null> {
  const { databasePath, database } = settings;
  if (database) {
    const opened = await openConfiguredPostgres(database, { clock: systemClock() });
    return {
      store: opened.access,
      settings,
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    };
  }
  if (databasePath === null) return null;
  const { openSqlite } = await import("../store/sqlite/database.ts");
  await makeFolderOf(databasePath);
  const opened = openSqlite(databasePath, { shared: true });
  return {
    store: opened.access,
    settings,
    [Symbol.asyncDispose]() {
      opened[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}
