/**
 * The health report, in the original's shape.
 *
 * @module
 */

export type HealthStatus = "healthy" | "degraded" | "unhealthy";

export interface CheckResult {
  readonly status: HealthStatus;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Looks at one part; given up, and its signal aborted, after the time limit. */
export type Check = (signal: AbortSignal) => CheckResult | Promise<CheckResult>;

export interface HealthReport {
  /** The worst of the checks. */
  readonly status: HealthStatus;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  /** Such as "24h15m30s". */
  readonly uptime: string;
  readonly version: string;
  readonly checks: Readonly<Record<string, Required<CheckResult> & { readonly duration: string }>>;
}

export interface HealthOptions {
  readonly version: string;
  readonly clock: {
    /** Milliseconds since the epoch. */
    now(): number;
    /** Milliseconds, for durations. */
    steady(): number;
    sleep(ms: number, signal?: AbortSignal): Promise<void>;
  };
  readonly checks: Readonly<Record<string, Check>>;
  /** Milliseconds a check may take; 2,000. */
  readonly timeoutMs?: number;
  /** Told why a check failed; the report itself tells no one. Must not throw. */
  readonly onError?: (check: string, error: unknown) => void;
}

export interface Health {
  /** Runs all checks side by side. Never rejects; callers at the same time share one run. */
  report(): Promise<HealthReport>;
}

const RANKS: readonly HealthStatus[] = ["healthy", "degraded", "unhealthy"];

/** Health of a process that starts now. @throws {RangeError} for a time limit out of range */
export function createHealth(options: HealthOptions): Health {
  const { version, clock, checks, timeoutMs = 2_000, onError = () => {} } = options;
  if (!(timeoutMs > 0)) {
    throw new RangeError(
      `Cannot create health report as timeoutMs must be > 0: current value is ${timeoutMs}`,
    );
  }
  const startedAt = clock.steady();
  let running: Promise<HealthReport> | null = null;

  async function limited(name: string, check: Check): Promise<CheckResult> {
    const work = new AbortController();
    const timer = new AbortController();
    const late = clock.sleep(timeoutMs, timer.signal).then(
      () => unhealthy(`No answer within ${formatDuration(timeoutMs)}`),
      () => unhealthy("Stopped"), // the check was first
    );
    try {
      return await Promise.race([Promise.resolve(work.signal).then(check), late]);
    } catch (error) {
      onError(name, error);
      return unhealthy("The check failed");
    } finally {
      timer.abort();
      work.abort();
    }
  }

  async function measure(name: string, check: Check) {
    const begun = clock.steady();
    const { status, message, details = {} } = await limited(name, check);
    return { status, message, details, duration: formatDuration(clock.steady() - begun) };
  }

  async function run(): Promise<HealthReport> {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) =>
        [name, await measure(name, check)] as const
      ),
    );
    const worst = Math.max(0, ...results.map(([, { status }]) => RANKS.indexOf(status)));
    return {
      status: RANKS[worst]!,
      timestamp: new Date(clock.now()).toISOString(),
      uptime: formatUptime(clock.steady() - startedAt),
      version,
      checks: Object.fromEntries(results),
    };
  }

  return {
    report() {
      running ??= run().finally(() => running = null);
      return running;
    },
  };
}

function unhealthy(message: string): CheckResult {
  return { status: "unhealthy", message };
}

/** Milliseconds as text: "2ms", "1.5s". */
export function formatDuration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)}ms` : `${Math.round(ms / 100) / 10}s`;
}

/** Milliseconds as text in hours, minutes and seconds: "24h15m30s", "5m0s", "7s". */
export function formatUptime(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (h > 0) return `${h}h${m}m${s}s`;
  return m > 0 ? `${m}m${s}s` : `${s}s`;
}
