/**
 * The program's metrics: the names of the original, and what it lacked. `glance_goroutines` has no
 * counterpart in this runtime.
 *
 * @module
 */
import type { Sample } from "./exposition.ts";
import { createHttpMetrics } from "./http_metrics.ts";
import { createCounter, createGauge, createHistogram, createReading } from "./instruments.ts";
import { createWebhookMetrics, type WebhookMetrics } from "./webhook_metrics.ts";
import { createRegistry, type Registry } from "./registry.ts";

type Later<T> = T | Promise<T>;

/** Values that others hold and that are read when scraped. */
export interface MetricSources {
  uptimeSeconds(): Later<number>;
  memoryAllocBytes(): Later<number>;
  stripeClients(): Later<number>;
  /** Clients by the state of their breaker. */
  breakerStates(): Later<Readonly<Record<"closed" | "open" | "half_open", number>>>;
  dbRecords(): Later<Readonly<Record<"revenue" | "customer", number>>>;
  dbSizeBytes(): Later<number>;
  /** Seconds since the figures of each source last agreed with Stripe, once they have. */
  syncLagSeconds(): Later<Readonly<Record<string, number>>>;
  /** What each source is doing: its phase. */
  sourcePhases(): Later<Readonly<Record<string, string>>>;
  /** Since the newest backup was made; left out before the first. */
  backupAgeSeconds(): Later<number | null>;
  /** Of the newest backup; left out before the first. */
  backupSizeBytes(): Later<number | null>;
  /** 1 where the newest try to make a backup failed, else 0. */
  backupFailed(): Later<number>;
  cacheHits(): Later<number>;
  /** Look-ups, hits and misses together. */
  cacheLookups(): Later<number>;
  /** Open pages that are told what changes. */
  streamClients(): Later<number>;
}

/** How far a source has got; what is left out stays as it was. */
export interface SyncState {
  readonly done?: number;
  readonly estimated?: number;
  /** Seconds since the epoch. */
  readonly lastSuccessSeconds?: number;
}

export interface Metrics {
  /** Notes an answer; `route` is a pattern, never a path. */
  recordHttp(route: string, method: string, status: number, seconds: number): void;
  /** Notes an attempt at Stripe; `status` is a code or what failed ("timeout"). */
  recordStripeRequest(endpoint: string, status: number | string, seconds: number): void;
  recordLimiterWait(seconds: number): void;
  countRetry(): void;
  /** The wall clock was set, by a person, NTP or a suspended machine. */
  countClockStep(): void;
  readonly webhooks: WebhookMetrics;
  /** Shows what is counted of a source, at 0, so that the first of it is noticed. */
  beginSource(source: string): void;
  setSync(source: string, state: SyncState): void;
  /** Counts differences between Stripe and the mirror that were found and repaired. */
  countDrift(source: string, differences: number): void;
  /** Subscriptions whose MRR cannot be told. */
  setUnresolved(source: string, subscriptions: number): void;
  /** Objects of Stripe's that were read and not understood, by kind. */
  setUnreadable(source: string, byKind: Readonly<Record<string, number>>): void;
  /** Whether this process holds a source's lease and asks Stripe about it. */
  setLease(source: string, held: boolean): void;
  /** Notes a query of the database; `kind` is what it was for ("write"). */
  recordQuery(kind: string, seconds: number): void;
  /** Movements that did not lead from MRR to MRR, at one check. */
  countIdentityViolation(source: string): void;
  /** Adds what is read when scraped; each source once. */
  watch(sources: Partial<MetricSources>): void;
  readonly registry: Registry;
}

/** Seconds; Stripe answers in tenths of a second and is given up after 20. */
const STRIPE_BOUNDS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 20];
const WAIT_BOUNDS = [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60];
const QUERY_BOUNDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60];

