/** What each visitor is shown, and what of their doing is recorded. */
import assert from "node:assert/strict";
import type { Settings } from "../../config/settings.ts";
import { makeApiToken, type Scope } from "../../src/security/api_token.ts";
import { auditLine } from "../../src/cli/audit_chain.ts";
import { parseRange } from "../../src/security/address.ts";
import { Secret } from "../../src/security/secret.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { eventually } from "../support/program.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { type Dashboard, startLiveDashboard } from "../support/dashboard.ts";
import { HASH, PASSWORD, postSignIn, signedIn, usersAuth } from "../support/signed_in.ts";

const NOW = Math.floor(Date.now() / 1000);

function dashboardOf(change: (settings: Settings) => Settings): Promise<Dashboard> {
  const company = createCompany({ seed: 8, customers: 30, now: NOW });
  return startLiveDashboard({
    simulator: createSimulator({ source: company.source }),
    pollSeconds: 600,
    settings: change,
  });
}

/** `ann` is an admin; `vic` may see every page, `lim` only Money, `out` none. */
function withLimits(settings: Settings): Settings {
  return {
    ...settings,
    auth: usersAuth({ ann: "admin", vic: "viewer", lim: "viewer", out: "viewer" }),
    pages: settings.pages.map((page) => ({
      ...page,
      users: new Set(page.slug === "" ? ["vic"] : ["vic", "lim"]),
    })),
  };
}

