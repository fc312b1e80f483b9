/** The files that the image is made of, as far as they can be checked without an engine. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import config from "../../deno.json" with { type: "json" };
import { isUp } from "../../deploy/healthcheck.ts";
import { settle } from "../../deploy/build_notes.ts";
import { packagesIn, shippedOnly } from "../../deploy/shipped.ts";
import { componentsOf, moduleInfo } from "../../deploy/sbom.ts";

const read = (path: string) => Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url));
const lock = JSON.parse(read("deno.lock"));
const named = packagesIn(read("deploy/dependencies.ts"));
const components = componentsOf(await moduleInfo(), () => null).filter((one) => one.isShipped);

Deno.test("the image's first layer holds exactly the packages that the program imports", () => {
  const imported = components.map(({ name }) => name)
    .filter((name) => Object.hasOwn(config.imports, name));
  assert.deepEqual(named.toSorted(), imported.toSorted());
});

Deno.test("the image's lock is the lock file without what only tests use", () => {
  const { manifest, lock: kept } = shippedOnly(config, lock, named);
  assert.deepEqual(Object.keys(manifest.imports), named.toSorted());
  assert.equal(manifest.version, config.version);
  // Each as it was, with its digest.
  for (const [key, one] of Object.entries(kept.npm)) assert.deepEqual(one, lock.npm[key]);
  assert.deepEqual(
    Object.keys(kept.npm).map((key) => key.replace(/(?<=.@[^_]+)_.*/, "")),
    components.map(({ name, version }) => `${name}@${version}`).toSorted(),
  );
});

Deno.test("of a package that is locked twice, the image gets the version that is meant", () => {
  const { lock: kept } = shippedOnly(
    { imports: { "@a/one": "npm:@a/one@1.0.0", b: "npm:b@2.0.0", c: "npm:c@1.0.0" } },
    {
      specifiers: { "npm:@a/one@1.0.0": "1.0.0_b@1.0.0", "npm:b@2.0.0": "2.0.0" },
      npm: {
        "@a/one@1.0.0_b@1.0.0": { dependencies: ["b@1.0.0"], optionalDependencies: ["d"] },
        "b@1.0.0": {},
        "b@2.0.0": {},
        "d@1.0.0": {},
        "e@1.0.0": {},
      },
    },
    ["@a/one"],
  );
  assert.deepEqual(Object.keys(kept.npm), ["@a/one@1.0.0_b@1.0.0", "b@1.0.0", "d@1.0.0"]);
  assert.deepEqual(kept.workspace, { dependencies: ["npm:@a/one@1.0.0"] });
});

Deno.test("a package that is not imported or not locked stops the image's build", () => {
  const empty = { specifiers: {}, npm: {} };
  for (const imports of [{}, { a: "npm:a@1.0.0" }]) {
    assert.throws(() => shippedOnly({ imports }, empty, ["a"]), /a is not locked/);
  }
  const lacking = {
    specifiers: { "npm:a@1.0.0": "1.0.0" },
    npm: { "a@1.0.0": { dependencies: ["b"] } },
  };
  assert.throws(
    () => shippedOnly({ imports: { a: "npm:a@1.0.0" } }, lacking, ["a"]),
    /no single b/,
  );
});

/** A cache as Deno leaves one, its rows written in some order. */
function cacheOf(rows: readonly string[]): string {
  const folder = Deno.makeTempDirSync();
  using database = new DatabaseSync(`${folder}/dep_analysis_cache_v2`);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("CREATE TABLE moduleinfocache (specifier TEXT PRIMARY KEY, source_hash INTEGER)");
  for (const row of rows) {
    database.prepare("INSERT INTO moduleinfocache VALUES (?, ?)").run(row, -(2n ** 62n));
  }
  Deno.mkdirSync(`${folder}/npm/a`, { recursive: true });
  Deno.writeTextFileSync(`${folder}/npm/a/registry.json`, `{"asked":${rows.length}}`);
  Deno.writeTextFileSync(`${folder}/npm/a/package.json`, "{}");
  Deno.writeTextFileSync(`${folder}/v8_code_cache_v2`, rows.join());
  return folder;
}

Deno.test("what Deno notes while it builds comes out the same, whichever thread was first", () => {
  const folders = [["a", "b", "c"], ["c", "a", "b", "d"]].map(cacheOf);
  {
    using database = new DatabaseSync(`${folders[1]}/dep_analysis_cache_v2`);
    database.exec("DELETE FROM moduleinfocache WHERE specifier = 'd'");
  }
  const bytes = folders.map((folder) => {
    settle(folder);
    assert.deepEqual([...Deno.readDirSync(`${folder}/npm/a`)].map(({ name }) => name), [
      "package.json",
    ]);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "dep_analysis_cache_v2",
      "dep_analysis_cache_v2-shm",
      "dep_analysis_cache_v2-wal",
      "npm",
    ]);
    return Deno.readFileSync(`${folder}/dep_analysis_cache_v2`);
  });
  assert.deepEqual(bytes[0], bytes[1]);
  using database = new DatabaseSync(`${folders[0]}/dep_analysis_cache_v2`);
  const rows = database.prepare("SELECT specifier FROM moduleinfocache ORDER BY rowid").all();
  assert.deepEqual(rows.map(({ specifier }) => specifier), ["a", "b", "c"]);
  for (const folder of folders) Deno.removeSync(folder, { recursive: true });
});

Deno.test("one version of the runtime is named everywhere", () => {
  const [, version] = /^ARG DENO_VERSION=(\S+)$/m.exec(read("Dockerfile"))!;
  for (const path of ["README.md", ".ci/run"]) {
    const named = [...read(path).matchAll(/deno@(\d+\.\d+\.\d+)/g)].map(([, one]) => one);
    assert.ok(named.length > 0, path);
    assert.deepEqual(new Set(named), new Set([version]), path);
  }
});

Deno.test("compose files run the version of the manifest", () => {
  for (const file of ["compose", "stack"]) {
    const [, version] = /GLANCE_VERSION:-([\d.]+)\}/.exec(read(`deploy/compose/${file}.yaml`))!;
    assert.equal(version, config.version, file);
  }
});

Deno.test("everything that the image copies is let through to its build", () => {
  const passed = read(".dockerignore").split("\n").filter((line) => line.startsWith("!"))
    .map((line) => line.slice(1));
  const copied = [...read("Dockerfile").matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((
    [, paths],
  ) => paths!.split(" "));
  assert.deepEqual(copied.sort(), passed.sort());
});

Deno.test("the health check tells a server that lives from one that is ill, silent or away", async () => {
  const silent = Promise.withResolvers<Response>();
  let status = 200;
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      asked.push(new URL(request.url).pathname);
      return status === 0 ? silent.promise : new Response(null, { status });
    },
  );
  const base = `http://127.0.0.1:${server.addr.port}`;
  assert.equal(await isUp("live", base), true);
  status = 503;
  assert.equal(await isUp("live", base), false);
  assert.equal(await isUp("ready", base), false);
  assert.deepEqual(asked, ["/health/live", "/health/live", "/health/ready"]);
  status = 0;
  assert.equal(await isUp("live", base, 20), false);
  silent.resolve(new Response());
  await server.shutdown();
  assert.equal(await isUp("live", base), false);
});
