/**
 * `glance serve` and `glance demo`: reads the configuration, serves, reloads, stops.
 *
 * @module
 */
import { ConfigError, loadConfig, type Loaded } from "../../config/load.ts";
import { whereOf } from "../../config/problems.ts";
import type { Settings } from "../../config/settings.ts";
import { watchConfig } from "../../config/watch.ts";
import { taskRunner } from "../../routes/start_command.ts";
import { allowedEnv } from "./allowed_env.ts";
import { awaitDatabase } from "./await_database.ts";
import { createLineWriter } from "../observability/line_writer.ts";
import { createLimitedLog } from "../observability/limited_log.ts";
import { createLogger, type Logger } from "../observability/log.ts";
import { systemClock } from "../resilience/clock.ts";
import type { Clock } from "../stripe/client.ts";
import type { BackupSchedule } from "./database/backups.ts";
import type { DemoWorld } from "./demo.ts";
import { listenFault } from "./faults.ts";
import { configIo } from "./io.ts";
import { openDatabase } from "./open_database.ts";
import { type Server, type ServerOptions, startServer } from "./server.ts";
import { configuredTracing } from "./traced.ts";
import { outliveUncaught } from "./uncaught.ts";

/** Ports that a demo tries after the wanted one. */
const PORTS_MAX = 20;

const NO_ACCOUNT = "no account is configured, so there is nothing to show: " +
  "set STRIPE_SECRET_KEY, or accounts in the configuration";

interface Output {
  readonly log: Logger;
  flush(): void;
}

function createOutput(settings: Settings, clock: Clock): Output {
  const writer = createLineWriter({
    writeSync: (bytes) => Deno.stdout.writeSync(bytes),
    schedule: (flush, ms) => void setTimeout(flush, ms),
  });
  const log = createLogger({ ...settings.log, now: clock.now, write: writer.write });
  return { log, flush: writer.flush };
}

function withPort(settings: Settings, port: number): Settings {
  return { ...settings, server: { ...settings.server, port } };
}

/** The error as a sentence where nothing can listen; any other as it is. */
function explainListening(
  error: unknown,
  { host, port }: Pick<Settings["server"], "host" | "port">,
): unknown {
  const fault = listenFault(error, host, port);
  return fault === null ? error : new TypeError(fault, { cause: error });
}

/** Serves on the wanted port; a demo takes the next free one. */
async function serveOnFreePort(options: ServerOptions, tries: number): Promise<Server> {
  const { settings } = options;
  const { port, host } = settings.server;
  for (let offset = 0;; offset++) {
    try {
      return await startServer({ ...options, settings: withPort(settings, port + offset) });
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse && offset + 1 < tries) continue;
      throw explainListening(error, { host, port });
    }
  }
}

/** Resolves when the process is asked to end. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, () => resolve());
    }
  });
}

/** Takes changes of the configuration while the server runs. */
function followConfig(loaded: Loaded, configPath: string | undefined, server: Server, log: Logger) {
  if (loaded.files.length === 0) return { stop: () => {} };
  const watch = watchConfig({
    files: loaded.files,
    isEmpty: loaded.isEmpty,
    load: () => loadConfig({ ...configIo(configPath), serves: true }),
    watch: (folder) => Deno.watchFs(folder, { recursive: false }),
    schedule(callback, ms) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    onLoaded({ settings }) {
      server.reload(settings).then(
        () => log.info("configuration taken"),
        (error) => log.error("configuration not taken", { error }),
      );
    },
    onFault(error) {
      const first = error instanceof ConfigError ? error.problems[0] : undefined;
      const key = first?.key ? `${first.key}: ` : "";
      const message = first ? `${key}${first.message}` : "the file could not be read";
      server.fault({ message, where: first ? whereOf(first) : null });
      log.error("configuration not taken", { problem: error.message });
    },
  });
  // In a terminal it says that the terminal is closed, which ends the program as ever.
  if (Deno.build.os !== "windows" && !Deno.stdin.isTerminal()) {
    Deno.addSignalListener("SIGHUP", watch.reload);
  }
  return watch;
}

/** Whether every account was read, or cannot be for now. */
function hasBeenRead({ views }: Server): boolean {
  return [...views.values()].every(({ status: { asOf, phase } }) =>
    asOf !== null || phase === "key_rejected" || phase === "permission_missing"
  );
}

