/** Commands that read an account from the database, over a SQLite file and a real PostgreSQL. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";
import type { Settings } from "../../config/settings.ts";
import { compareFile } from "../../src/cli/compare/run.ts";
import { explainCustomer } from "../../src/cli/explain_customer.ts";
import { openConfiguredPostgres } from "../../src/cli/open_postgres.ts";
import { readAccount } from "../../src/cli/read_account.ts";
import { createSources, type SourcesOptions } from "../../src/cli/sources.ts";
import { createLogger } from "../../src/observability/log.ts";
import { createMetrics } from "../../src/observability/metrics.ts";
import { systemClock } from "../../src/resilience/clock.ts";
import { SIMULATOR_KEY } from "../../src/simulator/mod.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import type { FetchLike } from "../../src/stripe/client.ts";
import { settingsFrom } from "../support/dashboard.ts";
import { clusterForFile, postgresTest } from "../support/postgres.ts";
import { until } from "../support/until.ts";
import { account, NOW } from "./account_fixture.ts";

type Stores = Pick<SourcesOptions, "storage" | "replicated">;

interface Kept extends AsyncDisposable {
  readonly settings: Settings;
  /** Runs with what a server keeps its facts in. */
  serving(run: (stores: Stores) => Promise<void>): Promise<void>;
  /** All that is kept of the account. */
  content(): Promise<readonly object[]>;
}

const CONTENT = "SELECT kind, id, body FROM facts ORDER BY kind, id";
const CLOCK = systemClock();

const settingsWith = (env: Readonly<Record<string, string>>) =>
  settingsFrom({
    STRIPE_SECRET_KEY: SIMULATOR_KEY,
    STRIPE_API_BASE: "http://127.0.0.1:9",
    ...env,
  });

async function overSqlite(): Promise<Kept> {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/glance.db`;
  return {
    settings: await settingsWith({ DATABASE_PATH: path }),
    async serving(run) {
      using storage = openSqlite(path);
      await run({ storage });
    },
    content() {
      using database = new DatabaseSync(path);
      return Promise.resolve(database.prepare(CONTENT).all().map((row) => ({ ...row })));
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function overPostgres(url: string): Promise<Kept> {
  const settings = await settingsWith({ DATABASE_URL: url });
  return {
    settings,
    async serving(run) {
      await using replicated = await openConfiguredPostgres(settings.database!, { clock: CLOCK });
      await run({ replicated });
    },
    async content() {
      const sql = postgres(url, { max: 1 });
      const rows = await sql.unsafe(CONTENT);
      await sql.end();
      return rows.map((row) => ({ ...row }));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Lets a server fill the database, and returns what it shows of a customer. */
async function fill(kept: Kept, customer: string): Promise<string> {
  let shown = "";
  await kept.serving(async (stores) => {
    const sources = createSources({
      clock: CLOCK,
      random: () => 0.5,
      fetch: account().fetch as FetchLike,
      log: createLogger({ level: "error", format: "text", now: () => 0, write: () => {} }),
      metrics: createMetrics(() => {}),
      pollSeconds: 600,
      ...stores,
      onChange: () => {},
    });
    await sources.apply(kept.settings);
    await sources.loaded();
    const done = () => sources.views.get("default")!.status.historyDone;
    await until(done);
    shown = explainCustomer(sources.views.get("default")!, customer);
    await sources.stop();
  });
  return shown;
}

async function isReadFromThere(kept: Kept): Promise<void> {
  const shown = await fill(kept, "cus_2");
  const before = await kept.content();
  assert.ok(before.length > 5, String(before.length));
  const said: string[] = [];
  const stripe = account().fetch as FetchLike;
  let asked = 0;
  const known = await readAccount({
    settings: kept.settings,
    account: undefined,
    clock: CLOCK,
    fetch: (input, init) => (asked++, stripe(input, init)),
    say: (line) => said.push(line),
  });
  assert.equal(explainCustomer(known.view, "cus_2"), shown);
  const file = "Customer ID,2026-09,2026-10\ncus_2,29.00,29.00\n";
  const report = await compareFile(file, "f.csv", known, NOW);
  assert.deepEqual(
    report.causes.map(({ cause }) => cause).filter((cause) => cause.startsWith("there, ")),
    ["there, cancelled subscriptions count to the end of their period"],
  );
  await known.stop();
  assert.equal(asked, 0);
  assert.deepEqual(await kept.content(), before);
  assert.match(said.join("\n"), /^from the database, as of \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
}

Deno.test("an account that is in the SQLite file is read from there, and nothing is written", async () => {
  await using kept = await overSqlite();
  await isReadFromThere(kept);
});

const cluster = await clusterForFile();

postgresTest(
  cluster,
  "an account that is in PostgreSQL is read from there, and nothing is written",
  async (cluster) => {
    await using kept = await overPostgres(await cluster.create());
    await isReadFromThere(kept);
  },
);

postgresTest(
  cluster,
  "an account is read from PostgreSQL beside the server that keeps it",
  async (cluster) => {
    await using kept = await overPostgres(await cluster.create());
    await fill(kept, "cus_2");
    await kept.serving(async ({ replicated }) => {
      const source = await replicated!.source("default", "test");
      const lease = (await source.acquire("the server", 60_000))!;
      const stripe = account().fetch as FetchLike;
      let asked = 0;
      const known = await readAccount({
        settings: kept.settings,
        account: undefined,
        clock: CLOCK,
        fetch: (input, init) => (asked++, stripe(input, init)),
        say: () => {},
      });
      assert.match(explainCustomer(known.view, "cus_2"), /becomes a customer/);
      await known.stop();
      assert.equal(asked, 0);
      assert.equal(await source.holder(), "the server");
      await source.release(lease);
    });
  },
);
