/** The environment: what each variable does, and every fault at once. */
import assert from "node:assert/strict";
import { LIVE_KEY, load, problemsIn, TEST_KEY } from "./support.ts";

const faults = (env: Record<string, string>, files: Record<string, string> = {}) =>
  problemsIn(load({ env, files }));

Deno.test("without file and environment the built-in page is served on loopback", async () => {
  const { settings, files, configPath } = await load({});
  assert.equal(configPath, null);
  assert.deepEqual(files, []);
  assert.deepEqual(settings.server, {
    host: "127.0.0.1",
    port: 8080,
    proxied: false,
    proxy: { hops: 0, trusted: [] },
    trustsByName: false,
    baseUrl: null,
    hosts: new Set(),
    securityContacts: [],
    assetsPath: null,
  });
  assert.deepEqual(settings.accounts, []);
  assert.deepEqual(settings.log, { level: "info", format: "json" });
  assert.equal(settings.figures.preset, "stripe");
});

Deno.test("the built-in page is Business, with the widgets of page.md in their order", async () => {
  const { settings } = await load({ env: { STRIPE_SECRET_KEY: TEST_KEY } });
  const [page, money] = settings.pages;
  assert.equal(settings.pages.length, 2);
  assert.equal(page!.name, "Business");
  assert.equal(page!.slug, "");
  assert.deepEqual(page!.headWidgets.map(({ id, type }) => [id, type]), [["main-1", "head"]]);
  assert.deepEqual(
    page!.columns.map(({ size, widgets }) => [size, widgets.map(({ type }) => type)]),
    [
      ["full", ["chart13", "bridge", "plans", "currencies", "cohorts"]],
      ["small", ["needs-you", "activity", "cash", "revenue"]],
    ],
  );
  assert.deepEqual(page!.belowWidgets.map(({ id, type }) => [id, type]), [
    ["main-11", "customers"],
    ["main-12", "retention"],
    ["main-13", "trials"],
  ]);
  assert.equal(page!.headWidgets[0]!.account, "default");
  assert.deepEqual([money!.name, money!.slug, money!.columns[0]!.widgets[0]!.id], [
    "Money",
    "money",
    "money-1",
  ]);
  assert.deepEqual(
    money!.columns.map(({ size, widgets }) => [size, widgets.map(({ type }) => type)]),
    [
      ["full", ["forecast", "failed-payments", "renewals"]],
      ["small", ["cash", "needs-you", "trials"]],
    ],
  );
});

Deno.test("STRIPE_SECRET_KEY makes the account default, its mode read from the key", async () => {
  const { settings } = await load({ env: { STRIPE_SECRET_KEY: LIVE_KEY } });
  const [account] = settings.accounts;
  assert.equal(account!.name, "default");
  assert.equal(account!.mode, "live");
  assert.equal(account!.base, "https://api.stripe.com");
  assert.equal(account!.timeZone, "UTC");
  assert.equal(account!.key.reveal(), LIVE_KEY);
  assert.equal(account!.warning, null);
});

Deno.test("a secret key is taken with a warning", async () => {
  const { settings } = await load({ env: { STRIPE_SECRET_KEY: "sk_test_1" } });
  assert.match(settings.accounts[0]!.warning!, /can write to the account/);
});

Deno.test("every fault of the environment comes at once", async () => {
  assert.deepEqual(
    await faults({
      STRIPE_SECRET_KEY: "pk_live_canary",
      STRIPE_API_BASE: "http://example.com",
      PORT: "80800",
      HOST: "127.0.0.1:8080",
      LOG_LEVEL: "verbos",
      LOG_FORMAT: "jsn",
      METRICS_ENABLED: "perhaps",
      DATABASE_PATH: "a",
      DATABASE_URL: "b",
    }),
    [
      "DATABASE_URL: is set, and so is DATABASE_PATH: keep one of them",
      "PORT: must be a whole number from 0 to 65535 (0: any free port)",
      "HOST: must be an address to listen on, such as 127.0.0.1 or 0.0.0.0, without a port",
      "LOG_LEVEL: must be one of debug, info, warn, error",
      "LOG_FORMAT: must be one of json, text; did you mean json?",
      "METRICS_ENABLED: must be true or false",
      "STRIPE_API_BASE: STRIPE_API_BASE must use https (plain http is for this machine only): " +
      "it names example.com",
      "STRIPE_SECRET_KEY: The Stripe key is a publishable one (pk_…), which cannot read " +
      "subscriptions. Create a restricted key with read permissions and put it in " +
      "STRIPE_SECRET_KEY",
    ],
  );
});

for (const port of ["65536", "8o80", "-1", "80.5", " 80", "99999999"]) {
  Deno.test(`PORT ${JSON.stringify(port)} is refused`, async () => {
    assert.deepEqual(await faults({ PORT: port }), [
      "PORT: must be a whole number from 0 to 65535 (0: any free port)",
    ]);
  });
}