async function run(
  loaded: Loaded,
  configPath: string | undefined,
  world: ((clock: Clock, log: Logger) => DemoWorld) | null,
  onServer: (server: Server) => void = () => {},
): Promise<void> {
  const clock = systemClock();
  const demo = world !== null;
  const quiet: Settings = demo
    ? { ...loaded.settings, log: { level: "warn", format: "text" } }
    : loaded.settings;
  const { log, flush } = createOutput(quiet, clock);
  const stopped = stopSignal();
  outliveUncaught(createLimitedLog({ log, now: clock.now }));
  const made = world && world(clock, log);
  const options: ServerOptions = {
    settings: made ? made.settings(loaded.settings) : loaded.settings,
    clock,
    log,
    tracing: configuredTracing((name) => Deno.env.get(name), clock.now),
    ...(made?.fetch ? { fetch: made.fetch } : {}),
    ...(made ? { pollSeconds: made.pollSeconds, limits: made.limits, demo: made.demo } : {}),
  };
  const { server: listen } = options.settings;
  const waiting = new AbortController();
  void stopped.then(() => waiting.abort());
  const opened = await awaitDatabase({
    ...listen,
    open: () => openDatabase(options.settings, clock, log),
    clock,
    log,
    signal: waiting.signal,
  }).catch((error) => {
    throw explainListening(error, listen);
  });
  if (opened === null) return end(flush);
  const { database } = opened;
  let backups: BackupSchedule | null = null;
  const server = await serveOnFreePort(
    {
      ...options,
      settings: withPort(options.settings, opened.port),
      database,
      backups: () => backups,
    },
    demo ? PORTS_MAX : 1,
  );
  onServer(server);
  made?.deliverTo(server.url);
  const watcher = made ? { stop: () => {} } : followConfig(loaded, configPath, server, log);
  if (made) {
    console.log(`\n  BusinessGlance demo: a synthetic company, nothing leaves this machine`);
    console.log(`  Open ${server.url}\n`);
  } else {
    log.info("serving", { url: server.url, sources: loaded.settings.accounts.length });
    if (options.settings.accounts.length === 0) log.warn(NO_ACCOUNT);
  }
  const { databasePath } = options.settings;
  if (database && "journal" in database && databasePath !== null) {
    const { BACKUPS_KEPT, scheduleBackups } = await import("./database/backups.ts");
    backups = scheduleBackups(databasePath, {
      keep: BACKUPS_KEPT,
      clock,
      log,
      ready: () => hasBeenRead(server),
    });
  }
  // What cannot be understood ends the program, as its figures would be wrong.
  await Promise.race([stopped, server.loaded.then(() => stopped)]);
  await backups?.stop();
  log.info("stopping");
  watcher.stop();
  await server.stop();
  if (database && "journal" in database) database[Symbol.dispose]();
  else await database?.[Symbol.asyncDispose]();
  made?.stop();
  end(flush);
}

function end(flush: () => void): never {
  flush();
  Deno.exit(0);
}

/**
 * Serves the configured accounts.
 *
 * @param onServer Told the server once it listens.
 * @throws {ConfigError | TypeError}
 */
export async function serve(
  configPath: string | undefined,
  onServer?: (server: Server) => void,
): Promise<void> {
  const loaded = await loadConfig({ ...configIo(configPath), serves: true });
  await run(loaded, configPath, null, onServer);
}

/**
 * Serves the synthetic company.
 *
 * @param inProcess Without a server for its Stripe.
 * @throws {TypeError} when a real key is in the environment.
 */
export async function demo(inProcess = false): Promise<void> {
  if (Deno.env.get("STRIPE_SECRET_KEY")) {
    throw new TypeError(
      "The demo shows a synthetic company and takes no key: unset STRIPE_SECRET_KEY, " +
        `or show your own account with: ${taskRunner(allowedEnv, Deno.version.deno)} start`,
    );
  }
  const io = configIo(undefined);
  // Only what says where to listen is taken: the demo is the same on every machine.
  const names = ["PORT", "HOST"];
  const loaded = await loadConfig({
    ...io,
    env: (name) => names.includes(name) ? io.env(name) : undefined,
    readFile: (path) => Promise.reject(new Deno.errors.NotFound(path)),
  });
  const { startDemo } = await import("./demo.ts");
  await run(loaded, undefined, (clock, log) => startDemo(clock, log, inProcess));
}
