/** Configurations that are wrong in every way: refused at once, with the line, and no secret told. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError } from "../../config/load.ts";
import { LIVE_KEY, load, TEST_KEY } from "./support.ts";

const RUNS = 1_000;
/** Milliseconds in which a configuration is refused. */
const REFUSED_MS = 200;
/** Milliseconds that the sound text takes on a quiet machine, at most. */
const SOUND_MS = 30;

const BASE = Deno.readTextFileSync(new URL("../../config/glance.yml", import.meta.url))
  .replaceAll("${STRIPE_SECRET_KEY}", LIVE_KEY.replace("live", "test"));

/** Lines that begin a key with a value, which can be spoiled alone. */
const LINES = BASE.split("\n");
const VALUED = LINES.flatMap((line, index) =>
  /^ *[a-z-]+: [^#|>&*[{\s]/.test(line) && !line.trimStart().startsWith("#") ? [index] : []
);
const KEYED = LINES.flatMap((line, index) => /^ *[a-z-]+:( |$)/.test(line) ? [index] : []);

/** Names that are the reader's own: any other is as good. */
const OWN_NAME = /^ *(acme|ada|night|paper|internal|gbp|chf):/;

function withLine(index: number, change: (line: string) => string): string {
  return LINES.map((line, at) => at === index ? change(line) : line).join("\n");
}

const valued = fc.constantFrom(...VALUED);
const keyed = fc.constantFrom(...KEYED);

/** Texts none of which is a configuration. */
const malformed: Readonly<Record<string, fc.Arbitrary<string>>> = {
  "a key that is not known": keyed.filter((index) => !OWN_NAME.test(LINES[index]!)).map(
    (index) => withLine(index, (line) => line.replace(/^( *)([a-z-]+):/, "$1zz-$2-zz:")),
  ),
  "a bracket that is not closed": valued.map((index) =>
    withLine(index, (line) => line.replace(": ", ": ["))
  ),
  "a quote that is not closed": valued.map((index) =>
    withLine(index, (line) => line.replace(": ", ': "'))
  ),
  "a key twice": keyed.map((index) => withLine(index, (line) => `${line}\n${line}`))
    .filter((text) => text !== BASE),
  "a tab": keyed.map((index) => withLine(index, (line) => `\t${line}`)),
  "an unknown tag": valued.map((index) => withLine(index, (line) => line.replace(": ", ": !x "))),
  "an alias of nothing": valued.map((index) =>
    withLine(index, (line) => line.replace(/: .*$/, ": *nothing"))
  ),
  "a variable that is not there": valued.map((index) =>
    withLine(index, (line) => line.replace(/: .*$/, ": ${NOT_THERE}"))
  ),
  "deep nesting": fc.integer({ min: 61, max: 3_000 }).map((depth) =>
    `server: ${"[".repeat(depth)}${"]".repeat(depth)}`
  ),
  "deep mappings": fc.integer({ min: 61, max: 3_000 }).map((depth) =>
    `server: ${"{a: ".repeat(depth)}1${"}".repeat(depth)}`
  ),
  "an alias bomb": fc.tuple(fc.integer({ min: 6, max: 60 }), fc.integer({ min: 9, max: 40 })).map(
    ([levels, width]) =>
      Array.from(
        { length: levels },
        (_, level) =>
          `a${level}: &a${level} [${
            Array(width).fill(level === 0 ? "x" : `*a${level - 1}`).join(", ")
          }]`,
      ).join("\n"),
  ),
  "an alias that holds itself": fc.constantFrom("server: &a [*a]", "server: &a {port: *a}"),
  "too large a file": fc.integer({ min: 262_144, max: 400_000 }).map((size) =>
    "#".repeat(size + 1)
  ),
  "no mapping": fc.constantFrom("- a", "text", "17", "[1, 2]", "true"),
  "several documents": fc.constant(`${BASE}\n---\n${BASE}`),
  "a wrong kind of value": keyed.map((index) =>
    withLine(index, (line) => line.replace(/:.*$/, ": {1: [x, {y: z}]}"))
  ),
};

/** The lines in which a text is not the sample. */
function difference(text: string): string {
  return text.split("\n").filter((line) => !LINES.includes(line)).slice(0, 5).join("\n");
}

async function timed(text: string): Promise<{ error: unknown; ms: number }> {
  const startedAt = performance.now();
  const error = await load({ files: { "glance.yml": text } }).then(() => null, (error) => error);
  return { error, ms: performance.now() - startedAt };
}

/** The milliseconds are those of a quiet machine: on a busy one the sound text takes longer, too. */
async function refusal(text: string): Promise<{ error: unknown; ms: number }> {
  const { error, ms } = await timed(text);
  if (ms < REFUSED_MS) return { error, ms };
  const sound = (await timed(BASE)).ms;
  const again = (await timed(text)).ms;
  return { error, ms: Math.min(ms, again) * Math.min(1, SOUND_MS / sound) };
}

Deno.test(`${RUNS} malformed configurations are refused within ${REFUSED_MS} ms, each with its line`, async () => {
  // The first is not timed: it compiles what the others run.
  await load({ files: { "glance.yml": BASE } });
  const kinds = Object.entries(malformed);
  let slowest = 0;
  for (const [index, [what, texts]] of kinds.entries()) {
    const runs = Math.floor(RUNS / kinds.length) + (index < RUNS % kinds.length ? 1 : 0);
    for (const text of fc.sample(texts, { numRuns: runs, seed: 11 + index })) {
      const { error, ms } = await refusal(text);
      slowest = Math.max(slowest, ms);
      assert.ok(error instanceof ConfigError, `${what} is not refused:\n${difference(text)}`);
      for (const { file, line, column, message } of error.problems) {
        assert.equal(file, "glance.yml", `${what}: ${message}`);
        assert.ok(line! >= 1 && column! >= 1, `${what}: ${message}`);
      }
      assert.doesNotMatch(error.message, /canary|correct horse/);
    }
  }
  assert.ok(slowest < REFUSED_MS, `${slowest} ms`);
});

Deno.test("a text that is damaged anywhere is refused or taken, and tells no secret", async () => {
  const damage = fc.tuple(
    fc.integer({ min: 0, max: BASE.length - 1 }),
    fc.constantFrom(
      "",
      ":",
      "\n",
      "  ",
      "- ",
      "{",
      "}",
      "[",
      "&",
      "*",
      "!",
      "|",
      '"',
      "'",
      "\0",
      "é",
    ),
    fc.integer({ min: 0, max: 3 }),
  );
  await fc.assert(
    fc.asyncProperty(damage, async ([at, inserted, removed]) => {
      const text = BASE.slice(0, at) + inserted + BASE.slice(at + removed);
      try {
        await load({ files: { "glance.yml": text } });
      } catch (error) {
        assert.ok(error instanceof ConfigError);
        assert.ok(error.problems.every(({ line }) => line !== null));
        assert.doesNotMatch(error.message, /canary/);
      }
    }),
    { numRuns: 500, seed: 5 },
  );
});

Deno.test("the keys of the tests are canaries: they stand in no message", () => {
  assert.match(`${LIVE_KEY} ${TEST_KEY}`, /canary.*canary/);
});