for (const host of ["127.0.0.1", "0.0.0.0", "::1", "[::]", "localhost", "fe80::1"]) {
  Deno.test(`HOST ${host} is taken`, async () => {
    assert.equal((await load({ env: { HOST: host } })).settings.server.host, host);
  });
}

Deno.test("a variable that is empty counts as not set", async () => {
  const { settings } = await load({ env: { PORT: "", STRIPE_SECRET_KEY: "", HOST_FILE: "" } });
  assert.equal(settings.server.port, 8080);
  assert.deepEqual(settings.accounts, []);
});

Deno.test("NAME_FILE names a file with the value; one trailing newline is not part of it", async () => {
  const { settings } = await load({
    env: { STRIPE_SECRET_KEY_FILE: "key.txt", METRICS_TOKEN_FILE: "token.txt" },
    files: { "key.txt": `${TEST_KEY}\n`, "token.txt": "two\n\n" },
  });
  assert.equal(settings.accounts[0]!.key.reveal(), TEST_KEY);
  assert.equal(settings.metrics.token!.reveal(), "two\n");
});

Deno.test("a variable and its _FILE together are refused", async () => {
  assert.deepEqual(await faults({ PORT: "1", PORT_FILE: "p" }, { p: "2" }), [
    "PORT: is set, and so is PORT_FILE: keep one of them",
  ]);
});

Deno.test("a _FILE that cannot be read is refused with the reason", async () => {
  assert.deepEqual(await faults({ STRIPE_SECRET_KEY_FILE: "away" }), [
    "STRIPE_SECRET_KEY: cannot be read from the file that STRIPE_SECRET_KEY_FILE names: there is " +
    "no such file",
  ]);
});

Deno.test("METRICS_ENABLED, LOG_LEVEL, LOG_FORMAT, PORT and HOST win over the file", async () => {
  const { settings } = await load({
    env: {
      METRICS_ENABLED: "false",
      LOG_LEVEL: "debug",
      LOG_FORMAT: "text",
      PORT: "9000",
      HOST: "::1",
    },
    files: {
      "glance.yml":
        "server: {port: 1, host: localhost}\nlog: {level: warn, format: json}\nmetrics: {enabled: true}",
    },
  });
  assert.deepEqual(settings.log, { level: "debug", format: "text" });
  assert.equal(settings.metrics.enabled, false);
  assert.equal(settings.server.port, 9000);
  assert.equal(settings.server.host, "::1");
});

Deno.test("variables of later work are taken silently", async () => {
  assert.deepEqual(
    await faults({
      STRIPE_WEBHOOK_SECRET: "whsec_a",
      GLANCE_MASTER_KEY: "k",
      GLANCE_MASTER_KEY_PREVIOUS: "j",
      BUSINESS_CAC: "12",
    }),
    [],
  );
});

Deno.test("STRIPE_API_BASE is where every account without its own api-base is read", async () => {
  const { settings } = await load({
    env: { STRIPE_SECRET_KEY: TEST_KEY, STRIPE_API_BASE: "http://127.0.0.1:12111" },
    files: {
      "glance.yml":
        "accounts: {a: {stripe-api-key: rk_test_a}, b: {stripe-api-key: rk_test_b, api-base: 'https://stripe.example'}}",
    },
  });
  assert.deepEqual(settings.accounts.map(({ name, base }) => [name, base]), [
    ["default", "http://127.0.0.1:12111"],
    ["a", "http://127.0.0.1:12111"],
    ["b", "https://stripe.example"],
  ]);
});

Deno.test("--config wins over GLANCE_CONFIG, which wins over glance.yml", async () => {
  const files = {
    "one.yml": "server: {port: 1}",
    "two.yml": "server: {port: 2}",
    "glance.yml": "server: {port: 3}",
  };
  const portOf = async (env: Record<string, string>, configPath?: string) => {
    const loaded = await load({ env, files, ...(configPath && { configPath }) });
    return [loaded.settings.server.port, loaded.configPath];
  };
  assert.deepEqual(await portOf({ GLANCE_CONFIG: "two.yml" }, "one.yml"), [1, "one.yml"]);
  assert.deepEqual(await portOf({ GLANCE_CONFIG: "two.yml" }), [2, "two.yml"]);
  assert.deepEqual(await portOf({}), [3, "glance.yml"]);
});

Deno.test("a named file that is not there is an error, with those of the environment", async () => {
  assert.deepEqual(await faults({ GLANCE_CONFIG: "away.yml", PORT: "x" }), [
    "PORT: must be a whole number from 0 to 65535 (0: any free port)",
    "away.yml, line 1, column 1: cannot be read: there is no such file",
  ]);
});