/** Metrics with nothing recorded. `onError` is told of sources that cannot be read. */
export function createMetrics(
  onError: (metric: string, error: unknown) => void = () => {},
): Metrics {
  const registry = createRegistry(onError);
  const counter = (name: string, help: string, labels: string[] = []) =>
    registry.register(createCounter({ name, help, labels }));
  const gauge = (name: string, help: string) =>
    registry.register(createGauge({ name, help, labels: ["source"] }));
  const histogram = (name: string, help: string, bounds: number[], labels: string[] = []) =>
    registry.register(createHistogram({ name, help, bounds, labels }));

  const http = createHttpMetrics();
  for (const family of http.families) registry.register(family);
  const requests = counter("glance_stripe_requests_total", "Attempts at Stripe.", [
    "endpoint",
    "status",
  ]);
  const durations = histogram(
    "glance_stripe_request_duration_seconds",
    "Time of an attempt at Stripe, with its whole body.",
    STRIPE_BOUNDS,
    ["endpoint"],
  );
  const waits = histogram(
    "glance_stripe_limiter_wait_seconds",
    "Time a request waited for its token and slot.",
    WAIT_BOUNDS,
  );
  const retries = counter("glance_stripe_retries_total", "Attempts at Stripe made again.");
  const clockSteps = counter(
    "glance_clock_steps_total",
    "Steps of the wall clock by more than two seconds.",
  );
  const webhooks = createWebhookMetrics();
  for (const family of webhooks.families) registry.register(family);
  const sync = {
    done: gauge("glance_sync_done", "Objects read by the running backfill."),
    estimated: gauge("glance_sync_estimated", "Objects the running backfill is thought to read."),
    lastSuccessSeconds: gauge(
      "glance_sync_last_success_timestamp_seconds",
      "When the figures last agreed with Stripe.",
    ),
  };
  const drift = counter(
    "glance_sync_drift_total",
    "Differences between Stripe and the mirror, found and repaired.",
    ["source"],
  );
  const violations = counter(
    "glance_identity_violations_total",
    "Checks at which the movements did not add up to MRR; they are not shown then.",
    ["source"],
  );
  const unresolved = gauge(
    "glance_unresolved_subscriptions",
    "Subscriptions whose MRR cannot be told.",
  );
  const unreadable = registry.register(createGauge({
    name: "glance_unreadable_objects",
    help: "Objects of Stripe's that were read and not understood, by kind.",
    labels: ["source", "kind"],
  }));
  /** Kinds that a source was told of: one that is understood again is 0. */
  const unreadableKinds = new Map<string, Set<string>>();
  const lease = gauge(
    "glance_lease_held",
    "1 where this process keeps the source in step with Stripe, 0 where another does.",
  );
  const queries = histogram(
    "glance_db_query_duration_seconds",
    "Time of a query of the database, with the wait for a connection.",
    QUERY_BOUNDS,
    ["kind"],
  );

  return {
    registry,
    webhooks,
    recordHttp: http.record,
    recordStripeRequest(endpoint, status, seconds) {
      requests.inc([endpoint, String(status)]);
      durations.observe(seconds, [endpoint]);
    },
    recordLimiterWait: (seconds) => waits.observe(seconds),
    countIdentityViolation: (source) => violations.inc([source]),
    countRetry: () => retries.inc(),
    countClockStep: () => clockSteps.inc(),
    beginSource(source) {
      for (const family of [drift, violations]) family.inc([source], 0);
    },
    setSync(source, state) {
      for (const key of ["done", "estimated", "lastSuccessSeconds"] as const) {
        const value = state[key];
        if (value !== undefined) sync[key].set(value, [source]);
      }
    },
    countDrift: (source, differences) => drift.inc([source], differences),
    setLease: (source, held) => lease.set(held ? 1 : 0, [source]),
    recordQuery: (kind, seconds) => queries.observe(seconds, [kind]),
    setUnresolved: (source, subscriptions) => unresolved.set(subscriptions, [source]),
    setUnreadable(source, byKind) {
      // Those that a figure hangs on are told from the start.
      const kinds = unreadableKinds.get(source) ?? new Set(["subscription", "invoice", "event"]);
      unreadableKinds.set(source, kinds);
      for (const kind of Object.keys(byKind)) kinds.add(kind);
      for (const kind of kinds) unreadable.set(byKind[kind] ?? 0, [source, kind]);
    },
    watch: (sources) => watch(registry, sources),
  };
}

