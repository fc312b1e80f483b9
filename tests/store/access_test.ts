/** Sessions, tokens, failures and audit log: one list of rules over each store. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";
import { systemClock } from "../../src/resilience/clock.ts";
import { createSessions } from "../../src/security/sessions.ts";
import { createThrottle } from "../../src/security/throttle.ts";
import { createMemoryAccess } from "../../src/store/access/memory.ts";
import type { AccessStore } from "../../src/store/access/port.ts";
import { openPostgres } from "../../src/store/postgres/database.ts";
import { MIGRATIONS as postgresSteps } from "../../src/store/postgres/migrations.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { MIGRATIONS as sqliteSteps } from "../../src/store/sqlite/migrations.ts";
import { addressOf, clusterForFile, postgresTest } from "../support/postgres.ts";
import { accessRules, type OpenedAccess } from "./access_rules.ts";
import { auditChainRules, chainOf, ENTRY } from "./audit_chain_rules.ts";

const LIFETIME_MS = 90 * 86_400_000;

const cluster = await clusterForFile();

accessRules("memory", () => ({
  store: createMemoryAccess(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}));

accessRules("SQLite", overSqlite);

function overSqlite(): OpenedAccess {
  const folder = Deno.makeTempDirSync();
  const database = openSqlite(`${folder}/glance.db`);
  return {
    store: database.access,
    [Symbol.asyncDispose]() {
      database[Symbol.dispose]();
      Deno.removeSync(folder, { recursive: true });
      return Promise.resolve();
    },
  };
}

async function overPostgres() {
  const database = await openPostgres(addressOf(await cluster!.create()), { clock: systemClock() });
  return { store: database.access, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

auditChainRules("SQLite", overSqlite);
auditChainRules("PostgreSQL", overPostgres, (name, run) => postgresTest(cluster, name, run));
accessRules("PostgreSQL", overPostgres, (name, run) => postgresTest(cluster, name, run));

Deno.test("in memory the audit log keeps the last 1,000 entries", async () => {
  const { audit } = createMemoryAccess();
  for (let at = 1; at <= 1_005; at++) {
    audit.add({ at, action: "signed_in", user: null, address: null, subject: null });
  }
  const kept = await audit.list(2_000, null);
  assert.equal(kept.length, 1_000);
  assert.deepEqual([kept[0]!.at, kept.at(-1)!.at], [1_005, 6]);
});

Deno.test("in SQLite sessions survive a restart, and a token made beside a server holds in it", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/glance.db`;
  const before = openSqlite(path);
  const session = await createSessions(before.access.sessions, Date.now, () => LIFETIME_MS).begin(
    "ada",
    "stamp",
  );
  before[Symbol.dispose]();
  const server = openSqlite(path);
  const found = await createSessions(server.access.sessions, Date.now, () => LIFETIME_MS).find(
    session.token,
  );
  assert.equal(found!.user, "ada");
  const command = openSqlite(path, { shared: true });
  const token = { name: "bi", hash: "sha256:0", scopes: ["read:metrics"], created: 0, expires: 9 };
  await command.access.tokens.add({ ...token, lastUsed: null });
  command[Symbol.dispose]();
  assert.equal((await server.access.tokens.find("sha256:0"))!.name, "bi");
  server[Symbol.dispose]();
  // Neither cookie nor token can be read from the file.
  const bytes = new TextDecoder("latin1").decode(Deno.readFileSync(path));
  assert.equal(bytes.includes(session.token), false);
  Deno.removeSync(folder, { recursive: true });
});

/** A session as the version before stored it, 10 days before its end. */
const OF_BEFORE = {
  token: "ab".repeat(32),
  id: "271a413bd339c5709fdceaec41f14f11e9fbfb5042d72d331c65f32b284cd09a",
  expires: 1_800_000_000_000,
};

async function holdsAsBefore(sessions: AccessStore["sessions"]): Promise<void> {
  const day = 86_400_000;
  const now = OF_BEFORE.expires - 10 * day;
  const found = await createSessions(sessions, () => now, () => LIFETIME_MS).find(OF_BEFORE.token);
  assert.equal(found!.user, "ada");
  assert.equal(found!.expires, OF_BEFORE.expires);
  // It began, or was renewed last, 14 days before its end: its lifetime counts from there.
  assert.equal(found!.begun, OF_BEFORE.expires - 14 * day);
}

