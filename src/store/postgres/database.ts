/**
 * PostgreSQL: a small pool that comes back by itself, and a connection that hears what other
 * replicas wrote. The server needs no extension; a pooler between must keep sessions, as
 * transactions of one connection and LISTEN need.
 *
 * @module
 */
import postgres, { type Sql } from "postgres";
import type { AccessStore } from "../access/port.ts";
import { UnreachableError } from "../journal.ts";
import { createAccess } from "./access.ts";
import { explained } from "./errors.ts";
import { CHANNEL, createSource, type PostgresSource } from "./source.ts";
import { migrate } from "./migrations.ts";

export interface PostgresAddress {
  /** A name, an address, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: { reveal(): string } | null;
  readonly tls: "disable" | "require" | "verify-full";
  /** Certificates of authorities to trust, PEM. */
  readonly tlsRoots?: string;
}

export interface PostgresOptions {
  readonly clock: {
    /** Milliseconds, for durations. */
    steady(): number;
    sleep(ms: number, signal?: AbortSignal): Promise<void>;
  };
  /** Connections besides the one that listens; 4. */
  readonly connectionsMax?: number;
  /** Milliseconds that a query may take, and a write four times as long; 15,000. */
  readonly timeoutMs?: number;
  /** Told from which schema, before one with data is migrated. */
  readonly onMigrate?: (from: number) => void;
}

export type QueryKind = "write" | "read" | "lease" | "probe";

/** Runs a query within its time, and says what it failed with in words. */
export type Run = <T>(kind: QueryKind, query: (sql: Sql) => Promise<T>) => Promise<T>;

/** What another connection wrote. */
export interface Change {
  readonly source: number;
  readonly version: number;
}

export interface PostgresDatabase extends AsyncDisposable {
  /** A source, named by its key in the configuration and its mode. @throws {StorageError} */
  source(name: string, mode: string): Promise<PostgresSource>;
  readonly access: AccessStore;
  /**
   * Tells of each write of any replica, and `null` when some may have been missed: at first, and
   * after the connection was lost. Returns what ends that.
   */
  listen(onChange: (change: Change | null) => void): () => Promise<void>;
  /** Tells how long each query takes from now on. */
  observe(onQuery: (kind: QueryKind, seconds: number) => void): void;
  /** Asks and writes for real, for the health report. @throws {StorageError} */
  probe(): Promise<void>;
  sources(): Promise<readonly { readonly name: string; readonly mode: string }[]>;
  sizeBytes(): Promise<number>;
  /** Daily snapshots of all sources. */
  countSnapshots(): Promise<number>;
}

const CONNECT_SECONDS = 5;
const WRITE_FACTOR = 4;
const RELISTEN_MS = 500;
/** A connection is made anew at the first query after it was lost. */
const BACKOFF_SECONDS = 0.2;
/** Queries under way get this long when the program ends. */
const END_SECONDS = 1;
const READ_ONLY = "25006";

function connect(address: PostgresAddress, max: number, extra: object = {}): Sql {
  const { host, port, database, user, password, tls, tlsRoots } = address;
  return postgres({
    ...(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }),
    database,
    user,
    password: password?.reveal() ?? "",
    max,
    ssl: tls === "disable"
      ? false
      : tls === "require"
      ? "require"
      : { rejectUnauthorized: true, ...(tlsRoots ? { ca: tlsRoots } : {}) },
    connect_timeout: CONNECT_SECONDS,
    backoff: () => BACKOFF_SECONDS,
    onnotice: () => {},
    connection: { application_name: "businessglance" },
    ...extra,
  });
}

/** Listens on a connection of its own, again and again. */
function listen(
  address: PostgresAddress,
  clock: PostgresOptions["clock"],
  onChange: (change: Change | null) => void,
): () => Promise<void> {
  const stopping = new AbortController();
  let lost = Promise.withResolvers<void>();
  const sql = connect(address, 1, {
    max_lifetime: null,
    onnotify(_: string, payload: string) {
      const [source, version] = payload.split(" ").map(Number);
      onChange({ source: source!, version: version! });
    },
    onclose: () => lost.resolve(),
  });
  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      lost = Promise.withResolvers();
      try {
        await sql.unsafe(`LISTEN ${CHANNEL}`);
        onChange(null);
        await lost.promise;
      } catch {
        // The queries say what is wrong; here it is only tried again.
      }
      await clock.sleep(RELISTEN_MS, stopping.signal).catch(() => {});
    }
  }
  const running = run();
  return async () => {
    stopping.abort();
    await sql.end({ timeout: END_SECONDS });
    lost.resolve();
    await running;
  };
}

/** @throws {StorageError} that says what is wrong and what to do. */
export async function openPostgres(
  address: PostgresAddress,
  options: PostgresOptions,
): Promise<PostgresDatabase> {
  const { clock, connectionsMax = 4, timeoutMs = 15_000, onMigrate } = options;
  let onQuery: (kind: QueryKind, seconds: number) => void = () => {};
  const where = `${address.host}:${address.port}/${address.database}`;
  const open = () => connect(address, connectionsMax);
  let sql = open();
  const ended = new AbortController();

  /** Connections on which nothing comes back are of no use to what waits behind. */
  function replacePool(): void {
    const stuck = sql;
    sql = open();
    stuck.end({ timeout: 0 }).catch(() => {});
  }

  async function run<T>(kind: QueryKind, query: (sql: Sql) => Promise<T>): Promise<T> {
    const startedAt = clock.steady();
    const timer = new AbortController();
    const asked = sql;
    const late = clock.sleep(kind === "write" ? timeoutMs * WRITE_FACTOR : timeoutMs, timer.signal)
      .then(() => {
        if (sql === asked && !ended.signal.aborted) replacePool();
        throw new UnreachableError(`PostgreSQL at ${where} does not answer: it may be overloaded`);
      });
    late.catch(() => {});
    try {
      return await Promise.race([query(asked), late]);
    } catch (error) {
      // A primary that has become a standby keeps its connections.
      if ((error as { code?: string }).code === READ_ONLY && sql === asked) replacePool();
      throw explained(error, where, address.tls !== "disable");
    } finally {
      timer.abort();
      onQuery(kind, (clock.steady() - startedAt) / 1000);
    }
  }

  try {
    await run("write", (sql) => migrate(sql, onMigrate));
  } catch (error) {
    await sql.end({ timeout: END_SECONDS });
    throw error;
  }
  return {
    access: createAccess(run),
    source: (name, mode) => createSource(run, name, mode),
    observe: (listener) => void (onQuery = listener),
    listen: (onChange) => listen(address, clock, onChange),
    probe: () =>
      run("probe", async (sql) => {
        await sql`UPDATE glance_schema SET version = version`;
      }),
    sources: () =>
      run("read", async (sql) => {
        const rows = await sql`SELECT name, mode FROM sources ORDER BY name, mode`;
        return rows.map(({ name, mode }) => ({ name: String(name), mode: String(mode) }));
      }),
    countSnapshots: () =>
      run("read", async (sql) => {
        const [row] = await sql`SELECT count(*) AS rows FROM snapshots`;
        return Number(row!.rows);
      }),
    sizeBytes: () =>
      run("read", async (sql) => {
        const [row] = await sql`SELECT pg_database_size(current_database()) AS bytes`;
        return Number(row!.bytes);
      }),
    async [Symbol.asyncDispose]() {
      ended.abort();
      await sql.end({ timeout: END_SECONDS });
    },
  };
}
