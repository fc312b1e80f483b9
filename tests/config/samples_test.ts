/** The files that ship, and what no message may hold. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { ConfigError } from "../../config/load.ts";
import { printConfig } from "../../config/print.ts";
import { load, loadText, problemsIn, TEST_KEY } from "./support.ts";

const FOLDER = new URL("../../config/", import.meta.url);
const SAMPLE = Deno.readTextFileSync(new URL("glance.yml", FOLDER));

Deno.test("the sample is valid and is what it says", async () => {
  const { settings } = await loadText(SAMPLE);
  assert.deepEqual(settings.accounts.map(({ name, timeZone }) => [name, timeZone]), [
    ["acme", "Europe/Berlin"],
  ]);
  assert.deepEqual(settings.pages.map(({ name, slug }) => [name, slug]), [
    ["Overview", ""],
    ["Money", "money"],
    ["Retention", "retention"],
  ]);
  assert.deepEqual(settings.figures.options.pastDue, { maxDays: 60 });
});

for (const { name } of Deno.readDirSync(new URL("examples/", FOLDER))) {
  Deno.test(`the example ${name} is valid`, async () => {
    const text = await Deno.readTextFile(new URL(`examples/${name}`, FOLDER));
    const keys = { STRIPE_KEY_EUROPE: "rk_test_europe", STRIPE_KEY_AMERICA: "rk_test_america" };
    assert.ok((await loadText(text, keys)).settings.accounts.length > 0);
  });
}

Deno.test("config:print shows what is in force and no secret; it loads again but for the keys", async () => {
  const { settings } = await loadText(SAMPLE, { PORT: "9999", METRICS_TOKEN: "canary-token" });
  const text = printConfig(settings);
  assert.doesNotMatch(text, /canary/);
  const printed = parse(text);
  assert.equal(printed.server.port, 9999);
  assert.equal(printed.accounts.acme["stripe-api-key"], "[secret]");
  assert.equal(printed.figures["weeks-per-month"], "13/3");
  const hash = /password-hash: (\S+)/.exec(SAMPLE)![1]!;
  const again = await loadText(
    text.replace("[secret]", hash).replace("[secret]", TEST_KEY),
  );
  assert.equal(printConfig(again.settings), text);
});

/** A small damage to a text: a line gone, doubled, moved in; a piece cut out or put in. */
const mutation = fc.tuple(
  fc.constantFrom("drop", "double", "indent", "cut", "insert", "swap"),
  fc.nat(),
  fc.nat(),
  fc.constantFrom(
    "{",
    "}",
    "[",
    "- ",
    ": ",
    "*a",
    "&a ",
    "!x ",
    "'",
    '"',
    "|",
    "\t",
    "${",
    "#",
    "<<",
    "null",
    "-1",
    "\u0000",
  ),
);

function damage(text: string, [kind, a, b, piece]: [string, number, number, string]): string {
  const lines = text.split("\n");
  const line = a % lines.length;
  const at = a % text.length;
  if (kind === "drop") lines.splice(line, 1);
  else if (kind === "double") lines.splice(line, 0, lines[line]!);
  else if (kind === "indent") lines[line] = " ".repeat(b % 5) + lines[line]!.trimStart();
  else if (kind === "swap") {
    [lines[line], lines[b % lines.length]] = [lines[b % lines.length]!, lines[line]!];
  } else if (kind === "cut") return text.slice(0, at) + text.slice(at + b % 20);
  else return text.slice(0, at) + piece + text.slice(at);
  return lines.join("\n");
}

async function timedMs(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** Loads a text; a refusal must be of the one kind, with places and without secrets. */
async function taken(text: string): Promise<void> {
  try {
    await loadText(text);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    for (const problem of error.problems) {
      assert.ok(problem.file === "glance.yml" && problem.line! >= 1 && problem.column! >= 1);
    }
    assert.doesNotMatch(error.message, /canary/);
  }
}

Deno.test("300 damaged samples are each taken or refused, within 200 ms, with a place", async () => {
  await loadText(SAMPLE);
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
      const text = mutations.reduce(damage, SAMPLE);
      const first = await timedMs(() => taken(text));
      if (first < 200) return;
      // On a busy machine the sound text takes longer, too: 30 ms at most on a quiet one.
      const sound = await timedMs(() => taken(SAMPLE));
      const again = await timedMs(() => taken(text));
      assert.ok(Math.min(first, again) * Math.min(1, 30 / sound) < 200);
    }),
    { numRuns: 300 },
  );
});

const SECRET_PLACES = [
  "accounts: {a: {stripe-api-key: CANARY, stripe-mod: live}}",
  "accounts: {a: {stripe-mode: CANARY}}",
  "accounts: {CANARY: 1}",
  "CANARY: 1",
  "accounts: {a: {time-zone: CANARY, account: CANARY, customer-label: CANARY, api-base: CANARY}}",
  "accounts: {a: {stripe-api-key: rk_test_1, api-base: CANARY}}",
  "accounts: {a: {webhook-secrets: CANARY}}",
  "pages: [{name: a, columns: [{size: CANARY, widgets: [{type: CANARY}]}]}]",
  "pages: [{name: a, columns: [{size: full, widgets: [{type: head, account: CANARY}]}]}]",
  "pages: [{name: a, columns: [{size: full, widgets: [{type: head, stripe-api-key: CANARY, x: 1}]}]}]",
  "pages: [{name: a, slug: CANARY, columns: []}]",
  "stripe-api-key: *CANARY",
  "stripe-api-key: !CANARY x",
  "a: 'CANARY",
  "accounts:\n  a: CANARY\n b: CANARY",
  "server: {host: CANARY, port: CANARY}",
];

for (const canary of ["rk_live_canary4711", "sk_test_canary", "whsec_canary", "pk_live_canary"]) {
  Deno.test(`no message holds a secret such as ${canary.replace("canary", "…")}, wherever it stands`, async () => {
    for (const text of SECRET_PLACES) {
      const faults = await problemsIn(loadText(text.replaceAll("CANARY", canary)));
      assert.ok(faults.length > 0, text);
      assert.doesNotMatch(faults.join("\n"), /canary/, text);
    }
  });
}

Deno.test("no message holds a secret that came by a variable, whatever its form", async () => {
  for (const text of SECRET_PLACES.filter((one) => !/CANARY:|[*!]CANARY|'CANARY/.test(one))) {
    const faults = await problemsIn(load({
      env: { S: "canary" },
      files: { "glance.yml": text.replaceAll("CANARY", '"${S}"') },
    }));
    assert.doesNotMatch(faults.join("\n"), /canary/, text);
  }
});
