/** Who may see and do what: the table, and keys that are made of rights alone. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { PageSettings } from "../../config/settings.ts";
import { refusalOf, ROUTES } from "../../routes/access.ts";
import { wantsCsv } from "../../routes/api/routes.ts";
import { labelledCustomer } from "../../routes/customer_names.ts";
import type { AppDeps } from "../../routes/deps.ts";
import { allowedDownloads, downloadsOf } from "../../routes/download_links.ts";
import { withinRights } from "../../routes/widget_rights.ts";
import { NO_QUERY } from "../../src/widgets/query.ts";
import { type Access, accessOf, accessWith, type Visitor } from "../../routes/visitor.ts";
import { type Right, RIGHTS, type Role, ROLE_NAMES, ROLES } from "../../src/security/rights.ts";

const RUNS = 1_000;

Deno.test("an admin has every right, a viewer all but one: to operate", () => {
  assert.deepEqual(ROLES.admin.may, [
    "see page",
    "see figures",
    "see customers",
    "see names",
    "export",
    "operate",
  ]);
  assert.deepEqual(ROLES.viewer.may, [
    "see page",
    "see figures",
    "see customers",
    "see names",
    "export",
  ]);
  assert.deepEqual([ROLES.admin.everyPage, ROLES.viewer.everyPage], [true, false]);
});

const word = fc.oneof(
  fc.constantFrom("", "a", "b", "a-b", "ann", "bob", "viewer", "null", "__proto__"),
  fc.string({ unit: "grapheme-ascii", maxLength: 4 }),
);
const role = fc.constantFrom<Role>(...ROLE_NAMES);
const session = fc.boolean().map((has) => has ? ({} as never) : null);
const visitor: fc.Arbitrary<Visitor> = fc.oneof(
  fc.record({ kind: fc.constant("user" as const), name: word, role, session }),
  fc.record({
    kind: fc.constant("token" as const),
    name: word,
    scopes: fc.subarray(["read:metrics", "read:dashboard"] as const),
  }),
  fc.constant({ kind: "anyone" } as const),
  fc.constant({ kind: "nobody", ended: false } as const),
);
const pages: fc.Arbitrary<PageSettings[]> = fc.uniqueArray(
  fc.record({
    slug: word,
    users: fc.option(fc.array(word, { maxLength: 3 }).map((names) => new Set(names))),
  }).map((page) => page as unknown as PageSettings),
  { maxLength: 5, selector: ({ slug }) => slug },
);

/** Rights as they are, to be compared part by part. */
function parts({ may, signedIn, pages }: Access) {
  return { may: [...may].sort(), signedIn, pages: pages && [...pages].sort() };
}

function same(one: Access, other: Access): boolean {
  try {
    assert.deepEqual(parts(one), parts(other));
    return true;
  } catch {
    return false;
  }
}

