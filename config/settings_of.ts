/**
 * From the checked file and the environment to what the program is built from. The environment
 * wins over the file.
 *
 * @module
 */
import { authOf } from "./auth.ts";
import { type Accounts, createAccounts } from "./accounts.ts";
import { defaultPages } from "./default_pages.ts";
import type { Environment } from "./environment.ts";
import { figuresOf } from "./figures.ts";
import type { PageConfig } from "./pages_schema.ts";
import { fromEnvironment, type Path, type Report } from "./report.ts";
import type { FileConfig } from "./schema.ts";
import type { AccountSettings, PageSettings, ServerSettings, Settings } from "./settings.ts";
import { brandingOf, themeOf } from "./theme.ts";

/** Makes the settings of configured pages; handed in, since it is only loaded for a file. */
export type MakePages = (
  pages: readonly PageConfig[],
  accounts: Accounts,
  report: Report,
) => PageSettings[];

const HOST = "127.0.0.1";
const PORT = 8080;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

/** Nobody logs in yet, so revenue is not shown to a network (design.md section 6). */
function checkExposure(
  host: string,
  at: Path,
  accounts: readonly AccountSettings[],
  report: Report,
): void {
  if (LOOPBACK.test(host) || !accounts.some(({ mode }) => mode === "live")) return;
  report(
    at,
    "must be a loopback address while a live key is configured and no auth, as everyone on the " +
      "network would see revenue: configure auth.users, or use 127.0.0.1, or a test key",
  );
}

function serverOf(config: FileConfig["server"] = {}, environment: Environment): ServerSettings {
  return {
    host: environment.host ?? config.host ?? HOST,
    port: environment.port ?? config.port ?? PORT,
    proxied: config.proxied ?? false,
    baseUrl: config["base-url"] ?? null,
    assetsPath: config["assets-path"] ?? null,
  };
}

/** Makes the settings; what does not fit together goes to `report`. */
export function settingsOf(
  config: FileConfig,
  environment: Environment,
  report: Report,
  makePages: MakePages,
): Settings {
  const accounts = createAccounts(config.accounts ?? {}, environment, report);
  const pages = config.pages
    ? makePages(config.pages, accounts, report)
    : defaultPages(accounts.nameFor({}, []));
  const server = serverOf(config.server, environment);
  const hostAt = environment.host === null ? ["server", "host"] : fromEnvironment("HOST");
  const auth = authOf(config.auth, report);
  if (!auth) checkExposure(server.host, hostAt, accounts.list(), report);
  return {
    server,
    branding: brandingOf(config.branding),
    theme: themeOf(config.theme),
    pages,
    accounts: accounts.list(),
    figures: figuresOf(config.figures, environment.acquisitionCost, report),
    auth,
    log: {
      level: environment.logLevel ?? config.log?.level ?? "info",
      format: environment.logFormat ?? config.log?.format ?? "json",
    },
    metrics: {
      enabled: environment.metricsEnabled ?? config.metrics?.enabled ?? true,
      token: environment.metricsToken,
      public: config.metrics?.public ?? false,
    },
    databasePath: environment.databasePath,
    database: environment.database,
    healthPublic: config.health?.public ?? false,
  };
}
