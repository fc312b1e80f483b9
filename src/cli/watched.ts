/**
 * What metrics and the health report read of the running parts.
 *
 * @module
 */
import type { Broadcaster } from "../../routes/broadcast.ts";
import type { PageCache } from "../../routes/page_cache.ts";
import { createHealth } from "../observability/health.ts";
import { databaseCheck, memoryCheck, stripePoolCheck } from "../observability/health_checks.ts";
import type { Logger } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { SourceView, SyncStatus } from "../store/port.ts";
import type { Clock } from "../stripe/client.ts";
import type { Database } from "./server.ts";
import type { Sources } from "./sources.ts";
import { VERSION } from "./version.ts";

/** What is known of the backups of a file. */
export interface BackupState {
  /** When the newest verified one was made, Unix milliseconds; `null` before the first. */
  newestAt(): number | null;
  /** Size of the newest verified one; `null` before the first. */
  newestBytes(): number | null;
  /** Whether the newest try failed. */
  failed(): boolean;
}

export interface Watched {
  readonly clock: Clock;
  readonly log: Logger;
  readonly sources: Sources;
  readonly database: Database | null;
  readonly cache: PageCache;
  readonly broadcaster: Broadcaster;
  readonly backups: () => BackupState | null;
}

/** Days with a close, of all currencies: as many snapshots as a database would keep. */
function daysOf({ movements, calendar }: SourceView, now: number): number {
  const first = movements.firstDay();
  if (first === null) return 0;
  return movements.currencies().length * (calendar.dayOf(now) - first + 1);
}

/** Daily snapshots; each is one of revenue and of customers. */
async function recordCounts({ clock, database, sources }: Watched) {
  const now = Math.floor(clock.now() / 1000);
  const days = database
    ? await database.countSnapshots()
    : [...sources.views.values()].reduce((sum, view) => sum + daysOf(view, now), 0);
  return { revenue: days, customer: days };
}

/** What is read of the status of each source; `null` leaves one out. */
function bySource<T>({ views }: Sources, read: (status: SyncStatus) => T | null) {
  const found: Record<string, T> = {};
  for (const [name, { status }] of views) {
    const value = read(status);
    if (value !== null) found[name] = value;
  }
  return found;
}

/** Adds what is read when metrics are scraped. */
export function watchMetrics(metrics: Metrics, watched: Watched): void {
  const { clock, sources, cache, database, broadcaster, backups } = watched;
  const startedAt = clock.steady();
  metrics.watch({
    uptimeSeconds: () => (clock.steady() - startedAt) / 1000,
    memoryAllocBytes: () => Deno.memoryUsage().heapUsed,
    stripeClients: () => sources.pool.size(),
    breakerStates: () => sources.pool.states(),
    dbRecords: () => recordCounts(watched),
    dbSizeBytes: () => database?.sizeBytes() ?? 0,
    syncLagSeconds: () =>
      bySource(sources, ({ asOf }) => asOf === null ? null : clock.now() / 1000 - asOf),
    sourcePhases: () => bySource(sources, ({ phase }) => phase),
    cacheHits: () => cache.hits(),
    cacheLookups: () => cache.lookups(),
    streamClients: broadcaster.clients,
  });
  if (!database || !("journal" in database)) return;
  metrics.watch({
    backupAgeSeconds() {
      const newest = backups()?.newestAt() ?? null;
      return newest === null ? null : (clock.now() - newest) / 1000;
    },
    backupSizeBytes: () => backups()?.newestBytes() ?? null,
    backupFailed: () => backups()?.failed() ? 1 : 0,
  });
}

/** Whether a source does not follow Stripe: its key is refused, or its figures are of before. */
function isBehind({ phase, staleSince, problem }: SyncStatus): boolean {
  return phase === "key_rejected" || phase === "permission_missing" || staleSince !== null ||
    problem !== null;
}

/** The health report of the running parts. */
export function createHealthOf(watched: Watched) {
  const { clock, log, sources, database, backups } = watched;
  return createHealth({
    version: VERSION,
    clock,
    checks: {
      database: databaseCheck(
        async () => {
          await database?.probe();
          return await recordCounts(watched);
        },
        () => backups()?.failed() ?? false,
      ),
      memory: memoryCheck(() => {
        const { heapUsed, rss } = Deno.memoryUsage();
        return { allocBytes: heapUsed, sysBytes: rss };
      }),
      stripe_pool: stripePoolCheck(() => ({
        clients: sources.pool.size(),
        circuits: sources.pool.states(),
        behind: [...sources.views.values()].filter(({ status }) => isBehind(status)).length,
      })),
    },
    onError: (check, error) => log.warn("health check failed", { check, error }),
  });
}
