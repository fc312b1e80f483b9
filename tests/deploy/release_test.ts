/** The release workflow as far as it can be looked at without a runner of its own. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { versionOf } from "../../deploy/release_version.ts";
import { VERSION } from "../../src/cli/version.ts";
import { ROOT } from "../support/program.ts";
import { runTool } from "../support/tool.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly "timeout-minutes": number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: { readonly push: { readonly tags: readonly string[] } };
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<"test" | "image" | "release", Job>>;
}

const text = await Deno.readTextFile(new URL(".github/workflows/release.yml", ROOT));
const workflow: Workflow = parse(text);
const { test, image, release } = workflow.jobs;
const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
const using = (job: Job, action: string) =>
  job.steps.find(({ uses }) => uses?.startsWith(`${action}@`))!.with!;

Deno.test("a release begins with a tag, and only after everything was tested", () => {
  assert.deepEqual(workflow.on, { push: { tags: ["v*"] } });
  assert.ok(test.steps.some(({ run }) => run === ".ci/run"));
  assert.equal(image.needs, "test");
  assert.deepEqual(release.needs, ["test", "image"]);
});

Deno.test("every action is pinned to a commit, with its version for the reader, and to one only", () => {
  const lines = text.split("\n").filter((line) => /^ +(- )?uses:/.test(line));
  assert.equal(lines.length, steps.filter(({ uses }) => uses).length);
  for (const line of lines) {
    assert.match(line, /uses: [\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
  }
  const pins = new Set(lines.map((line) => line.split("uses: ")[1]!));
  const actions = new Set([...pins].map((pin) => pin.split("@")[0]));
  assert.equal(pins.size, actions.size);
});

Deno.test("nothing that a tag is called is put into a command, and no job may do more than it needs", () => {
  for (const { run } of steps) assert.doesNotMatch(run ?? "", /\$\{\{/);
  assert.deepEqual(workflow.permissions, { contents: "read" });
  assert.equal(test.permissions, undefined);
  assert.equal(image.permissions!.contents, "read");
  assert.deepEqual(release.permissions, { contents: "write" });
  for (const job of Object.values(workflow.jobs)) assert.ok(job["timeout-minutes"] <= 60);
});

Deno.test("the image is for two kinds of processors, with its components and provenance", () => {
  const build = using(image, "docker/build-push-action");
  assert.equal(build.platforms, "linux/amd64,linux/arm64");
  assert.deepEqual([build.provenance, build.sbom, build.push], ["mode=max", true, true]);
  assert.match(String(build.tags), /:\$\{\{ needs\.test\.outputs\.version \}\}$/);
  assert.equal(using(image, "actions/attest-sbom")["sbom-path"], "sbom.cdx.json");
  assert.ok(using(image, "actions/attest-build-provenance")["subject-digest"]);
  assert.match(release.steps.at(-1)!.run!, /sbom\.cdx\.json licences\.txt$/);
});

/** Runs commands of the workflow as its runner does, in a folder of their own, with our runtime. */
async function runStep(commands: string, env: Readonly<Record<string, string>>) {
  const folder = Deno.makeTempDirSync();
  const config = decodeURIComponent(new URL("deno.json", ROOT).pathname);
  const task = `'${Deno.execPath()}' task --config '${config}'`;
  const { code, stderr } = await runTool("bash", [
    ...["--noprofile", "--norc", "-e", "-c"],
    commands.replaceAll(/npx --yes deno@[\d.]+ task/g, task),
  ], { cwd: folder, env: { ...env, GITHUB_OUTPUT: `${folder}/output`, NO_COLOR: "1" } });
  const files = new Map(
    [...Deno.readDirSync(folder)].map((
      { name },
    ) => [name, Deno.readTextFileSync(`${folder}/${name}`)]),
  );
  Deno.removeSync(folder, { recursive: true });
  return { code, stderr, files };
}

const commandOf = (word: string) =>
  steps.map(({ run = "" }) => run).find((run) => run.includes(word))!;

Deno.test("the workflow's commands, run: the version of a tag, and a tag of another is refused", async () => {
  const command = commandOf("release:version");
  const right = await runStep(command, { TAG: `v${VERSION}` });
  assert.deepEqual([right.code, right.files.get("output")], [0, `version=${VERSION}\n`]);
  const wrong = await runStep(command, { TAG: "v99.0.0; echo version=99" });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /The tag must be v/);
  assert.doesNotMatch(wrong.files.get("output") ?? "", /99/);
});

Deno.test("the workflow's commands, run: the lists that it attaches, whole", async () => {
  const { code, stderr, files } = await runStep(commandOf("sbom"), {});
  assert.equal(code, 0, stderr);
  const { components } = JSON.parse(files.get("sbom.cdx.json")!);
  const licences = files.get("licences.txt")!.trim().split("\n");
  assert.equal(licences.length, components.length);
  // What is made is what the steps after it take.
  const uploaded = String(using(test, "actions/upload-artifact").path).trim().split("\n");
  assert.deepEqual(uploaded.sort(), [...files.keys()].sort());
});

Deno.test("the workflow runs the program with the runtime of the image", async () => {
  const image = await Deno.readTextFile(new URL("Dockerfile", ROOT));
  const version = /^ARG DENO_VERSION=(\S+)$/m.exec(image)![1];
  const named = [...text.matchAll(/deno@(\S+) task/g)].map(([, name]) => name);
  assert.deepEqual(new Set(named), new Set([version]));
});

Deno.test("every command of the workflow is one of those, or needs the runner itself", () => {
  const rest = steps.flatMap(({ run }) => run ?? [])
    .filter((run) => !run.includes("release:version") && !run.includes("sbom --licences"));
  assert.deepEqual(rest.map((run) => run.split(" ").slice(0, 3).join(" ")), [
    "sudo ln -s",
    ".ci/run",
    "gh release create",
  ]);
});

Deno.test("the tag must be the version of deno.json", () => {
  assert.equal(versionOf("v1.2.3", "1.2.3"), "1.2.3");
  assert.equal(versionOf(`v${VERSION}`), VERSION);
  for (const tag of ["1.2.3", "v1.2.4", "v1.2.3-rc1", "", undefined]) {
    assert.throws(() => versionOf(tag, "1.2.3"), /The tag must be v1\.2\.3, as deno\.json says/);
  }
});

Deno.test("what names an image of ours names that version", async () => {
  for (const name of ["compose.yaml", "stack.yaml"]) {
    const compose = await Deno.readTextFile(new URL(`deploy/compose/${name}`, ROOT));
    const tags = [...compose.matchAll(/businessglance:(?:\$\{\w+:-)?(\d[\w.-]*)/g)];
    assert.ok(tags.length > 0, name);
    for (const [, tag] of tags) assert.equal(tag, VERSION, name);
  }
});
