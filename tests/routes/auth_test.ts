/** Signing in, and what is open without it. */
import assert from "node:assert/strict";
import type { Settings } from "../../config/settings.ts";
import { parseRange } from "../../src/security/address.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { startLiveDashboard } from "../support/dashboard.ts";
import { PASSWORD, postSignIn as signIn, signedIn, usersAuth } from "../support/signed_in.ts";

const LOOPBACK = [parseRange("127.0.0.0/8")];
const NOW = Math.floor(Date.now() / 1000);

function guarded(change: (settings: Settings) => Settings = (settings) => settings) {
  const company = createCompany({ seed: 8, customers: 30, now: NOW });
  return startLiveDashboard({
    simulator: createSimulator({ source: company.source }),
    settings: (settings) => change({ ...settings, auth: usersAuth({ ada: "admin" }) }),
  });
}

async function statusOf(response: Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

Deno.test("without a session everything is closed but one list of addresses", async () => {
  await using dashboard = await guarded();
  const get = (path: string) => statusOf(dashboard.get(path, { redirect: "manual" }));
  for (
    const path of [
      "/",
      "/money",
      "/explain/mrr",
      "/sources",
      "/definitions",
      "/nothing",
      "//health/live",
      "/assets",
      "/ASSETS/../",
    ]
  ) assert.equal(await get(path), 303, path);
  for (
    const path of ["/api/v1/revenue", "/api/widgets/main-1", "/api/stream", "/api/openapi.json"]
  ) assert.equal(await get(path), 401, path);
  for (const path of ["/login", "/health/live", "/health/ready", "/manifest.json", "/metrics"]) {
    assert.equal(await get(path), 200, path);
  }
  // The page before is kept in the cache for those who may see it: not for others.
  assert.equal(await get("/"), 303);
  const { headers, body } = await dashboard.get("/explain/mrr?currency=usd", {
    redirect: "manual",
  });
  await body?.cancel();
  assert.equal(headers.get("location"), "/login?next=%2Fexplain%2Fmrr%3Fcurrency%3Dusd");
});

Deno.test("name and password open the pages; signing out closes them at once", async () => {
  await using dashboard = await guarded();
  const response = await signIn(dashboard, {
    username: "ada",
    password: PASSWORD,
    next: "/explain/mrr",
  });
  await response.body?.cancel();
  assert.equal(response.status, 303);
  assert.equal(response.headers.get("location"), "/explain/mrr");
  const cookie = response.headers.get("set-cookie")!;
  assert.match(
    cookie,
    /^session_token=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1209600$/,
  );
  const headers = { cookie: cookie.split(";")[0]! };
  const page = await (await dashboard.get("/", { headers })).text();
  assert.match(page, /Log out/);
  const out = await dashboard.get("/logout", { method: "POST", headers, redirect: "manual" });
  await out.body?.cancel();
  assert.equal(out.status, 303);
  assert.equal(out.headers.get("clear-site-data"), '"cache", "cookies", "storage"');
  assert.equal(await statusOf(dashboard.get("/", { headers, redirect: "manual" })), 303);
});

Deno.test("signing in ends the session of that browser's cookie, and no other", async () => {
  await using dashboard = await guarded();
  const [before, elsewhere] = [
    await signedIn(dashboard, "ada"),
    await signedIn(dashboard, "ada"),
  ];
  const page = (headers: { readonly cookie: string }) =>
    statusOf(dashboard.get("/", { headers, redirect: "manual" }));
  assert.equal(await page(before), 200);
  const again = await signIn(dashboard, { username: "ada", password: PASSWORD }, {
    headers: before,
  });
  await again.body?.cancel();
  assert.equal(again.status, 303);
  assert.equal(await page({ cookie: again.headers.get("set-cookie")!.split(";")[0]! }), 200);
  assert.equal(await page(before), 303);
  assert.equal(await page(elsewhere), 200);
});

Deno.test("failed tries from elsewhere are told at the next sign-in, once; the user's own slips are not", async () => {
  await using dashboard = await guarded((settings) => ({
    ...settings,
    server: { ...settings.server, proxied: true, proxy: { hops: 1, trusted: LOOPBACK } },
  }));
  const right = { username: "ada", password: PASSWORD, next: "/money" };
  const wrong = { ...right, password: "wrong password here" };
  const from = (address: string) => ({ headers: { "x-forwarded-for": address } });
  await statusOf(signIn(dashboard, wrong, from("203.0.113.9")));
  await statusOf(signIn(dashboard, wrong, from("203.0.113.9")));
  await statusOf(signIn(dashboard, wrong, from("198.51.100.7")));
  const told = await signIn(dashboard, right, from("198.51.100.7"));
  const text = (await told.text()).replaceAll(/\s+/g, " ");
  assert.equal(told.status, 200);
  assert.match(told.headers.get("set-cookie")!, /^session_token=[0-9a-f]{64}; /);
  assert.match(
    text,
    /2 sign-ins with your name failed since you signed in last; the latest at \d{4}-\d\d-\d\d \d\d:\d\d UTC\./,
  );
  assert.match(text, /<a href="\/money" class="button strong">Go on<\/a>/);
  assert.equal(await statusOf(signIn(dashboard, right, from("198.51.100.7"))), 303);
  const asJson = (password: string, address: string) =>
    dashboard.get("/api/authenticate", {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": address },
      body: JSON.stringify({ username: "ada", password }),
    });
  await statusOf(asJson("wrong password here", "203.0.113.9"));
  const { failedTries, lastFailedAt } = await (await asJson(PASSWORD, "198.51.100.7")).json();
  assert.equal(failedTries, 1);
  assert.match(lastFailedAt, /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(await (await asJson(PASSWORD, "198.51.100.7")).json(), {
    user: "ada",
    failedTries: 0,
    lastFailedAt: null,
  });
});

Deno.test("a wrong password, an unknown user and another site are refused alike", async () => {
  await using dashboard = await guarded();
  for (const username of ["ada", "nobody"]) {
    const response = await signIn(dashboard, { username, password: "wrong password here" });
    assert.equal(response.status, 401);
    assert.match(await response.text(), /This name and password do not belong together/);
    assert.equal(response.headers.get("set-cookie"), null);
  }
  const foreign = { headers: { "sec-fetch-site": "cross-site" } };
  assert.equal(
    await statusOf(signIn(dashboard, { username: "ada", password: PASSWORD }, foreign)),
    404,
  );
  assert.ok(dashboard.lines.every((line) => !line.includes("wrong password")));
});

Deno.test("nobody is led to another site, whatever next says", async () => {
  await using dashboard = await guarded();
  for (const next of ["//evil.example", "/\\evil.example", "https://evil.example", "x"]) {
    const response = await signIn(dashboard, { username: "ada", password: PASSWORD, next });
    await response.body?.cancel();
    assert.equal(response.headers.get("location"), "/", next);
  }
});

Deno.test("after five failures there is a wait, also with the right password", async () => {
  await using dashboard = await guarded();
  for (let tries = 0; tries < 5; tries++) {
    await statusOf(signIn(dashboard, { username: "ada", password: "wrong password here" }));
  }
  const response = await signIn(dashboard, { username: "ada", password: PASSWORD });
  assert.equal(response.status, 429);
  assert.match(await response.text(), /Too many tries: try again in \d+ seconds/);
});

Deno.test("tries at the same time do not slip through: five are checked, the others wait", async () => {
  await using dashboard = await guarded();
  const tries = Array.from(
    { length: 12 },
    () => statusOf(signIn(dashboard, { username: "ada", password: "wrong password here" })),
  );
  const statuses = (await Promise.all(tries)).sort();
  assert.deepEqual(statuses, [...Array(5).fill(401), ...Array(7).fill(429)]);
});

Deno.test("over TLS the cookie is of this host alone", async () => {
  await using dashboard = await guarded((settings) => ({
    ...settings,
    server: { ...settings.server, proxied: true, proxy: { hops: 1, trusted: LOOPBACK } },
  }));
  const headers = { "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9" };
  const response = await signIn(dashboard, { username: "ada", password: PASSWORD }, { headers });
  await response.body?.cancel();
  assert.match(response.headers.get("set-cookie")!, /^__Host-session=.*; Secure$/);
});

Deno.test("a browser that tells its origin alone is known behind a proxy, and a foreign one too", async () => {
  await using dashboard = await guarded((settings) => ({
    ...settings,
    server: {
      ...settings.server,
      baseUrl: "https://glance.example/",
      proxied: true,
      proxy: { hops: 1, trusted: LOOPBACK },
    },
  }));
  const from = (origin: string) =>
    statusOf(
      signIn(dashboard, { username: "ada", password: PASSWORD }, {
        headers: { origin, "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9" },
      }),
    );
  const { host } = new URL(dashboard.url);
  assert.equal(await from(`https://${host}`), 303);
  assert.equal(await from("https://glance.example"), 303);
  for (const origin of [`http://${host}`, "https://evil.example", "null"]) {
    assert.equal(await from(origin), 404, origin);
  }
});

Deno.test("a form of another site changes nothing, nor one of another host of the same site", async () => {
  await using dashboard = await guarded();
  const from = (site: string) =>
    statusOf(
      signIn(dashboard, { username: "ada", password: PASSWORD }, {
        headers: { "sec-fetch-site": site },
      }),
    );
  for (const site of ["same-origin", "none"]) assert.equal(await from(site), 303, site);
  for (const site of ["same-site", "cross-site", ""]) assert.equal(await from(site), 404, site);
});

Deno.test("a user who is taken out of the configuration is signed out", async () => {
  let settings: Settings;
  await using dashboard = await guarded((given) => settings = given);
  const response = await signIn(dashboard, { username: "ada", password: PASSWORD });
  const headers = { cookie: response.headers.get("set-cookie")!.split(";")[0]! };
  await response.body?.cancel();
  assert.equal(await statusOf(dashboard.get("/", { headers, redirect: "manual" })), 200);
  await dashboard.server.reload({ ...settings!, auth: usersAuth({ eve: "admin" }) });
  assert.equal(await statusOf(dashboard.get("/", { headers, redirect: "manual" })), 303);
});
