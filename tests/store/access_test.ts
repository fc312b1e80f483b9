/** Sessions, tokens, failures and audit log: one list of rules over each store. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/resilience/clock.ts";
import { createSessions } from "../../src/security/sessions.ts";
import { createThrottle } from "../../src/security/throttle.ts";
import { createMemoryAccess } from "../../src/store/access/memory.ts";
import { openPostgres } from "../../src/store/postgres/database.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { addressOf, clusterForFile, postgresTest } from "../support/postgres.ts";
import { accessRules } from "./access_rules.ts";

const cluster = await clusterForFile();

accessRules("memory", () => ({
  store: createMemoryAccess(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}));

accessRules("SQLite", () => {
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
});

async function overPostgres() {
  const database = await openPostgres(addressOf(await cluster!.create()), { clock: systemClock() });
  return { store: database.access, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

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
  const session = await createSessions(before.access.sessions, Date.now).begin("ada", "stamp");
  before[Symbol.dispose]();
  const server = openSqlite(path);
  const found = await createSessions(server.access.sessions, Date.now).find(session.token);
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
