/** Backups and restore over real files: nothing that was committed is lost. */
import assert from "node:assert/strict";
import { backUpBeside, backupsOf, scheduleBackups } from "../../src/cli/database/backups.ts";
import { restore } from "../../src/cli/database/restore.ts";
import { createLogger } from "../../src/observability/log.ts";
import type { Fact, Snapshot } from "../../src/store/journal.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { createFakeClock } from "../support/fake_clock.ts";

const NOW = Date.parse("2026-11-24T18:05:09Z");
const DAY_MS = 86_400_000;
const LOG = createLogger({ level: "error", format: "json", now: () => 0, write: () => {} });
const NEVER = new AbortController().signal;

function folder() {
  const path = Deno.makeTempDirSync();
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

function product(id: string, name = "Team"): Fact {
  return { kind: "product", id, body: JSON.stringify({ id, name }) };
}

function fill(path: string, facts: readonly Fact[], snapshots: readonly Snapshot[] = []): void {
  using database = openSqlite(path);
  database.journal("default", "test").write(facts, snapshots);
}

function contentOf(path: string) {
  using database = openSqlite(path, { shared: true });
  const journal = database.journal("default", "test");
  return {
    facts: [...journal.facts("product")].map(({ id }) => id),
    snapshots: journal.snapshots("0000-01-01", "9999-12-31").length,
  };
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** Writes facts and snapshots in a process that is then killed, and leaves the log behind. */
async function writeAndBeKilled(path: string): Promise<void> {
  const module = new URL("../../src/store/sqlite/database.ts", import.meta.url);
  const program = `
    import { openSqlite } from ${JSON.stringify(module.href)};
    const journal = openSqlite(${JSON.stringify(path)}).journal("default", "test");
    const day = (n) => new Date(n * ${DAY_MS}).toISOString().slice(0, 10);
    for (let n = 0; n < 50; n++) {
      journal.write(
        [{ kind: "product", id: "prod_" + n, body: "{}" }],
        [{ currency: "usd", day: day(20_000 + n), mrr: "1", customers: 1, movements: "{}" }],
      );
    }
    console.log("written");
    setInterval(() => {}, 1000);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", program],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  child.kill("SIGKILL");
  await reader.cancel();
  await child.status;
}

Deno.test("db:restore keeps everything of a killed server, the write-ahead log too", async () => {
  using at = folder();
  const path = `${at.path}/glance.db`;
  const backup = `${at.path}/older.db`;
  fill(backup, [product("prod_old")]);
  await writeAndBeKilled(path);
  assert.ok(Deno.statSync(`${path}-wal`).size > 0, "the log was left");
  const { kept } = await restore(backup, path, NOW);
  assert.deepEqual(contentOf(path), { facts: ["prod_old"], snapshots: 0 });
  const { facts, snapshots } = contentOf(kept!);
  assert.deepEqual([facts.length, snapshots], [50, 50]);
  await restore(kept!, path, NOW + 1000);
  const again = contentOf(path);
  assert.deepEqual([again.facts.length, again.snapshots], [50, 50]);
});

Deno.test("db:restore keeps the write-ahead log also while another process reads the file", async () => {
  using at = folder();
  const path = `${at.path}/glance.db`;
  const backup = `${at.path}/older.db`;
  fill(backup, [product("prod_old")]);
  using reader = openSqlite(path, { shared: true });
  reader.journal("default", "test").write([product("prod_1"), product("prod_2")], []);
  const { kept } = await restore(backup, path, NOW);
  assert.deepEqual(contentOf(kept!).facts, ["prod_1", "prod_2"]);
  assert.deepEqual(contentOf(path).facts, ["prod_old"]);
});

Deno.test("db:restore of a damaged file keeps it as it is, with its log", async () => {
  using at = folder();
  const path = `${at.path}/glance.db`;
  const backup = `${at.path}/older.db`;
  fill(backup, [product("prod_old")]);
  Deno.writeTextFileSync(path, "damaged".repeat(2000));
  Deno.writeTextFileSync(`${path}-wal`, "log");
  const { kept } = await restore(backup, path, NOW);
  assert.equal(Deno.readTextFileSync(kept!), "damaged".repeat(2000));
  assert.equal(Deno.readTextFileSync(`${kept}-wal`), "log");
  assert.deepEqual(contentOf(path).facts, ["prod_old"]);
});

Deno.test("db:restore through a link replaces the file and leaves the link", async () => {
  using at = folder();
  const path = `${at.path}/glance.db`;
  const link = `${at.path}/link.db`;
  const backup = `${at.path}/older.db`;
  fill(backup, [product("prod_old")]);
  fill(path, [product("prod_new")]);
  Deno.symlinkSync(path, link);
  await restore(backup, link, NOW);
  assert.ok(Deno.lstatSync(link).isSymlink);
  assert.deepEqual(contentOf(path).facts, ["prod_old"]);
});

Deno.test("db:restore puts nothing in place while it is being written", async () => {
  using at = folder();
  const path = `${at.path}/glance.db`;
  const backup = `${at.path}/older.db`;
  fill(backup, [product("prod_old")]);
  fill(path, [product("prod_new")]);
  const { ino } = Deno.statSync(path);
  await restore(backup, path, NOW);
  assert.notEqual(Deno.statSync(path).ino, ino, "a new file, not the old one written over");
  assert.deepEqual(namesIn(at.path).filter((name) => /partial|-wal|-shm/.test(name)), []);
});

Deno.test("a backup is complete under writes that go on, and leaves the calling thread free", async () => {
  using at = folder();
  const path = `${at.path}/glance.db`;
  const bulk = Array.from({ length: 10_000 }, (_, n) => product(`bulk_${n}`, "x".repeat(1_000)));
  fill(path, bulk);
  using database = openSqlite(path);
  const journal = database.journal("default", "test");
  let written = 0;
  const writing = setInterval(() => journal.write([product(`new_${written++}`)], []), 1);
  const to = `${at.path}/copy.db`;
  const { facts } = await backUpBeside(path, to, NEVER);
  clearInterval(writing);
  assert.ok(facts >= bulk.length);
  assert.ok(written > 5, `${written} writes while it was made`);
  assert.ok(contentOf(to).facts.length >= bulk.length);
});

Deno.test("what has the name of a backup is whole: one that fails leaves nothing, and no old one goes", async () => {
  using at = folder();
  const path = `${at.path}/glance.db`;
  fill(path, [{ kind: "product", id: "prod_1", body: "{no json" }]);
  const old = `${path}.backup-20261120T000000Z`;
  Deno.writeTextFileSync(old, "older");
  const before = namesIn(at.path);
  const clock = createFakeClock({ start: NOW });
  const schedule = scheduleBackups(path, { keep: 1, clock, log: LOG, ready: () => true });
  const olderAt = Date.parse("2026-11-20T00:00:00Z");
  while (!schedule.failed() && schedule.newestAt() === olderAt) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.equal(schedule.newestAt(), olderAt);
  assert.equal(schedule.newestBytes(), 5);
  await schedule.stop();
  assert.deepEqual(namesIn(at.path), before);
});

Deno.test("the first backup waits until something was read, for a day at most", async () => {
  using at = folder();
  const path = `${at.path}/glance.db`;
  fill(path, [product("prod_1")]);
  Deno.writeTextFileSync(`${path}.backup-20261101T000000Z.partial`, "of a killed program");
  const clock = createFakeClock({ start: NOW });
  let ready = false;
  const schedule = scheduleBackups(path, { keep: 7, clock, log: LOG, ready: () => ready });
  await clock.advance(3_600_000);
  assert.equal(clock.pending(), 1, "it waits for the next look");
  assert.deepEqual(namesIn(at.path).filter((name) => name.includes("partial")), []);
  ready = true;
  await clock.advance(60_000);
  while (schedule.newestAt() === null) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(schedule.newestBytes(), Deno.statSync(backupsOf(path)[0]!.path).size);
  await schedule.stop();
});

Deno.test("a backup is made every day, and the newest seven are kept, not the file before a restore", async () => {
  using at = folder();
  const path = `${at.path}/glance.db`;
  const kept = `${path}.before-restore-20261101T000000Z`;
  fill(path, [product("prod_1")]);
  fill(kept, [product("prod_0")]);
  const clock = createFakeClock({ start: NOW });
  const schedule = scheduleBackups(path, { keep: 7, clock, log: LOG, ready: () => true });
  for (let day = 0; day < 9; day++) {
    const before = schedule.newestAt();
    await clock.advance(DAY_MS + 60_000);
    // The time of the test stands still while the Worker is at it.
    while (schedule.newestAt() === before) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await schedule.stop();
  const newest = backupsOf(path);
  assert.equal(newest.length, 7);
  assert.ok(newest[0]!.at >= NOW + DAY_MS);
  assert.deepEqual(contentOf(kept).facts, ["prod_0"]);
});
