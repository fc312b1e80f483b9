/** Sessions in a database: over a restart, shared by replicas, and while it is away. */
import assert from "node:assert/strict";
import type { Settings } from "../../config/settings.ts";
import { systemClock } from "../../src/resilience/clock.ts";
import { sha256 } from "../../src/security/api_token.ts";
import { createSimulator } from "../../src/simulator/mod.ts";
import { openPostgres } from "../../src/store/postgres/database.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { type Dashboard, startDashboard } from "../support/dashboard.ts";
import { addressOf, clusterForFile, postgresTest } from "../support/postgres.ts";
import { eventually } from "../support/program.ts";
import { PASSWORD, postSignIn, signedIn, usersAuth } from "../support/signed_in.ts";

const cluster = await clusterForFile();

/** A replica over a database. */
async function replica(url: string): Promise<Dashboard> {
  const database = await openPostgres(addressOf(url), { clock: systemClock(), timeoutMs: 3_000 });
  const dashboard = await startDashboard({
    simulator: createSimulator({}),
    pollSeconds: 600,
    database,
    settings: (settings) => ({ ...settings, auth: usersAuth({ ada: "admin" }) }),
  });
  return {
    ...dashboard,
    async [Symbol.asyncDispose]() {
      await dashboard[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function statusOf(response: Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

Deno.test("over SQLite a restart ends no session, and the next request after 7 days renews it", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/glance.db`;
  const settings = (given: Settings) => ({ ...given, auth: usersAuth({ ada: "admin" }) });
  const start = async () => {
    const database = openSqlite(path);
    const simulator = createSimulator({});
    const dashboard = await startDashboard({ simulator, pollSeconds: 600, database, settings });
    return { database, dashboard };
  };
  const before = await start();
  const { cookie } = await signedIn(before.dashboard, "ada");
  await before.dashboard[Symbol.asyncDispose]();
  const week = Date.now() + 7 * 86_400_000;
  before.database.access.sessions.extend(await sha256(cookie.split("=")[1]!), week);
  before.database[Symbol.dispose]();
  const after = await start();
  const first = await after.dashboard.get("/", { headers: { cookie } });
  await first.body?.cancel();
  assert.equal(first.status, 200);
  assert.equal(
    first.headers.get("set-cookie"),
    `${cookie}; Path=/; HttpOnly; SameSite=Lax; Max-Age=1209600`,
  );
  const second = await after.dashboard.get("/", { headers: { cookie } });
  await second.body?.cancel();
  assert.equal(second.headers.get("set-cookie"), null);
  await after.dashboard[Symbol.asyncDispose]();
  after.database[Symbol.dispose]();
  Deno.removeSync(folder, { recursive: true });
});

postgresTest(cluster, "a session of one replica holds at another, and ends there too", async () => {
  const url = await cluster!.create();
  await using one = await replica(url);
  await using two = await replica(url);
  const headers = await signedIn(one, "ada");
  const at = (dashboard: Dashboard) =>
    statusOf(dashboard.get("/api/v1/audit", { headers, redirect: "manual" }));
  assert.deepEqual([await at(one), await at(two)], [200, 200]);
  const out = one.get("/logout", { method: "POST", headers, redirect: "manual" });
  assert.equal(await statusOf(out), 303);
  assert.equal(await at(one), 401);
  // Within the five seconds for which what was found is believed.
  await eventually(() => at(two), (status) => status === 401);
});

postgresTest(cluster, "replicas count failed tries together", async () => {
  const url = await cluster!.create();
  await using one = await replica(url);
  await using two = await replica(url);
  const fail = (dashboard: Dashboard) =>
    statusOf(postSignIn(dashboard, { username: "ada", password: "wrong password here" }));
  const statuses = [];
  for (let tries = 0; tries < 6; tries++) statuses.push(await fail(tries % 2 ? one : two));
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
});

postgresTest(
  cluster,
  "with the database away who is known goes on, nobody else is let in",
  async () => {
    await using one = await replica(await cluster!.create());
    const headers = await signedIn(one, "ada");
    const ask = (cookie: string) =>
      one.get("/definitions", { headers: { cookie }, redirect: "manual" });
    assert.equal(await statusOf(ask(headers.cookie)), 200);
    await cluster!.crash();
    try {
      assert.equal(await statusOf(ask(headers.cookie)), 200);
      const unknown = await ask(`session_token=${"0".repeat(64)}`);
      assert.equal(unknown.status, 503);
      assert.match(await unknown.text(), /Nobody can be recognised just now/);
      const tried = await postSignIn(one, { username: "ada", password: PASSWORD });
      assert.equal(tried.status, 503);
      assert.match(await tried.text(), /the database that keeps sessions does not answer/);
    } finally {
      await cluster!.start();
    }
    assert.equal(await statusOf(ask(headers.cookie)), 200);
  },
);
