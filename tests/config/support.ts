/** A configuration's world as an object: files and environment. */
import type { ConfigIo } from "../../config/io.ts";
import { ConfigError, loadConfig, type Loaded } from "../../config/load.ts";
import { problemText } from "../../config/problems.ts";

export const LIVE_KEY = "rk_live_canary4711";
export const TEST_KEY = "rk_test_canary4712";

export interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly configPath?: string;
  readonly serves?: boolean;
}

function notFound(): Error {
  const error = new Error("no such file");
  error.name = "NotFound";
  return error;
}

export function ioOf({ env = {}, files = {}, configPath, serves }: World): ConfigIo {
  return {
    env: (name) => env[name],
    readFile: (path) =>
      files[path] === undefined ? Promise.reject(notFound()) : Promise.resolve(files[path]),
    configPath,
    serves,
  };
}

export function load(world: World): Promise<Loaded> {
  return loadConfig(ioOf(world));
}

/** Loads `glance.yml` of this text, with a test key in the environment. */
export function loadText(text: string, env: Record<string, string> = {}): Promise<Loaded> {
  return load({ files: { "glance.yml": text }, env: { STRIPE_SECRET_KEY: TEST_KEY, ...env } });
}

/** Every problem as its line of text; empty where there is none. */
export async function problemsIn(loading: Promise<unknown>): Promise<string[]> {
  try {
    await loading;
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(problemText);
    throw error;
  }
}

export function faultsOf(text: string, env: Record<string, string> = {}): Promise<string[]> {
  return problemsIn(loadText(text, env));
}
