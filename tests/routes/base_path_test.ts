/** A dashboard under a path: `server.base-url: https://example.com/glance`. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Settings } from "../../config/settings.ts";
import { ROUTES } from "../../routes/access.ts";
import {
  basePathOf,
  linksUnderBasePath,
  underBasePath,
  withoutBasePath,
} from "../../routes/base_path.ts";
import { parseRange } from "../../src/security/address.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { type Dashboard, startLiveDashboard } from "../support/dashboard.ts";
import { PASSWORD, postSignIn, signedIn, usersAuth } from "../support/signed_in.ts";

const NOW = Math.floor(Date.now() / 1000);

Deno.test("the path of base-url has no slash at its end, whichever way it is written", () => {
  const of = (baseUrl: string | null) => basePathOf({ baseUrl });
  assert.deepEqual(
    [null, "/", "https://a.example", "https://a.example/", "/glance", "/glance/", "//glance"].map(
      of,
    ),
    ["", "", "", "", "/glance", "/glance", "/glance"],
  );
  assert.equal(of("https://a.example:8443/tools/glance/"), "/tools/glance");
});

Deno.test("the prefix comes off a request once, and only as whole steps of the path", () => {
  const pathOf = (path: string) =>
    withoutBasePath(new Request(`http://a.example${path}`), "/glance").url
      .slice("http://a.example".length);
  for (
    const [sent, seen] of [
      ["/glance", "/"],
      ["/glance/", "/"],
      ["/glance?months=12", "/?months=12"],
      ["/glance/explain/mrr?x=/glance/", "/explain/mrr?x=/glance/"],
      // A proxy took it off already.
      ["/explain/mrr", "/explain/mrr"],
      ["/glances", "/glances"],
      ["/glance/glance/x", "/glance/x"],
      ["/glance//evil.example/", "//evil.example/"],
      // A proxy that took it off, and blocks these, was asked for them below it twice.
      ["/glance/metrics", "/glance/metrics"],
      ["/glance/metrics/?x", "/glance/metrics/?x"],
      ["/glance/api/metrics", "/glance/api/metrics"],
      ["/glance/metrics-page", "/metrics-page"],
    ] as const
  ) assert.equal(pathOf(sent), seen, sent);
});

Deno.test("addresses of this server get the prefix, and a page gets it once", () => {
  assert.equal(underBasePath("/", "/glance"), "/glance/");
  assert.equal(underBasePath("//cdn.example/x", "/glance"), "//cdn.example/x");
  assert.equal(underBasePath("https://a.example/", "/glance"), "https://a.example/");
  const page = `<a href="/">A</a> <a href="?months=12">B</a> <form action="/logout"><button ` +
    `formaction="/api/set-theme/x"><img src="/assets/a.svg"> <a href="https://a.example/">C</a>` +
    ` say href=&quot;/x&quot;`;
  const linked = linksUnderBasePath(page, "/glance");
  assert.equal(
    linked,
    `<a href="/glance/">A</a> <a href="?months=12">B</a> <form action="/glance/logout"><button ` +
      `formaction="/glance/api/set-theme/x"><img src="/glance/assets/a.svg"> ` +
      `<a href="https://a.example/">C</a> say href=&quot;/x&quot;`,
  );
  assert.equal(linksUnderBasePath(linked, "/glance"), linked);
  assert.equal(linksUnderBasePath(page, ""), page);
});

Deno.test("what goes out under the prefix comes in as it was", () => {
  const step = fc.string({ unit: fc.constantFrom(..."abcz019-_"), minLength: 1, maxLength: 6 });
  const path = fc.array(step, { maxLength: 4 }).map((steps) => `/${steps.join("/")}`);
  fc.assert(fc.property(path, step, (path, name) => {
    const base = `/${name}`;
    const request = new Request(`http://a.example${underBasePath(path, base)}`);
    assert.equal(withoutBasePath(request, base).url, `http://a.example${path}`);
  }));
});

const BASE = "https://glance.example/glance/";

function under(change: (settings: Settings) => Settings = (settings) => settings) {
  const company = createCompany({ seed: 8, customers: 30, now: NOW });
  return startLiveDashboard({
    simulator: createSimulator({ source: company.source }),
    pollSeconds: 600,
    settings: (settings) =>
      change({
        ...settings,
        auth: usersAuth({ ada: "admin" }),
        server: { ...settings.server, baseUrl: BASE },
        theme: { ...settings.theme, presets: { dusk: settings.theme.colors } },
      }),
  });
}

/** Addresses of this server in a page that leave out the prefix. */
function strays(html: string): string[] {
  return [...html.matchAll(/(?:href|src|action|formaction|content)="(\/[^"]*)"/g)]
    .map(([, href]) => href!)
    .filter((href) => !href.startsWith("/glance/"));
}

/** An address of each page and part of a page. */
function pathsOf({ view }: Dashboard): string[] {
  const [first] = view.standings();
  const places: Record<string, string> = { id: first!.sub.id, figure: "mrr", slug: "money" };
  return ROUTES
    .filter(({ method, path }) =>
      method === "GET" && !/^\/(assets|api\/stream|health|metrics)/.test(path)
    )
    .map(({ path }) =>
      path.replace("/api/widgets/:id", "/api/widgets/main-1")
        .replace(/:(\w+)(\{.+?\})?/g, (_, name: string) => places[name] ?? "default")
    );
}

