/**
 * From the checked file and the environment to what the program is built from. The environment
 * wins over the file.
 *
 * @module
 */
import { type AddressRange, isLoopback, parseRange } from "../src/security/address.ts";
import { authOf, checkPageUsers } from "./auth.ts";
import { type Accounts, createAccounts } from "./accounts.ts";
import { defaultPages } from "./default_pages.ts";
import type { Environment } from "./environment.ts";
import { figuresOf } from "./figures.ts";
import type { PageConfig } from "./pages_schema.ts";
import type { Report } from "./report.ts";
import type { FileConfig } from "./schema.ts";
import type { PageSettings, ServerSettings, Settings } from "./settings.ts";
import { brandingOf, themeOf } from "./theme.ts";

/** Makes the settings of configured pages; handed in, since it is only loaded for a file. */
export type MakePages = (
  pages: readonly PageConfig[],
  accounts: Accounts,
  report: Report,
) => PageSettings[];

const HOST = "127.0.0.1";
const PORT = 8080;
/** Where a proxy comes from unless it is said: this machine, and networks that are nobody's. */
const PRIVATE = [
  "127.0.0.0/8",
  "::1",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "fc00::/7",
];

function trustedOf(config: NonNullable<FileConfig["server"]>, report: Report): AddressRange[] {
  return (config["trusted-proxies"] ?? PRIVATE).flatMap((text, index) => {
    try {
      return [parseRange(text)];
    } catch (error) {
      report(["server", "trusted-proxies", index], (error as TypeError).message);
      return [];
    }
  });
}

/** A host as it stands in addresses, without the brackets of IPv6. */
const bareHost = (name: string) => name.toLowerCase().replace(/^\[|\]$/g, "");

/** A server on loopback alone has no other name; any other answers to all, unless it is told. */
function hostsOf(
  config: NonNullable<FileConfig["server"]>,
  host: string,
  proxied: boolean,
): ReadonlySet<string> | null {
  const base = URL.parse(config["base-url"] ?? "")?.hostname;
  const named = [...config["allowed-hosts"] ?? [], ...(base ? [base] : [])];
  if (named.length === 0 && (proxied || !isLoopback(host))) return null;
  return new Set(named.map((name) => name.toLowerCase()));
}

function serverOf(
  config: FileConfig["server"] = {},
  environment: Environment,
  report: Report,
): ServerSettings {
  const hops = Number(config.proxied ?? false);
  const host = environment.host ?? config.host ?? HOST;
  if (hops === 0 && config["trusted-proxies"]) {
    report(["server", "trusted-proxies"], "counts with proxied alone: add proxied: true");
  }
  return {
    host,
    port: environment.port ?? config.port ?? PORT,
    proxied: hops > 0,
    proxy: { hops, trusted: hops === 0 ? [] : trustedOf(config, report) },
    trustsByName: config["trusted-proxies"] !== undefined,
    baseUrl: config["base-url"] ?? null,
    hosts: hostsOf(config, host, hops > 0),
    securityContacts: [config["security-contact"] ?? []].flat()
      .map((contact) => /^(?:https|tel|mailto):/.test(contact) ? contact : `mailto:${contact}`),
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
  const server = serverOf(config.server, environment, report);
  const settings: Settings = {
    server,
    branding: brandingOf(config.branding),
    theme: themeOf(config.theme),
    pages,
    accounts: accounts.list(),
    figures: figuresOf(config.figures, environment.acquisitionCost, report),
    auth: authOf(config.auth, server, report),
    log: {
      level: environment.logLevel ?? config.log?.level ?? "info",
      format: environment.logFormat ?? config.log?.format ?? "json",
    },
    network: {
      allow: new Set((config.network?.allow ?? []).map(bareHost)),
    },
    metrics: {
      enabled: environment.metricsEnabled ?? config.metrics?.enabled ?? true,
      token: environment.metricsToken,
      public: config.metrics?.public ?? false,
      business: config.metrics?.business ?? false,
    },
    masterKeys: [environment.masterKey, environment.masterKeyPrevious]
      .filter((key) => key !== null),
    databasePath: environment.databasePath,
    database: environment.database,
    healthPublic: config.health?.public ?? false,
  };
  checkPageUsers(settings, report);
  return settings;
}
