/**
 * Builds the parts around the sources and serves them, until it is told to stop.
 *
 * @module
 */
import type { Settings } from "../../config/settings.ts";
import { AUDIT_DAYS } from "../../config/auth.ts";
import { createApp } from "../../routes/app.ts";
import type { ConfigFault, Demo } from "../../routes/deps.ts";
import { createBroadcaster } from "../../routes/broadcast.ts";
import { readPages } from "../../routes/opening.ts";
import { checkingHost } from "../../routes/hosts.ts";
import { createPageCache } from "../../routes/page_cache.ts";
import { taskRunner } from "../../routes/start_command.ts";
import { allowedEnv } from "./allowed_env.ts";
import type { Logger } from "../observability/log.ts";
import { createMetrics } from "../observability/metrics.ts";
import type { Tracing } from "../observability/tracing.ts";
import { watchSteps } from "../resilience/clock_steps.ts";
import type { ResilientFetchOptions } from "../resilience/resilient_fetch.ts";
import { type AuditLog, createAudit } from "../security/audit.ts";
import type { ChainWriter } from "../security/audit_chain.ts";
import { createMemoryAccess } from "../store/access/memory.ts";
import type { AccessStore } from "../store/access/port.ts";
import type { SourceView } from "../store/port.ts";
import type { PostgresDatabase } from "../store/postgres/database.ts";
import type { SqliteDatabase } from "../store/sqlite/database.ts";
import type { Clock, FetchLike } from "../stripe/client.ts";
import { createAssetShelf } from "./assets.ts";
import { chainWriter } from "./audit_chain.ts";
import { createBusinessMetrics } from "./business_metrics.ts";
import { type BackupState, createHealthOf, watchMetrics } from "./watched.ts";
import { stripeFetch } from "./stripe_fetch.ts";
import { createSources } from "./sources.ts";
import { tracedFetch, traceQueries } from "./traced.ts";
import { VERSION } from "./version.ts";

/** A file for one process, or a server for any number. */
export type Database = SqliteDatabase | PostgresDatabase;

export interface ServerOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly fetch?: FetchLike;
  /** Seconds between two looks at the events, at most. */
  readonly pollSeconds?: number;
  readonly limits?: Partial<ResilientFetchOptions>;
  /** Keeps what is read; in memory alone without one. */
  readonly database?: Database | null;
  /** The backups of the database; `null` while there are none to be made. */
  readonly backups?: () => BackupState | null;
  /** Milliseconds that a replica's lease lasts. */
  readonly leaseMs?: number;
  readonly tracing?: Tracing | null;
  /** The demo around the sources, where this is one. */
  readonly demo?: (onChange: () => void) => Demo;
}

export interface Server {
  readonly url: string;
  readonly views: ReadonlyMap<string, SourceView>;
  /** Where the program records what is done to it. */
  readonly audit: AuditLog;
  /** Resolves when everything that was kept is loaded. @throws {StorageError} */
  readonly loaded: Promise<void>;
  /** Takes new settings, or notes why they were not taken. */
  reload(settings: Settings): Promise<void>;
  fault(fault: ConfigFault | null): void;
  /** Ends the sources, drains requests under way, closes. */
  stop(): Promise<void>;
}

const POLL_SECONDS = 600;
/** The sources start with the first page, or after this: loading Stripe's SDK would delay it. */
const FIRST_PAGE_MS = 50;
/** Webhooks that come within this time become durable together (design.md section 8). */
const GROUP_COMMIT_MS = 2;
/** Requests under way get this long when the server stops. */
const DRAIN_MS = 3000;

const TIDY_MS = 60 * 60_000;
const DAY_MS = 86_400_000;

/** Lets go of ended sessions and old entries of the audit log, every hour. */
function keepTidy(
  store: AccessStore,
  chained: (() => Promise<ChainWriter>) | null,
  clock: Clock,
  log: Logger,
  settings: () => Settings,
): () => void {
  const stopping = new AbortController();
  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const now = Math.floor(clock.now());
      const days = settings().auth?.auditDays ?? AUDIT_DAYS;
      try {
        await store.forget(now, now - days * DAY_MS, chained ? await chained() : null);
      } catch (error) {
        log.warn("old sessions and audit entries were not taken away", { error });
      }
      await clock.sleep(TIDY_MS, stopping.signal).catch(() => {});
    }
  }
  void run();
  return () => stopping.abort();
}

