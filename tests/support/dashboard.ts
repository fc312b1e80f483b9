/** A whole dashboard over a simulator, on a free port of this machine. */
import { loadConfig } from "../../config/load.ts";
import type { Settings } from "../../config/settings.ts";
import { type Server, type ServerOptions, startServer } from "../../src/cli/server.ts";
import { createLogger } from "../../src/observability/log.ts";
import { systemClock } from "../../src/resilience/clock.ts";
import type { ResilientFetchOptions } from "../../src/resilience/resilient_fetch.ts";
import { type Simulator, SIMULATOR_KEY } from "../../src/simulator/mod.ts";
import type { SourceView } from "../../src/store/port.ts";
import type { Clock, FetchLike } from "../../src/stripe/client.ts";

export interface DashboardOptions extends Pick<ServerOptions, "database" | "backups"> {
  readonly simulator: Simulator;
  readonly key?: string;
  readonly settings?: (settings: Settings) => Settings;
  readonly limits?: Partial<ResilientFetchOptions>;
  readonly pollSeconds?: number;
  /** The clock of the machine without it. */
  readonly clock?: Clock;
}

export interface Dashboard extends AsyncDisposable {
  readonly server: Server;
  readonly url: string;
  /** The only source. */
  readonly view: SourceView;
  /** Every line that was logged. */
  readonly lines: readonly string[];
  get(path: string, init?: RequestInit): Promise<Response>;
  json(path: string): Promise<Record<string, never>>;
  /** Resolves once the source is as it should be. */
  until(condition: (view: SourceView) => boolean): Promise<void>;
}

/** Limits under which a test is not held up. */
export const FAST: Partial<ResilientFetchOptions> = {
  bucket: { capacity: 1_000_000, refillPerSecond: 1_000_000 },
  concurrency: 16,
  retry: { delayMs: 1 },
};

/** The settings that an environment alone gives. */
export async function settingsFrom(env: Readonly<Record<string, string>>): Promise<Settings> {
  const { settings } = await loadConfig({
    env: (name) => env[name],
    readFile: (path) => Promise.reject(new Deno.errors.NotFound(path)),
  });
  return settings;
}

export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const base = await settingsFrom({
    STRIPE_SECRET_KEY: options.key ?? SIMULATOR_KEY,
    STRIPE_API_BASE: "http://127.0.0.1:9",
  });
  const anyPort: Settings = { ...base, server: { ...base.server, port: 0 } };
  const clock = options.clock ?? systemClock();
  const lines: string[] = [];
  const server = await startServer({
    settings: options.settings?.(anyPort) ?? anyPort,
    clock,
    log: createLogger({
      level: "debug",
      format: "json",
      now: clock.now,
      write: (line) => void lines.push(line),
    }),
    fetch: options.simulator.fetch as FetchLike,
    limits: { ...FAST, ...options.limits },
    pollSeconds: options.pollSeconds ?? 0.02,
    ...(options.database ? { database: options.database } : {}),
    ...(options.backups ? { backups: options.backups } : {}),
  });
  await server.loaded;
  const view = server.views.values().next().value!;
  const url = server.url.replace(/\/$/, "");
  return {
    server,
    url,
    view,
    lines,
    get: (path, init) => fetch(`${url}${path}`, init),
    json: async (path) => await (await fetch(`${url}${path}`)).json(),
    until(condition) {
      if (condition(view)) return Promise.resolve();
      return new Promise((resolve) => {
        const end = view.subscribe(() => {
          if (!condition(view)) return;
          end();
          resolve();
        });
      });
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** A dashboard whose figures stand and whose past is rebuilt, as far as the key allows. */
export async function startLiveDashboard(options: DashboardOptions): Promise<Dashboard> {
  const dashboard = await startDashboard(options);
  await dashboard.until(({ status }) =>
    status.asOf !== null && (status.historyDone || status.permissions.invoices === "missing")
  );
  return dashboard;
}
