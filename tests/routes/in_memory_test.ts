/** A live account that nothing keeps says what a restart loses, on every page. */
import assert from "node:assert/strict";
import type { Settings } from "../../config/settings.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { startDashboard } from "../support/dashboard.ts";
import { until } from "../support/until.ts";

const SENTENCE = "Kept in memory alone: each start reads the account again";

const live = (settings: Settings): Settings => ({
  ...settings,
  accounts: settings.accounts.map((account) => ({ ...account, mode: "live" })),
});

function company() {
  const now = Math.floor(Date.now() / 1000);
  return createSimulator({ source: createCompany({ seed: 5, customers: 20, now }).source });
}

async function pageOf(options: Omit<Parameters<typeof startDashboard>[0], "simulator">) {
  await using dashboard = await startDashboard({ simulator: company(), ...options });
  const view = () => dashboard.server.views.get("default")!;
  await until(() => view().status.historyDone && view().status.staleSince === null);
  return await (await dashboard.get("/")).text();
}

Deno.test("in live mode without a database the page says what a restart loses, and what to do", async () => {
  const page = await pageOf({ settings: live });
  assert.ok(page.includes(SENTENCE));
  assert.match(page, /months as first reported, sessions and logs are lost\. Set DATABASE_PATH/);
});

Deno.test("with a database, or a test key, there is nothing to say", async () => {
  const folder = Deno.makeTempDirSync();
  using database = openSqlite(`${folder}/glance.db`);
  assert.ok(!(await pageOf({ settings: live, database })).includes(SENTENCE));
  assert.ok(!(await pageOf({})).includes(SENTENCE));
  Deno.removeSync(folder, { recursive: true });
});
