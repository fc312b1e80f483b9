/**
 * Fills a store of so many subscriptions as a backfill does, in memory or kept in a database, and
 * makes it again from what was kept.
 *
 * @module
 */
import { reopenStore } from "../../../src/cli/source_store.ts";
import type { AccountSettings } from "../../../config/settings.ts";
import { PRESETS } from "../../../src/metrics/options.ts";
import { createLogger } from "../../../src/observability/log.ts";
import { systemClock } from "../../../src/resilience/clock.ts";
import { makeItem, makePrice, makeSubscription } from "../../../src/simulator/mod.ts";
import { createMemoryStore } from "../../../src/store/memory.ts";
import type { SourceInfo, SourceStore } from "../../../src/store/port.ts";
import { openPostgres, type PostgresAddress } from "../../../src/store/postgres/database.ts";
import { openSqlite } from "../../../src/store/sqlite/database.ts";
import { createLedger, type Ledger, NO_EXCLUSION } from "../../../src/sync/ledger.ts";

export interface StoreSettings {
  readonly subscriptions: number;
  readonly kind: "memory" | "sqlite" | "postgres";
  /** The SQLite file. */
  readonly path: string;
  readonly postgres: Omit<PostgresAddress, "password"> & { readonly password: string };
}

export interface StoreTimes {
  /** Until everything is durable. */
  readonly fillSeconds: number;
  /** From opening the database until every figure is there; `null` for memory. */
  readonly reopenSeconds: number | null;
  readonly rss: number;
}

const { subscriptions, kind, path, postgres } = JSON.parse(Deno.args[0]!) as StoreSettings;
/** 2026-11-24 12:00 UTC. */
const NOW = 1_795_521_600;
/** Subscriptions between two versions, about what a second brings. */
const SLICE = 1_000;
const CLOCK = systemClock();
const LOG = createLogger({ level: "error", format: "json", now: () => 0, write: () => {} });
const ACCOUNT = { name: "default", mode: "test", exclude: NO_EXCLUSION } as AccountSettings;
const INFO: SourceInfo = {
  name: "default",
  account: "acct_1",
  displayName: "Synthetic",
  livemode: false,
  defaultCurrency: "usd",
  timeZone: "UTC",
  preset: "stripe",
  options: PRESETS.stripe,
};
const PRICES = [2900, 4900, 9900].map((unit_amount, index) =>
  makePrice({ id: `price_${index}`, unit_amount })
);

function subscription(index: number) {
  return makeSubscription({
    id: `sub_${index}`,
    customer: `cus_${index}`,
    created: NOW - 1 - index * 600,
    lines: [makeItem({ id: `si_${index}`, price: PRICES[index % 3]! })],
  });
}

interface Opened {
  readonly store: SourceStore;
  readonly ledger: Ledger;
  flushed(): Promise<void>;
  close(): Promise<void>;
}

async function open(): Promise<Opened> {
  if (kind === "memory") {
    const store = createMemoryStore(INFO);
    const nothing = () => Promise.resolve();
    return { store, ledger: createLedger(store), flushed: nothing, close: nothing };
  }
  if (kind === "sqlite") {
    const database = openSqlite(path);
    const opened = reopenStore(ACCOUNT, INFO, database.journal("default", "test"), LOG, NOW);
    return {
      ...opened,
      flushed: opened.store.flushed,
      close: () => Promise.resolve(database[Symbol.dispose]()),
    };
  }
  const address = { ...postgres, password: { reveal: () => postgres.password } };
  const database = await openPostgres(address, { clock: CLOCK });
  const source = await database.source("default", "test");
  const facts = await source.load();
  const inbox = await source.inbox();
  const lease = (await source.acquire("bench", 600_000))!;
  const journal = {
    ...source.writer(lease),
    facts: facts.facts,
    opening: facts.opening,
    addEvents: source.addEvents,
    openEvents: () => inbox.open,
    recentEvents: () => inbox.recent,
    countEvents: () => inbox.total,
    forgetEvents: source.forgetEvents,
  };
  const opened = reopenStore(ACCOUNT, INFO, journal, LOG, NOW, { sleep: CLOCK.sleep });
  return {
    ...opened,
    flushed: opened.store.flushed,
    async close() {
      await source.release(lease);
      await database[Symbol.asyncDispose]();
    },
  };
}

async function fill({ store, ledger, flushed }: Opened): Promise<number> {
  const startedAt = performance.now();
  PRICES.forEach(ledger.putPrice);
  for (let index = 0; index < subscriptions; index++) {
    ledger.putListed(subscription(index), NOW);
    if ((index + 1) % SLICE !== 0) continue;
    store.publish();
    await CLOCK.sleep(0);
  }
  store.setInfo(INFO);
  store.setStatus({ asOf: NOW, liveSince: NOW });
  store.publish();
  await flushed();
  return (performance.now() - startedAt) / 1000;
}

async function timed(): Promise<StoreTimes> {
  const first = await open();
  const fillSeconds = await fill(first);
  await first.close();
  let reopenSeconds: number | null = null;
  if (kind !== "memory") {
    const startedAt = performance.now();
    const again = await open();
    again.store.tally.active();
    reopenSeconds = (performance.now() - startedAt) / 1000;
    if (again.store.tally.active() !== subscriptions) throw new Error("Some were not kept");
    await again.close();
  }
  return { fillSeconds, reopenSeconds, rss: Deno.memoryUsage().rss };
}

console.log(JSON.stringify(await timed()));
