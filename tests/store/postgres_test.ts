/** The store in PostgreSQL: the contract over a real server, its schema, leases and replicas. */
import assert from "node:assert/strict";
import postgres from "postgres";
import { systemClock } from "../../src/resilience/clock.ts";
import { createDurableStore } from "../../src/store/durable.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { LeaseLostError } from "../../src/store/journal.ts";
import { openPostgres } from "../../src/store/postgres/database.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "../../src/store/postgres/migrations.ts";
import { addressOf, clusterForFile, postgresTest } from "../support/postgres.ts";
import { storeContract } from "./contract.ts";
import { journalRules, OPTIONS } from "./journal_rules.ts";

const cluster = await clusterForFile();
const test = (name: string, run: () => Promise<void>) => postgresTest(cluster, name, run);
const CLOCK = systemClock();
const LEASE_MS = 60_000;

/** A new database, and its address. */
async function created() {
  const url = await cluster!.create();
  return { url, database: await openPostgres(addressOf(url), { clock: CLOCK }) };
}

/** A source of a new database with its lease. */
async function held() {
  const { url, database } = await created();
  const source = await database.source("default", "test");
  const lease = (await source.acquire("one", LEASE_MS))!;
  return { url, database, source, lease };
}

storeContract("PostgreSQL store", async (info) => {
  const { database, source, lease } = await held();
  const store = createDurableStore(createMemoryStore(info), source.writer(lease), OPTIONS);
  return Object.assign(store, {
    async [Symbol.asyncDispose]() {
      store.publish();
      await store.flushed();
      await database[Symbol.asyncDispose]();
    },
  });
}, test);

