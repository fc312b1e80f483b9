/** The list of what the program is made of, and the question for advisories. */
import assert from "node:assert/strict";
import shipped from "../../deploy/advisories.json" with { type: "json" };
import config from "../../deno.json" with { type: "json" };
import { verdictOf } from "../../deploy/audit.ts";
import { type Advisories, knownOf, lockedIn } from "../../deploy/shipped_advisories.ts";
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

/** An advisory of a package, from one version on until it was fixed in another. */
function advisoryOf(name: string, introduced: string, fixed: string): Advisories {
  const affected = [{
    package: { ecosystem: "npm", name },
    ranges: [{ type: "SEMVER", events: [{ introduced }, { fixed }] }],
  }];
  return { compiled: "2026-02-06", vulns: [{ id: "GHSA-1", summary: "it leaks", affected }] };
}

const UNREACHED = "error: client error (Connect): invalid peer certificate";
const LOCKED = lockedIn(["hono@4.13.19", "@types/a@1.2.0", "b@2.0.0-rc.1_hono@4.13.19"]);

Deno.test("advisories that cannot be reached are no good news", () => {
  const none = advisoryOf("hono", "0", "4.11.7");
  const cases = [
    [true, "No known vulnerabilities found", 0, "No known vulnerabilities found"],
    [false, "critical: something in a package", 1, "critical: something in a package"],
    [false, UNREACHED, 2, "No source of advisories could be reached, so nothing newer is known"],
    [false, "error sending request for url", 2, "of 2026-02-06, has none of a locked package"],
  ] as const;
  for (const [success, output, code, text] of cases) {
    const verdict = verdictOf(success, output, LOCKED, none);
    assert.equal(verdict.code, code);
    assert.ok(verdict.text.includes(text), verdict.text);
  }
});

Deno.test("where they cannot be reached, the list of the release names the packages that it knows", () => {
  assert.deepEqual(LOCKED[1], { name: "@types/a", version: "1.2.0" });
  const found = (name: string, introduced: string, fixed: string) =>
    verdictOf(false, UNREACHED, LOCKED, advisoryOf(name, introduced, fixed));
  assert.deepEqual(found("hono", "0", "4.14.0"), {
    code: 1,
    text:
      "No source of advisories could be reached. The list of this release, of 2026-02-06, knows:\n" +
      "hono@4.13.19: GHSA-1, it leaks",
  });
  const codes = [
    found("hono", "4.13.19", "4.13.20"),
    found("hono", "0", "4.13.19"),
    found("hono", "0", "4.11.7"),
    found("hono", "4.13.20", "5.0.0"),
    found("@types/a", "1.0.0", "1.10.0"),
    // A release candidate is older than its release.
    found("b", "1.0.0", "2.0.0"),
    found("b", "2.0.0", "3.0.0"),
  ].map(({ code }) => code);
  assert.deepEqual(codes, [1, 2, 2, 2, 1, 1, 2]);
});

Deno.test("the shipped list has a date and records in the form of OSV, none of a locked package", () => {
  assert.match(shipped.compiled, /^20\d\d-\d\d-\d\d$/);
  for (const { id, affected } of shipped.vulns) {
    assert.match(id, /^(GHSA|CVE)-/);
    for (const one of affected) assert.equal(one.package.ecosystem, "npm");
  }
  const lock = JSON.parse(Deno.readTextFileSync(new URL("../../deno.lock", import.meta.url)));
  assert.deepEqual(knownOf(lockedIn(Object.keys(lock.npm)), shipped), []);
});
