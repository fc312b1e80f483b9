/**
 * Nobody looked for a while: what happened then is dated by its events, or by invoices where Stripe
 * has no events any more (metrics.md B.6), as if everything were read for the first time.
 */
import assert from "node:assert/strict";
import type { AccountSettings } from "../../config/settings.ts";
import { type OpenedStore, openStore, reopenStore, takeOver } from "../../src/cli/source_store.ts";
import { systemClock } from "../../src/resilience/clock.ts";
import type { DurableStore } from "../../src/store/durable.ts";
import { openPostgres } from "../../src/store/postgres/database.ts";
import { addressOf, clusterForFile, postgresTest } from "../support/postgres.ts";
import type { SavedMonths } from "../../src/metrics/closed_months.ts";
import { withCauses } from "../../src/metrics/causes.ts";
import { linesOf } from "../../src/metrics/invoice_lines.ts";
import { format } from "../../src/metrics/rational.ts";
import { encodeFact } from "../../src/store/codec.ts";
import { type Company, createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { createLogger } from "../../src/observability/log.ts";
import type { SourceStore } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { NO_EXCLUSION } from "../../src/sync/ledger.ts";
import {
  booksOf,
  checkToday,
  DAY,
  figuresOf,
  follow,
  type Followed,
  makeInfo,
  NOW,
} from "./harness.ts";
import { moneyState } from "./money_state.ts";

const cluster = await clusterForFile();
const ACCOUNT = { name: "default", mode: "test", exclude: NO_EXCLUSION } as AccountSettings;
const LOG = createLogger({ level: "error", format: "json", now: () => 0, write: () => {} });

/** What a subscription was worth from when to when, from `since` on. */
function pastOf(store: SourceStore, id: string, since: number) {
  return store.segments(id).filter(({ to }) => to === null || to > since).map((segment) => ({
    from: Math.max(segment.from, since),
    to: segment.to,
    exact: format(segment.exact),
    currency: segment.currency,
    lines: segment.lines.map(({ item, price, quantity, exact }) =>
      `${item} ${price} ${quantity} ${format(exact)}`
    ).sort(),
    inferred: segment.quality === "inferred",
  }));
}

function causesOf(store: SourceStore, id: string, since: number) {
  const sub = store.standing(id)!.sub;
  return withCauses(sub, store.segments(id)).flatMap(({ to, cause }) =>
    cause && to !== null && to > since ? [`${to} ${cause}`] : []
  );
}

/** Movements of each day, by currency. */
function daysOf(store: SourceStore, since: number, until: number) {
  const { movements, calendar } = store;
  return movements.currencies().toSorted().flatMap((currency) => {
    const rows: unknown[] = [];
    for (let day = calendar.dayOf(since); day <= calendar.dayOf(until); day++) {
      rows.push([currency, day, movements.period(currency, day, day + 1)]);
    }
    return rows;
  });
}

/** What is kept of all invoices. */
function invoicesOf(store: SourceStore): unknown {
  return [...store.standings()].map(({ sub: { id } }) => id).sort().map((id) => {
    const history = store.history(id);
    return [id, history ? linesOf(history).map((line) => encodeFact(line)).sort() : []];
  });
}

/** Lets a company live until `to`, something happening every few hours. */
function live(company: Company, from: number, to: number, hours = 6): void {
  for (let at = from; at < to; at += hours * 3600) company.step(at);
  company.advance(to);
}

async function settled({ store, until, poll }: Followed): Promise<void> {
  await until(
    () => store.status.historyDone && store.status.staleSince === null && store.status.paymentsRead,
    7200,
  );
  await poll();
}

/** Equality of much, told at the first difference: a whole one would take minutes to lay out. */
function same(one: unknown, other: unknown, what: string): void {
  const [here, there] = [encodeFact(one), encodeFact(other)];
  if (here === there) return;
  let at = 0;
  while (here[at] === there[at]) at++;
  const part = (text: string) => text.slice(Math.max(0, at - 200), at + 100);
  assert.equal(part(here), part(there), what);
}

/** That one who was away knows what one who has just come reads. */
function compare(returned: SourceStore, fresh: SourceStore, since: number, now: number): void {
  assert.deepEqual(figuresOf(returned), figuresOf(fresh));
  for (const { sub: { id } } of fresh.standings()) {
    const [here, there] = [pastOf(returned, id, since), pastOf(fresh, id, since)];
    if (there.some(({ inferred }) => inferred)) continue;
    assert.deepEqual(here, there, id);
    assert.deepEqual(causesOf(returned, id, since), causesOf(fresh, id, since), id);
  }
  // The day it left is known better by the one who was there.
  const next = since + DAY;
  same(daysOf(returned, next, now), daysOf(fresh, next, now), "movements by day");
  same(invoicesOf(returned), invoicesOf(fresh), "invoices");
  same(moneyState(returned, now), moneyState(fresh, now), "money");
  checkToday(returned, now);
}

interface Kept extends AsyncDisposable {
  open(now: number): Promise<OpenedStore>;
  /** Leaves what is kept as a process does that is killed. */
  kill(store: SourceStore): Promise<void>;
}

function keptInSqlite(): Promise<Kept> {
  const folder = Deno.makeTempDirSync();
  let path = `${folder}/0.db`;
  return Promise.resolve({
    open: (now) => Promise.resolve(openStore(ACCOUNT, makeInfo(), openSqlite(path), LOG, now)),
    kill() {
      const copy = `${path}.killed`;
      for (const end of ["", "-wal"]) Deno.copyFileSync(path + end, copy + end);
      path = copy;
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  });
}

async function keptInPostgres(): Promise<Kept> {
  const address = addressOf(await cluster!.create());
  const database = await openPostgres(address, { clock: systemClock() });
  const source = await database.source(ACCOUNT.name, ACCOUNT.mode);
  const stores: DurableStore[] = [];
  return {
    async open(now) {
      const lease = await source.acquire("one", 600_000);
      const [facts, inbox] = [await source.load(), await source.inbox()];
      const journal = {
        ...source.writer(lease!),
        facts: facts.facts,
        opening: facts.opening,
        addEvents: source.addEvents,
        openEvents: () => inbox.open,
        recentEvents: () => inbox.recent,
        countEvents: () => inbox.total,
        forgetEvents: source.forgetEvents,
      };
      const opened = reopenStore(ACCOUNT, makeInfo(), journal, LOG, now);
      stores.push(opened.store);
      return { ...opened, kept: takeOver(opened, ACCOUNT, makeInfo(), now) };
    },
    async kill(store) {
      await (store as DurableStore).flushed();
      // What it does afterwards comes too late.
      (store as DurableStore).close();
    },
    async [Symbol.asyncDispose]() {
      await stores.at(-1)?.flushed();
      for (const store of stores) store.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** A company, and one who followed it, was killed, and comes back after days. */
async function returnAfter(days: number, kept: Kept) {
  const company = createCompany({ now: NOW, seed: 11, customers: 40 });
  const simulator = () => createSimulator({ source: company.source });
  let leftAt: number;
  let before: SavedMonths;
  {
    await using followed = follow({ simulator: simulator(), opened: await kept.open(NOW) });
    await settled(followed);
    for (let step = 0; step < 10; step++) {
      company.step(followed.seconds());
      await followed.poll();
    }
    leftAt = followed.seconds();
    before = followed.store.closedMonths.saved();
    await kept.kill(followed.store);
  }
  const now = leftAt + days * DAY;
  live(company, leftAt + 3600, now);
  const returned = follow({ simulator: simulator(), start: now, opened: await kept.open(now) });
  await settled(returned);
  return { company, simulator, leftAt, now, returned, before };
}

async function asFresh(days: number, kept: Kept): Promise<void> {
  await using _kept = kept;
  const { company, simulator, leftAt, now, returned, before } = await returnAfter(days, kept);
  await using _returned = returned;
  await using fresh = follow({ simulator: simulator(), start: now });
  await settled(fresh);
  assert.deepEqual(figuresOf(returned.store), booksOf(company.books(company.now())));
  // What was reported of a month stays as it was reported.
  const reported = new Map(
    returned.store.closedMonths.saved().months.map((one) => [one.month, one]),
  );
  assert.ok(before.months.length > 0);
  for (const one of before.months) {
    assert.equal(encodeFact(reported.get(one.month)), encodeFact(one), one.month);
  }
  compare(returned.store, fresh.store, leftAt, now);
}

for (const days of [3, 10, 35, 40]) {
  Deno.test(`after ${days} days away over SQLite everything is as a fresh start reads it`, async () =>
    await asFresh(days, await keptInSqlite()));
}

for (const days of [35]) {
  postgresTest(
    cluster,
    `after ${days} days away over PostgreSQL everything is as a fresh start reads it`,
    async () => await asFresh(days, await keptInPostgres()),
  );
}

for (const days of [3, 40]) {
  Deno.test(`after a machine slept for ${days} days everything is as a fresh start reads it`, async () => {
    const company = createCompany({ now: NOW, seed: 11, customers: 40 });
    const simulator = () => createSimulator({ source: company.source });
    await using slept = follow({ simulator: simulator() });
    await settled(slept);
    const leftAt = slept.seconds();
    slept.skip(days * DAY);
    live(company, leftAt + 3600, slept.seconds());
    await slept.until(() => slept.seconds() - slept.store.status.asOf! < DAY);
    await settled(slept);
    await using fresh = follow({ simulator: simulator(), start: slept.seconds() });
    await settled(fresh);
    compare(slept.store, fresh.store, leftAt, slept.seconds());
  });
}
