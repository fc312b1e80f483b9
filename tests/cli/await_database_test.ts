/** A start while the database is away: the program waits for it, and says so. */
import assert from "node:assert/strict";
import { runGlance } from "../support/glance.ts";
import { clusterForFile, postgresTest } from "../support/postgres.ts";
import { eventually, startProgram } from "../support/program.ts";

const cluster = await clusterForFile();

postgresTest(
  cluster,
  "PostgreSQL that is away at the start is waited for: alive, not ready, and served once it answers",
  async (cluster) => {
    const url = await cluster.create();
    await cluster.crash();
    await using program = await startProgram("serve", { DATABASE_URL: url, PORT: "0" });
    const statusOf = async (path: string, init: RequestInit = {}) => {
      try {
        const response = await fetch(program.url + path, init);
        return [response.status, await response.text()] as const;
      } catch {
        // Between the two servers nothing listens for a moment.
        return [0, ""] as const;
      }
    };
    assert.equal((await statusOf("health/live"))[0], 200);
    assert.equal((await statusOf("health/ready"))[0], 503);
    assert.equal((await statusOf("webhooks/stripe", { method: "POST", body: "{}" }))[0], 503);
    const [status, report] = await statusOf("health");
    assert.equal(status, 503);
    assert.deepEqual(
      JSON.parse(report).checks.database.message,
      "The database cannot be reached: the log says why",
    );
    const [, page] = await statusOf("");
    assert.ok(!page.includes(String(cluster.port)), "no visitor is told where the database is");
    const waits = program.lines.map((line) => JSON.parse(line)).filter(({ msg }) =>
      msg === "waiting for the database"
    );
    assert.equal(waits.length, 1, "one line, however often it is tried");
    assert.match(waits[0].problem, /cannot be reached: check that it runs/);
    await cluster.start();
    await eventually(() => statusOf("health/ready"), ([status]) => status === 200);
    assert.equal(await program.terminate(), 0);
  },
);

postgresTest(
  cluster,
  "what no other try mends ends the start at once: a wrong password, a database that is not there",
  async (cluster) => {
    const url = await cluster.create();
    const cases = [
      [url.replace(/:[^:@]+@/, ":wrong@"), /does not accept the password: check DATABASE_URL/],
      [url.replace(/[^/]+$/, "none"), /has no database of that name: create it/],
    ] as const;
    for (const [address, sentence] of cases) {
      const { code, text } = await runGlance(["serve"], { DATABASE_URL: address, PORT: "0" });
      assert.equal(code, 1);
      assert.match(text, sentence);
    }
  },
);

Deno.test("a program that waits for its database ends when it is told to", async () => {
  await using program = await startProgram("serve", {
    DATABASE_URL: "postgres://glance:x@127.0.0.1:1/glance",
    PORT: "0",
  });
  assert.equal(await program.terminate(), 0);
});
