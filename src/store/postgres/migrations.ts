/**
 * The schema in PostgreSQL: numbered steps, forward only. A released step is never changed.
 *
 * @module
 */
import type { Sql } from "postgres";
import { StorageError } from "../journal.ts";

/** Step `n` of the list leads to version `n + 1`. */
export const MIGRATIONS: readonly string[] = [
  // `version` grows by one with each write of a source; a fact that is taken away keeps a row
  // without a body, so that replicas that follow hear of it. `fence` grows with each holder.
  `CREATE TABLE sources (
     id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     name text NOT NULL,
     mode text NOT NULL,
     version bigint NOT NULL DEFAULT 0,
     fence bigint NOT NULL DEFAULT 0,
     UNIQUE (name, mode)
   );
   CREATE TABLE leases (
     source integer PRIMARY KEY REFERENCES sources (id) ON DELETE CASCADE,
     holder text NOT NULL,
     fence bigint NOT NULL,
     expires timestamptz NOT NULL
   );
   CREATE TABLE facts (
     source integer NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
     kind text NOT NULL,
     id text NOT NULL,
     body text,
     version bigint NOT NULL,
     PRIMARY KEY (source, kind, id)
   );
   CREATE INDEX facts_version ON facts (source, version);
   CREATE TABLE snapshots (
     source integer NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
     currency text NOT NULL,
     day text NOT NULL,
     mrr text NOT NULL,
     customers bigint NOT NULL,
     movements text NOT NULL,
     PRIMARY KEY (source, day, currency)
   );
   CREATE TABLE inbox (
     source integer NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
     id text NOT NULL,
     state text NOT NULL,
     received bigint NOT NULL,
     body text NOT NULL,
     PRIMARY KEY (source, id)
   );
   CREATE INDEX inbox_received ON inbox (source, received);
   CREATE INDEX inbox_open ON inbox (source, received) WHERE state IN ('waiting', 'set_aside');`,
  // Those who look: of sessions and tokens the hashes alone.
  `CREATE TABLE sessions (
     id text PRIMARY KEY,
     user_name text NOT NULL,
     stamp text NOT NULL,
     expires bigint NOT NULL
   );
   CREATE TABLE tokens (
     name text PRIMARY KEY,
     hash text NOT NULL UNIQUE,
     scopes text NOT NULL,
     created bigint NOT NULL,
     expires bigint NOT NULL,
     last_used bigint
   );
   CREATE TABLE failures (
     name text PRIMARY KEY,
     count integer NOT NULL,
     at bigint NOT NULL
   );
   CREATE TABLE audit (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     at bigint NOT NULL,
     action text NOT NULL,
     user_name text,
     address text,
     subject text
   );`,
  // Holds as long as its version is the source's: a program that knows no openings ends it too.
  `CREATE TABLE openings (
     source integer PRIMARY KEY REFERENCES sources (id) ON DELETE CASCADE,
     body text NOT NULL,
     version bigint NOT NULL
   );`,
  // Sessions of before have been renewed last, or begun, 14 days before they end. Programs of before
  // leave the column out.
  `ALTER TABLE sessions ADD COLUMN begun bigint NOT NULL
     DEFAULT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint;
   UPDATE sessions SET begun = expires - 1209600000;
   CREATE INDEX audit_user ON audit (user_name, action, id);`,
  // Entries of before, and of programs of before, stay without a seal.
  `ALTER TABLE audit ADD COLUMN mac text;
   CREATE TABLE audit_chain (
     one integer PRIMARY KEY CHECK (one = 1),
     salt text NOT NULL,
     base text,
     head text
   );`,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * The oldest schema whose program still gets on with this one: while replicas are exchanged, those
 * of the version before go on, and may start again. A step that takes away or changes what they use
 * raises it to its own version.
 */
export const OLDEST_PROGRAM = 1;

/** Of ours alone: "glance" as a number. */
const LOCK = 0x676c_616e;

const MOVED = "glance_schema was migrated meanwhile";

interface Schema {
  readonly version: number;
  /** The oldest program that gets on with it, by its schema. */
  readonly oldest: number;
}

async function schemaOf(sql: Sql): Promise<Schema> {
  const [table] = await sql`SELECT to_regclass('glance_schema') IS NOT NULL AS present`;
  if (!table!.present) return { version: 0, oldest: 0 };
  // The first programs had no column for the oldest.
  const [row] = await sql`SELECT * FROM glance_schema`;
  const version = Number(row?.version ?? 0);
  return { version, oldest: Number(row?.oldest ?? version) };
}

/** Statements that are sent together are one transaction. */
function stepsFrom(version: number): string {
  return [
    `SELECT pg_advisory_xact_lock(${LOCK})`,
    "CREATE TABLE IF NOT EXISTS glance_schema (version integer NOT NULL)",
    "ALTER TABLE glance_schema ADD COLUMN IF NOT EXISTS oldest integer",
    `DO $$ BEGIN
       IF (SELECT coalesce(max(version), 0) FROM glance_schema) <> ${version} THEN
         RAISE EXCEPTION '${MOVED}';
       END IF;
     END $$`,
    ...MIGRATIONS.slice(version).map((step) => step.replace(/;\s*$/, "")),
    "DELETE FROM glance_schema",
    `INSERT INTO glance_schema (version, oldest) VALUES (${SCHEMA_VERSION}, ${OLDEST_PROGRAM})`,
  ].join(";\n");
}

function refuseNewer({ version, oldest }: Schema): void {
  if (oldest <= SCHEMA_VERSION) return;
  throw new StorageError(
    `The database has schema ${version}, and this program knows up to ${SCHEMA_VERSION}: ` +
      "run the newer version that wrote it, or restore a backup from before",
  );
}

/**
 * Brings the schema to this program's version, all steps or none, one process at a time. One of a
 * newer program that this one gets on with is left as it is.
 *
 * @param before Told when there is data to migrate.
 * @throws {StorageError} when the database is of a newer program that has left this one behind.
 */
export async function migrate(sql: Sql, before: (from: number) => void = () => {}): Promise<void> {
  while (true) {
    const schema = await schemaOf(sql);
    const { version } = schema;
    refuseNewer(schema);
    if (version >= SCHEMA_VERSION) return;
    if (version > 0) before(version);
    try {
      await sql.unsafe(stepsFrom(version)).simple();
    } catch (error) {
      // Another process was faster while this one waited for the lock.
      if ((error as Error).message !== MOVED) throw error;
    }
  }
}