Deno.test("no page, part of a page or redirect leads out of the path", async () => {
  await using dashboard = await under();
  const headers = await signedIn(dashboard, "ada");
  let pages = 0;
  for (const path of ["/", "/nothing/here", ...pathsOf(dashboard)]) {
    for (const [who, given] of [["ada", headers], ["nobody", {}]] as const) {
      const response = await dashboard.get(`/glance${path}`, {
        headers: given,
        redirect: "manual",
      });
      const text = await response.text();
      if (who === "ada" && path === "/") assert.equal(response.status, 200);
      const location = response.headers.get("location");
      if (location !== null) assert.match(location, /^\/glance\//, `${path} ${who}`);
      if (!response.headers.get("content-type")?.startsWith("text/html")) continue;
      if (text.includes("<")) pages++;
      assert.deepEqual(strays(text), [], `${path} ${who}`);
    }
  }
  assert.ok(pages > 15, `${pages} pages`);
});

Deno.test("metrics are at the root of the server alone, so that no proxy's block is passed by", async () => {
  await using dashboard = await under();
  const given = async (path: string) =>
    (await (await dashboard.get(path)).text()).includes("# TYPE glance_");
  for (const path of ["/metrics", "/api/metrics"]) assert.equal(await given(path), true, path);
  for (
    const path of [
      "metrics",
      "api/metrics",
      "/metrics",
      "./metrics",
      "%6detrics",
      "metrics/",
      "METRICS",
    ]
  ) assert.equal(await given(`/glance/${path}`), false, path);
});

Deno.test("manifest, interface and the next page are told under the path", async () => {
  await using dashboard = await under();
  const headers = await signedIn(dashboard, "ada");
  const get = (path: string) => dashboard.get(path, { headers });
  const manifest = await (await get("/glance/manifest.json")).json();
  assert.equal(manifest.start_url, "/glance/");
  assert.match(manifest.icons[0].src, /^\/glance\/assets\//);
  const api = await (await get("/glance/api/openapi.json")).json();
  assert.deepEqual(api.servers, [{ url: "/glance/api/v1" }]);
  const rows = await get("/glance/api/v1/subscriptions?limit=5");
  await rows.body?.cancel();
  assert.match(
    rows.headers.get("link")!,
    /^<\/glance\/api\/v1\/subscriptions\?limit=5&after=sub_\w+>/,
  );
});

Deno.test("a session is of the path alone, and its end leaves what others of the host keep", async () => {
  await using dashboard = await under((settings) => ({
    ...settings,
    server: {
      ...settings.server,
      proxied: true,
      proxy: { hops: 1, trusted: [parseRange("127.0.0.0/8")] },
    },
  }));
  const tls = { "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9" };
  const given = { username: "ada", password: PASSWORD, next: "/explain/mrr" };
  const response = await postSignIn(dashboard, given, { headers: tls });
  await response.body?.cancel();
  assert.equal(response.headers.get("location"), "/glance/explain/mrr");
  const cookie = response.headers.get("set-cookie")!;
  assert.match(cookie, /^__Secure-session=[0-9a-f]{64}; Path=\/glance; HttpOnly; .*; Secure$/);
  const headers = { ...tls, cookie: cookie.split(";")[0]! };
  const theme = await dashboard.get("/glance/api/set-theme/dusk", {
    method: "POST",
    headers,
    redirect: "manual",
  });
  await theme.body?.cancel();
  assert.match(theme.headers.get("set-cookie")!, /^theme=dusk; Path=\/glance;/);
  assert.equal(theme.headers.get("location"), "/glance/");
  const out = await dashboard.get("/glance/logout", {
    method: "POST",
    headers,
    redirect: "manual",
  });
  await out.body?.cancel();
  assert.equal(out.headers.get("location"), "/glance/login?out");
  assert.equal(out.headers.get("clear-site-data"), null);
});

Deno.test("a page of the path's own name is that page: there the proxy takes the path off", async () => {
  await using dashboard = await under((settings) => ({
    ...settings,
    auth: null,
    server: { ...settings.server, baseUrl: "/money" },
  }));
  const titleAt = async (path: string) =>
    /<title>(.*?)<\/title>/.exec(await (await dashboard.get(path)).text())?.[1];
  assert.match((await titleAt("/money"))!, /^Money/);
  assert.match(await (await dashboard.get("/")).text(), /<a href="\/money\/money">Money<\/a>/);
});

Deno.test("with a path alone as base-url, a browser that tells its origin alone can sign in", async () => {
  await using dashboard = await under((settings) => ({
    ...settings,
    server: { ...settings.server, baseUrl: "/glance" },
  }));
  const from = async (origin: string) => {
    const given = { username: "ada", password: PASSWORD };
    const response = await postSignIn(dashboard, given, { headers: { origin } });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await from(dashboard.url), 303);
  assert.equal(await from("https://evil.example"), 404);
});
