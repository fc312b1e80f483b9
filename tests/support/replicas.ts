/**
 * Replicas over one PostgreSQL and one simulator, in one process: each with connections, a pool of
 * clients and a clock of its own that can be stopped, as a process is by SIGSTOP.
 *
 * @module
 */
import { loadConfig } from "../../config/load.ts";
import { createSources, type Sources } from "../../src/cli/sources.ts";
import { createLogger } from "../../src/observability/log.ts";
import { createMetrics, type Metrics } from "../../src/observability/metrics.ts";
import { systemClock } from "../../src/resilience/clock.ts";
import { type Simulator, SIMULATOR_KEY } from "../../src/simulator/mod.ts";
import type { ResilientFetchOptions } from "../../src/resilience/resilient_fetch.ts";
import { openPostgres, type PostgresDatabase } from "../../src/store/postgres/database.ts";
import type { Facts } from "../../src/store/postgres/source.ts";
import type { SourceStore } from "../../src/store/port.ts";
import { addressOf } from "./postgres.ts";

export interface StartedReplica extends AsyncDisposable {
  readonly sources: Sources;
  readonly metrics: Metrics;
  /** The one source. */
  store(): SourceStore;
  /** Requests that it sent to Stripe. */
  requests(): number;
  /** Whether it holds the lease. */
  holds(): boolean;
  /** Nothing of it runs on until `thaw`. */
  freeze(): void;
  thaw(): void;
}

export interface ReplicaSetup {
  readonly simulator: Simulator;
  /** Of the database. */
  readonly url: string;
  readonly leaseMs?: number;
  readonly pollSeconds?: number;
  readonly timeoutMs?: number;
  /** Written to `glance.yml`. */
  readonly config?: string;
  /** Kinds of facts that its program does not know, as an older one. */
  readonly unknown?: readonly string[];
  readonly limits?: Partial<ResilientFetchOptions>;
}

/** A database as a program sees it that does not know some kinds of facts. */
function withoutKinds(database: PostgresDatabase, unknown: readonly string[]): PostgresDatabase {
  if (unknown.length === 0) return database;
  const known = (facts: Facts): Facts => ({
    ...facts,
    facts: (kind) => unknown.includes(kind) ? [] : facts.facts(kind),
  });
  return {
    ...database,
    async source(name, mode) {
      const source = await database.source(name, mode);
      return {
        ...source,
        load: async () => known(await source.load()),
        changesSince: async (version) => known(await source.changesSince(version)),
        writer(lease) {
          const writer = source.writer(lease);
          return {
            ...writer,
            write: (facts, ...rest) =>
              writer.write(facts.filter(({ kind }) => !unknown.includes(kind)), ...rest),
          };
        },
      };
    },
  };
}

/** A gate that what runs must pass. */
function createGate() {
  let open = Promise.resolve();
  let release = () => {};
  return {
    passed: () => open,
    close() {
      const gate = Promise.withResolvers<void>();
      open = gate.promise;
      release = gate.resolve;
    },
    open: () => release(),
  };
}

export async function startReplica(setup: ReplicaSetup): Promise<StartedReplica> {
  const { simulator, url, leaseMs = 1500, pollSeconds = 0.2, timeoutMs, config = "" } = setup;
  const env: Record<string, string> = {
    STRIPE_SECRET_KEY: SIMULATOR_KEY,
    STRIPE_API_BASE: "http://127.0.0.1:12111",
  };
  const { settings } = await loadConfig({
    env: (name) => env[name],
    readFile: (path) =>
      config !== "" && path.endsWith("glance.yml")
        ? Promise.resolve(config)
        : Promise.reject(new Deno.errors.NotFound(path)),
  });
  const gate = createGate();
  const system = systemClock();
  const clock: typeof system = {
    now: system.now,
    steady: system.steady,
    async sleep(ms, signal) {
      await system.sleep(ms, signal);
      await gate.passed();
    },
  };
  const database = withoutKinds(
    await openPostgres(addressOf(url), {
      clock: system,
      connectionsMax: 2,
      ...(timeoutMs ? { timeoutMs } : {}),
    }),
    setup.unknown ?? [],
  );
  let requests = 0;
  let held = false;
  const counted = createMetrics();
  const metrics: Metrics = {
    ...counted,
    setLease(source, holds) {
      held = holds;
      counted.setLease(source, holds);
    },
  };
  const sources = createSources({
    clock,
    random: Math.random,
    async fetch(input, init) {
      await gate.passed();
      requests++;
      return simulator.fetch(input, init);
    },
    log: createLogger({ level: "error", format: "text", now: clock.now, write: () => {} }),
    metrics,
    pollSeconds,
    limits: { bucket: { capacity: 1000, refillPerSecond: 1000 }, ...setup.limits },
    replicated: database,
    leaseMs,
    onChange: () => {},
  });
  await sources.announce(settings);
  await sources.apply(settings);
  await sources.loaded();
  return {
    sources,
    metrics,
    store: () => sources.views.get("default") as SourceStore,
    requests: () => requests,
    holds: () => held,
    freeze: gate.close,
    thaw: gate.open,
    async [Symbol.asyncDispose]() {
      gate.open();
      await sources.stop();
      await database[Symbol.asyncDispose]();
    },
  };
}