Deno.test("two visitors have one key if they have the same rights, and only then", () => {
  fc.assert(
    fc.property(pages, visitor, visitor, (all, one, other) => {
      const [a, b] = [accessOf(one, { pages: all }), accessOf(other, { pages: all })];
      assert.equal(a.key === b.key, same(a, b), `${a.key} ${b.key}`);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("so it is with rights that no role has today", () => {
  const access = fc.record({
    may: fc.subarray([...RIGHTS]),
    signedIn: fc.boolean(),
    pages: fc.option(fc.array(word, { maxLength: 4 })),
  }).map(accessWith);
  fc.assert(
    fc.property(access, access, (one, other) => {
      assert.equal(one.key === other.key, same(one, other), `${one.key} ${other.key}`);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("keys followed by an address never read the same, whatever the address", () => {
  const access = fc.record({
    may: fc.subarray([...RIGHTS]),
    signedIn: fc.boolean(),
    pages: fc.option(fc.array(word, { maxLength: 4 })),
  }).map(accessWith);
  fc.assert(
    fc.property(access, access, word, word, (one, other, here, there) => {
      const joins = `${one.key} /${here}` === `${other.key} /${there}`;
      assert.equal(joins, one.key === other.key && here === there);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("no page, the first page alone and every page are three things", () => {
  const all = [{ slug: "", users: new Set(["ann"]) }, { slug: "b", users: new Set(["bob"]) }];
  const pagesOf = (name: string, list = all) =>
    accessOf(
      { kind: "user", name, role: "viewer", session: null },
      { pages: list as unknown as PageSettings[] },
    );
  assert.deepEqual([...pagesOf("ann").pages!], [""]);
  assert.deepEqual([...pagesOf("eve").pages!], []);
  assert.equal(pagesOf("ann", all.slice(0, 1)).pages, null);
  const keys = [pagesOf("ann"), pagesOf("bob"), pagesOf("eve"), pagesOf("ann", all.slice(0, 1))];
  assert.equal(new Set(keys.map(({ key }) => key)).size, 4);
});

Deno.test("a token named like a user sees no page by that name", () => {
  const all = [{ slug: "", users: new Set(["ann"]) }] as unknown as PageSettings[];
  const token: Visitor = { kind: "token", name: "ann", scopes: ["read:metrics"] };
  const access = accessOf(token, { pages: all });
  assert.deepEqual([[...access.may], [...access.pages!]], [[], []]);
});

Deno.test("a route is used by those who have every right that it needs, and by nobody else", () => {
  const user: Visitor = { kind: "user", name: "eve", role: "viewer", session: null };
  fc.assert(
    fc.property(
      fc.subarray([...RIGHTS]),
      fc.constantFrom(...ROUTES),
      (may, rule) => {
        const refusal = refusalOf(rule, user, {
          access: accessWith({ may, signedIn: false, pages: null }),
          healthPublic: false,
          hasAccounts: true,
        });
        const needs = typeof rule.who === "string" ? [] : rule.who.needs;
        const has = needs.every((right) => may.includes(right));
        assert.equal(refusal, has ? null : "forbidden", `${rule.path} ${may}`);
      },
    ),
    { numRuns: RUNS },
  );
});

Deno.test("what each route needs", () => {
  const needed = new Map<string, string[]>();
  for (const { method, path, who } of ROUTES) {
    if (typeof who === "string") continue;
    const needs = `${who.needs.join(" + ")} (${who.reach})`;
    needed.set(needs, [...needed.get(needs) ?? [], `${method} ${path}`]);
  }
  assert.deepEqual([...needed.keys()].sort(), [
    "operate (program)",
    "see figures (accounts)",
    "see figures + export (accounts)",
    "see figures + see customers (accounts)",
    "see page (pages)",
    "see page + see figures (pages)",
  ]);
  assert.deepEqual(needed.get("see figures + export (accounts)"), ["GET /api/v1/export"]);
  assert.deepEqual(needed.get("see figures + see customers (accounts)"), [
    "GET /explain/subscription/:id",
    "GET /explain/failed-payments",
    "GET /explain/known-changes",
    "GET /explain/renewals",
    "GET /explain/trials",
    "GET /explain/:figure",
    "GET /webhooks/status",
    "GET /api/stripe/webhook/events",
    "GET /api/v1/events",
    "GET /api/v1/customers/monthly",
    "GET /api/v1/failed-payments",
    "GET /api/v1/trials",
    "GET /api/v1/renewals",
    "GET /api/v1/forecast",
    "GET /api/v1/subscriptions",
  ]);
  assert.deepEqual(needed.get("operate (program)"), [
    "GET /api/v1/audit",
    "GET /audit",
    "POST /webhooks/retry",
    "POST /sources/compare",
    "POST /demo/break",
  ]);
});

const READER = accessWith({
  may: ["see page", "see figures", "see customers"],
  signedIn: false,
  pages: null,
});

Deno.test("who may not export is shown no file among the links, and gets none by asking", () => {
  const query = { ...NO_QUERY, source: null };
  const links = [...downloadsOf("cash", query), ...downloadsOf("export", query)];
  assert.deepEqual(allowedDownloads(links, READER).map(({ href }) => href), ["/api/v1/cash"]);
  const asks = (accept: string, search: string) =>
    wantsCsv(
      new Request("http://localhost/api/v1/cash", { headers: { accept } }),
      new URLSearchParams(search),
      READER,
    );
  assert.equal(asks("*/*", "format=json"), false);
  for (const [accept, search] of [["*/*", "format=csv"], ["text/csv", ""]] as const) {
    assert.throws(() => asks(accept, search), { name: "Problem", code: "forbidden" });
  }
});

Deno.test("who may not see customers is shown no widget that goes customer by customer", () => {
  const widget = (type: string) => ({ type, state: { kind: "fresh", data: {} } }) as never;
  const figures = accessWith({ may: ["see page", "see figures"], signedIn: false, pages: null });
  assert.equal(withinRights(widget("activity"), figures).length, 0);
  assert.equal(withinRights(widget("activity"), READER).length, 1);
  assert.equal(withinRights(widget("plans"), figures).length, 1);
  const cohorts = {
    type: "cohorts",
    state: { kind: "fresh", data: { download: { text: "CSV", href: "/api/v1/cohorts" } } },
  } as never;
  assert.deepEqual(withinRights(cohorts, READER), [
    { type: "cohorts", state: { kind: "fresh", data: { download: null } } },
  ]);
});

Deno.test("names of customers are only for those who may see them", async () => {
  const labels = { of: () => Promise.resolve(new Map([["cus_1", "Ada & Sons"]])) };
  const shownTo = (may: readonly Right[]) => {
    const access = accessWith({ may, signedIn: false, pages: null });
    const deps = { access, labels: () => labels } as unknown as AppDeps;
    return labelledCustomer(deps, "default", { text: "cus_1", href: "/" });
  };
  assert.equal((await shownTo(["see customers", "see names"])).text, "Ada & Sons");
  assert.equal((await shownTo(["see customers"])).text, "cus_1");
});