Deno.test("PostgreSQL is named by DATABASE_URL, encrypted unless it is on this machine", async () => {
  const { settings } = await load({
    env: { DATABASE_URL: "postgresql://glance:p%40ss@db.example.com:6432/books" },
  });
  const { password, ...rest } = settings.database!;
  assert.deepEqual(rest, {
    host: "db.example.com",
    port: 6432,
    database: "books",
    user: "glance",
    tls: "require",
    tlsRootPath: null,
  });
  assert.equal(password!.reveal(), "p@ss");
  const tlsOf = async (url: string) =>
    (await load({ env: { DATABASE_URL: url } })).settings.database!.tls;
  assert.equal(await tlsOf("postgres://u@localhost/d"), "disable");
  assert.equal(await tlsOf("postgres://u@[::1]/d"), "disable");
  assert.equal(await tlsOf("postgres://u@x/d?host=/var/run/postgresql"), "disable");
  assert.equal(await tlsOf("postgres://u@db/d?sslmode=disable"), "disable");
  assert.equal(await tlsOf("postgres://u@db/d?sslmode=verify-ca"), "verify-full");
});

Deno.test("PostgreSQL is named by PG variables, which count with PGHOST and PGDATABASE alone", async () => {
  const env = { PGHOST: "db", PGUSER: "glance", PGPASSWORD: "secret", PGSSLMODE: "verify-full" };
  assert.equal((await load({ env })).settings.database, null);
  const { settings } = await load({ env: { ...env, PGDATABASE: "books" } });
  const { host, port, database, user, password, tls } = settings.database!;
  assert.deepEqual([host, port, database, user, tls], [
    "db",
    5432,
    "books",
    "glance",
    "verify-full",
  ]);
  assert.equal(password!.reveal(), "secret");
  const beside = await load({ env: { ...env, PGDATABASE: "books", DATABASE_PATH: "a.db" } });
  assert.deepEqual([beside.settings.database, beside.settings.databasePath], [null, "a.db"]);
});

Deno.test("an address of a database that cannot be read is refused without its password", async () => {
  const form = "DATABASE_URL: must look like postgres://user:password@host:5432/database";
  assert.deepEqual(await faults({ DATABASE_URL: "mysql://u:hidden@db/d" }), [form]);
  assert.deepEqual(await faults({ DATABASE_URL: "postgres://u:hidden@db" }), [form]);
  assert.deepEqual(await faults({ DATABASE_URL: "postgres://u:hid#den@db/d" }), [
    `${form}; signs such as @ and # in the password are written as %40 and %23`,
  ]);
  assert.deepEqual(await faults({ DATABASE_URL: "postgres://u:hidden@db/d?sslmode=prefer" }), [
    "DATABASE_URL: knows the TLS modes disable, require, verify-full for sslmode",
  ]);
});

Deno.test("STRIPE_WEBHOOK_SECRET belongs to the account of the key; several are for a rotation", async () => {
  const { settings } = await load({
    env: { STRIPE_SECRET_KEY: TEST_KEY, STRIPE_WEBHOOK_SECRET: "whsec_old, whsec_new" },
  });
  const secrets = settings.accounts[0]!.webhookSecrets!.map((secret) => secret.reveal());
  assert.deepEqual(secrets, ["whsec_old", "whsec_new"]);
  assert.deepEqual(
    await faults({ STRIPE_SECRET_KEY: TEST_KEY, STRIPE_WEBHOOK_SECRET: "rk_canary" }),
    [
      "STRIPE_WEBHOOK_SECRET: must be the signing secret of a webhook endpoint, which begins with " +
      "whsec_; several are separated by commas",
    ],
  );
});

Deno.test("STRIPE_WEBHOOK_SECRET is added to the only account, and of two it must be said whose it is", async () => {
  const account = (name: string, key: string) => `  ${name}:\n    stripe-api-key: ${key}\n`;
  const files = (...accounts: string[]) => ({ "glance.yml": `accounts:\n${accounts.join("")}` });
  const env = { STRIPE_WEBHOOK_SECRET: "whsec_env" };
  const { settings } = await load({
    env,
    files: files(account("main", TEST_KEY) + "    webhook-secrets: [whsec_file]\n"),
  });
  const secrets = settings.accounts[0]!.webhookSecrets!.map((secret) => secret.reveal());
  assert.deepEqual(secrets, ["whsec_file", "whsec_env"]);
  const two = files(account("one", `${TEST_KEY}1`), account("two", `${TEST_KEY}2`));
  assert.deepEqual(await faults(env, two), [
    "STRIPE_WEBHOOK_SECRET: could belong to any of the accounts: write it under its account as " +
    "webhook-secrets",
  ]);
});
