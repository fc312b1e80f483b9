/** A source that is kept in a SQLite file, over restarts. */
import assert from "node:assert/strict";
import type { AccountSettings } from "../../config/settings.ts";
import { forgetCustomer } from "../../src/cli/database/commands.ts";
import { openStore } from "../../src/cli/source_store.ts";
import { createLogger } from "../../src/observability/log.ts";
import { createCompany, createSimulator, makeAccount } from "../../src/simulator/mod.ts";
import { encodeFact } from "../../src/store/codec.ts";
import type { SourceInfo, SourceStore } from "../../src/store/port.ts";
import { openSqlite, type SqliteDatabase } from "../../src/store/sqlite/database.ts";
import { NO_EXCLUSION } from "../../src/sync/ledger.ts";
import { settingsFrom } from "../support/dashboard.ts";
import { booksOf, checkToday, DAY, figuresOf, follow, makeInfo, NOW } from "./harness.ts";

const ACCOUNT = { name: "default", mode: "test", exclude: NO_EXCLUSION } as AccountSettings;
const LOG = createLogger({ level: "error", format: "json", now: () => 0, write: () => {} });

function opened(database: SqliteDatabase, now: number, info: SourceInfo = makeInfo()) {
  return openStore(ACCOUNT, info, database, LOG, now);
}

/** Everything that figures follow from. */
function stateOf(store: SourceStore): unknown {
  const { movements, closedMonths, calendar } = store;
  const days = movements.currencies().map((currency) =>
    movements.period(currency, calendar.dayOf(NOW - 800 * DAY), calendar.dayOf(NOW + 100 * DAY))
  );
  return JSON.parse(encodeFact({
    figures: figuresOf(store),
    days,
    closed: closedMonths.saved(),
    segments: [...store.standings()].map(({ sub }) => [sub.id, store.segments(sub.id)])
      .sort(([a], [b]) => String(a) < String(b) ? -1 : 1),
    info: store.info,
  }));
}

interface Kept {
  readonly folder: string;
  readonly path: string;
  [Symbol.dispose](): void;
}

