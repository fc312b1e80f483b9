/**
 * Runs the test suite and closes with the line `N passed, N failed` that any reader of a log
 * understands. Exits 1 when a test failed or none ran.
 *
 * `--long` runs the campaigns in `tests/long/` instead, `--container` those that need a Docker
 * engine; `--full` gives them their full size.
 */
const apart = ["long", "container"].find((folder) => Deno.args.includes(`--${folder}`));
const targets = [apart ? `tests/${apart}/` : "tests/"];
const ignore = apart ? [] : ["--ignore=tests/long,tests/container,tests/bench"];
// Campaigns measure, or have one engine: they run one after the other.
const parallel = apart ? [] : ["--parallel"];

const child = new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", "--no-check", ...parallel, ...ignore, ...targets],
  env: { NO_COLOR: "1", ...(Deno.args.includes("--full") ? { LONG_TESTS_FULL: "1" } : {}) },
  stdout: "piped",
  stderr: "inherit",
}).spawn();

let tail = "";
for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
  await Deno.stdout.write(new TextEncoder().encode(text));
  tail = (tail + text).slice(-4000);
}
const { code } = await child.status;

const summary = /(\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed/.exec(tail);
const passed = Number(summary?.[1] ?? 0);
const failed = Number(summary?.[2] ?? 1);
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(code !== 0 || passed === 0 || failed > 0 ? 1 : 0);
