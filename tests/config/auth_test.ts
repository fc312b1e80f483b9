/** `auth:` and what hangs on it: who may see what. */
import assert from "node:assert/strict";
import { faultsOf, LIVE_KEY, load, loadText, problemsIn, TEST_KEY } from "./support.ts";

const HASH =
  "pbkdf2-sha256$600000$MNi4iZhwl+yOfKn+mayExg$eQ+p4QtTl3U4uu73uwroVdpGgQbf4XtCCg2mQO8/zfc";
const PAGE = "columns: [{size: full}]";

/** Loads to serve, with a live key in the environment. */
function live(text: string | null, env: Record<string, string> = {}) {
  return problemsIn(load({
    env: { STRIPE_SECRET_KEY: LIVE_KEY, ...env },
    files: text === null ? {} : { "glance.yml": text },
    serves: true,
  }));
}

Deno.test("a live key is not served until one of three things is written, which the fault says", async () => {
  const [fault, ...more] = await live(null);
  assert.equal(
    fault,
    "auth: is missing, and a live key is configured. Write one of these into glance.yml:\n" +
      '  auth: {users: {you: {password-hash: "…"}}}   the hash: glance password:hash\n' +
      "  auth: {mode: proxy, header: X-Forwarded-User}   where a proxy signs people in\n" +
      "  auth: {mode: none, i-understand: everyone who reaches this address sees revenue}",
  );
  assert.deepEqual(more, []);
  assert.equal((await live("log: {level: info}")).length, 1);
  const proxy = "server: {proxied: true, trusted-proxies: [10.0.0.2]}";
  for (
    const text of [
      `auth: {users: {ada: {password-hash: "${HASH}"}}}`,
      `auth: {mode: proxy, header: X-Forwarded-User}\n${proxy}`,
      "auth: {mode: none, i-understand: everyone who reaches this address sees revenue}",
    ]
  ) assert.deepEqual(await live(text), [], text);
});

Deno.test("commands that serve nobody need none of it, nor does a test key", async () => {
  assert.deepEqual(await problemsIn(load({ env: { STRIPE_SECRET_KEY: LIVE_KEY } })), []);
  assert.deepEqual(await live(null, { STRIPE_SECRET_KEY: TEST_KEY, HOST: "0.0.0.0" }), []);
});

Deno.test("a user alone is the admin; of several one must be, and the others are viewers", async () => {
  const alone = await loadText(`auth: {users: {ada: {password-hash: "${HASH}"}}}`);
  const two = await loadText(
    `auth: {users: {ada: {password-hash: "${HASH}", role: admin}, bob: {password-hash: "${HASH}"}}}`,
  );
  const roles = ({ settings }: typeof alone) =>
    settings.auth?.mode === "users" &&
    [...settings.auth.users].map(([name, { role }]) => `${name} ${role}`);
  assert.deepEqual(roles(alone), ["ada admin"]);
  assert.deepEqual(roles(two), ["ada admin", "bob viewer"]);
});

Deno.test("a session lasts 90 days at most unless auth.session-lifetime says otherwise", async () => {
  const days = async (more: string) => {
    const { settings } = await loadText(
      `auth: {users: {ada: {password-hash: "${HASH}"}}${more}}`,
    );
    return settings.auth?.sessionDays;
  };
  assert.equal(await days(""), 90);
  assert.equal(await days(", session-lifetime: 7d"), 7);
  await assert.rejects(days(", session-lifetime: 12h"), /must be days, such as 90d/);
});

const FAULTS: readonly (readonly [name: string, text: string, fault: RegExp])[] = [
  [
    "several users and no admin",
    `auth: {users: {ada: {password-hash: "${HASH}"}, bob: {password-hash: "${HASH}"}}}`,
    /auth\.users: has several users and no admin: write role: admin under one/,
  ],
  [
    "a role that is none",
    `auth: {users: {ada: {password-hash: "${HASH}", role: owner}}}`,
    /auth\.users\.ada\.role/,
  ],
  [
    "a proxy whose addresses are not named",
    "auth: {mode: proxy, header: X-Forwarded-User}\nserver: {proxied: true}",
    /auth\.mode: believes a header, so it needs the proxy's addresses/,
  ],
  [
    "a proxy without a header",
    "auth: {mode: proxy}\nserver: {proxied: true, trusted-proxies: [10.0.0.2]}",
    /auth\.mode: needs the header that names the user/,
  ],
  [
    "groups without their header",
    "auth: {mode: proxy, header: X-User, admin-groups: [a]}\n" +
    "server: {proxied: true, trusted-proxies: [10.0.0.2]}",
    /auth\.admin-groups: needs the header that names groups/,
  ],
  [
    "an address of a proxy that is none",
    "server: {proxied: true, trusted-proxies: [10.0.0]}",
    /server\.trusted-proxies\[0\]: must be an address or a range of them/,
  ],
  [
    "addresses of no proxy",
    "server: {trusted-proxies: [10.0.0.1]}",
    /server\.trusted-proxies: counts with proxied alone/,
  ],
  [
    "nobody asked, without the words",
    "auth: {mode: none}",
    /auth\.mode: lets everyone in: write i-understand: everyone who reaches this address/,
  ],
  [
    "nobody asked, with other words",
    "auth: {mode: none, i-understand: true}",
    /auth\.i-understand/,
  ],
  [
    "keys of another mode",
    `auth: {mode: none, i-understand: everyone who reaches this address sees revenue, header: X}`,
    /auth\.header: is for mode proxy: remove it/,
  ],
  ["no users", "auth: {}", /auth: names no users: add users, or another mode/],
  [
    "a page for somebody who is no user",
    `auth: {users: {ada: {password-hash: "${HASH}"}}}\n` +
    `pages: [{name: A, users: [eve], ${PAGE}}]`,
    /pages\[0\]\.users\[0\]: is no user under auth\.users/,
  ],
  [
    "a limited page where nobody signs in",
    `pages: [{name: A, users: [eve], ${PAGE}}]`,
    /pages\[0\]\.users: limits the page, and nobody signs in: configure auth/,
  ],
  [
    "a page at an address of the program's own",
    `pages: [{name: A, ${PAGE}}, {name: Audit, ${PAGE}}]`,
    /gives the address \/audit, which the program uses itself/,
  ],
  [
    "a token that is no hash",
    `auth: {users: {ada: {password-hash: "${HASH}"}}, tokens: [{name: a, hash: glance_1, ` +
    "scopes: ['read:metrics'], expires: 2027-01-01}]}",
    /auth\.tokens\[0\]\.hash: must be as glance token:create prints it/,
  ],
];

for (const [name, text, fault] of FAULTS) {
  Deno.test(`refused at its place: ${name}`, async () => {
    assert.match((await faultsOf(text)).join("\n"), fault);
  });
}

Deno.test("tokens of the configuration end at the start of their last day, UTC", async () => {
  const { settings } = await loadText(
    `auth: {users: {ada: {password-hash: "${HASH}"}}, tokens: [{name: grafana, ` +
      `hash: "sha256:${"0".repeat(64)}", scopes: ["read:metrics"], expires: 2027-01-01}]}`,
  );
  assert.deepEqual(settings.auth!.tokens, [{
    name: "grafana",
    hash: `sha256:${"0".repeat(64)}`,
    scopes: ["read:metrics"],
    expires: Date.UTC(2027, 0, 1),
  }]);
});
