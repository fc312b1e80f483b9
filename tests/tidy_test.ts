/** What can be checked of tidiness without judgement. */
import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);
const SKIPPED = new Set([".git", "node_modules", "data", "coverage"]);
const TEXT = /\.(ts|js|css|json|md|yml|yaml|html|svg|sh|lock)$|(^|\/)(Dockerfile|run|LICENSE)$/;

function* files(folder = ""): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(`./${folder}`, ROOT))) {
    if (SKIPPED.has(entry.name)) continue;
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) yield* files(`${path}/`);
    else if (TEXT.test(path)) yield path;
  }
}

/** Forbidden text is put together here so that this file does not hold it. */
const FORBIDDEN: readonly [rule: string, pattern: RegExp][] = [
  ["names a package registry's host", new RegExp(["npm" + "js\\.", "deb\\." + "debian"].join("|"))],
  [
    "holds an absolute path of a building machine",
    new RegExp(
      `(^|[^a-zA-Z0-9_.])/(w${"ork"}|fa${"rm"}|ro${"ot"}|ho${"me"}/[a-z]+|tm${"p"}/[a-z]+)/`,
      "m",
    ),
  ],
  ["holds a left-over mark", new RegExp(`\\b(TO${"DO"}|FIX${"ME"}|XX${"X"}|HA${"CK"})\\b`)],
  [
    "holds a focused or skipped test",
    new RegExp(`\\.on${"ly"}\\(|test\\.sk${"ip"}|ignore: tr${"ue"}`),
  ],
];

for (const [rule, pattern] of FORBIDDEN) {
  Deno.test(`no file ${rule}`, () => {
    const bad = [...files()].filter((path) =>
      pattern.test(Deno.readTextFileSync(new URL(path, ROOT)))
    );
    assert.deepEqual(bad, []);
  });
}

Deno.test("source files are named in snake_case", () => {
  const bad = [...files()].filter((path) =>
    path.endsWith(".ts") && !/^[a-z0-9_.]+\.ts$/.test(path.split("/").at(-1)!)
  );
  assert.deepEqual(bad, []);
});

Deno.test("dependencies are pinned to exact versions", () => {
  const config = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  for (const specifier of Object.values<string>(config.imports)) {
    assert.match(specifier, /^npm:(@[^/]+\/)?[^@]+@\d+\.\d+\.\d+$/);
  }
});
