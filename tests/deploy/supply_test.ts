/** The list of what the program is made of, and the question for advisories. */
import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { verdictOf } from "../../deploy/audit.ts";
import {
  componentsOf,
  cycloneDx,
  licenceList,
  type ModuleInfo,
  moduleInfo,
} from "../../deploy/sbom.ts";

const info = await moduleInfo();
const components = componentsOf(info, () => "MIT");

Deno.test("every locked package is in the list, with version and digest", () => {
  const names = components.map(({ name, version }) => `${name}@${version}`);
  const pinned = Object.values(config.imports).map((specifier) => specifier.slice("npm:".length));
  for (const name of pinned) assert.ok(names.includes(name), name);
  for (const { sha512 } of components) assert.match(sha512, /^[0-9a-f]{128}$/);
});

Deno.test("what the program imports is apart from what only tests use", () => {
  const shipped = components.filter(({ isShipped }) => isShipped).map(({ name }) => name);
  for (const name of ["hono", "stripe", "zod", "preact", "htm", "yaml", "postgres"]) {
    assert.ok(shipped.includes(name), name);
  }
  for (const name of ["fast-check", "playwright-core", "axe-core", "prom-client"]) {
    assert.ok(!shipped.includes(name), name);
  }
});

Deno.test("a package of a package counts as what brings it", () => {
  const at = (name: string, dependencies: string[] = []) => ({
    name,
    version: config.imports[name as keyof typeof config.imports]?.split("@").at(-1) ?? "0",
    dependencies,
    localPath: "",
  });
  const [hono, zod] = ["hono", "zod"].map((name) => `${name}@${at(name).version}`) as [
    string,
    string,
  ];
  const small: ModuleInfo = {
    modules: [{}, { npmPackage: hono }],
    npmPackages: { [hono]: at("hono", [zod]), [zod]: at("zod") },
  };
  assert.deepEqual(
    componentsOf(small, () => null).map(({ name, isShipped, dependencies }) => [
      name,
      isShipped,
      dependencies,
    ]),
    [["hono", true, [`pkg:npm/${zod}`]], ["zod", true, []]],
  );
});

Deno.test("the document is CycloneDX, whole, and the same each time", () => {
  const document = cycloneDx(components);
  assert.deepEqual([document.bomFormat, document.specVersion], ["CycloneDX", "1.6"]);
  assert.equal(document.metadata.component.version, config.version);
  const refs = new Set(document.components.map((one) => one["bom-ref"]));
  assert.equal(refs.size, components.length);
  for (const { dependsOn } of document.dependencies) {
    for (const ref of dependsOn) assert.ok(refs.has(ref), ref);
  }
  assert.ok(
    refs.has(`pkg:npm/%40types/d3-array@${config.imports["@types/d3-array"].split("@").at(-1)}`),
  );
  assert.equal(
    JSON.stringify(cycloneDx(componentsOf(info, () => "MIT"))),
    JSON.stringify(document),
  );
});

Deno.test("the licences are listed a line each", () => {
  const lines = licenceList(components).split("\n");
  assert.equal(lines.length, components.length);
  assert.ok(lines.some((line) => /^hono@[\d.]+ +MIT +program$/.test(line)));
});

Deno.test("advisories that cannot be reached are no good news", () => {
  const cases = [
    [true, "No known vulnerabilities found", 0, "No known vulnerabilities found"],
    [false, "critical: something in a package", 1, "critical: something in a package"],
    [false, "error: client error (Connect): invalid peer certificate", 2, "could not be reached"],
    [false, "error sending request for url", 2, "nothing is known about the packages"],
  ] as const;
  for (const [success, output, code, text] of cases) {
    const verdict = verdictOf(success, output);
    assert.equal(verdict.code, code);
    assert.ok(verdict.text.includes(text), verdict.text);
  }
});
