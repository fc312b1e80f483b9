/**
 * The benchmarks: `deno task bench`, or `deno task bench http render` for a part. Each prints its
 * figures with a ratio against a baseline of the same run and writes them to `RESULTS.md`, where
 * a part replaces only its own section. Targets are design figures: none gates a test.
 *
 * What is measured runs in a process of its own, and so does what asks it; rounds alternate with
 * the baseline's. Everything listens on loopback, is bounded in time and is stopped at the end.
 *
 * @module
 */
import { backfill } from "./backfill.ts";
import { http } from "./http.ts";
import { past } from "./past.ts";
import { webhooks } from "./webhooks.ts";
import { render } from "./render.ts";
import { rights } from "./rights.ts";
import { store } from "./store.ts";
import { stores } from "./stores.ts";
import { memory, start } from "./start.ts";
import { type Benchmark, circumstances, sectionText, withSections } from "./results.ts";

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  http,
  rights,
  render,
  backfill,
  past,
  store,
  stores,
  start,
  memory,
  webhooks,
};

const RESULTS = new URL("RESULTS.md", import.meta.url);

async function readResults(): Promise<string> {
  try {
    return await Deno.readTextFile(RESULTS);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Written as the formatter would have it, since it is checked like any other file. */
async function writeResults(text: string): Promise<void> {
  await Deno.writeTextFile(RESULTS, text);
  const args = ["fmt", "--quiet", RESULTS.pathname];
  await new Deno.Command(Deno.execPath(), { args }).output();
}

/** Runs the named benchmarks, or all. @throws {TypeError} for a name that is none of them. */
async function run(names: readonly string[]): Promise<void> {
  const all = Object.keys(BENCHMARKS);
  const unknown = names.find((name) => !Object.hasOwn(BENCHMARKS, name));
  if (unknown !== undefined) {
    throw new TypeError(`Unknown benchmark ${unknown}: known are ${all.join(", ")}`);
  }
  const fresh = new Map<string, string>();
  for (const name of names.length > 0 ? names : all) {
    console.error(`${name} …`);
    const begun = circumstances();
    const text = sectionText(name, await BENCHMARKS[name]!(), begun);
    console.log(text);
    fresh.set(name, text);
    await writeResults(withSections(await readResults(), all, fresh));
  }
}

if (import.meta.main) await run(Deno.args);
