/**
 * Every route, in every spelling, by everyone: one table of expected answers. A route that is not
 * declared here fails the first test.
 */
import assert from "node:assert/strict";
import { ROUTES } from "../../routes/access.ts";
import { accessOf } from "../../routes/visitor.ts";
import { createRouter } from "../../routes/router.ts";
import type { AppDeps } from "../../routes/deps.ts";
import { makeApiToken, type Scope } from "../../src/security/api_token.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { parseRange } from "../../src/security/address.ts";
import { type Dashboard, startLiveDashboard } from "../support/dashboard.ts";
import { signedIn, usersAuth } from "../support/signed_in.ts";

const NOW = Math.floor(Date.now() / 1000);

const VISITORS = [
  "anonymous",
  "ended session",
  "viewer",
  "limited viewer",
  "admin",
  "dashboard token",
  "metrics token",
  "expired token",
] as const;
type VisitorName = typeof VISITORS[number];

/**
 * What becomes of a request: `served` by its route, led to the `login` page, `401`, `forbidden`
 * (403), lacking a `scope` (403), or `none` (404, 405).
 */
type Outcome = "served" | "login" | "401" | "forbidden" | "scope" | "none";

type Answers = readonly Outcome[];

const KNOWN: Answers = ["served", "served", "served"];
/** What each kind of route answers, to the visitors in their order. */
const KINDS = {
  open: ["served", "served", ...KNOWN, "served", "served", "served"],
  metrics: [
    ...["forbidden", "forbidden", "forbidden", "forbidden", "forbidden", "forbidden"] as const,
    "served",
    "forbidden",
  ],
  health: ["login", "login", ...KNOWN, "scope", "served", "401"],
  apiHealth: ["401", "401", ...KNOWN, "scope", "served", "401"],
  page: ["login", "login", ...KNOWN, "forbidden", "forbidden", "401"],
  pageForm: ["401", "401", ...KNOWN, "forbidden", "forbidden", "401"],
  pagePart: ["401", "401", ...KNOWN, "served", "scope", "401"],
  account: [
    ...["login", "login", "served", "forbidden", "served", "forbidden", "forbidden"] as const,
    "401",
  ],
  accountJson: ["401", "401", "served", "forbidden", "served", "forbidden", "forbidden", "401"],
  figures: ["401", "401", "served", "forbidden", "served", "served", "scope", "401"],
  admins: [
    ...["login", "login", "forbidden", "forbidden", "served", "forbidden", "forbidden"] as const,
    "401",
  ],
  adminForm: ["401", "401", "forbidden", "forbidden", "served", "forbidden", "forbidden", "401"],
} satisfies Record<string, Answers>;

const EXPECTED: Readonly<Record<string, keyof typeof KINDS>> = {
  "GET /login": "open",
  "POST /api/authenticate": "open",
  "POST /logout": "open",
  "GET /manifest.json": "open",
  "GET /.well-known/security.txt": "open",
  "GET /assets/:name": "open",
  "GET /health/live": "open",
  "GET /health/ready": "open",
  "GET /api/healthz": "open",
  "POST /webhooks/stripe": "open",
  "POST /webhooks/stripe/:source": "open",
  "POST /api/stripe/webhook": "open",
  "GET /webhooks/stripe": "open",
  "GET /webhooks/stripe/:source": "open",
  "POST /operator/reconcile": "open",
  "GET /metrics": "metrics",
  "GET /api/metrics": "metrics",
  "GET /health": "health",
  "GET /api/health": "apiHealth",
  "GET /:slug{[a-z0-9-]*}": "page",
  "GET /connect": "page",
  "POST /api/set-theme/:key": "pageForm",
  "GET /api/stream": "pagePart",
  "GET /api/widgets/:id": "pagePart",
  "GET /api/pages/:slug/content": "pagePart",
  "GET /api/openapi.json": "pagePart",
  "GET /definitions": "account",
  "GET /sources": "account",
  "GET /explain/subscription/:id": "account",
  "GET /explain/:figure": "account",
  "GET /explain/cash": "account",
  "GET /explain/failed-payments": "account",
  "GET /explain/fx": "account",
  "GET /explain/known-changes": "account",
  "GET /explain/renewals": "account",
  "GET /explain/trials": "account",
  "GET /webhooks/status": "account",
  "GET /api/stripe/webhook/events": "accountJson",
  "GET /api/v1/sources": "figures",
  "GET /api/v1/revenue": "figures",
  "GET /api/v1/revenue/history": "figures",
  "GET /api/v1/movements": "figures",
  "GET /api/v1/events": "figures",
  "GET /api/v1/customers": "figures",
  "GET /api/v1/customers/monthly": "figures",
  "GET /api/v1/cohorts": "figures",
  "GET /api/v1/failed-payments": "figures",
  "GET /api/v1/trials": "figures",
  "GET /api/v1/cash": "figures",
  "GET /api/v1/renewals": "figures",
  "GET /api/v1/forecast": "figures",
  "GET /api/v1/subscriptions": "figures",
  "GET /api/v1/definitions": "figures",
  "GET /api/v1/export": "figures",
  "GET /api/v1/audit": "adminForm",
  "GET /audit": "admins",
  "POST /webhooks/retry": "adminForm",
  "POST /sources/compare": "adminForm",
};

