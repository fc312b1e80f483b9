/**
 * Campaign: `kill -9` at random points under load. The file is whole each time, every event that
 * was acknowledged is in it once, and in the end the figures are the company's own books. Short by
 * default; `--full` kills 200 times.
 */
import assert from "node:assert/strict";
import { verify } from "../../src/cli/database/backup_file.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { bridgeOf, FULL, now, startFleet, tryDeliver } from "./fleet.ts";

const KILLS = FULL ? 200 : 8;
/** Milliseconds: anywhere in the first reading, the rebuilding, or the following. */
const LIFE_MS_MAX = 1_500;

Deno.test(`SQLite after ${KILLS} × kill -9 under load: no acknowledged event is lost, none counts twice`, async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/glance.db`;
  const startedAt = performance.now();
  await using fleet = await startFleet({ DATABASE_PATH: path }, { seed: 31, customers: 300 });
  const { company, tap } = fleet;
  const acknowledged = new Set<string>();
  let unsent: { readonly id?: unknown }[] = [];
  let sent = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const program = await fleet.start();
    const killAt = performance.now() + Math.random() * LIFE_MS_MAX;
    const killed = (async () => {
      await new Promise((resolve) => setTimeout(resolve, killAt - performance.now()));
      await program.kill();
    })();
    while (performance.now() < killAt) {
      company.step(now());
      // What was not acknowledged comes again, as from Stripe.
      const events = [...unsent, ...tap()];
      sent += events.length;
      const answers = await Promise.all(events.map((event) => tryDeliver(program, event)));
      for (const [index, event] of events.entries()) {
        if (answers[index]) acknowledged.add(String(event.id));
      }
      unsent = events.filter((_, index) => !answers[index]);
    }
    await killed;
    using database = openSqlite(path);
    verify(database);
    const journal = database.journal("default", "test");
    const kept = new Set(journal.recentEvents(1_000_000).map(({ event }) => event.id));
    const lost = [...acknowledged].filter((id) => !kept.has(id));
    assert.deepEqual(lost, [], `after kill ${kill + 1}`);
  }
  const program = await fleet.start();
  for (const event of unsent) assert.ok(await tryDeliver(program, event));
  await fleet.settled([program]);
  await bridgeOf(program);
  await program.terminate();
  using database = openSqlite(path);
  const journal = database.journal("default", "test");
  assert.deepEqual(journal.openEvents(), [], "every event was applied");
  console.log(
    `${KILLS} kills, ${acknowledged.size} events acknowledged of ${sent} sent, ` +
      `${Math.round((performance.now() - startedAt) / 1000)} s`,
  );
  await Deno.remove(folder, { recursive: true });
});