Deno.test("in SQLite a session of the version before goes on, and has a lifetime from now on", async () => {
  const folder = Deno.makeTempDirSync();
  const raw = new DatabaseSync(`${folder}/glance.db`);
  for (const step of sqliteSteps.slice(0, 4)) raw.exec(step);
  raw.exec("PRAGMA user_version = 4");
  raw.prepare("INSERT INTO sessions VALUES (?, 'ada', 'stamp', ?)")
    .run(OF_BEFORE.id, OF_BEFORE.expires);
  raw.close();
  {
    using database = openSqlite(`${folder}/glance.db`);
    await holdsAsBefore(database.access.sessions);
  }
  Deno.removeSync(folder, { recursive: true });
});

postgresTest(
  cluster,
  "in PostgreSQL a session of the version before goes on, also one that an older replica stores later",
  async () => {
    const url = await cluster!.create();
    const sql = postgres(url, { max: 1 });
    for (const step of postgresSteps.slice(0, 3)) await sql.unsafe(step);
    await sql.unsafe("CREATE TABLE glance_schema AS SELECT 3 AS version");
    await sql`INSERT INTO sessions VALUES (${OF_BEFORE.id}, 'ada', 'stamp', ${OF_BEFORE.expires})`;
    await using database = await openPostgres(addressOf(url), { clock: systemClock() });
    await holdsAsBefore(database.access.sessions);
    await sql`INSERT INTO sessions VALUES ('later', 'ada', 'stamp', ${OF_BEFORE.expires})`;
    assert.ok((await database.access.sessions.find("later"))!.begun > 1_700_000_000_000);
    await sql.end();
  },
);

Deno.test("in SQLite entries of the version before stay, and the chain begins after them", async () => {
  const folder = Deno.makeTempDirSync();
  const raw = new DatabaseSync(`${folder}/glance.db`);
  for (const step of sqliteSteps.slice(0, 4)) raw.exec(step);
  raw.exec("PRAGMA user_version = 4");
  raw.exec(
    "INSERT INTO audit (at, action, user) VALUES (1, 'signed_in', 'ada'), (2, 'signed_out', 'ada')",
  );
  raw.close();
  {
    using database = openSqlite(`${folder}/glance.db`);
    const { writer, report } = await chainOf(database.access);
    await database.access.audit.add(ENTRY, writer);
    assert.deepEqual(await report(), { kind: "whole", sealed: 1, before: 2, unsealed: 0 });
    const kept = await database.access.audit.list(9, null);
    assert.deepEqual(kept.map(({ id, action }) => [id, action]), [
      [3, "signed_in"],
      [2, "signed_out"],
      [1, "signed_in"],
    ]);
  }
  Deno.removeSync(folder, { recursive: true });
});

postgresTest(
  cluster,
  "in PostgreSQL the chain begins after entries of the version before, which an older replica goes on writing",
  async () => {
    const url = await cluster!.create();
    const sql = postgres(url, { max: 1 });
    for (const step of postgresSteps.slice(0, 3)) await sql.unsafe(step);
    await sql.unsafe("CREATE TABLE glance_schema AS SELECT 3 AS version");
    const asBefore = () => sql`INSERT INTO audit (at, action) VALUES (1, 'signed_in')`;
    await asBefore();
    await using database = await openPostgres(addressOf(url), { clock: systemClock() });
    const { writer, report } = await chainOf(database.access);
    await database.access.audit.add(ENTRY, writer);
    await asBefore();
    await database.access.audit.add(ENTRY, writer);
    assert.deepEqual(await report(), { kind: "whole", sealed: 2, before: 1, unsealed: 1 });
    await sql.end();
  },
);

postgresTest(cluster, "replicas that write the audit log at once make one chain", async () => {
  const url = await cluster!.create();
  const replicas = await Promise.all(
    Array.from({ length: 3 }, () => openPostgres(addressOf(url), { clock: systemClock() })),
  );
  const chains = await Promise.all(replicas.map(({ access }) => chainOf(access)));
  await Promise.all(
    Array.from(
      { length: 30 },
      (_, at) => replicas[at % 3]!.access.audit.add({ ...ENTRY, at }, chains[at % 3]!.writer),
    ),
  );
  for (const { report } of chains) {
    assert.deepEqual(await report(), { kind: "whole", sealed: 30, before: 0, unsealed: 0 });
  }
  await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
});

postgresTest(cluster, "replicas count failures together: 60 tries at once are five", async () => {
  const url = await cluster!.create();
  const replicas = await Promise.all(
    Array.from({ length: 3 }, () => openPostgres(addressOf(url), { clock: systemClock() })),
  );
  const throttles = replicas.map(({ access }) =>
    createThrottle({
      keeper: access.failures,
      now: () => 1_800_000_000_000,
      secret: () => "hashes",
    })
  );
  const waits = await Promise.all(
    Array.from({ length: 60 }, (_, index) => throttles[index % 3]!.begin("ada", `4:${index}`)),
  );
  assert.equal(waits.filter((wait) => wait === 0).length, 5);
  await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
});
