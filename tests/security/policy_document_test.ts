/** SECURITY.md: what somebody who found a hole looks for, and no control without its test. */
import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);
const text = Deno.readTextFileSync(new URL("SECURITY.md", ROOT));

Deno.test("SECURITY.md names supported versions, how to report, when an answer comes, and what is plain at rest", () => {
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  for (const heading of ["Supported versions", "Reporting", "What is not encrypted at rest"]) {
    assert.ok(headings.includes(heading), heading);
  }
  assert.match(text, /an answer within 3 working days/);
  assert.match(text, /LUKS/);
});

Deno.test("every test that SECURITY.md names is there", () => {
  const named = new Set([...text.matchAll(/`(tests\/[\w/]+\.ts)`/g)].map(([, path]) => path!));
  assert.ok(named.size > 20);
  for (const path of named) assert.ok(Deno.statSync(new URL(path, ROOT)).isFile, path);
});
