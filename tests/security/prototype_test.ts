/**
 * A word of a visitor's finds what was put under it and nothing else: what every object of the
 * language has (`constructor`, `toString`, `__proto__`) is as unknown as any other word.
 */
import assert from "node:assert/strict";
import { ROUTES } from "../../routes/access.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { createDice, type Dice, pick } from "../../src/simulator/random.ts";
import { type Dashboard, startLiveDashboard } from "../support/dashboard.ts";
import { rawRequest, sendRaw } from "../support/raw_http.ts";

const WORDS = Object.getOwnPropertyNames(Object.prototype);
/** A word that nothing is called by either, of the same letters. */
const UNKNOWN = "unknownWord";

const PARAMETERS = [
  ...["source", "format", "currency", "plan", "product", "price", "billing", "interval", "view"],
  ...["figure", "detail", "period", "from", "to", "at", "limit", "after", "window", "first"],
  ...["cohorts", "left", "native", "kind", "part", "show", "month", "line", "in", "days", "as"],
  ...["option", "page", "status", "state", "type", "next", "ended", "since", "by", "group"],
];

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function start(): Promise<Dashboard> {
  const now = Math.floor(Date.now() / 1000);
  const company = createCompany({ seed: 8, customers: 20, now });
  return await startLiveDashboard({
    simulator: createSimulator({ source: company.source }),
    pollSeconds: 600,
    settings: (settings) => ({
      ...settings,
      theme: { ...settings.theme, presets: { night: settings.theme.colors } },
    }),
  });
}

async function statusOf({ url }: Dashboard, asked: Asked): Promise<number> {
  const { method, path, body = "" } = asked;
  const length = method === "POST" ? { "content-length": String(body.length) } : {};
  const head = rawRequest(method, path, { host: "localhost", ...length, ...asked.headers });
  return (await sendRaw(url, head + body)).status;
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** Some of a list. */
function sampled<T>(dice: Dice, list: readonly T[], count: number): T[] {
  return Array.from({ length: count }, () => pick(dice, list));
}

/** Each place in a request where a word is looked up. */
function placesOf(route: typeof ROUTES[number], dice: Dice): ((word: string) => Asked)[] {
  const { method } = route;
  const pattern = /:\w+(\{[^}]+\})?/;
  const path = route.path.replace(/:slug\{.+\}$/, "money").replace(pattern, "default");
  const get = (query: string) => ({ method, path: `${path}?${query}` });
  return [
    ...(pattern.test(route.path)
      ? [(word: string) => ({ method, path: route.path.replace(pattern, word) })]
      : []),
    (word) => get(`${word}=1`),
    ...sampled(dice, PARAMETERS, 4).map((name) => (word: string) => get(`${name}=${word}`)),
    (word) => ({ method, path, headers: { cookie: `theme=${word}; ${word}=${word}` } }),
    (word) => ({ method, path, headers: { accept: word, authorization: `Bearer ${word}` } }),
    ...(method === "POST"
      ? [
        (word: string) => ({
          method,
          path,
          headers: FORM,
          body: `source=${word}&event=${word}&username=${word}&password=${word}`,
        }),
        (word: string) => ({
          method,
          path,
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ source: word, username: word, password: word }),
        }),
      ]
      : []),
  ];
}

Deno.test("no request method is found in what every object has", async () => {
  await using dashboard = await start();
  for (const method of [...WORDS, UNKNOWN]) {
    for (const path of ["/", "/api/v1/revenue", "/metrics", "/login"]) {
      const status = await statusOf(dashboard, { method, path });
      assert.equal(status, path.startsWith("/api/") ? 405 : 404, `${method} ${path}`);
    }
  }
  assert.deepEqual(dashboard.lines.filter((line) => line.includes("request failed")), []);
});

Deno.test("no word in an address, a header or a form is found in what every object has", async () => {
  await using dashboard = await start();
  const dice = createDice(4);
  const different: string[] = [];
  for (const route of ROUTES.filter(({ path }) => path !== "/api/stream")) {
    for (const place of placesOf(route, dice)) {
      const word = pick(dice, WORDS);
      const [status, like] = [
        await statusOf(dashboard, place(word)),
        await statusOf(dashboard, place(UNKNOWN)),
      ];
      if (status !== like || (status >= 500 && status !== 503)) {
        different.push(`${JSON.stringify(place(word))}: ${status}, unlike ${like}`);
      }
    }
  }
  assert.deepEqual(different, []);
  assert.deepEqual(dashboard.lines.filter((line) => line.includes("request failed")), []);
});

/** Tables by a free word, which would be found to hold what every object has. */
const TABLE = /^(?:export )?const (\w+): (?:Readonly<)?(?:Partial<)?Record<string\b/gm;
/** Handed on whole, and never looked up in. */
const ALLOWED = ["src/stripe/translate.ts NO_METADATA"];

Deno.test("a table by a free word is a Map", async () => {
  const root = new URL("../../", import.meta.url);
  const found: string[] = [];
  async function look(folder: string): Promise<void> {
    for (const { name, isDirectory } of Deno.readDirSync(new URL(`${folder}/`, root))) {
      const path = `${folder}/${name}`;
      if (isDirectory && path !== "src/simulator") await look(path);
      else if (name.endsWith(".ts")) {
        const text = await Deno.readTextFile(new URL(path, root));
        found.push(...[...text.matchAll(TABLE)].map(([, table]) => `${path} ${table}`));
      }
    }
  }
  for (const folder of ["routes", "src", "config", "views"]) await look(folder);
  assert.deepEqual(found, ALLOWED);
});
