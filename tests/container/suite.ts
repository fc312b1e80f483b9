/** One engine and one image for the container tests; they are skipped, or fail in CI, without. */
import config from "../../deno.json" with { type: "json" };
import { type Engine, engineMissing, startEngine } from "./engine.ts";
import { makeStandIns } from "./images.ts";

export const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);
export const IMAGE = `businessglance:${config.version}`;

/** Kept between runs, so that stand-ins are made once. */
export const FOLDER = `${Deno.env.get("TMPDIR") ?? "/tmp"}/businessglance-engine`;

/** The tag that a file names for an image. */
function tagIn(file: string, image: string): string {
  const found = new RegExp(`${image}:[\\w.-]+`).exec(Deno.readTextFileSync(`${ROOT}${file}`));
  if (!found) throw new Error(`${file} names no ${image}`);
  return found[0];
}

export const missing = engineMissing();

/** Starts the engine, makes the stand-ins, and builds the Dockerfile as it is. */
export async function openEngine(): Promise<Engine> {
  const engine = await startEngine(FOLDER);
  const stack = "deploy/compose/stack.yaml";
  const [, version = ""] = /^ARG DENO_VERSION=(\S+)$/m.exec(
    Deno.readTextFileSync(`${ROOT}Dockerfile`),
  ) ?? [];
  await makeStandIns(engine, FOLDER, {
    deno: version,
    postgres: tagIn(stack, "postgres"),
    nginx: tagIn(stack, "nginx"),
    prometheus: tagIn(stack, "prom/prometheus"),
    alertmanager: tagIn(stack, "prom/alertmanager"),
  });
  await engine.docker(["build", "--quiet", "--tag", IMAGE, ROOT]);
  return engine;
}

/** A test that needs the engine, or another whose lack is told. */
export function containerTest(
  name: string,
  run: (t: Deno.TestContext) => Promise<void>,
  lacking: string | null = missing,
): void {
  const ignore = lacking !== null && !Deno.env.get("CI");
  Deno.test({
    name: ignore ? `${name} (skipped: no engine, as ${lacking})` : name,
    ignore,
    // Programs of the engine outlive a test.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: (t) => lacking === null ? run(t) : Promise.reject(new Error(lacking)),
  });
}
