/**
 * What PostgreSQL and the way to it can fail with, in words that say what to do.
 *
 * @module
 */
import { StorageError, UnreachableError } from "../journal.ts";

const AWAY = "cannot be reached: check that it runs and that this machine may connect to it; " +
  "what was missed is written once it answers";

/** By the code of the system, of the client, or of PostgreSQL (SQLSTATE). */
const SENTENCES: ReadonlyMap<string, string> = new Map(Object.entries<string>({
  ECONNREFUSED: AWAY,
  ECONNRESET: AWAY,
  EHOSTUNREACH: AWAY,
  ENETUNREACH: AWAY,
  ENOENT: AWAY,
  EPIPE: AWAY,
  ETIMEDOUT: AWAY,
  CONNECT_TIMEOUT: AWAY,
  CONNECTION_CLOSED: AWAY,
  CONNECTION_DESTROYED: AWAY,
  CONNECTION_ENDED: AWAY,
  ENOTFOUND: "has a host name that is not known: check DATABASE_URL or PGHOST",
  EAI_AGAIN: "has a host name that is not known now: check DATABASE_URL or PGHOST",
  "28P01": "does not accept the password: check DATABASE_URL, or PGUSER and PGPASSWORD",
  "28000": "does not let this user in: check the user, and pg_hba.conf of the server",
  "3D000": "has no database of that name: create it, or check DATABASE_URL or PGDATABASE",
  "53300": "has no connection left: raise its max_connections, or run fewer replicas",
  "53100": "has no disk space left: free some; nothing that was kept is lost",
  "57P01": AWAY,
  "57P02": AWAY,
  "57P03": "is starting or stopping: what was missed is written once it answers",
  "57014": "took too long and was stopped: it may be overloaded",
  "25P03": "ended a transaction that waited too long",
  "55P03": "is waiting for another program that holds a lock in it",
  "42501":
    "does not allow this user to do that: it needs to own its tables, or the right to CREATE",
  "25006": "takes no writes, as a standby does: name the primary in DATABASE_URL or PGHOST",
}));

/** Codes of faults that only a change of the configuration, or of the server's, ends. */
const LASTING: ReadonlySet<string> = new Set(["28P01", "28000", "3D000", "42501"]);

/** Whether a known fault may end while nobody does anything. */
function mayPass(code: string | undefined): boolean {
  return code !== undefined && SENTENCES.has(code) && !LASTING.has(code);
}

/** What is wrong with the server's certificate has no code of its own. */
const TLS: readonly (readonly [RegExp, string])[] = [
  [
    /certificate|self.signed|UnknownIssuer|NotValidForName/i,
    "shows a certificate that is not trusted: name its authority's file with sslrootcert " +
    "(PGSSLROOTCERT), or the host by the name in the certificate",
  ],
];

/** How a server that speaks no TLS ends a connection that asked for it. */
const ENDED: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE"]);
const ENDED_TLS = "ended the connection: check that it runs and speaks TLS; sslmode=disable is " +
  "for a network that is trusted";

/**
 * The fault as a sentence: an UnreachableError where another try may succeed.
 *
 * @param where What is said in place of the address: without user and password.
 * @param tls Whether the connection asks for it.
 */
export function explained(error: unknown, where: string, tls: boolean): StorageError {
  if (error instanceof StorageError) return error;
  const { code, message } = error as { code?: string; message?: string };
  const known = (tls && code && ENDED.has(code) ? ENDED_TLS : code && SENTENCES.get(code)) ??
    TLS.find(([pattern]) => pattern.test(message ?? String(error)))?.[1];
  const sentence = known ||
    `answered ${code ?? "with an error"}: ${message ?? "the log says more"}`;
  const Fault = mayPass(code) ? UnreachableError : StorageError;
  return new Fault(`PostgreSQL at ${where} ${sentence}`, { cause: error });
}
