/** Imports point inward (README, "How the house is built"). */
import assert from "node:assert/strict";

/** A folder and the folders of ours that it may import, besides itself. */
const ALLOWED: Record<string, readonly string[]> = {
  "src/metrics": [],
  "src/resilience": [],
  "src/security": [],
  "src/observability": [],
  "src/simulator": [],
  "src/stripe": ["src/metrics", "src/resilience", "src/security"],
  "src/store": ["src/metrics"],
  "src/sync": ["src/stripe", "src/store", "src/metrics"],
  "src/widgets": ["src/store", "src/metrics"],
  "config": ["src/metrics", "src/widgets", "src/security", "src/stripe"],
  "views": ["src/widgets", "src/metrics"],
};

/** These compose everything else and are imported by no folder above. */
const OUTER = ["routes", "src/cli", "main.ts", "deploy"];

const ROOT = new URL("../", import.meta.url);

async function* sources(folder: string): AsyncGenerator<string> {
  let entries;
  try {
    entries = [...Deno.readDirSync(new URL(`${folder}/`, ROOT))];
  } catch {
    return;
  }
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sources(path);
    else if (entry.name.endsWith(".ts")) yield path;
  }
}

/** The folder of ALLOWED or OUTER that holds a path, e.g. `src/metrics/mrr.ts` → `src/metrics`. */
function folderOf(path: string): string {
  const known = [...Object.keys(ALLOWED), ...OUTER];
  return known.find((folder) => path === folder || path.startsWith(`${folder}/`)) ?? path;
}

async function importsOf(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(path, ROOT));
  const found = text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...found].map(([, specifier]) =>
    new URL(specifier!, new URL(path, ROOT)).href.slice(ROOT.href.length)
  );
}

for (const [folder, allowed] of Object.entries(ALLOWED)) {
  Deno.test(`${folder} imports only ${["itself", ...allowed].join(", ")}`, async () => {
    for await (const path of sources(folder)) {
      for (const target of await importsOf(path)) {
        const to = folderOf(target);
        assert.ok(
          to === folder || allowed.includes(to),
          `${path} imports ${target}: ${folder} may not depend on ${to}`,
        );
      }
    }
  });
}

Deno.test("src/metrics, src/resilience and src/observability import no package", async () => {
  for (const folder of ["src/metrics", "src/resilience", "src/observability"]) {
    for await (const path of sources(folder)) {
      const text = await Deno.readTextFile(new URL(path, ROOT));
      const bare = [...text.matchAll(/from\s+"([^."][^"]*)"/g)].map((match) => match[1]);
      assert.deepEqual(bare, [], `${path} imports ${bare.join(", ")}`);
      // The one place where the wall clock is read.
      if (path.endsWith("src/resilience/clock.ts")) continue;
      assert.doesNotMatch(text, /Date\.now\(|new Date\(\)|Math\.random\(|Deno\./, path);
    }
  }
});

Deno.test("main.ts stays a composition root of fewer than 80 lines", async () => {
  const text = await Deno.readTextFile(new URL("main.ts", ROOT));
  assert.ok(text.trimEnd().split("\n").length < 80);
});

/** Who may send requests by other means than the guarded fetch, and where they go. */
const SENDERS: Readonly<Record<string, string>> = {
  "src/cli/stripe_fetch.ts": "to Stripe, whose host the configuration fixes",
  "src/cli/demo.ts": "to the dashboard of this very process",
  "src/security/guarded_fetch.ts": "the guarded fetch itself",
  "deploy/healthcheck.ts": "to the server of the same container",
};

/** `fetch` that a file was handed, as parameter or part of one, is somebody else's. */
const HANDED = /\bfetch: Fetch|function fetch\(|\bconst \{[^}]*\bfetch\b[^}]*\} =/;
const SENDING =
  /(?<![\w.#])fetch\((?!\w+: )|globalThis\.fetch\(|=> fetch\b|fetch: fetch\b|\bnew (?:WebSocket|EventSource)\(|Deno\.connect|"node:(?:https?|http2|net|tls)"/;

Deno.test("no product file but those named sends a request past the guarded fetch", async () => {
  const found: string[] = [];
  for (const folder of ["src", "routes", "config", "views", "deploy"]) {
    for await (const path of sources(folder)) {
      if (path.startsWith("src/simulator/")) continue;
      const text = await Deno.readTextFile(new URL(path, ROOT));
      const code = text.replaceAll(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
      if (SENDING.test(code) && !HANDED.test(code)) found.push(path);
    }
  }
  assert.deepEqual(found.sort(), Object.keys(SENDERS).sort());
});