/** @throws {Deno.errors.AddrInUse} when the port is taken. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { clock, log, database = null, tracing = null } = options;
  let { settings } = options;
  let fault: ConfigFault | null = null;
  let stopping = false;
  let customCss: string | null = null;
  const cache = createPageCache();
  const unreadable = (metric: string, error: unknown) =>
    log.warn("metric unreadable", { metric, error });
  const metrics = createMetrics(unreadable);
  const traceQuery = database && tracing ? traceQueries(database, tracing) : null;
  database?.observe((kind, seconds) => {
    metrics.recordQuery(kind, seconds);
    traceQuery?.(kind, seconds);
  });
  const send = options.fetch ?? stripeFetch;
  const shelf = await createAssetShelf();
  const broadcaster = createBroadcaster({
    clock,
    versions: () =>
      Object.fromEntries([...sources.views].map(([name, { version }]) => [name, version])),
  });
  const onChange = () => {
    cache.clear();
    broadcaster.announce();
  };
  const sources = createSources({
    clock,
    random: Math.random,
    fetch: tracing ? tracedFetch(send, tracing) : send,
    log,
    metrics,
    tracing,
    pollSeconds: options.pollSeconds ?? POLL_SECONDS,
    onChange,
    storage: database && "journal" in database
      ? { journal: database.journal, gather: () => clock.sleep(GROUP_COMMIT_MS) }
      : null,
    replicated: database && "source" in database ? database : null,
    readPages: (name, view) => readPages(figureDeps, name, view),
    ...(options.leaseMs ? { leaseMs: options.leaseMs } : {}),
    ...(options.limits ? { limits: options.limits } : {}),
  });
  const live = () => ({ settings, fault, sources: sources.views });
  const figureDeps = { live, now: clock.now, demo: options.demo?.(onChange) ?? null };
  const watched = {
    clock,
    log,
    sources,
    database,
    cache,
    broadcaster,
    backups: options.backups ?? (() => null),
  };
  watchMetrics(metrics, watched);

  async function take(next: Settings): Promise<void> {
    const css = next.theme.customCssFile;
    customCss = css === null ? null : await shelf.addStyle(css);
    settings = next;
    fault = null;
    await sources.apply(next);
    onChange();
  }

  const accessStore = database?.access ?? createMemoryAccess();
  const chained = chainWriter(accessStore, settings);
  const audit = createAudit({
    keeper: accessStore.audit,
    chain: chained,
    now: clock.now,
    onEntry: (entry) => log.info("audit", { ...entry }),
    onError: (error) => log.error("an entry of the audit log was not kept", { error }),
  });
  const stopTidying = keepTidy(accessStore, chained, clock, log, () => settings);
  const stopSteps = watchSteps(clock, (ms) => {
    log.warn("wall clock stepped: dated figures are computed again", { seconds: ms / 1000 });
    metrics.countClockStep();
    sources.recount();
    onChange();
  });

  const handle = createApp({
    accessStore,
    audit,
    ...figureDeps,
    assets: () => shelf.assets,
    asset: shelf.find,
    assetFile: (name) => shelf.file(settings.server.assetsPath, name),
    addAsset: shelf.add,
    customCssHref: () => customCss,
    labels: sources.labels,
    webhooks: sources.webhooks,
    compare: sources.compare,
    broadcaster,
    health: createHealthOf(watched),
    metrics,
    business: createBusinessMetrics({
      views: () => sources.views,
      inputs: () => settings.figures.inputs,
      now: () => Math.floor(clock.now() / 1000),
      onError: unreadable,
    }),
    tracing,
    log,
    cache,
    version: VERSION,
    runner: taskRunner(allowedEnv, Deno.version.deno),
    stopping: () => stopping,
    loading: { loaded: sources.loaded, read: sources.read, wait: clock.sleep },
  });
  await sources.announce(settings);
  const { host, port } = settings.server;
  const answered = new AbortController();
  let fresh = true;
  const answer = checkingHost(handle, metrics.recordHttp);
  const server = Deno.serve({ hostname: host, port, onListen: () => {} }, (request, info) => {
    const response = answer(request, (info.remoteAddr as Deno.NetAddr).hostname);
    if (fresh) Promise.resolve(response).finally(() => answered.abort());
    fresh = false;
    return response;
  });
  await clock.sleep(FIRST_PAGE_MS, answered.signal).catch(() => {});
  await take(settings);
  const loaded = sources.loaded();
  // Whoever waits for it hears of it; nobody has to.
  loaded.catch(() => {});
  const address = server.addr as Deno.NetAddr;
  const shown = address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname;
  return {
    url: `http://${shown}:${address.port}/`,
    views: sources.views,
    async reload(next) {
      await take(next);
      void audit.record({ action: "configuration_taken" });
    },
    audit,
    loaded,
    fault(next) {
      fault = next;
      onChange();
    },
    async stop() {
      stopping = true;
      stopTidying();
      stopSteps();
      // Draining would wait for them.
      broadcaster.close();
      const drained = server.shutdown();
      const late = new AbortController();
      await Promise.race([drained, clock.sleep(DRAIN_MS, late.signal).catch(() => {})]);
      late.abort();
      // Until here every page had its figures, and every webhook its source.
      cache.clear();
      await sources.stop();
    },
  };
}
