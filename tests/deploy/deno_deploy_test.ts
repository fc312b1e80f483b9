/**
 * The entry point of Deno Deploy, with all permissions and the environment that is documented for
 * it: several instances over one PostgreSQL, a migration before them, and the demo without one.
 */
import assert from "node:assert/strict";
import postgres from "postgres";
import { isConfigured, lookAtStripe } from "../../deploy/deno-deploy/instance.ts";
import { createCompany, createSimulator, serveSimulator } from "../../src/simulator/mod.ts";
import { INITIAL_STATUS } from "../../src/store/memory.ts";
import { freePort } from "../bench/child.ts";
import { runGlance, type Running, startGlance } from "../support/glance.ts";
import { clusterForFile, postgresTest } from "../support/postgres.ts";
import { ROOT } from "../support/program.ts";
import { until } from "../support/until.ts";

/** SIGKILL follows SIGINT after five seconds. */
const STOP_MS_MAX = 4_000;
const KEY = "rk_test_deployed";
const ENTRY = { script: "deploy/deno-deploy/main.ts" };
const MIGRATE = { script: "deploy/deno-deploy/migrate.ts" };
const cluster = await clusterForFile();

/** The variables that Deno Deploy gives an instance with a PostgreSQL, and itself. */
function envOf(address: URL): Record<string, string> {
  return {
    DATABASE_URL: address.href,
    PGHOST: address.hostname,
    PGPORT: address.port,
    PGDATABASE: address.pathname.slice(1),
    PGUSER: address.username,
    PGPASSWORD: address.password,
    DENO_DEPLOY: "1",
    DENO_DEPLOYMENT_ID: "of-the-tests",
    PORT: "0",
  };
}

async function urlOf(instance: Running): Promise<string> {
  const [, port] = await instance.said(/"msg":"serving".*"url":"http:\/\/0\.0\.0\.0:(\d+)\/"/);
  return `http://127.0.0.1:${port}`;
}

interface Revenue {
  readonly state: string;
  readonly currencies: Readonly<Record<string, { readonly mrrExact: string }>>;
}

async function revenueOf(url: string): Promise<Revenue> {
  return await (await fetch(`${url}/api/v1/revenue`)).json();
}

/** MRR by currency; what follows from the past may still be rebuilt in one of them. */
function exactOf({ currencies }: Revenue): Record<string, string> {
  return Object.fromEntries(
    Object.entries(currencies).map(([currency, { mrrExact }]) => [currency, mrrExact]),
  );
}

/** Milliseconds until an instance has ended that was asked to. */
async function endingOf(instance: Running): Promise<number> {
  const askedAt = performance.now();
  assert.equal(await instance.terminate("SIGINT"), 0);
  return performance.now() - askedAt;
}

postgresTest(
  cluster,
  "two instances over one PostgreSQL show the same after a migration, and end within four seconds",
  async ({ create }) => {
    const company = createCompany({
      seed: 9,
      customers: 60,
      now: Math.floor(Date.now() / 1000),
    });
    const simulator = createSimulator({ source: company.source, key: KEY });
    const stripe = serveSimulator(simulator);
    const address = await create();
    const env = {
      ...envOf(new URL(address)),
      STRIPE_SECRET_KEY: KEY,
      STRIPE_API_BASE: stripe.url,
    };
    const before = await runGlance([], env, "", MIGRATE);
    assert.deepEqual([before.text, before.code], ["The schema is that of this version\n", 0]);
    const sql = postgres(address, { max: 1 });
    assert.equal((await sql`SELECT version FROM glance_schema`).length, 1);
    await sql.end();
    {
      await using first = startGlance([], env, ENTRY);
      await using second = startGlance([], env, ENTRY);
      const urls = await Promise.all([first, second].map(urlOf));
      await until(async () =>
        (await Promise.all(urls.map(revenueOf))).every(({ state }) => state === "fresh")
      );
      const [one, other] = await Promise.all(urls.map(revenueOf));
      assert.deepEqual(exactOf(one!), exactOf(other!));
      assert.ok(Object.keys(exactOf(one!)).length > 0);
      // Both are at work: a stream that is open, and a page that is asked for.
      const stream = await fetch(`${urls[0]}/api/stream`);
      const times = await Promise.all([endingOf(first), endingOf(second)]);
      await stream.body?.cancel().catch(() => {});
      for (const ms of times) assert.ok(ms < STOP_MS_MAX, `It took ${ms} ms`);
    }
    await stripe.close();
  },
);

Deno.test("without an account and a database an instance is the demo, and nothing is migrated", async () => {
  // The platform's own variable says where the first server listens, whatever it asks for.
  const port = freePort();
  const env = { DENO_DEPLOY: "1", DENO_SERVE_ADDRESS: `tcp:0.0.0.0:${port}` };
  await using instance = startGlance([], env, ENTRY);
  await instance.said(new RegExp(`Open http://0\\.0\\.0\\.0:${port}/`));
  await until(async () => (await revenueOf(`http://127.0.0.1:${port}`)).state === "fresh");
  const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { host: "glance.example" } });
  assert.equal(page.status, 200);
  await page.body?.cancel();
  assert.ok(await endingOf(instance) < STOP_MS_MAX);
  const { text, code } = await runGlance([], {}, "", MIGRATE);
  assert.deepEqual([text, code], ["No PostgreSQL is configured: nothing to migrate\n", 0]);
});

Deno.test("a live key is not served there before it is said who may see it", async () => {
  const env = { PORT: "0", STRIPE_SECRET_KEY: "rk_live_of_the_tests_0123456789" };
  const { text, code } = await runGlance([], env, "", ENTRY);
  assert.equal(code, 1);
  assert.match(text, /auth/);
  assert.doesNotMatch(text, /at file:/);
});

Deno.test("an account or a database makes it no demo, also by a file", () => {
  const given = (...names: string[]) => isConfigured((name) => names.includes(name) ? "x" : "");
  assert.equal(given("PORT", "HOST"), false);
  for (const name of ["STRIPE_SECRET_KEY", "GLANCE_CONFIG", "DATABASE_URL_FILE", "PGHOST"]) {
    assert.equal(given(name), true, name);
  }
});

Deno.test("a cron keeps an instance awake until every source was looked at within ten minutes", async () => {
  const now = 1_795_521_600_000;
  const viewOf = (secondsAgo: number) => ({
    status: { ...INITIAL_STATUS, asOf: now / 1000 - secondsAgo },
  });
  let waits = 0;
  const late = viewOf(601);
  const clock = {
    now: () => now,
    steady: () => now,
    sleep: () => {
      if (++waits === 3) late.status = viewOf(0).status;
      return Promise.resolve();
    },
  };
  await lookAtStripe(new Map([["a", viewOf(599)], ["b", viewOf(0)]]), clock);
  assert.equal(waits, 0);
  await lookAtStripe(new Map([["a", late]]), clock);
  assert.equal(waits, 3);
});

Deno.test("the deploy section names files that are there, and nothing that is unstable", async () => {
  const { deploy } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  assert.equal(deploy.runtime.type, "dynamic");
  assert.ok((await Deno.stat(new URL(deploy.runtime.entrypoint, ROOT))).isFile);
  assert.ok((await Deno.stat(new URL(deploy.predeploy.split(" ").at(-1), ROOT))).isFile);
  assert.doesNotMatch(JSON.stringify(deploy), /unstable/);
});