interface Reading {
  readonly source: keyof MetricSources;
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "untyped";
  /** The label that tells several values apart. */
  readonly label?: string;
  /** The label of a value that is a word; the number is 1 then. */
  readonly word?: string;
}

/**
 * The original's names are kept; where one breaks the naming rules for its true type (`_total` is
 * for counters), it is untyped, which a linter lets pass.
 */
const READINGS: readonly Reading[] = [
  {
    source: "uptimeSeconds",
    name: "glance_uptime_seconds",
    help: "Time since the start.",
    type: "gauge",
  },
  {
    source: "memoryAllocBytes",
    name: "glance_memory_alloc_bytes",
    help: "Memory in use.",
    type: "gauge",
  },
  {
    source: "stripeClients",
    name: "glance_stripe_clients_total",
    help: "Clients in the pool.",
    type: "untyped",
  },
  {
    source: "breakerStates",
    name: "glance_stripe_circuit_breaker_state",
    help: "Clients whose circuit breaker is in this state.",
    type: "gauge",
    label: "state",
  },
  {
    source: "dbRecords",
    name: "glance_db_records_total",
    help: "Daily snapshots of revenue and customers.",
    type: "untyped",
    label: "table",
  },
  {
    source: "dbSizeBytes",
    name: "glance_db_size_bytes",
    help: "Size of the database; 0 without one.",
    type: "gauge",
  },
  {
    source: "syncLagSeconds",
    name: "glance_sync_lag_seconds",
    help: "Age of the figures against Stripe.",
    type: "gauge",
    label: "source",
  },
  {
    source: "sourcePhases",
    name: "glance_source_phase",
    help: "1 for what a source is doing: live, key_rejected, …",
    type: "gauge",
    label: "source",
    word: "phase",
  },
  {
    source: "backupAgeSeconds",
    name: "glance_backup_age_seconds",
    help: "Time since the newest verified backup of the SQLite file; left out before the first.",
    type: "gauge",
  },
  {
    source: "backupSizeBytes",
    name: "glance_backup_size_bytes",
    help: "Size of the newest verified backup of the SQLite file; left out before the first.",
    type: "gauge",
  },
  {
    source: "backupFailed",
    name: "glance_backup_failed",
    help: "1 where the newest try to back up the SQLite file failed.",
    type: "gauge",
  },
  {
    source: "cacheHits",
    name: "glance_cache_hits",
    help: "Look-ups that the cache answered.",
    type: "untyped",
  },
  {
    source: "cacheLookups",
    name: "glance_cache_total",
    help: "Look-ups in the cache.",
    type: "untyped",
  },
  {
    source: "streamClients",
    name: "glance_stream_clients",
    help: "Open pages that are told what changes.",
    type: "gauge",
  },
];

function watch(registry: Registry, sources: Partial<MetricSources>): void {
  for (const { source, label = "", word = "", ...options } of READINGS) {
    const read = sources[source];
    if (!read) continue;
    registry.register(createReading({
      ...options,
      read: async () => toSamples(await read(), label, word),
    }));
  }
}

function toSamples(
  value: number | null | Readonly<Record<string, number | string>>,
  label: string,
  word: string,
): Sample[] {
  if (value === null) return [];
  if (typeof value === "number") return [{ value }];
  return Object.entries(value).map(([name, one]) =>
    typeof one === "number"
      ? { labels: { [label]: name }, value: one }
      : { labels: { [label]: name, [word]: one }, value: 1 }
  );
}
