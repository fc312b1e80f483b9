/** PostgreSQL away, slow, restarted or refusing: said in words, and nothing is lost. */
import assert from "node:assert/strict";
import postgres from "postgres";
import { systemClock } from "../../src/resilience/clock.ts";
import { createDurableStore } from "../../src/store/durable.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { openPostgres, type PostgresAddress } from "../../src/store/postgres/database.ts";
import {
  createCompany,
  createSimulator,
  serveSimulator,
  SIMULATOR_KEY,
} from "../../src/simulator/mod.ts";
import { addressOf, clusterForFile, postgresTest } from "../support/postgres.ts";
import { startProgram } from "../support/program.ts";
import { startReplica } from "../support/replicas.ts";
import { until } from "../support/until.ts";
import { booksOf, figuresOf } from "../sync/harness.ts";
import { INFO, record } from "./contract.ts";
import { OPTIONS } from "./journal_rules.ts";

const cluster = await clusterForFile({ durable: true });
const test = (name: string, run: () => Promise<void>) => postgresTest(cluster, name, run);
const CLOCK = systemClock();

/** A store that is kept in a new database by the holder of its lease. */
async function kept(timeoutMs = 15_000) {
  const url = await cluster!.create();
  const database = await openPostgres(addressOf(url), { clock: CLOCK, timeoutMs });
  const source = await database.source("default", "test");
  const lease = (await source.acquire("one", 600_000))!;
  const store = createDurableStore(createMemoryStore(INFO), source.writer(lease), {
    ...OPTIONS,
    sleep: CLOCK.sleep,
  });
  return {
    url,
    database,
    source,
    store,
    ids: async () => [...(await source.load()).facts("subscription")].map(({ id }) => id).sort(),
    async [Symbol.asyncDispose]() {
      store.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

const put = (store: Parameters<typeof record>[0], id: string) => {
  record(store, { id });
  store.publish();
};

test("a server that is stopped under load and started again misses nothing", async () => {
  await using one = await kept();
  const { store, source } = one;
  const acknowledged = new Set<string>();
  for (let index = 0; index < 60; index++) {
    const id = `sub_${String(index).padStart(3, "0")}`;
    put(store, id);
    store.flushed().then(() => acknowledged.add(id), () => {});
    if (index % 3 === 0) await CLOCK.sleep(1);
    if (index === 20) await cluster!.crash();
    if (index === 40) await until(() => store.status.storageProblem !== null);
  }
  assert.match(store.status.storageProblem!, /cannot be reached: check that it runs/);
  assert.equal(store.tally.customers(), 1, "figures go on");
  const before = [...acknowledged];
  await cluster!.start();
  await until(async () => {
    try {
      return before.every((id) => acknowledged.has(id)) && (await source.load()).size >= 60;
    } catch {
      return false;
    }
  });
  await store.flushed();
  assert.equal((await one.ids()).length, 60);
  assert.equal(store.status.storageProblem, null);
});

test("what was acknowledged before a crash is there after it", async () => {
  await using one = await kept();
  put(one.store, "sub_1");
  await one.store.flushed();
  await cluster!.crash();
  await cluster!.start();
  await until(async () => {
    try {
      return (await one.ids()).join() === "sub_1";
    } catch {
      return false;
    }
  });
});

test("connections that an administrator ends are made anew", async () => {
  await using one = await kept();
  put(one.store, "sub_1");
  await one.store.flushed();
  await cluster!.run(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'businessglance'",
  );
  put(one.store, "sub_2");
  await one.store.flushed();
  assert.deepEqual(await one.ids(), ["sub_1", "sub_2"]);
});

test("a write that waits too long is said, and made when it can be", async () => {
  await using one = await kept(250);
  const other = postgres(one.url, { max: 1 });
  const release = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holding = other.begin(async (tx) => {
    await tx`SELECT 1 FROM sources FOR UPDATE`;
    locked.resolve();
    await release.promise;
  });
  await locked.promise;
  put(one.store, "sub_1");
  await until(() => one.store.status.storageProblem !== null);
  assert.match(one.store.status.storageProblem!, /does not answer: it may be overloaded$/);
  release.resolve();
  await holding;
  await one.store.flushed();
  assert.deepEqual(await one.ids(), ["sub_1"]);
  await other.end();
});

test("what is wrong with an address is said with what to do, never with the password", async () => {
  const url = await cluster!.create();
  await cluster!.run("CREATE ROLE crowded LOGIN PASSWORD 'hidden' CONNECTION LIMIT 0");
  await cluster!.run("CREATE ROLE stranger LOGIN PASSWORD 'hidden'");
  const hidden = { reveal: () => "hidden" };
  const cases: [Partial<PostgresAddress>, RegExp][] = [
    [{ password: hidden }, /does not accept the password: check DATABASE_URL, or PGUSER/],
    [{ database: "nothing" }, /has no database of that name: create it/],
    [{ port: 1 }, /cannot be reached: check that it runs/],
    [
      { tls: "require" },
      /ended the connection: check that it runs and speaks TLS; sslmode=disable/,
    ],
    [{ user: "crowded", password: hidden }, /has no connection left: raise its max_connections/],
    [{ user: "stranger", password: hidden }, /does not allow this user to do that/],
  ];
  for (const [change, sentence] of cases) {
    const address = addressOf(url, change);
    const error = await openPostgres(address, { clock: CLOCK }).then(
      () => assert.fail(`it was opened: ${JSON.stringify(change)}`),
      (error: Error) => error,
    );
    assert.match(error.message, sentence);
    assert.doesNotMatch(Deno.inspect(error), /hidden|not-to-be-shown/);
  }
});

test("replicas go on from memory while the database is away, and come back by themselves", async () => {
  const now = () => Math.floor(Date.now() / 1000);
  const company = createCompany({ now: now(), seed: 3, customers: 40 });
  const simulator = createSimulator({ source: company.source });
  const url = await cluster!.create();
  await using first = await startReplica({ simulator, url });
  await using second = await startReplica({ simulator, url });
  const both = [first, second];
  const books = () => JSON.stringify(booksOf(company.books(company.now())));
  const agree = () => both.every((one) => JSON.stringify(figuresOf(one.store())) === books());
  await until(agree);
  const shown = books();
  await cluster!.crash();
  await until(() => both.every((one) => one.store().status.storageProblem !== null));
  const requests = first.requests() + second.requests();
  for (let step = 0; step < 10; step++) company.step(now());
  for (const { store } of both) {
    assert.match(store().status.storageProblem!, /cannot be reached/);
    assert.ok(store().tally.active() > 0, "pages have figures");
  }
  assert.ok(requests > 0 && shown !== "");
  await cluster!.start();
  await until(() => agree() && both.every((one) => one.store().status.storageProblem === null));
  assert.equal(both.filter((one) => one.holds()).length, 1);
});

test("with the database away pages say so, /health is unhealthy and /health/ready stays", async () => {
  const company = createCompany({ now: Math.floor(Date.now() / 1000), seed: 3, customers: 20 });
  const simulator = serveSimulator(createSimulator({ source: company.source }));
  const env = {
    STRIPE_SECRET_KEY: SIMULATOR_KEY,
    STRIPE_API_BASE: simulator.url,
    DATABASE_URL: await cluster!.create(),
    PORT: "0",
  };
  {
    await using program = await startProgram("serve", env);
    const text = async (path: string) => await (await fetch(new URL(path, program.url))).text();
    const status = async (path: string) => {
      const response = await fetch(new URL(path, program.url));
      await response.body?.cancel();
      return response.status;
    };
    await until(async () =>
      (await text("/metrics")).includes('glance_lease_held{source="default"} 1')
    );
    assert.equal(await status("/health"), 200);
    const metrics = await text("/metrics");
    assert.match(metrics, /^glance_db_query_duration_seconds_count\{kind="write"\} \d+$/m);
    assert.ok(Number(/^glance_db_size_bytes (\d+)$/m.exec(metrics)![1]) > 1_000_000);
    await cluster!.crash();
    await until(async () => await status("/health") === 503);
    await until(async () => (await text("/")).includes("cannot be reached"));
    assert.equal(await status("/health/ready"), 200);
    assert.doesNotMatch(program.lines.join(), /not-to-be-shown/);
    await cluster!.start();
    await until(async () => await status("/health") === 200);
    await until(async () => !(await text("/")).includes("cannot be reached"));
  }
  await simulator.close();
});
