/**
 * From the checked configuration and the environment to what the program is built from. The
 * environment wins over the file.
 *
 * @module
 */
import { PRESETS } from "../src/metrics/options.ts";
import { createAccounts } from "./accounts.ts";
import type { AccountsConfig } from "./accounts_schema.ts";
import { defaultPage } from "./default_page.ts";
import type { Environment } from "./environment.ts";
import { fromEnvironment, type Report } from "./report.ts";
import type { AccountSettings, Settings } from "./settings.ts";

export interface FileConfig {
  readonly accounts?: AccountsConfig | undefined;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

/** Nobody logs in yet, so revenue is not shown to a network (design.md section 6). */
function checkExposure(
  host: string,
  accounts: readonly AccountSettings[],
  report: Report,
  path = fromEnvironment("HOST"),
): void {
  if (LOOPBACK.test(host) || !accounts.some(({ mode }) => mode === "live")) return;
  report(
    path,
    "must be a loopback address such as 127.0.0.1 while a live key is configured, as there is no " +
      "sign-in yet: set HOST=127.0.0.1 and put a reverse proxy with authentication in front, or " +
      "use a test key",
  );
}

/** Makes the settings; what does not fit together goes to `report`. */
export function settingsOf(
  config: FileConfig,
  environment: Environment,
  report: Report,
): Settings {
  const accounts = createAccounts(config.accounts ?? {}, environment, report);
  const pages = [defaultPage(accounts.nameFor({}, []))];
  const host = environment.host ?? "127.0.0.1";
  checkExposure(host, accounts.list(), report);
  return {
    server: {
      host,
      port: environment.port ?? 8080,
      proxied: false,
      baseUrl: null,
      assetsPath: null,
    },
    branding: { appName: "BusinessGlance", logoText: "BusinessGlance", hideFooter: false },
    theme: { colors: {}, customCssFile: null, disablePicker: false, presets: {} },
    pages,
    accounts: accounts.list(),
    figures: { preset: "stripe", options: PRESETS.stripe, reporting: null },
    log: { level: environment.logLevel ?? "info", format: environment.logFormat ?? "json" },
    metrics: {
      enabled: environment.metricsEnabled ?? true,
      token: environment.metricsToken,
      public: false,
    },
    healthPublic: false,
  };
}
