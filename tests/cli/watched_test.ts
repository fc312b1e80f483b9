/** What /metrics and /health say of each store. */
import assert from "node:assert/strict";
import type { Database } from "../../src/cli/server.ts";
import { systemClock } from "../../src/resilience/clock.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { openPostgres } from "../../src/store/postgres/database.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { type Dashboard, startDashboard } from "../support/dashboard.ts";
import { addressOf, clusterForFile, postgresTest } from "../support/postgres.ts";
import { until } from "../support/until.ts";

const cluster = await clusterForFile();

function simulated() {
  const now = Math.floor(Date.now() / 1000);
  return createSimulator({ source: createCompany({ now, seed: 2, customers: 50 }).source });
}

function temporary() {
  const folder = Deno.makeTempDirSync();
  return {
    path: `${folder}/glance.db`,
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

/** The values of a metric: of those with labels by the labels' text. */
async function metricOf(get: (path: string) => Promise<Response>, name: string) {
  const text = await (await get("/metrics")).text();
  return Object.fromEntries(
    [...text.matchAll(new RegExp(`^${name}(?:\\{([^}]*)\\})? (\\S+)$`, "gm"))]
      .map(([, labels = "", value]) => [labels, Number(value)] as const),
  );
}

interface Check {
  readonly status: string;
  readonly message: string;
  readonly details: Readonly<Record<string, number>>;
}

/** What the health report says of the database. */
async function databaseCheckOf(dashboard: Dashboard): Promise<Check> {
  const report: unknown = await dashboard.json("/health");
  return (report as { checks: { database: Check } }).checks.database;
}

async function checkMetrics(database: Database | null): Promise<void> {
  await using dashboard = await startDashboard({ simulator: simulated(), database });
  const view = () => dashboard.server.views.get("default")!;
  await until(() => view().status.historyDone);
  const days = view().calendar.dayOf(Date.now() / 1000) - view().movements.firstDay()! + 1;
  const rows = view().movements.currencies().length * days;
  const records = () => metricOf(dashboard.get, "glance_db_records_total");
  await until(async () => (await records())['table="revenue"'] === rows);
  assert.deepEqual(await records(), { 'table="revenue"': rows, 'table="customer"': rows });
  const size = (await metricOf(dashboard.get, "glance_db_size_bytes"))[""]!;
  assert.equal(size > 50_000, database !== null, `${size} bytes`);
  assert.deepEqual(await metricOf(dashboard.get, "glance_lease_held"), { 'source="default"': 1 });
  const check = await databaseCheckOf(dashboard);
  assert.equal(check.status, "healthy");
  assert.equal(check.details.revenue_metrics_count, rows);
  const queries = await metricOf(dashboard.get, "glance_db_query_duration_seconds_count");
  if (!database) return assert.deepEqual(queries, {});
  for (const kind of ["write", "read", "probe"]) assert.ok(queries[`kind="${kind}"`]! > 0, kind);
}

Deno.test("memory: /metrics counts the daily rows and says that nothing is stored", async () => {
  await checkMetrics(null);
});

Deno.test("SQLite: /metrics has rows, size, times of queries and who keeps the source", async () => {
  using file = temporary();
  using database = openSqlite(file.path);
  await checkMetrics(database);
});

postgresTest(
  cluster,
  "PostgreSQL: /metrics has rows, size, times of queries and who keeps the source",
  async ({ create }) => {
    await using database = await openPostgres(addressOf(await create()), { clock: systemClock() });
    await checkMetrics(database);
  },
);

Deno.test("age and size of the newest backup are told, and that the last try failed", async () => {
  using file = temporary();
  using database = openSqlite(file.path);
  let newest: number | null = null;
  let failed = false;
  const newestBytes = () => newest === null ? null : 4096;
  const backups = () => ({ newestAt: () => newest, newestBytes, failed: () => failed });
  await using dashboard = await startDashboard({ simulator: simulated(), database, backups });
  const shown = async () => [
    await metricOf(dashboard.get, "glance_backup_age_seconds"),
    await metricOf(dashboard.get, "glance_backup_failed"),
    await metricOf(dashboard.get, "glance_backup_size_bytes"),
  ];
  assert.deepEqual(await shown(), [{}, { "": 0 }, {}]);
  newest = Date.now() - 3_600_000;
  failed = true;
  const [age, last, size] = await shown();
  assert.deepEqual(size, { "": 4096 });
  assert.ok(age![""]! >= 3600 && age![""]! < 3700, String(age![""]));
  assert.deepEqual(last, { "": 1 });
  const { status, message } = await databaseCheckOf(dashboard);
  assert.equal(status, "degraded");
  assert.match(message, /^The last backup failed/);
});

Deno.test("/health asks the database and writes to it: one that cannot be written is unhealthy", async () => {
  using file = temporary();
  using database = openSqlite(file.path);
  let broken = false;
  const probe = () => {
    if (broken) throw new Error("attempt to write a readonly database");
    database.probe();
  };
  await using dashboard = await startDashboard({
    simulator: simulated(),
    database: { ...database, probe },
  });
  assert.equal((await databaseCheckOf(dashboard)).status, "healthy");
  broken = true;
  await until(async () => (await databaseCheckOf(dashboard)).status === "unhealthy");
});

Deno.test("a removed database file is unhealthy, and figures go on from memory", async () => {
  using file = temporary();
  using database = openSqlite(file.path);
  await using dashboard = await startDashboard({ simulator: simulated(), database });
  const { views } = dashboard.server;
  await until(() => views.get("default")!.status.phase === "live");
  const revenue = await dashboard.json("/api/v1/revenue") as Record<string, unknown>;
  Deno.renameSync(file.path, `${file.path}.away`);
  await until(async () => (await databaseCheckOf(dashboard)).status === "unhealthy");
  const after = await dashboard.json("/api/v1/revenue") as Record<string, unknown>;
  assert.deepEqual(after.currencies, revenue.currencies);
  Deno.renameSync(`${file.path}.away`, file.path);
  await until(async () => (await databaseCheckOf(dashboard)).status === "healthy");
});

Deno.test("a rejected key degrades the health report, and the requests so far are counted", async () => {
  const simulator = createSimulator({ key: "rk_test_another" });
  await using dashboard = await startDashboard({ simulator });
  const status = () => dashboard.server.views.get("default")!.status;
  await until(() => status().phase === "key_rejected");
  const report = await dashboard.json("/health") as unknown as {
    status: string;
    checks: { stripe_pool: Check };
  };
  assert.deepEqual([report.status, report.checks.stripe_pool.status], ["degraded", "degraded"]);
  await until(() => status().reads > 0);
});