/** Of the demo alone, which has no users. */
const OF_THE_DEMO = "POST /demo/break";

Deno.test("every route that is registered is in the table, and every one of the table is declared", () => {
  const registered = createRouter(
    {
      access: accessOf({ kind: "anyone" }, { pages: [] }),
      demo: {},
      live: () => ({}),
    } as unknown as AppDeps,
    {} as Parameters<typeof createRouter>[1],
  ).routes.map(({ method, path }) => `${method} ${path}`);
  const inTable = ROUTES.map(({ method, path }) => `${method} ${path}`);
  // More than one registration of a path would be two answers to one question.
  assert.deepEqual([...registered].sort(), [...inTable].sort());
  assert.deepEqual([...inTable].sort(), [...Object.keys(EXPECTED), OF_THE_DEMO].sort());
});

/** Spellings of a path, and whether it is still the same one. */
const SPELLINGS: Readonly<Record<string, (path: string) => string>> = {
  "double slash": (path) => `/${path}`,
  "double slash within": (path) => path.replace(/(?<=.)\/|$/, "//"),
  "encoded slash": (path) => `/%2f${path.slice(1)}`,
  "encoded slash within": (path) => path.replace(/(?<=.)\/|$/, "%2F"),
  "dot segment": (path) => `/.${path}`,
  "parent segment": (path) => `/login/..${path}`,
  "encoded dots": (path) => `/assets/%2e%2e${path}`,
  "upper case": (path) => path.toUpperCase(),
  "parameter": (path) => `${path};x=.css`,
  "encoded NUL": (path) => `${path}%00`,
  "backslash": (path) => `/\\${path.slice(1)}`,
  "encoded letter": (path) => path.replace(/[a-z]/, (c) => `%${c.charCodeAt(0).toString(16)}`),
  "open file after it": (path) => `${path}/../assets/x.css`,
};

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends a path as it stands, which no client library does; returns status line and headers. */
async function raw(port: number, { method, path, headers }: Sent): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await connection.write(
    new TextEncoder().encode(
      `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines}Connection: close\r\n\r\n`,
    ),
  );
  let text = "";
  const buffer = new Uint8Array(65_536);
  while (!text.includes("\r\n\r\n")) {
    const length = await connection.read(buffer);
    if (length === null) break;
    text += new TextDecoder("latin1").decode(buffer.subarray(0, length));
  }
  return text.slice(0, text.indexOf("\r\n\r\n"));
}

function outcomeOf(head: string): Outcome {
  const status = Number(head.split(" ")[1]);
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1] ?? "";
  const type = header("content-type");
  // Routes of their own answer in other types: the guard and the router in these.
  const isOurs = /^(application\/problem\+json|text\/html)/.test(type);
  if (status === 303 && /^\/login(\?(next|ended)|$)/.test(header("location"))) return "login";
  if (status === 401) return "401";
  if (status === 403 && /insufficient_scope/.test(header("www-authenticate"))) return "scope";
  // What forms answer to another site's page is text too, so metrics are told by their words.
  if (status === 403 && isOurs) return "forbidden";
  if ((status === 404 || status === 405) && isOurs) return "none";
  return "served";
}

async function tokenRow(name: string, scope: Scope, expires: number) {
  const { token, hash } = await makeApiToken();
  return { token, row: { name, hash, scopes: [scope], expires } };
}

