/**
 * Where PostgreSQL is: `DATABASE_URL`, or `PGHOST` and `PGDATABASE` with the other usual variables.
 *
 * @module
 */
import { Secret } from "../src/security/secret.ts";

/** `prefer` and `allow` are not known: they fall back to plain text without a word. */
export const TLS_MODES = ["disable", "require", "verify-full"] as const;
export type TlsMode = typeof TLS_MODES[number];

export interface DatabaseSettings {
  /** A host name, an address, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret | null;
  readonly tls: TlsMode;
  /** A file with the certificates of authorities to trust besides the usual ones. */
  readonly tlsRootPath: string | null;
}

const PORT = 5432;
const FORM = "must look like postgres://user:password@host:5432/database";

type Fail = (name: string, message: string) => void;
type Read = (name: string) => string | null;

/** Encrypted unless it stays on the machine; a server without TLS must be asked for by name. */
function tlsOf(name: string, mode: string | null, host: string, fail: Fail): TlsMode {
  const near = host.startsWith("/") || ["localhost", "127.0.0.1", "::1"].includes(host);
  if (mode === null) return near ? "disable" : "require";
  const known = mode === "verify-ca" ? "verify-full" : mode;
  const found = TLS_MODES.find((one) => one === known);
  if (!found) fail(name, `knows the TLS modes ${TLS_MODES.join(", ")} for sslmode`);
  return found ?? "require";
}

function portOf(name: string, text: string, fail: Fail): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) fail(name, "has a port that is no whole number from 1 to 65535");
  return port || PORT;
}

function ofUrl(text: string, fail: Fail): DatabaseSettings | null {
  const name = "DATABASE_URL";
  let url: URL;
  let parts: string[];
  try {
    url = new URL(text);
    parts = [url.username, url.password, url.pathname.slice(1), url.hostname].map(
      decodeURIComponent,
    );
  } catch {
    fail(name, `${FORM}; signs such as @ and # in the password are written as %40 and %23`);
    return null;
  }
  const [user, password, database, named] = parts as [string, string, string, string];
  const host = url.searchParams.get("host") ?? named.replace(/^\[|\]$/g, "");
  if (!/^postgres(ql)?:$/.test(url.protocol) || !host || !database || !user) {
    fail(name, FORM);
    return null;
  }
  return {
    host,
    port: url.port === "" ? PORT : portOf(name, url.port, fail),
    database,
    user,
    password: password === "" ? null : new Secret(password),
    tls: tlsOf(name, url.searchParams.get("sslmode"), host, fail),
    tlsRootPath: url.searchParams.get("sslrootcert"),
  };
}

function ofVariables(read: Read, fail: Fail): DatabaseSettings | null {
  const host = read("PGHOST");
  const database = read("PGDATABASE");
  if (host === null || database === null) return null;
  const password = read("PGPASSWORD");
  return {
    host,
    port: portOf("PGPORT", read("PGPORT") ?? String(PORT), fail),
    database,
    user: read("PGUSER") ?? "postgres",
    password: password === null ? null : new Secret(password),
    tls: tlsOf("PGSSLMODE", read("PGSSLMODE"), host, fail),
    tlsRootPath: read("PGSSLROOTCERT"),
  };
}

/**
 * The configured PostgreSQL; `null` where none is. `PG*` counts only with `PGHOST` and
 * `PGDATABASE`, and where no other database is named.
 */
export function databaseOf(
  { url, path }: { readonly url: string | null; readonly path: string | null },
  read: Read,
  fail: Fail,
): DatabaseSettings | null {
  if (url !== null && path !== null) {
    fail("DATABASE_URL", "is set, and so is DATABASE_PATH: keep one of them");
    return null;
  }
  if (url !== null) return ofUrl(url, fail);
  return path === null ? ofVariables(read, fail) : null;
}
