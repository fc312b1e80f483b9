/** The money over restarts: what was read is kept, and only what is newer is read. */
import assert from "node:assert/strict";
import type { AccountSettings } from "../../config/settings.ts";
import { openStore } from "../../src/cli/source_store.ts";
import { createLogger } from "../../src/observability/log.ts";
import {
  type Company,
  createCompany,
  createEventTap,
  createSimulator,
  type Simulator,
} from "../../src/simulator/mod.ts";
import { openSqlite, type SqliteDatabase } from "../../src/store/sqlite/database.ts";
import { readEvent } from "../../src/sync/event.ts";
import { NO_EXCLUSION } from "../../src/sync/ledger.ts";
import { DAY, figuresOf, follow, type Followed, makeInfo, NOW } from "./harness.ts";
import { moneyState } from "./money_state.ts";

const ACCOUNT = { name: "default", mode: "test", exclude: NO_EXCLUSION } as AccountSettings;
const LOG = createLogger({ level: "error", format: "json", now: () => 0, write: () => {} });

function opened(database: SqliteDatabase, now: number) {
  return openStore(ACCOUNT, makeInfo(), database, LOG, now);
}

function temporary() {
  const folder = Deno.makeTempDirSync();
  return {
    path: `${folder}/glance.db`,
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

const isRead = ({ store }: Followed) =>
  store.status.paymentsRead && store.money.balanceCheck !== null && store.status.historyDone;

const requestsOf = (simulator: Simulator) => (path: string) =>
  Object.values(simulator.stats().byPath[path] ?? {}).reduce((sum, count) => sum + count, 0);

/** Runs a source over the file until the condition holds; what it knows then is kept. */
async function run(
  path: string,
  simulator: Simulator,
  start: number,
  until: (followed: Followed) => boolean | Promise<boolean>,
) {
  using database = openSqlite(path);
  await using followed = follow({ simulator, start, opened: opened(database, start) });
  for (let second = 0; !await until(followed); second++) {
    assert.ok(second < 300, JSON.stringify(followed.events.slice(-3)));
    await followed.clock.advance(1000);
  }
  return { at: followed.seconds(), state: moneyState(followed.store, followed.seconds()) };
}

/** Answers a number of requests for a path and then none. */
function fallsSilent(simulator: Simulator, path: string, answers: number) {
  let left = answers;
  let silent = false;
  const fetch: Simulator["fetch"] = (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    if (pathname === path && left-- <= 0) silent = true;
    if (!silent) return simulator.fetch(input, init);
    const { promise, reject } = Promise.withResolvers<Response>();
    const signal = init?.signal ?? (input instanceof Request ? input.signal : null);
    signal?.addEventListener("abort", () => reject(signal.reason));
    return promise;
  };
  return { ...simulator, fetch, isSilent: () => silent };
}

/** What a source that reads everything now would know. */
async function readAnew(company: Company, now: number) {
  const simulator = createSimulator({ source: company.source });
  await using followed = follow({ simulator, start: now });
  await followed.until(() => isRead(followed));
  await followed.poll();
  await followed.poll();
  return { state: moneyState(followed.store, now), figures: figuresOf(followed.store) };
}

const SEED = { now: NOW, seed: 5, customers: 120 } as const;

/** A company whose money is read and kept: once, as more than one test begins with it. */
async function read() {
  using file = temporary();
  const simulator = createSimulator({ source: createCompany(SEED).source });
  const { at, state } = await run(file.path, simulator, NOW, isRead);
  return { at, state, database: Deno.readFileSync(file.path) };
}

let kept: ReturnType<typeof read> | null = null;

/** Its database at a path. */
async function keep(path: string) {
  const { database, ...found } = await (kept ??= read());
  Deno.writeFileSync(path, database);
  return found;
}

Deno.test("after a restart the money is there as it was, before Stripe is asked", async () => {
  using file = temporary();
  const { at, state } = await keep(file.path);
  using database = openSqlite(file.path);
  const { store } = opened(database, at);
  assert.deepEqual(moneyState(store, at), state);
  assert.ok([...store.money.payouts()].length > 10 && [...store.money.payments.facts()].length > 5);
});

Deno.test("after a restart only what is newer is read, and is as if all were read", async () => {
  using file = temporary();
  const company = createCompany(SEED);
  const { at } = await keep(file.path);
  const later = at + 2 * DAY;
  for (let step = 0; step < 40; step++) company.step(at + 60 + step * 3600);
  company.advance(later);
  const simulator = createSimulator({ source: company.source });
  using database = openSqlite(file.path);
  await using followed = follow({ simulator, start: later, opened: opened(database, later) });
  await followed.until(() => followed.store.status.staleSince === null);
  await followed.poll();
  await followed.poll();
  company.advance(followed.seconds());
  const fresh = await readAnew(company, followed.seconds());
  assert.deepEqual(moneyState(followed.store, followed.seconds()), fresh.state);
  const requests = requestsOf(simulator);
  assert.deepEqual(
    ["/v1/payouts", "/v1/disputes", "/v1/subscription_schedules"].map(requests),
    [1, 1, 1],
    "one probe, no listing",
  );
  assert.ok(requests("/v1/balance_transactions") < 10);
  assert.ok(requests("/v1/invoices") < 5, "what the start probes, no listing");
});

Deno.test("what an event said of the money just before a crash is read after it", async () => {
  using file = temporary();
  const company = createCompany({ now: NOW, seed: 9, customers: 80 });
  const tap = createEventTap(company.source);
  const { at } = await run(
    file.path,
    createSimulator({ source: company.source }),
    NOW,
    async (followed) => {
      if (!isRead(followed)) return false;
      tap();
      for (let step = 0; step < 30; step++) company.step(followed.seconds());
      const { inbox } = followed.store;
      await Promise.all(
        tap().map((event) => inbox.receive(readEvent(event), "webhook", followed.clock.now())),
      );
      // Applied and marked done; the look at the money would come a second later.
      await followed.clock.settle();
      followed.store.publish();
      return inbox.waiting().length === 0;
    },
  );
  using database = openSqlite(file.path);
  const simulator = createSimulator({ source: company.source });
  await using followed = follow({ simulator, start: at, opened: opened(database, at) });
  await followed.until(() => followed.store.status.staleSince === null);
  await followed.poll();
  company.advance(followed.seconds());
  await followed.poll();
  const fresh = await readAnew(company, followed.seconds());
  assert.deepEqual(moneyState(followed.store, followed.seconds()), fresh.state);
});

/** Reads the account with a break after every few answers of a path; counts its requests. */
async function readBroken(path: string, company: Company, resource: string, answers: number) {
  let at = NOW;
  let restarts = 0;
  let requests = 0;
  for (let done = false; !done; restarts++) {
    assert.ok(restarts < 60, "each goes on");
    const simulator = fallsSilent(createSimulator({ source: company.source }), resource, answers);
    const result = await run(path, simulator, at, (followed) => {
      done = isRead(followed);
      return done || simulator.isSilent();
    });
    requests += requestsOf(simulator)(resource);
    at = result.at;
  }
  return { at, restarts, requests };
}

/** Answers until it breaks off, and requests that a break may cost: a page, or a stretch of days. */
const BREAKS = [["/v1/invoices", 7, 3], ["/v1/balance_transactions", 14, 20]] as const;

for (const [resource, answers, lost] of BREAKS) {
  Deno.test(`a reading of ${resource} that breaks off goes on where it was, to the same figures`, async () => {
    const company = createCompany({ now: NOW, seed: 6, customers: 180 });
    using whole = temporary();
    const unbroken = createSimulator({ source: company.source });
    await run(whole.path, unbroken, NOW, isRead);
    using file = temporary();
    const { at, restarts, requests } = await readBroken(file.path, company, resource, answers);
    assert.ok(restarts >= 3, `it was broken off ${restarts} times`);
    using first = openSqlite(whole.path);
    using second = openSqlite(file.path);
    const [a, b] = [opened(first, at).store, opened(second, at).store];
    assert.deepEqual(moneyState(b, at), moneyState(a, at));
    assert.deepEqual(figuresOf(b), figuresOf(a));
    const bridge = ({ movements, calendar }: typeof a) =>
      movements.currencies().map((currency) =>
        movements.period(currency, calendar.dayOf(NOW - 800 * DAY), calendar.dayOf(NOW))
      );
    assert.deepEqual(bridge(b), bridge(a));
    // Each start probes once, and reads again what was under way when it broke off.
    const once = requestsOf(unbroken)(resource);
    assert.ok(requests <= once + lost * restarts, `${requests} requests in place of ${once}`);
  });
}