/** A dashboard with everyone of the table, and the headers by which each comes. */
async function world() {
  const company = createCompany({ seed: 8, customers: 30, now: NOW });
  const later = Date.now() + 86_400_000;
  const dashboardToken = await tokenRow("bi", "read:dashboard", later);
  const metricsToken = await tokenRow("prometheus", "read:metrics", later);
  const expired = await tokenRow("old", "read:dashboard", Date.now() - 1);
  const tokens = [dashboardToken, metricsToken, expired].map(({ row }) => row);
  const dashboard = await startLiveDashboard({
    simulator: createSimulator({ source: company.source }),
    pollSeconds: 600,
    settings: (settings) => ({
      ...settings,
      auth: usersAuth({ ann: "admin", vic: "viewer", lim: "viewer" }, tokens),
      // Metrics are open to this machine where no proxy stands before it.
      server: {
        ...settings.server,
        proxied: true,
        proxy: { hops: 1, trusted: [parseRange("127.0.0.1")] },
      },
      pages: settings.pages.map((page) =>
        page.slug === "" ? { ...page, users: new Set(["vic"]) } : page
      ),
    }),
  });
  const bearer = ({ token }: { token: string }) => ({ authorization: `Bearer ${token}` });
  const headers: Record<VisitorName, Record<string, string>> = {
    "anonymous": {},
    "ended session": { cookie: `session_token=${"0".repeat(64)}` },
    "viewer": await signedIn(dashboard, "vic"),
    "limited viewer": await signedIn(dashboard, "lim"),
    "admin": await signedIn(dashboard, "ann"),
    "dashboard token": bearer(dashboardToken),
    "metrics token": bearer(metricsToken),
    "expired token": bearer(expired),
  };
  return { dashboard, headers };
}

/** A path of a route, with what there is in its places. */
function pathOf(route: string, { view, url }: Dashboard, asset: string): string {
  const [subscription] = [...view.standings()].map(({ sub }) => sub.id);
  const places: Record<string, string> = {
    ":slug{[a-z0-9-]*}": "money",
    ":slug": "money",
    ":name": asset,
    ":source": "default",
    ":key": "default",
    ":id": route.includes("widgets") ? "money-1" : subscription!,
    ":figure": "mrr",
  };
  const path = route.split(" ")[1]!.replace(/:\w+(\{.+\})?/, (place) => places[place]!);
  return new URL(path, url).pathname;
}

Deno.test("every route × spelling × visitor has the declared answer", async () => {
  const { dashboard, headers } = await world();
  await using _stopped = dashboard;
  const { port } = new URL(dashboard.url);
  const page = await (await dashboard.get("/login")).text();
  const asset = /\/assets\/([^"]+\.css)/.exec(page)![1]!;
  const wrong: string[] = [];
  let count = 0;

  async function expect(sent: Sent, outcome: Outcome, what: string) {
    count++;
    const head = await raw(Number(port), sent);
    const isMetrics = /^\/(api\/)?metrics\/?$/.test(sent.path);
    const found = isMetrics && / 403 /.test(head) ? "forbidden" : outcomeOf(head);
    if (found !== outcome) wrong.push(`${what}: ${found} in place of ${outcome}`);
  }

  for (const [route, kind] of Object.entries(EXPECTED)) {
    const method = route.split(" ")[0]!;
    const path = pathOf(route, dashboard, asset);
    // A form of another site changes nothing: the route's own answer shows that it was reached.
    const foreign: Record<string, string> = method === "POST" && path !== "/api/authenticate"
      ? { "sec-fetch-site": "cross-site", "content-length": "0" }
      : {};
    await Promise.all(VISITORS.map(async (visitor, index) => {
      const sent = { method, headers: { ...headers[visitor], ...foreign } };
      const outcome = KINDS[kind][index]!;
      await expect({ ...sent, path }, outcome, `${route} ${visitor}`);
      await expect({ ...sent, path: `${path}/` }, outcome, `${route} ${visitor} slash at its end`);
      const isKnown = index >= 2 && visitor !== "expired token";
      for (const [name, spell] of Object.entries(SPELLINGS)) {
        const spelled = spell(path);
        const told = new URL(spelled, dashboard.url).pathname.startsWith("/api/");
        const closed: Outcome = told || method === "POST" || visitor === "expired token"
          ? "401"
          : "login";
        await expect(
          { ...sent, path: spelled },
          isKnown ? "none" : closed,
          `${route} ${visitor} ${name} ${spelled}`,
        );
      }
    }));
  }
  assert.deepEqual(wrong, []);
  assert.equal(count, Object.keys(EXPECTED).length * VISITORS.length * 15);
});
