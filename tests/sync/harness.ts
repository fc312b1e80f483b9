/** One source kept in step with a simulator, on a clock that only tests move. */
import assert from "node:assert/strict";
import { type MrrOptions, type PresetName, PRESETS } from "../../src/metrics/options.ts";
import { format } from "../../src/metrics/rational.ts";
import { type Books, type Simulator, SIMULATOR_KEY } from "../../src/simulator/mod.ts";
import type { OpenedStore } from "../../src/cli/source_store.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import type { SourceInfo, SourceStore } from "../../src/store/port.ts";
import { createStripeClient } from "../../src/stripe/client.ts";
import type { ResilientFetchOptions } from "../../src/resilience/resilient_fetch.ts";
import { createLedger, type Exclusion, type Ledger } from "../../src/sync/ledger.ts";
import { type SourceSync, startSourceSync, type SyncEvent } from "../../src/sync/source_sync.ts";
import { createFakeClock, type FakeClock, turn } from "../support/fake_clock.ts";

/** 2026-11-24 12:00 UTC. */
export const NOW = 1_795_521_600;
export const DAY = 86_400;

export interface Follow {
  readonly simulator: Simulator;
  readonly key?: string;
  readonly preset?: PresetName;
  readonly options?: Partial<MrrOptions>;
  readonly info?: Partial<SourceInfo>;
  readonly pollSeconds?: number;
  readonly exclusion?: Exclusion;
  readonly limits?: Partial<ResilientFetchOptions>;
  readonly clock?: FakeClock;
  readonly workersMax?: number;
  /** When the clock stands at first, Unix seconds. */
  readonly start?: number;
  /** In place of a new store in memory. */
  readonly opened?: OpenedStore;
}

export interface Followed extends AsyncDisposable {
  readonly store: SourceStore;
  readonly ledger: Ledger;
  readonly sync: SourceSync;
  readonly clock: FakeClock;
  readonly events: readonly SyncEvent[];
  /** Unix seconds. */
  seconds(): number;
  /** Moves time on, second by second, until the condition holds; fails after `secondsMax`. */
  until(condition: () => boolean, secondsMax?: number): Promise<void>;
  live(): Promise<void>;
  /** Lets the next look at the events happen. */
  poll(): Promise<void>;
  /** Time passes, seconds, and nothing happens: as over a machine that sleeps. */
  skip(seconds: number): void;
}

export function makeInfo(
  preset: PresetName = "stripe",
  parts: Partial<SourceInfo> = {},
): SourceInfo {
  return {
    name: "default",
    account: "cfg:default:test",
    displayName: "default",
    livemode: false,
    defaultCurrency: null,
    timeZone: "UTC",
    preset,
    options: PRESETS[preset],
    ...parts,
  };
}

/** A clock that waits for the simulator's answers before it moves. */
export function createServedClock(start = NOW) {
  let running = 0;
  async function settle(): Promise<void> {
    // A request that hangs is not waited for: its client's timer is to ring.
    for (let quiet = 0, turns = 0; quiet < 5 && turns < 200; turns++) {
      await turn();
      quiet = running === 0 ? quiet + 1 : 0;
    }
  }
  const awake = createFakeClock({ start: start * 1000, settle });
  let skipped = 0;
  const clock: FakeClock = { ...awake, now: () => awake.now() + skipped };
  /** Time passes, and nothing rings: as over a machine that sleeps. */
  const skip = (seconds: number) => void (skipped += seconds * 1000);
  function served({ fetch }: Simulator): typeof fetch {
    return async (input, init) => {
      running++;
      try {
        return await fetch(input, init);
      } finally {
        running--;
      }
    };
  }
  return { clock, served, skip };
}

export function follow(given: Follow): Followed {
  const { simulator, preset = "stripe", pollSeconds = 10 } = given;
  const { clock, served, skip } = createServedClock(given.start);
  const info = makeInfo(preset, given.info);
  const store = given.opened?.store ??
    createMemoryStore({ ...info, options: { ...info.options, ...given.options } });
  const ledger = given.opened?.ledger ?? createLedger(store, given.exclusion);
  const client = createStripeClient({
    key: given.key ?? SIMULATOR_KEY,
    base: "http://127.0.0.1:12111",
    fetch: served(simulator),
    clock,
    random: () => 0.5,
    limits: { bucket: { capacity: 1000, refillPerSecond: 1000 }, ...given.limits },
  });
  const events: SyncEvent[] = [];
  const sync = startSourceSync({
    client,
    store,
    ledger,
    clock,
    pollSeconds,
    resume: given.opened?.kept ?? false,
    ...(given.workersMax ? { workersMax: given.workersMax } : {}),
    onEvent: (event) => events.push(event),
  });

  async function until(condition: () => boolean, secondsMax = 300): Promise<void> {
    await clock.settle();
    for (let waited = 0; !condition(); waited++) {
      if (waited >= secondsMax) {
        assert.fail(
          `it did not come: ${JSON.stringify({ ...store.status, events: events.slice(-3) })}`,
        );
      }
      await clock.advance(1000);
    }
  }

  return {
    store,
    ledger,
    sync,
    clock,
    events,
    skip,
    seconds: () => Math.floor(clock.now() / 1000),
    until,
    live: () => until(() => store.status.phase === "live"),
    async poll() {
      await clock.advance(pollSeconds * 1000);
      await clock.settle();
    },
    async [Symbol.asyncDispose]() {
      client.stop();
      await sync.stop();
    },
  };
}

/** Exact MRR by currency, active customers and statuses, as the company's books have them. */
export function figuresOf({ tally }: SourceStore) {
  return {
    mrr: Object.fromEntries(
      tally.currencies().map((currency) => [currency, format(tally.total(currency, "mrr"))]),
    ),
    activeCustomers: tally.active(),
    byStatus: Object.fromEntries([...tally.byStatus()].sort()),
  };
}

export function booksOf({ mrr, activeCustomers, byStatus }: Books) {
  return {
    mrr: Object.fromEntries(Object.entries(mrr).map(([currency, { exact }]) => [currency, exact])),
    activeCustomers,
    byStatus: Object.fromEntries(Object.entries(byStatus).sort()),
  };
}

/** Exact MRR in a currency. */
export function mrrOf(store: SourceStore, currency = "usd"): string {
  return format(store.tally.total(currency, "mrr"));
}

/** That closes of today, segments and MRR agree. */
export function checkToday(store: SourceStore, now: number): void {
  const today = store.calendar.dayOf(now);
  for (const currency of store.tally.currencies()) {
    const [close] = store.daily.closes(currency, today, today + 1);
    assert.equal(format(close!), mrrOf(store, currency), `the close of today in ${currency}`);
  }
}