/** Status and text, without following. */
async function ask(dashboard: Dashboard, path: string, headers: HeadersInit = {}) {
  const response = await dashboard.get(path, { headers, redirect: "manual" });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

Deno.test("a viewer of some pages sees those, their widgets, and no word of the others", async () => {
  await using dashboard = await dashboardOf(withLimits);
  const headers = await signedIn(dashboard, "lim");
  const home = await ask(dashboard, "/", headers);
  assert.deepEqual([home.status, home.headers.get("location")], [303, "/money"]);
  const page = await ask(dashboard, "/money", headers);
  assert.equal(page.status, 200);
  assert.doesNotMatch(
    page.text,
    /href="\/"[^>]*>Business<|data-widget="main-|\/api\/v1|\/sources"/,
  );
  assert.equal((await ask(dashboard, "/api/widgets/money-1", headers)).status, 200);
  for (const path of ["/api/widgets/main-1", "/api/pages/business/content"]) {
    assert.equal((await ask(dashboard, path, headers)).status, 404, path);
  }
  const refused = await ask(dashboard, "/explain/mrr", headers);
  assert.equal(refused.status, 403);
  assert.match(refused.text, /This shows everything of an account/);
  assert.equal((await ask(dashboard, "/api/v1/revenue", headers)).status, 403);
});

Deno.test("no link on a page leads to what is not open to its reader; everyone else has them all", async () => {
  await using dashboard = await dashboardOf(withLimits);
  const linksFor = async (name: string, path: string) => {
    const headers = await signedIn(dashboard, name);
    const { text } = await ask(dashboard, path, headers);
    const links = [...text.matchAll(/<a [^>]*href="(\/[^"]*)"/g)]
      .map(([, href]) => href!.replaceAll("&amp;", "&"));
    return { headers, links: [...new Set(links)] };
  };
  const { headers, links } = await linksFor("lim", "/money");
  assert.ok(links.length > 3, links.join(" "));
  for (const link of links) {
    assert.notEqual((await ask(dashboard, link, headers)).status, 403, link);
  }
  const widget = await ask(dashboard, "/api/widgets/money-1", headers);
  assert.doesNotMatch(widget.text, /href="\/explain/);
  const all = await linksFor("vic", "/money");
  assert.ok(all.links.some((link) => link.startsWith("/explain/")));
});

Deno.test("what one visitor was served is never another's, though the address is the same", async () => {
  await using dashboard = await dashboardOf(withLimits);
  const [ann, vic, lim, out] = await Promise.all(
    ["ann", "vic", "lim", "out"].map((name) => signedIn(dashboard, name)),
  );
  const texts = [];
  for (let round = 0; round < 2; round++) {
    for (const headers of [ann, vic, lim, out]) {
      // What leads on, without the figures, which may be newer a moment later.
      const { text } = await ask(dashboard, "/money", headers);
      texts.push([...text.matchAll(/href="([^"?]*)"|Log out/g)].map(([found]) => found).join(" "));
    }
  }
  assert.deepEqual(texts.slice(0, 4), texts.slice(4));
  // An admin and a viewer of every page see the same page; the others see others.
  assert.equal(texts[0], texts[1]);
  assert.equal(new Set(texts).size, 3);
  assert.match((await ask(dashboard, "/sources", ann)).text, /href="\/audit"/);
  assert.doesNotMatch((await ask(dashboard, "/sources", vic)).text, /href="\/audit"/);
  assert.match((await ask(dashboard, "/", out)).text, /No page is open to you/);
  assert.match((await ask(dashboard, "/", ann)).text, /Log out/);
});

Deno.test("a viewer sees the accounts whose pages are all open, whole, and no other", async () => {
  await using dashboard = await dashboardOf((settings) => {
    const [page, money] = settings.pages;
    const other = {
      ...money!,
      users: new Set(["vic"]),
      headWidgets: [],
      belowWidgets: [],
      columns: money!.columns.map((column) => ({
        ...column,
        widgets: column.widgets.map((widget) => ({ ...widget, account: "another" })),
      })),
    };
    return {
      ...settings,
      auth: usersAuth({ ann: "admin", lim: "viewer", vic: "viewer" }),
      pages: [page!, other],
    };
  });
  const headers = await signedIn(dashboard, "lim");
  assert.equal((await ask(dashboard, "/explain/mrr", headers)).status, 200);
  assert.equal((await ask(dashboard, "/api/v1/revenue?source=default", headers)).status, 200);
  assert.equal((await ask(dashboard, "/api/v1/revenue?source=another", headers)).status, 404);
});

Deno.test("admins let set-aside events be tried again and compare; viewers are shown no button", async () => {
  await using dashboard = await dashboardOf(withLimits);
  const [ann, vic] = [await signedIn(dashboard, "ann"), await signedIn(dashboard, "vic")];
  assert.match((await ask(dashboard, "/sources", ann)).text, /Compare with Stripe now/);
  assert.doesNotMatch((await ask(dashboard, "/sources", vic)).text, /Compare with Stripe now/);
});

async function withToken(scope: Scope) {
  const { token, hash } = await makeApiToken();
  const row = { name: "bi", hash, scopes: [scope], expires: Date.now() + 86_400_000 };
  const dashboard = await dashboardOf((settings) => ({
    ...settings,
    auth: usersAuth({ ann: "admin" }, [row]),
  }));
  return { dashboard, token: { authorization: `Bearer ${token}` } };
}

Deno.test("a token reads what its scope says; what it lacks is said as RFC 6750 has it", async () => {
  const { dashboard, token } = await withToken("read:metrics");
  await using _stopped = dashboard;
  assert.equal((await ask(dashboard, "/health", token)).status, 200);
  const lacking = await ask(dashboard, "/api/v1/revenue", token);
  assert.equal(lacking.status, 403);
  assert.equal(
    lacking.headers.get("www-authenticate"),
    'Bearer realm="BusinessGlance", error="insufficient_scope", scope="read:dashboard"',
  );
  assert.equal(JSON.parse(lacking.text).code, "insufficient_scope");
  const unknown = await ask(dashboard, "/api/v1/revenue", { authorization: "Bearer glance_x" });
  assert.equal(unknown.status, 401);
  assert.equal(unknown.headers.get("www-authenticate"), 'Bearer realm="BusinessGlance"');
  assert.equal(unknown.headers.get("content-type"), "application/problem+json; charset=utf-8");
  assert.equal(JSON.parse(unknown.text).code, "unauthenticated");
});

interface Entry {
  readonly action: string;
  readonly user: string | null;
  readonly address: string | null;
  readonly subject: string | null;
}

async function entriesOf(dashboard: Dashboard, headers: HeadersInit, query = "") {
  const { text } = await ask(dashboard, `/api/v1/audit${query}`, headers);
  return JSON.parse(text) as { data: Entry[]; next: string | null };
}

Deno.test("the audit log has sign-ins, failures, downloads, readings and tokens once a day, comparisons, reloads", async () => {
  let own: Settings;
  const { token, hash } = await makeApiToken();
  const scopes: Scope[] = ["read:dashboard"];
  await using dashboard = await dashboardOf((settings) => {
    const row = { name: "bi", hash, scopes, expires: Date.now() + 86_400_000 };
    return own = { ...settings, auth: usersAuth({ ann: "admin" }, [row]) };
  });
  const wrong = await postSignIn(dashboard, { username: "ann", password: "wrong password here" });
  await wrong.body?.cancel();
  const nobody = await postSignIn(dashboard, { username: PASSWORD, password: "in another field" });
  await nobody.body?.cancel();
  const ann = await signedIn(dashboard, "ann");
  const bearer = { authorization: `Bearer ${token}` };
  await ask(dashboard, "/api/v1/revenue?format=csv", ann);
  for (let count = 0; count < 3; count++) {
    await ask(dashboard, "/api/v1/revenue?format=csv", bearer);
  }
  for (let count = 0; count < 2; count++) {
    await ask(dashboard, "/api/v1/revenue", bearer);
    await ask(dashboard, "/api/v1/movements", ann);
  }
  const form = { method: "POST", headers: ann, redirect: "manual" } as const;
  const compared = await dashboard.get("/sources/compare", {
    ...form,
    body: new URLSearchParams({ source: "default" }),
  });
  await compared.body?.cancel();
  await dashboard.server.reload(own!);
  const { data } = await entriesOf(dashboard, ann);
  assert.deepEqual(
    data.map(({ action, user, address, subject }) => [action, user, address, subject]),
    [
      ["configuration_taken", null, null, null],
      ["compared", "ann", "127.0.0.1", "default"],
      ["interface_read", "ann", "127.0.0.1", "/api/v1/movements"],
      ["interface_read", "token bi", "127.0.0.1", "/api/v1/revenue"],
      ["exported", "token bi", "127.0.0.1", "/api/v1/revenue"],
      ["token_used", null, null, "bi"],
      ["exported", "ann", "127.0.0.1", "/api/v1/revenue"],
      ["signed_in", "ann", "127.0.0.1", null],
      ["sign_in_failed", null, "127.0.0.1", null],
      ["sign_in_failed", "ann", "127.0.0.1", null],
    ],
  );
  const first = await entriesOf(dashboard, ann, "?limit=3");
  assert.equal(first.data.length, 3);
  const rest = await entriesOf(dashboard, ann, `?limit=3&after=${first.next}`);
  assert.deepEqual(rest.data, data.slice(3, 6));
  const asked = await ask(dashboard, "/api/v1/audit?limit=1", { ...ann, accept: "text/csv" });
  assert.equal(asked.headers.get("content-type"), "text/csv; charset=utf-8");
  const page = await ask(dashboard, "/audit", ann);
  assert.match(page.text, /failed to sign in/);
  // What was typed in the place of a name stands nowhere.
  assert.ok([...dashboard.lines, page.text].every((line) => !line.includes(PASSWORD)));
});

Deno.test("with a master key every entry of a server is sealed, one after the other", async () => {
  const folder = Deno.makeTempDirSync();
  const master = new Secret("the master key of now, of 32 letters or more");
  {
    using database = openSqlite(`${folder}/glance.db`);
    await using dashboard = await startLiveDashboard({
      simulator: createSimulator({ objects: {} }),
      database,
      settings: (settings) => ({
        ...settings,
        auth: usersAuth({ ann: "admin" }),
        masterKeys: [master],
      }),
    });
    const ann = await signedIn(dashboard, "ann");
    await Promise.all(
      ["/api/v1/audit", "/api/v1/sources"].map((path) => ask(dashboard, path, ann)),
    );
    await eventually(
      async () => await database.access.audit.list(9, null),
      ({ length }) => length === 2,
    );
    assert.equal(
      await auditLine(database.access, { masterKeys: [master] }),
      "Audit log: 2 entries sealed under the master key, none changed or taken out",
    );
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a new password in the configuration ends the sessions of the one before", async () => {
  let own: Settings;
  await using dashboard = await dashboardOf((settings) =>
    own = { ...settings, auth: usersAuth({ ann: "admin" }) }
  );
  const ann = await signedIn(dashboard, "ann");
  assert.equal((await ask(dashboard, "/", ann)).status, 200);
  // Another salt.
  const hash = HASH.replace(/\$[^$]{22}\$/, "$AAAAAAAAAAAAAAAAAAAAAA$");
  const users = new Map([["ann", { hash, role: "admin" as const }]]);
  await dashboard.server.reload({
    ...own!,
    auth: { mode: "users", users, tokens: [], auditDays: 365, sessionDays: 90 },
  });
  const gone = await ask(dashboard, "/explain/mrr", ann);
  assert.equal(gone.headers.get("location"), "/login?next=%2Fexplain%2Fmrr&ended=");
  const login = await ask(dashboard, "/login?next=%2Fexplain%2Fmrr&ended=");
  assert.match(login.text, /Your session has ended/);
  assert.match(login.text, /name="next" value="\/explain\/mrr"/);
});

/** Signed in by a proxy at `trusted`. */
function behindProxy(trusted: string) {
  return (settings: Settings): Settings => ({
    ...settings,
    auth: {
      mode: "proxy",
      header: "x-forwarded-user",
      groupsHeader: "x-forwarded-groups",
      admins: new Set(["ann"]),
      adminGroups: new Set(["finance"]),
      tokens: [],
      auditDays: 365,
      sessionDays: 90,
    },
    server: {
      ...settings.server,
      proxied: true,
      trustsByName: true,
      proxy: { hops: 1, trusted: [parseRange(trusted)] },
    },
  });
}

Deno.test("a proxy names the user, who is a viewer unless the configuration makes an admin", async () => {
  await using dashboard = await dashboardOf(behindProxy("127.0.0.1"));
  const as = (user: string, groups = "") =>
    ask(dashboard, "/audit", { "x-forwarded-user": user, "x-forwarded-groups": groups })
      .then(({ status }) => status);
  assert.equal(await as("ann"), 200);
  assert.equal(await as("bob"), 403);
  assert.equal(await as("bob", "staff, finance"), 200);
  assert.equal(await as(""), 401);
  // A header that was sent twice is two names with a comma between, and nobody's.
  assert.equal(await as("eve, ann"), 401);
  const page = await ask(dashboard, "/", { "x-forwarded-user": "bob" });
  assert.equal(page.status, 200);
  assert.doesNotMatch(page.text, /Log out/);
  const nobody = await ask(dashboard, "/");
  assert.match(nobody.text, /The proxy in front signs people in, and it named nobody/);
  assert.equal((await ask(dashboard, "/login", {})).status, 303);
  // Whom it signed in is recorded once a day.
  const entries = await entriesOf(dashboard, { "x-forwarded-user": "ann" });
  assert.deepEqual(
    entries.data.filter(({ action }) => action === "signed_in_by_proxy")
      .map(({ user, address }) => [user, address]),
    [["bob", "127.0.0.1"], ["ann", "127.0.0.1"]],
  );
});

Deno.test("a header from an address that is not the proxy's names nobody", async () => {
  await using dashboard = await dashboardOf(behindProxy("10.0.0.2"));
  assert.equal((await ask(dashboard, "/", { "x-forwarded-user": "ann" })).status, 401);
});

Deno.test("1,000 forged forwarded headers give no more tries than one address has", async () => {
  await using dashboard = await dashboardOf((settings) => ({
    ...settings,
    auth: usersAuth({ ann: "admin" }),
    server: {
      ...settings.server,
      proxied: true,
      proxy: { hops: 1, trusted: [parseRange("127.0.0.1")] },
    },
  }));
  const statuses = new Map<number, number>();
  const names = ["x-forwarded-for", "x-real-ip", "forwarded", "x-client-ip", "cf-connecting-ip"];
  for (let at = 0; at < 1_000; at++) {
    const forged = `${at % 256}.${at >> 8}.7.7`;
    const name = names[at % names.length]!;
    // The proxy adds the address that it saw at the end.
    const seen = "203.0.113.9";
    const headers = {
      [name]: forged,
      "x-forwarded-for": name === "x-forwarded-for" ? `${forged}, ${seen}` : seen,
    };
    const response = await postSignIn(
      dashboard,
      { username: `user${at}`, password: "wrong password here" },
      { headers },
    );
    await response.body?.cancel();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  }
  assert.deepEqual([...statuses].sort(), [[401, 5], [429, 995]]);
  const told = dashboard.lines.filter((line) => line.includes('"action":"sign_in_throttled"'));
  assert.equal(told.length, 1);
});
