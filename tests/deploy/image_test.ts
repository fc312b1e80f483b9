/** The files that the image is made of, as far as they can be checked without an engine. */
import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { lives } from "../../deploy/healthcheck.ts";
import { componentsOf, moduleInfo } from "../../deploy/sbom.ts";

const read = (path: string) => Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url));

Deno.test("the image's first layer holds exactly the packages that the program imports", async () => {
  const named = [...read("deploy/dependencies.ts").matchAll(/^import "([^"/]+)/gm)].map((
    [, name],
  ) => name!);
  const shipped = componentsOf(await moduleInfo(), () => null).flatMap(({ name, isShipped }) =>
    isShipped && Object.hasOwn(config.imports, name) ? [name] : []
  );
  assert.deepEqual(named.sort(), shipped.sort());
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
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      assert.equal(new URL(request.url).pathname, "/health/live");
      return status === 0 ? silent.promise : new Response(null, { status });
    },
  );
  const base = `http://127.0.0.1:${server.addr.port}`;
  assert.equal(await lives(base), true);
  status = 503;
  assert.equal(await lives(base), false);
  status = 0;
  assert.equal(await lives(base, 20), false);
  silent.resolve(new Response());
  await server.shutdown();
  assert.equal(await lives(base), false);
});
