/** What is in the image, built from the Dockerfile as it is. */
import assert from "node:assert/strict";
import { componentsOf, moduleInfo } from "../../deploy/sbom.ts";
import type { Engine } from "./engine.ts";
import { containerTest, IMAGE, missing, openEngine, ROOT } from "./suite.ts";

const engine: Engine | null = missing === null ? await openEngine() : null;
const folder = Deno.makeTempDirSync({ prefix: "glance-image-" });
const MIB = 1024 * 1024;

Deno.test.afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  Deno.removeSync(folder, { recursive: true });
});

const docker = (...args: string[]) =>
  new Deno.Command("/usr/bin/docker", { args, env: engine!.environment, stdout: "piped" }).spawn();

/** Compressed bytes of the image, as a registry would hold it. */
async function compressedBytes(): Promise<number> {
  const saving = docker("save", IMAGE);
  let bytes = 0;
  const compressed = saving.stdout.pipeThrough(new CompressionStream("gzip"));
  for await (const chunk of compressed) bytes += chunk.length;
  await saving.status;
  return bytes;
}

/** Unpacks an image's file system; where it lies. */
async function unpacked(image: string): Promise<string> {
  const path = Deno.makeTempDirSync({ dir: folder });
  const id = await engine!.docker(["create", image]);
  const exporting = docker("export", id);
  const tar = new Deno.Command("tar", {
    args: ["-x", "--same-permissions", "--same-owner", "--numeric-owner", "-C", path],
    stdin: "piped",
  }).spawn();
  await exporting.stdout.pipeTo(tar.stdin);
  assert.ok((await tar.status).success && (await exporting.status).success);
  await engine!.docker(["rm", id]);
  return path;
}

async function digestOf(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", Deno.readFileSync(path));
  return new Uint8Array(digest).toHex();
}

/** Every file below a folder: its path, kind, mode, owner, and a digest of what it holds. */
async function filesOf(root: string, below = ""): Promise<string[]> {
  const files: string[] = [];
  for (const { name } of Deno.readDirSync(root + below)) {
    const path = `${below}/${name}`;
    const { isDirectory, isSymlink, isFile, mode, uid, gid } = Deno.lstatSync(root + path);
    const held = isFile
      ? await digestOf(root + path)
      : isSymlink
      ? `-> ${Deno.readLinkSync(root + path)}`
      : "";
    files.push(`${path} ${mode!.toString(8)} ${uid}:${gid} ${held}`);
    if (isDirectory) files.push(...await filesOf(root, path));
  }
  return files.sort();
}

containerTest("the image is small, has no shell, and runs as nobody", async () => {
  const bytes = await compressedBytes();
  console.log(`image: ${(bytes / MIB).toFixed(1)} MiB compressed`);
  assert.ok(bytes <= 130 * MIB);
  const user = await engine!.docker(["inspect", "--format", "{{.Config.User}}", IMAGE]);
  assert.equal(user, "65532:65532");
  const shell = await engine!.tryDocker(["run", "--rm", "--entrypoint", "/bin/sh", IMAGE]);
  assert.notEqual(shell.code, 0);
  const version = await engine!.docker([
    ...["run", "--rm", "--read-only", "--network=none", IMAGE, "version"],
  ]);
  assert.match(version, /^businessglance \d+\.\d+\.\d+ \(deno 2\.9\.6\)$/);
});

containerTest(
  "the image holds the packages that the program imports, and a second build the same bytes",
  async () => {
    const first = await filesOf(await unpacked(IMAGE));
    const packages = first.flatMap((file) => {
      const [, name, version] =
        /^\/deno-dir\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+)\/([^/]+)\/package\.json /.exec(file) ?? [];
      return name ? [`${name}@${version}`] : [];
    });
    const shipped = componentsOf(await moduleInfo(), () => null).filter((one) => one.isShipped);
    assert.deepEqual(packages, shipped.map(({ name, version }) => `${name}@${version}`).sort());
    for (const name of ["playwright-core", "axe-core", "@grafana/schema", "fast-check"]) {
      assert.ok(!first.some((file) => file.includes(`/${name}/`)), name);
    }

    await engine!.docker(["build", "--quiet", "--no-cache", "--tag", "built-again", ROOT]);
    const second = await filesOf(await unpacked("built-again"));
    await engine!.docker(["rmi", "built-again"]);
    assert.ok(first.some((file) => file.startsWith("/deno-dir/dep_analysis_cache_v2 ")));
    assert.deepEqual(second, first);
  },
);

containerTest("a start on a read-only file system uses what the build noted", async () => {
  const running = new Deno.Command("/usr/bin/docker", {
    args: ["run", "--rm", "--read-only", "--env=DENO_LOG=debug", IMAGE, "version"],
    env: engine!.environment,
  });
  const { stderr } = await running.output();
  const told = new TextDecoder().decode(stderr).split("\n").filter((line) =>
    line.includes("cache_db")
  );
  const opened = told.map((line) => /Opening cache \/deno-dir\/(\w+)_v\d+\.\.\.$/.exec(line)?.[1]);
  // Anything else told is that one could not be opened, and every module is parsed again.
  assert.deepEqual(opened, ["dep_analysis_cache", "node_analysis_cache"], told.join("\n"));
});
