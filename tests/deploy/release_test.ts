/** The release workflow as far as it can be looked at without a runner of its own. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { versionOf } from "../../deploy/release_version.ts";
import { VERSION } from "../../src/cli/version.ts";
import { ROOT } from "../support/program.ts";

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

Deno.test("every action is pinned by its major version at least", () => {
  for (const { uses } of steps) if (uses) assert.match(uses, /^[\w-]+\/[\w-]+@(v\d+|[\da-f]{40})/);
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

Deno.test("tasks that the workflow runs are there", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const named = [...text.matchAll(/deno@[\d.]+ task --quiet (\S+)/g)].map(([, name]) => name!);
  assert.deepEqual([...new Set(named)], ["release:version", "sbom"]);
  for (const name of named) assert.ok(name in tasks, name);
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
