/**
 * Puts old faults back, one at a time, and shows that a test fails on each: a test that stays green
 * on the fault that it was written for holds nothing.
 *
 * Each `tests/mutations/*.patch` begins with `test: FILE` (and `filter: TEXT` to run only the tests
 * whose names contain it), followed by a diff that brings the fault back. Patches given as arguments
 * are run alone. Closes with `N passed, N failed`.
 */
const root = new URL("../../", import.meta.url).pathname;
const patches = new URL("../mutations/", import.meta.url).pathname;

async function run(command: string, args: readonly string[], cwd: string) {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/** The tracked files, and those about to be, in a folder of their own. */
async function copyTree(): Promise<string> {
  const copy = await Deno.makeTempDir({ prefix: "mutations-" });
  const { text } = await run("git", ["ls-files", "-co", "--exclude-standard"], root);
  for (const name of text.split("\n").filter((each) => each !== "")) {
    const folder = `${copy}/${name}`.replace(/\/[^/]*$/, "");
    await Deno.mkdir(folder, { recursive: true });
    await Deno.copyFile(root + name, `${copy}/${name}`).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  return copy;
}

function header(patch: string, key: string): string | null {
  return new RegExp(`^${key}: (.+)$`, "m").exec(patch)?.[1] ?? null;
}

/** Why the patch shows nothing, or `null` where its test fails as it must. */
async function problemOf(copy: string, name: string): Promise<string | null> {
  const patch = await Deno.readTextFile(patches + name);
  const test = header(patch, "test");
  if (test === null) return "names no test";
  const filter = header(patch, "filter");
  const applied = await run("git", ["apply", patches + name], copy);
  if (applied.code !== 0) return `does not apply: ${applied.text.trim()}`;
  try {
    const args = ["test", "-A", "--no-check", ...(filter ? ["--filter", filter] : []), test];
    const { code, text } = await run(Deno.execPath(), args, copy);
    const ran = /(\d+) passed.*\| (\d+) failed/.exec(text);
    if (text.includes("(uncaught error)")) return "its test cannot be loaded";
    if (!ran) return `its test did not run: ${text.slice(-400)}`;
    return code !== 0 && Number(ran[2]) > 0 ? null : "its test stays green";
  } finally {
    await run("git", ["apply", "-R", patches + name], copy);
  }
}

const names = [...Deno.readDirSync(patches)].map(({ name }) => name)
  .filter((name) => name.endsWith(".patch"))
  .filter((name) => Deno.args.length === 0 || Deno.args.some((given) => given.endsWith(name)))
  .sort();
const copy = await copyTree();
let failed = 0;
for (const name of names) {
  const problem = await problemOf(copy, name);
  if (problem !== null) failed++;
  console.log(`${name} ... ${problem === null ? "ok: its test fails" : `FAILED: ${problem}`}`);
}
await Deno.remove(copy, { recursive: true });
console.log(`${names.length - failed} passed, ${failed} failed`);
Deno.exit(failed > 0 || names.length === 0 ? 1 : 0);
