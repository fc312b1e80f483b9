/**
 * The configured database for commands: a SQLite file, or PostgreSQL, by the same few operations.
 *
 * @module
 */
import type { Settings } from "../../../config/settings.ts";
import { systemClock } from "../../resilience/clock.ts";
import { FACT_KINDS, type FactReader, StorageError } from "../../store/journal.ts";
import type { Lease } from "../../store/postgres/source.ts";
import { openSqlite } from "../../store/sqlite/database.ts";
import { openConfiguredPostgres } from "../open_postgres.ts";
import type { StoredSource, StoredSources } from "./transfer.ts";

export interface OpenedDatabase extends StoredSources, AsyncDisposable {
  /** Who keeps a source in step with Stripe now; `null` where nobody is known to. */
  holder(name: string, mode: string): Promise<string | null>;
  sizeBytes(): Promise<number>;
  /**
   * Leaves nothing of deleted and replaced rows where this program can see to it.
   *
   * @returns What is left to the operator; `null` for nothing.
   */
  scrub(): string | null;
  /** Everything that is kept of a source at one moment. @throws {StorageError} */
  load(name: string, mode: string): Promise<FactReader>;
}

/** Long enough for a batch; a command that ended is waited for no longer. */
const LEASE_MS = 60_000;

/** @throws {TypeError} where none is configured. */
export function sqlitePath({ databasePath }: Settings): string {
  if (databasePath !== null) return databasePath;
  throw new TypeError("There is no database: set DATABASE_PATH to the path of a SQLite file");
}

/** @throws {TypeError} where the file is not there: looking at it must not make one. */
export function existingPath(settings: Settings): string {
  const path = sqlitePath(settings);
  try {
    Deno.statSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new TypeError(`There is no database at ${path} yet: it is made by the first start`);
  }
  return path;
}

function overSqlite(path: string, shared: boolean): OpenedDatabase {
  const database = openSqlite(path, { shared });
  return {
    sources: database.sources,
    source: database.journal,
    holder: () => Promise.resolve(null),
    sizeBytes: () => Promise.resolve(database.sizeBytes()),
    scrub() {
      database.scrub();
      return null;
    },
    load(name, mode) {
      const journal = database.journal(name, mode);
      const facts = database.atOnce(() =>
        new Map(FACT_KINDS.map((kind) => [kind, [...journal.facts(kind)]]))
      );
      return Promise.resolve({ facts: (kind) => facts.get(kind) ?? [], opening: () => null });
    },
    [Symbol.asyncDispose]() {
      database[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

async function overPostgres(
  { database }: Settings & { readonly database: NonNullable<Settings["database"]> },
): Promise<OpenedDatabase> {
  const opened = await openConfiguredPostgres(database, { clock: systemClock() });
  const release: (() => Promise<void>)[] = [];

  async function source(name: string, mode: string): Promise<StoredSource> {
    const stored = await opened.source(name, mode);
    let lease: Lease | null = null;
    async function held(): Promise<Lease> {
      if (lease) return lease;
      lease = await stored.acquire(`command ${crypto.randomUUID()}`, LEASE_MS);
      if (!lease) {
        throw new StorageError(`A server keeps the source ${name} (${mode}): stop it first`);
      }
      const mine = lease;
      release.push(() => stored.release(mine));
      return lease;
    }
    let loaded: ReturnType<typeof stored.load> | null = null;
    return {
      facts: async (kind) => (await (loaded ??= stored.load())).facts(kind),
      snapshots: stored.snapshots,
      openEvents: async () => (await stored.inbox()).open,
      async write(facts, snapshots, events = []) {
        await stored.writer(await held()).write(facts, snapshots, events);
      },
      async forget() {
        await held();
        release.pop();
        await stored.forget();
      },
    };
  }

  return {
    sources: opened.sources,
    source,
    holder: async (name, mode) => await (await opened.source(name, mode)).holder(),
    sizeBytes: opened.sizeBytes,
    scrub: () =>
      "PostgreSQL keeps replaced rows until it has cleaned up: run VACUUM FULL facts there, and " +
      "remove dumps and archived logs from before",
    load: async (name, mode) => await (await opened.source(name, mode)).load(),
    async [Symbol.asyncDispose]() {
      for (const end of release) await end();
      await opened[Symbol.asyncDispose]();
    },
  };
}

/**
 * @param use `look` beside a server, `change` alone, `make` also where there is none yet.
 * @throws {TypeError | StorageError} that says what is wrong and what to do.
 */
export async function openConfigured(
  settings: Settings,
  use: "look" | "change" | "make",
): Promise<OpenedDatabase> {
  const { database } = settings;
  if (database) return await overPostgres({ ...settings, database });
  const path = use === "make" ? sqlitePath(settings) : existingPath(settings);
  return overSqlite(path, use === "look");
}
