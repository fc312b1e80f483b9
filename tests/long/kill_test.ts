/**
 * Campaign: `kill -9` at random points while the company lives on. The file is whole each time, and
 * in the end the figures are the company's own books. Short by default; `--full` kills 200 times.
 */
import assert from "node:assert/strict";
import { verify } from "../../src/cli/database/backups.ts";
import { createCompany, createSimulator, serveSimulator } from "../../src/simulator/mod.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { eventually, startProgram } from "../support/program.ts";

const KILLS = Deno.env.get("LONG_TESTS_FULL") ? 200 : 8;

interface Revenue {
  readonly state: string;
  readonly currencies: Record<string, { readonly mrrExact: string }>;
}

async function revenueOf(url: string): Promise<Revenue> {
  return await (await fetch(`${url}api/v1/revenue`)).json();
}

Deno.test(`SQLite after ${KILLS} × kill -9: every time whole, in the end exact`, async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/glance.db`;
  const seconds = () => Math.floor(Date.now() / 1000);
  const company = createCompany({ seed: 31, customers: 300, now: seconds() });
  const simulator = createSimulator({ source: company.source, key: "sk_test_x" });
  const server = await serveSimulator(simulator, { hostname: "127.0.0.1", port: 0 });
  const env = {
    STRIPE_SECRET_KEY: "sk_test_x",
    STRIPE_API_BASE: server.url.replace(/\/$/, ""),
    PORT: "0",
    DATABASE_PATH: path,
    GLANCE_CONFIG: `${folder}/glance.yml`,
  };
  // Looks at the events as often as a page may ask for.
  await Deno.writeTextFile(
    env.GLANCE_CONFIG,
    "pages:\n  - name: A\n    columns:\n      - size: full\n        widgets:\n" +
      "          - type: revenue\n            cache: 10s\n",
  );
  for (let kill = 0; kill < KILLS; kill++) {
    const program = await startProgram("serve", env, Deno.execPath(), ["--allow-write"]);
    for (let step = 0; step < 5; step++) company.step(seconds());
    // Anywhere in the first reading, the rebuilding, or the following.
    const wait = (kill * 7919) % 1500;
    await new Promise((resolve) => setTimeout(resolve, wait));
    await program.kill();
    using database = openSqlite(path);
    verify(database);
  }
  {
    await using program = await startProgram("serve", env, Deno.execPath(), ["--allow-write"]);
    const expected = Object.fromEntries(
      Object.entries(company.books().mrr).map(([currency, { exact }]) => [currency, exact]),
    );
    const { currencies } = await eventually(
      () => revenueOf(program.url),
      (revenue) => revenue.state === "fresh",
    );
    assert.deepEqual(
      Object.fromEntries(
        Object.entries(currencies).map(([currency, { mrrExact }]) => [currency, mrrExact]),
      ),
      expected,
    );
    const health = await (await fetch(`${program.url}api/v1/movements?interval=day`)).json();
    assert.ok(health.data.length > 100, "the identity holds for every day");
  }
  await server.close();
  await Deno.remove(folder, { recursive: true });
});
