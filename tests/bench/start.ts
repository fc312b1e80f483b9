/**
 * From starting the process to the first page, and what it holds a while later.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { type Child, freePort, jsonLine, mebibytes, startDeno, startProgram } from "./child.ts";
import type { SimulatorSettings } from "./programs/simulator.ts";
import { median, ratioText, type Row, type Section } from "./results.ts";

const ROUNDS = 7;
const POLL_MS = 2;
const GIVE_UP_MS = 20_000;
const SETTLED_SECONDS = 10;
const MEMORY_MAX = 110 * 1024 * 1024;

const pathOf = (path: string) => new URL(path, import.meta.url).pathname;
const MAIN = pathOf("../../main.ts");
/** The permissions of `deno task start` and `deno task demo`. */
const FLAGS = ["run", "--allow-net", "--allow-env", "--allow-read"];

interface Started {
  readonly child: Child;
  readonly ms: number;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Starts Deno with a free port in `PORT` and waits for its first 200. */
async function started(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const port = freePort();
  const startedAt = performance.now();
  const child = startDeno([...FLAGS, ...args], { ...env, PORT: String(port) });
  while (performance.now() - startedAt < GIVE_UP_MS) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`);
      await response.arrayBuffer();
      if (response.status === 200) return { child, ms: performance.now() - startedAt };
    } catch {
      // It does not listen yet.
    }
    await pause(POLL_MS);
  }
  await child[Symbol.asyncDispose]();
  throw new Error(`No answer within ${GIVE_UP_MS} ms: ${args.join(" ")}`);
}

async function timed(...args: Parameters<typeof started>): Promise<number> {
  const { child, ms } = await started(...args);
  await child[Symbol.asyncDispose]();
  return ms;
}

const bare = (): Parameters<typeof started> => [[pathOf("programs/imports_only.ts")]];
/** What V8 is told by `deno task demo`. */
const DEMO_FLAGS = config.tasks.demo.command.split(" ").filter((word) => word.startsWith("--v8-"));
const demo = (): Parameters<typeof started> => [
  [...DEMO_FLAGS, MAIN, "demo"],
  { STRIPE_SECRET_KEY: "" },
];
const serve = (simulator: string): Parameters<typeof started> => [
  [MAIN, "serve"],
  { STRIPE_SECRET_KEY: "rk_test_simulator", STRIPE_API_BASE: simulator },
];

function startRow(what: string, ours: readonly number[], baseline: readonly number[]): Row {
  const ratio = median(ours) / median(baseline);
  return {
    what,
    figure: `${median(ours).toFixed(0)} ms; imports alone ${median(baseline).toFixed(0)} ms`,
    ratio: ratioText(ratio),
    target: "ratio ≤ 1.5",
    met: ratio <= 1.5,
  };
}

/** Process start to the first 200 of `/`. */
export async function start(): Promise<Section> {
  const settings: SimulatorSettings = { customers: 2000, now: Math.floor(Date.now() / 1000) };
  await using simulator = startProgram("simulator", settings);
  const { url } = await jsonLine<{ url: string }>(simulator);
  const kinds = [bare(), serve(url), demo()] as const;
  // Once without counting, so that everything is in the module cache.
  for (const kind of kinds) await timed(...kind);
  const times: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, kind] of kinds.entries()) times[index]!.push(await timed(...kind));
  }
  const [baseline, serving, demonstrating] = times;
  return {
    title: "process start to the first page",
    about: "Against a process that imports hono, zod, stripe and preact and answers 200; modules " +
      `cached, medians of ${ROUNDS} alternating rounds. The demo makes its company, 2,000 ` +
      "customers over two years, first.",
    rows: [
      startRow("serve, over a simulator", serving, baseline),
      startRow("demo", demonstrating, baseline),
    ],
  };
}

/** What the demo holds once it has settled. */
export async function memory(): Promise<Section> {
  const { child: demonstrating } = await started(...demo());
  await using _demo = demonstrating;
  const { child: importing } = await started(...bare());
  await using _bare = importing;
  await pause(SETTLED_SECONDS * 1000);
  const { rssBytes, peakBytes } = demonstrating.usage();
  const baseline = importing.usage().rssBytes;
  return {
    title: `resident memory of the demo after ${SETTLED_SECONDS} s`,
    about:
      "Against a process that imports hono, zod, stripe and preact. The demo's process holds " +
      "the simulator and its company too.",
    rows: [{
      what: "RSS of the demo",
      figure: `${mebibytes(rssBytes)}, at most ${mebibytes(peakBytes)}; imports alone ` +
        mebibytes(baseline),
      ratio: ratioText(rssBytes / baseline),
      target: "≤ 110 MB",
      met: rssBytes <= MEMORY_MAX,
    }],
  };
}
