/** A database that an earlier version kept opens, gives the same figures, and is followed on. */
import assert from "node:assert/strict";
import type { AccountSettings } from "../../config/settings.ts";
import { openStore } from "../../src/cli/source_store.ts";
import { createLogger } from "../../src/observability/log.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { encodeFact } from "../../src/store/codec.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { NO_EXCLUSION } from "../../src/sync/ledger.ts";
import { booksOf, DAY, figuresOf, follow, makeInfo, NOW } from "./harness.ts";

const FIXTURES = new URL("../store/fixtures/", import.meta.url);
const ACCOUNT = { name: "default", mode: "test", exclude: NO_EXCLUSION } as AccountSettings;
const LOG = createLogger({ level: "error", format: "json", now: () => 0, write: () => {} });

/** What the earlier version said, and when things happened to its company. Unix seconds. */
interface Said {
  readonly at: number;
  readonly steps: readonly number[];
  readonly figures: unknown;
  /** Currency, first day of 20, and their movements. */
  readonly days: readonly (readonly [string, number, string])[];
}

async function unpacked(path: string): Promise<void> {
  const packed = await Deno.open(new URL("before_absences.db.gz", FIXTURES));
  const unpack = packed.readable.pipeThrough(new DecompressionStream("gzip"));
  await Deno.writeFile(path, unpack);
}

Deno.test("a database of the version before absences were noted gives the same figures, and is followed on", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/glance.db`;
  await unpacked(path);
  const said: Said = JSON.parse(
    await Deno.readTextFile(new URL("before_absences.json", FIXTURES)),
  );
  const company = createCompany({ now: NOW, seed: 21, customers: 30 });
  for (const at of said.steps) company.step(at);
  const now = said.at + 3 * DAY;
  for (let at = said.at + 3600; at < now; at += 8 * 3600) company.step(at);
  company.advance(now);
  {
    using database = openSqlite(path);
    const opened = openStore(ACCOUNT, makeInfo(), database, LOG, now);
    const { store } = opened;
    assert.deepEqual(figuresOf(store), said.figures);
    for (const [currency, day, movements] of said.days) {
      assert.equal(encodeFact(store.movements.period(currency, day, day + 20)), movements);
    }
    assert.deepEqual([store.status.absences, store.status.toRebuild], [[], null]);
    const simulator = createSimulator({ source: company.source });
    await using followed = follow({ simulator, start: now, opened });
    await followed.until(() => store.status.staleSince === null);
    assert.deepEqual(figuresOf(store), booksOf(company.books(company.now())));
    assert.deepEqual(store.status.absences.map(({ to }) => to), [now]);
  }
  await Deno.remove(folder, { recursive: true });
});
