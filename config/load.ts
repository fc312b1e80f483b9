/**
 * Reads the configuration: environment and file, every fault at once.
 *
 * @module
 */
import { checkExposure } from "./auth.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { type ConfigIo, isAbsent } from "./io.ts";
import { ConfigError, type Problem } from "./problems.ts";
import { withRates } from "./rates_file.ts";
import { createReport } from "./report.ts";
import { openAccounts, openEnvironment } from "./sealed.ts";
import type { Settings } from "./settings.ts";
import { settingsOf } from "./settings_of.ts";

export type { ConfigIo } from "./io.ts";
export { ConfigError, type Problem, problemText, whereOf } from "./problems.ts";

/** Read where neither `--config` nor `GLANCE_CONFIG` names a file, if it is there. */
export const DEFAULT_PATH = "glance.yml";

export interface Loaded {
  readonly settings: Settings;
  /** The file and what it includes, to be watched; empty for the built-in page. */
  readonly files: readonly string[];
  /** `null` for the built-in page. */
  readonly configPath: string | null;
  /** Whether there is a file that says nothing, as an editor leaves it for a moment. */
  readonly isEmpty: boolean;
}

/**
 * Loads the configuration of `--config`, else of `GLANCE_CONFIG`, else of `./glance.yml` if it is
 * there, else the built-in page with the account of the environment.
 *
 * @throws {ConfigError} with every fault of environment and file.
 */
export async function loadConfig(io: ConfigIo): Promise<Loaded> {
  const problems: Problem[] = [];
  const environment = await readEnvironment(io, problems);
  const configPath = await findPath(io, environment);
  const loaded = configPath === null
    ? await withoutFile(io, environment, problems)
    : await withFile(io, configPath, environment, problems);
  if (problems.length > 0) throw new ConfigError(inOrder(problems), loaded.files);
  return { ...loaded, configPath };
}

/** The configuration's file; `null` for the built-in page. */
export async function findPath(io: ConfigIo, environment: Environment): Promise<string | null> {
  const named = io.configPath ?? environment.configPath;
  if (named !== null) return named;
  try {
    await io.readFile(DEFAULT_PATH);
    return DEFAULT_PATH;
  } catch (error) {
    return isAbsent(error) ? null : DEFAULT_PATH;
  }
}

async function withoutFile(io: ConfigIo, environment: Environment, problems: Problem[]) {
  const report = createReport(problems);
  const opened = await openEnvironment(environment, report);
  const settings = settingsOf({}, opened, report, () => []);
  if (io.serves) checkExposure(settings, report);
  return { settings, files: [], isEmpty: false };
}

async function withFile(
  io: ConfigIo,
  path: string,
  environment: Environment,
  problems: Problem[],
) {
  // Loaded here, since YAML and zod would otherwise double the time to start without a file.
  const [{ readConfig }, { pagesOf }] = await Promise.all([
    import("./file_config.ts"),
    import("./pages.ts"),
  ]);
  const { config, files, report, faulty } = await readConfig(io, path, problems);
  // Widgets name accounts: where those have faults, nothing can be said about the names.
  const sound = faulty.has("accounts") ? { ...config, pages: undefined } : config;
  const opened = {
    ...sound,
    ...(sound.accounts
      ? { accounts: await openAccounts(sound.accounts, environment, report) }
      : {}),
  };
  const settings = settingsOf(opened, await openEnvironment(environment, report), report, pagesOf);
  if (io.serves) checkExposure(settings, report);
  const { ratesFile } = settings.figures.reporting ?? {};
  const named = sound.figures?.["rates-file"] !== undefined;
  return {
    settings: await withRates(io, settings, named, report),
    // Followed even where it is not there yet: the first import shows without a restart.
    files: ratesFile === undefined ? files : [...files, ratesFile],
    isEmpty: Object.keys(config).length === 0,
  };
}

/** As they stand in the files; faults of the environment first. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map(({ file }) => file ?? ""))];
  const rank = ({ file }: Problem) => file === null ? -1 : files.indexOf(file);
  return [...problems].sort((a, b) =>
    rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
  );
}
