/**
 * The oldest runtime that is promised to work, Deno 2.5: it has no `Temporal` and no brotli. It is
 * fetched by `npx`; where that cannot be, the test says so.
 */
import assert from "node:assert/strict";
import { startGlance } from "../support/glance.ts";
import { eventually, ROOT, startProgram } from "../support/program.ts";

/** Where `npx` put the runtime, or why it cannot be had. */
async function fetchOldest(): Promise<{ readonly path: string } | { readonly missing: string }> {
  try {
    const { success, stdout } = await new Deno.Command("npx", {
      args: ["--yes", "deno@2.5.7", "eval", "console.log(Deno.execPath())"],
    }).output();
    if (!success) return { missing: "npx could not fetch it" };
    return { path: new TextDecoder().decode(stdout).trim() };
  } catch {
    return { missing: "there is no npx" };
  }
}

const oldest = await fetchOldest();
const missing = "missing" in oldest;
if (missing && Deno.env.get("CI")) throw new Error(`Deno 2.5 is needed: ${oldest.missing}`);
if (missing) console.log(`skipped: Deno 2.5: ${oldest.missing}`);
const path = missing ? "" : oldest.path;

/** Prints when each day of seventy years begins, in zones that change their clocks oddly. */
const DAYS = `
  if (!("Temporal" in globalThis)) await import("temporal-polyfill/global");
  const { createCalendar, dayKey } = await import("./src/metrics/calendar.ts");
  for (const zone of ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]) {
    const calendar = createCalendar(zone);
    for (let day = 3650; day < 29000; day += 1) console.log(dayKey(day), calendar.startOf(day));
  }
`;

async function daysOf(executable: string): Promise<string> {
  const { stdout, stderr, success } = await new Deno.Command(executable, {
    args: ["eval", DAYS],
    cwd: ROOT,
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test({
  name: "every local day begins at the same second on Deno 2.5 as here",
  ignore: missing,
  async fn() {
    const days = await daysOf(path);
    assert.ok(days.length > 1_000_000);
    assert.ok(days === await daysOf(Deno.execPath()));
  },
});

Deno.test({
  name: "the demo runs on Deno 2.5: page, movements of each month, the simulator's own books",
  ignore: missing,
  async fn() {
    await using program = await startProgram("demo", { PORT: "0" }, path);
    const page = await (await fetch(program.url)).text();
    assert.match(page, /Monthly recurring revenue|MRR/);
    const { data } = await eventually(
      async () =>
        await (await fetch(`${program.url}api/v1/movements?interval=month&currency=usd`)).json(),
      (answer) => answer.state === "fresh",
    );
    assert.ok(data.length > 12);
    assert.ok(data.every(({ end }: { end: number }) => Number.isSafeInteger(end)));
  },
});

Deno.test({
  name: "the entry point of Deno Deploy runs there, and has ended within four seconds",
  ignore: missing,
  async fn() {
    const how = { script: "deploy/deno-deploy/main.ts", executable: path };
    await using instance = startGlance([], { PORT: "0", DENO_DEPLOY: "1" }, how);
    const [, port] = await instance.said(/Open http:\/\/0\.0\.0\.0:(\d+)\//);
    const page = await fetch(`http://127.0.0.1:${port}/`);
    assert.match(await page.text(), /MRR/);
    const askedAt = performance.now();
    assert.equal(await instance.terminate("SIGINT"), 0);
    assert.ok(performance.now() - askedAt < 4_000);
  },
});