journalRules("PostgreSQL", async () => {
  const { database } = await created();
  return {
    async source(name, mode) {
      const source = await database.source(name, mode);
      const lease = (await source.acquire("one", LEASE_MS))!;
      return {
        writer: source.writer(lease),
        facts: async (kind) => [...(await source.load()).facts(kind)],
        opening: async () => (await source.load(["status"])).opening(),
        snapshots: source.snapshots,
        forget: source.forget,
      };
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}, test);

test("PostgreSQL: a program that knows no openings ends them with what it writes", async () => {
  const { url, database, source, lease } = await held();
  const opening = async () => (await source.load(["status"])).opening();
  await source.writer(lease).writeOpening("first");
  assert.equal(await opening(), "first");
  const sql = postgres(url, { max: 1 });
  await sql`UPDATE sources SET version = version + 1`;
  await sql.end();
  assert.equal(await opening(), null);
  await source.writer(lease).write([{ kind: "status", id: "-", body: "{}" }], []);
  assert.equal(await opening(), null, "and it does not come back");
  await database[Symbol.asyncDispose]();
});

/** A database as a program with one more step has left it. */
async function ofNextVersion(oldest: number): Promise<string> {
  const { url, database } = await created();
  await database[Symbol.asyncDispose]();
  const sql = postgres(url, { max: 1 });
  await sql`ALTER TABLE facts ADD COLUMN of_tomorrow integer`;
  await sql`UPDATE glance_schema SET version = ${SCHEMA_VERSION + 1}, oldest = ${oldest}`;
  await sql.end();
  return url;
}

test("PostgreSQL: in a rolling update the older program starts on what the newer has migrated", async () => {
  const url = await ofNextVersion(SCHEMA_VERSION);
  await using database = await openPostgres(addressOf(url), { clock: CLOCK });
  const source = await database.source("default", "test");
  const lease = await source.acquire("older", 1000);
  await source.writer(lease!).write([{ kind: "product", id: "prod_1", body: "1" }], []);
  assert.equal([...(await source.load()).facts("product")].length, 1);
  await database.probe();
  const sql = postgres(url, { max: 1 });
  const [schema] = await sql`SELECT version FROM glance_schema`;
  await sql.end();
  assert.equal(schema!.version, SCHEMA_VERSION + 1, "it is left as it is");
});

test("PostgreSQL: a newer database that has left this program behind is refused with what to do", async () => {
  const url = await ofNextVersion(SCHEMA_VERSION + 1);
  await assert.rejects(openPostgres(addressOf(url), { clock: CLOCK }), {
    name: "StorageError",
    message: `The database has schema ${SCHEMA_VERSION + 1}, and this program knows up to ` +
      `${SCHEMA_VERSION}: run the newer version that wrote it, or restore a backup from before`,
  });
});

test("PostgreSQL: from every earlier schema with data in it, everything is still there", async () => {
  for (let version = 1; version < SCHEMA_VERSION; version++) {
    const url = await cluster!.create();
    const sql = postgres(url, { max: 1 });
    for (const step of MIGRATIONS.slice(0, version)) await sql.unsafe(step);
    await sql.unsafe(`CREATE TABLE glance_schema AS SELECT ${version} AS version`);
    await sql`INSERT INTO sources (name, mode) VALUES ('default', 'test')`;
    await sql`INSERT INTO facts VALUES (1, 'product', 'prod_1', '{}', 1)`;
    await sql.end();
    await using database = await openPostgres(addressOf(url), { clock: CLOCK });
    const facts = await (await database.source("default", "test")).load();
    assert.equal([...facts.facts("product")].length, 1);
  }
});

test("PostgreSQL: replicas that start at once make the schema once", async () => {
  const url = await cluster!.create();
  const opened = await Promise.all(
    Array.from({ length: 5 }, () => openPostgres(addressOf(url), { clock: CLOCK })),
  );
  const sources = await Promise.all(opened.map((one) => one.source("default", "test")));
  assert.equal(new Set(sources.map(({ id }) => id)).size, 1);
  for (const one of opened) await one[Symbol.asyncDispose]();
});

test("PostgreSQL: one of many replicas gets the lease, and keeps it while it renews", async () => {
  const { database, source } = await (async () => {
    const { database } = await created();
    return { database, source: await database.source("default", "test") };
  })();
  await using _database = database;
  const names = ["a", "b", "c", "d"];
  const taken = await Promise.all(names.map((name) => source.acquire(name, LEASE_MS)));
  const leases = taken.filter((lease) => lease !== null);
  assert.equal(leases.length, 1);
  assert.equal(await source.holder(), leases[0]!.holder);
  assert.equal(await source.renew(leases[0]!, LEASE_MS), true);
  assert.equal(await source.acquire("e", LEASE_MS), null);
  await source.release(leases[0]!);
  assert.equal(await source.holder(), null);
  assert.equal((await source.acquire("e", LEASE_MS))!.holder, "e");
});

test("PostgreSQL: a holder that was paused past its lease writes nothing any more", async () => {
  const { database, source } = await held();
  await using _database = database;
  const paused = (await source.acquire("one", 0))!;
  const next = (await source.acquire("two", LEASE_MS))!;
  await source.writer(next).write([{ kind: "product", id: "prod_1", body: '"two"' }], []);
  await assert.rejects(
    Promise.resolve(
      source.writer(paused).write([{ kind: "product", id: "prod_1", body: '"one"' }], []),
    ),
    LeaseLostError,
  );
  assert.equal(await source.renew(paused, LEASE_MS), false);
  assert.deepEqual(
    [...(await source.load()).facts("product")].map(({ body }) => body),
    ['"two"'],
  );
});

test("PostgreSQL: what was written after a version is found, deletions too", async () => {
  const { database, source, lease } = await held();
  await using _database = database;
  const writer = source.writer(lease);
  await writer.write([{ kind: "product", id: "prod_1", body: "1" }], []);
  const { version } = await source.load();
  await writer.write([{ kind: "product", id: "prod_1", body: null }], []);
  await writer.write([{ kind: "product", id: "prod_2", body: "2" }], []);
  const changes = await source.changesSince(version);
  assert.equal(changes.version, version + 2);
  assert.deepEqual([...changes.facts("product")].map(({ id, body }) => [id, body]), [
    ["prod_1", null],
    ["prod_2", "2"],
  ]);
  assert.equal((await source.changesSince(changes.version)).size, 0);
});

test("PostgreSQL: kinds of a newer program are ignored and kept", async () => {
  const { url, database, source, lease } = await held();
  await using _database = database;
  const sql = postgres(url, { max: 1 });
  await sql`INSERT INTO facts VALUES (${source.id}, 'of_tomorrow', 'x', '{}', 1)`;
  assert.equal((await source.load()).size, 0);
  await source.writer(lease).write([{ kind: "product", id: "prod_1", body: "1" }], []);
  const [row] = await sql`SELECT count(*)::int AS kept FROM facts`;
  assert.equal(row!.kept, 2);
  await sql.end();
});

test("PostgreSQL: each write is heard by the other replicas", async () => {
  const { url, database, source, lease } = await held();
  await using _database = database;
  await using other = await openPostgres(addressOf(url), { clock: CLOCK });
  const ready = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<unknown>();
  const stop = other.listen((change) => change ? heard.resolve(change) : ready.resolve());
  await ready.promise;
  await source.writer(lease).write([{ kind: "product", id: "prod_1", body: "1" }], []);
  assert.deepEqual(await heard.promise, { source: source.id, version: 1 });
  await stop();
});