function temporary(): Kept {
  const folder = Deno.makeTempDirSync();
  return {
    folder,
    path: `${folder}/glance.db`,
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

const SEED = { now: NOW, seed: 5, customers: 120 } as const;

interface Run {
  readonly database: Uint8Array;
  readonly state: unknown;
  readonly at: number;
  /** When the company took a step. */
  readonly steps: readonly number[];
}

/** A company whose past is rebuilt and kept: read once, as each test begins with the same. */
async function read(): Promise<Run> {
  using file = temporary();
  const company = createCompany(SEED);
  const simulator = createSimulator({ source: company.source });
  const steps: number[] = [];
  const found = { state: null as unknown, at: 0 };
  {
    using database = openSqlite(file.path);
    await using followed = follow({ simulator, opened: opened(database, NOW) });
    await followed.until(() => followed.store.status.historyDone);
    for (let step = 0; step < 20; step++) {
      steps.push(followed.seconds());
      company.step(followed.seconds());
      await followed.poll();
    }
    await followed.poll();
    found.state = stateOf(followed.store);
    found.at = followed.seconds();
  }
  return { ...found, steps, database: Deno.readFileSync(file.path) };
}

let run: Promise<Run> | null = null;

/** The database of that company at a path, and the company as it was then. */
async function keep(path: string) {
  const { database, state, at, steps } = await (run ??= read());
  Deno.writeFileSync(path, database);
  const company = createCompany(SEED);
  for (const step of steps) company.step(step);
  return { company, state, at, steps };
}

Deno.test("after a restart everything is as it was, before Stripe is asked", async () => {
  using file = temporary();
  const { state, at } = await keep(file.path);
  using database = openSqlite(file.path);
  const { store, kept } = opened(database, at + 60);
  assert.equal(kept, true);
  assert.deepEqual(stateOf(store), state);
  assert.ok(store.status.staleSince !== null);
  assert.equal(store.status.historyDone, true);
});

Deno.test("what happened while it was away is caught up by the events alone", async () => {
  using file = temporary();
  const { company, at } = await keep(file.path);
  const later = at + 3 * DAY;
  for (let step = 0; step < 40; step++) company.step(at + 60 + step * 3600);
  company.advance(later);
  const simulator = createSimulator({ source: company.source });
  using database = openSqlite(file.path);
  await using followed = follow({
    simulator,
    start: later,
    opened: opened(database, later),
  });
  await followed.until(() => followed.store.status.staleSince === null);
  assert.deepEqual(figuresOf(followed.store), booksOf(company.books(company.now())));
  checkToday(followed.store, followed.seconds());
  const { byPath } = simulator.stats();
  assert.equal(byPath["/v1/subscriptions"]?.[200], 1, "one probe, no listing");
});

Deno.test("after more than 29 days away everything is listed again", async () => {
  using file = temporary();
  const { company, at } = await keep(file.path);
  const later = at + 31 * DAY;
  company.advance(later);
  const simulator = createSimulator({ source: company.source });
  using database = openSqlite(file.path);
  await using followed = follow({ simulator, start: later, opened: opened(database, later) });
  await followed.until(() => followed.store.status.staleSince === null);
  assert.deepEqual(figuresOf(followed.store), booksOf(company.books(company.now())));
  assert.ok(simulator.stats().byPath["/v1/subscriptions"]![200]! > 1);
});

Deno.test("another preset at a restart recounts what is kept, as if it had been so all along", async () => {
  using file = temporary();
  const { at, steps } = await keep(file.path);
  using database = openSqlite(file.path);
  const { store } = opened(database, at, makeInfo("chartmogul"));
  assert.equal(store.info.preset, "chartmogul");
  const company = createCompany(SEED);
  const simulator = createSimulator({ source: company.source });
  await using fresh = follow({ simulator, preset: "chartmogul" });
  await fresh.until(() => fresh.store.status.historyDone);
  for (const step of steps) {
    company.step(step);
    await fresh.poll();
  }
  await fresh.poll();
  assert.deepEqual(figuresOf(store), figuresOf(fresh.store));
});

Deno.test("a key of another account is refused, and what is stored stays", async () => {
  using file = temporary();
  const { state, at } = await keep(file.path);
  const simulator = createSimulator({ account: { ...makeAccount(), id: "acct_other" } });
  using database = openSqlite(file.path);
  await using followed = follow({ simulator, start: at, opened: opened(database, at) });
  await followed.until(() => followed.store.status.phase === "key_rejected");
  assert.match(
    followed.store.status.problem!,
    /^The key opens acct_other, and what is stored is of/,
  );
  assert.deepEqual(stateOf(followed.store), state);
});

Deno.test("daily snapshots are the closes of each day, and old ones go", async () => {
  using file = temporary();
  await keep(file.path);
  using database = openSqlite(file.path);
  const journal = database.journal("default", "test");
  const rows = journal.snapshots("2026-11-01", "2026-12-01");
  assert.ok(rows.length >= 24);
  const { store } = opened(database, NOW + 300);
  for (const { currency, day, mrr } of rows) {
    const number = Temporal.PlainDate.from("1970-01-01").until(Temporal.PlainDate.from(day)).days;
    const [close] = store.daily.closes(currency, number, number + 1);
    assert.equal(mrr, `${close!.n}${close!.d === 1n ? "" : `/${close!.d}`}`, `${currency} ${day}`);
  }
  journal.forgetSnapshots("2026-11-10");
  assert.equal(journal.snapshots("2026-01-01", "2026-11-10").length, 0);
});

Deno.test("a forgotten customer's amounts stay under a tombstone, also as Stripe goes on to tell", async () => {
  using file = temporary();
  const { company, at } = await keep(file.path);
  const lives = company.trueLives();
  const { customer, subscription } = lives.find(({ worthAt }) => worthAt(at) !== "0")!;
  const settings = await settingsFrom({ DATABASE_PATH: file.path });
  const said: string[] = [];
  await forgetCustomer({
    settings,
    rest: [customer],
    verify: false,
    nowMs: 0,
    print: (line) => said.push(line),
  });
  assert.match(said[0]!, /^cus_\w+ is forgotten_[0-9a-f]{14} from now on, in \d+ facts/);
  const tombstone = /forgotten_\w+/.exec(said[0]!)![0];
  using database = openSqlite(file.path);
  const exported = [...database.journal("default", "test").facts("subscription")]
    .map(({ body }) => body).join();
  assert.ok(!exported.includes(customer));

  // Everything is listed again, as after a long absence.
  const later = at + 31 * DAY;
  company.advance(later);
  const simulator = createSimulator({ source: company.source });
  await using followed = follow({ simulator, start: later, opened: opened(database, later) });
  await followed.until(() => followed.store.status.staleSince === null);
  assert.equal(followed.store.standing(subscription)!.sub.customer, tombstone);
  assert.deepEqual(followed.store.subscriptionsOf(customer), []);
  assert.deepEqual(figuresOf(followed.store), booksOf(company.books(company.now())));
});
