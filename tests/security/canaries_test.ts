/**
 * Planted secrets and customers' data, driven through every way in which things fail: what is
 * printed, served and kept holds none of them, nor the end of one. What customers are called stands
 * on pages of those who signed in, and nowhere else.
 *
 * @module
 */
import assert from "node:assert/strict";
import postgres from "postgres";
import { ROUTES } from "../../routes/access.ts";
import { hashPassword } from "../../src/security/password.ts";
import { Secret } from "../../src/security/secret.ts";
import { createVault } from "../../src/security/envelope.ts";
import { bytesOf, type Canary, found } from "../support/canaries.ts";
import { startTalkativeStripe } from "../support/company_with_people.ts";
import { startDashboard, startLiveDashboard } from "../support/dashboard.ts";
import { runGlance, runGlanceJobs, type Running, startGlance } from "../support/glance.ts";
import { clusterForFile, postgresTest } from "../support/postgres.ts";
import { rawRequest, sendRaw } from "../support/raw_http.ts";
import { until } from "../support/until.ts";
import { eventBody, signatureOf } from "../support/webhooks.ts";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";

const KEY = "rk_test_51CanaryKeyQ7mZx4vB";
const OTHER_KEY = "rk_test_51CanaryOtherW9nKd2sF";
const WEBHOOK = "whsec_CanaryHookT5rJp8yLq";
const MASTER = "canary master key of 32 letters and more: Hc6G";
const PASSWORD = "canary-password-of-ann-Vb3N";
const TYPED = "canary-password-mistyped-Xs1M";
const DATABASE_PASSWORD = "canaryDatabasePw9Tz";
const METRICS = "canary-metrics-token-Rf4K7u";
const PERSON = { name: "Canary Persona Ltd Jq8W", email: "persona@canary.kx5vpd2w" };

const SECRETS: readonly Canary[] = [
  { name: "Stripe key", text: KEY },
  { name: "other Stripe key", text: OTHER_KEY },
  { name: "webhook secret", text: WEBHOOK },
  { name: "master key", text: MASTER },
  { name: "password", text: PASSWORD },
  { name: "mistyped password", text: TYPED },
  { name: "database password", text: DATABASE_PASSWORD },
  { name: "metrics token", text: METRICS },
];
const PEOPLE: readonly Canary[] = [
  { name: "customer's name", text: PERSON.name },
  { name: "customer's e-mail", text: PERSON.email },
];
const HASH = await hashPassword(new Secret(PASSWORD));

/** What was seen, and which canaries were in it. */
function createLook() {
  const hits: string[] = [];
  const canaries: Canary[] = [...SECRETS];
  let looked = 0;
  return {
    hits,
    looked: () => looked,
    /** One more secret, known from now on. */
    plant: (name: string, text: string) => void canaries.push({ name, text }),
    at(where: string, text: string, options: { readonly mayName?: boolean } = {}): void {
      looked++;
      const sought = options.mayName ? canaries : [...canaries, ...PEOPLE];
      for (const name of found(sought, text)) hits.push(`${name} in ${where}`);
    },
  };
}
type Look = ReturnType<typeof createLook>;

interface Folder extends AsyncDisposable {
  readonly path: string;
  write(text: string): Promise<void>;
}

async function makeFolder(): Promise<Folder> {
  const path = await Deno.makeTempDir();
  return {
    path,
    write: (text) => Deno.writeTextFile(`${path}/glance.yml`, text),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function configOf(base: string, port = 0): Promise<string> {
  const vault = createVault(new Secret(MASTER));
  const sealed = await vault.seal(new Secret(OTHER_KEY), {
    purpose: "stripe-api-key",
    source: "other",
  });
  return `
auth:
  users:
    ann: { role: admin, password-hash: "${HASH}" }
server: { host: 127.0.0.1, port: ${port} }
metrics: { enabled: true }
log: { level: debug }
accounts:
  main:
    stripe-api-key: \${STRIPE_SECRET_KEY}
    webhook-secrets: [${WEBHOOK}]
    api-base: ${base}
    customer-label: email
  other:
    stripe-api-key: ${sealed}
    api-base: ${base}
    customer-label: name
`;
}

const envOf = (folder: Folder, more: Readonly<Record<string, string>> = {}) => ({
  GLANCE_CONFIG: `${folder.path}/glance.yml`,
  STRIPE_SECRET_KEY: KEY,
  GLANCE_MASTER_KEY: MASTER,
  METRICS_TOKEN: METRICS,
  ...more,
});

/** Ways to write a configuration wrong, each with a secret where it does not belong. */
const FAULTY: readonly (readonly [name: string, yaml: string])[] = [
  ["a key as a mode", `accounts: { main: { stripe-mode: ${KEY}, stripe-api-key: ${KEY} } }`],
  ["a key as a name", `accounts: { "${KEY}!": { stripe-api-key: ${KEY} } }`],
  ["a key as a key", `accounts: { main: { stripe-api-kye: ${KEY} } }`],
  ["a key at the top", `${KEY}: true`],
  ["a syntax fault", `accounts: { main: { stripe-api-key: "${KEY} } }`],
  ["an alias", `accounts: *${KEY}`],
  ["a duplicate", `accounts:\n  main: { stripe-api-key: ${KEY}, stripe-api-key: ${OTHER_KEY} }`],
  ["a webhook secret cut", `accounts: { main: { webhook-secrets: [${WEBHOOK.slice(2)}] } }`],
  ["a password for its hash", `auth: { users: { ann: { password-hash: ${PASSWORD} } } }`],
  ["a token for its hash", `auth: { tokens: [{ name: bi, hash: ${METRICS}, scopes: [x] }] }`],
  ["a key for a time zone", `accounts: { main: { stripe-api-key: x, time-zone: ${KEY} } }`],
  ["a key for a base", `accounts: { main: { stripe-api-key: x, api-base: "http://${KEY}@x" } }`],
  ["an envelope with a key", `accounts: { main: { stripe-api-key: "encrypted:v1.${KEY}" } }`],
  ["a live key unlike its mode", `accounts: { m: { stripe-api-key: ${KEY}, stripe-mode: live } }`],
  ["a missing variable", `accounts: { main: { stripe-api-key: "\${${KEY}}" } }`],
  ["a missing file", `$include: ${KEY}.yml`],
];

/** Environments that are wrong. */
const FAULTY_ENV: readonly Readonly<Record<string, string>>[] = [
  { STRIPE_SECRET_KEY: `pk${KEY.slice(2)}` },
  { STRIPE_SECRET_KEY: `${KEY} ${KEY}` },
  { STRIPE_SECRET_KEY: KEY, STRIPE_SECRET_KEY_FILE: "/nowhere" },
  { STRIPE_SECRET_KEY_FILE: KEY },
  { STRIPE_WEBHOOK_SECRET: WEBHOOK.slice(6) },
  { STRIPE_API_BASE: `https://user:${PASSWORD}@stripe.example/${KEY}` },
  { DATABASE_URL: `postgres://glance:${DATABASE_PASSWORD}@/` },
  { DATABASE_URL: `mysql://glance:${DATABASE_PASSWORD}@host/db` },
  { DATABASE_URL: `postgres://glance:${DATABASE_PASSWORD}@host/db?sslmode=${DATABASE_PASSWORD}` },
  { DATABASE_URL: `glance:${DATABASE_PASSWORD}@host/db`, DATABASE_PATH: "x.db" },
  { PGHOST: "127.0.0.1", PGDATABASE: "x", PGPORT: DATABASE_PASSWORD },
  { PORT: KEY },
  { LOG_LEVEL: KEY },
  { LOG_FORMAT: KEY },
  { METRICS_ENABLED: METRICS },
  { BUSINESS_CAC: KEY },
];

async function inParallel<T>(jobs: readonly T[], run: (job: T) => Promise<void>): Promise<void> {
  const waiting = [...jobs];
  await Promise.all([1, 2, 3].map(async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await run(job);
  }));
}

Deno.test("a wrong configuration or environment is told without what stands in it", async () => {
  const look = createLook();
  await using root = await makeFolder();
  const files = FAULTY.map(([name, yaml]) => {
    const path = `${root.path}/${name}.yml`;
    Deno.writeTextFileSync(path, yaml);
    const args = ["--config", path, "config:validate"];
    return { name, args, env: { GLANCE_MASTER_KEY: MASTER } };
  });
  const environments = FAULTY_ENV.map((env) => ({
    name: JSON.stringify(Object.keys(env)),
    args: ["config:validate"],
    env,
  }));
  const jobs = [...files, ...environments];
  for (const [index, { code, text }] of (await runGlanceJobs(jobs)).entries()) {
    const { name } = jobs[index]!;
    assert.equal(code, 1, `${name}: ${text}`);
    assert.notEqual(text.trim(), "", name);
    look.at(name, text);
  }
  assert.deepEqual(look.hits, []);
});

Deno.test("commands tell no secret, neither when they succeed nor when they fail", async () => {
  const look = createLook();
  await using folder = await makeFolder();
  await folder.write(await configOf("http://127.0.0.1:9"));
  const env = envOf(folder, { DATABASE_PATH: `${folder.path}/glance.db` });
  const subscription = `${folder.path}/subscription.json`;
  const customer = { object: "customer", id: "cus_1", ...PERSON };
  await Deno.writeTextFile(subscription, JSON.stringify({ object: "subscription", customer }));
  const broken = `${folder.path}/broken.json`;
  await Deno.writeTextFile(broken, `{"email": "${PERSON.email}", "key": ${KEY}`);
  const csv = `${folder.path}/export.csv`;
  await Deno.writeTextFile(csv, `Customer Name,Customer Email\n${PERSON.name},${PERSON.email}\n`);
  const wrongMaster = { ...env, GLANCE_MASTER_KEY: `${MASTER} but another` };
  const jobs: [args: string[], env?: Record<string, string>, input?: string][] = [
    [["config:print"]],
    [["config:validate"]],
    [["diagnose"]],
    [["permissions"]],
    [["webhook:setup"]],
    [["config:validate"], wrongMaster],
    [["secret:rotate", "--verify"]],
    [["secret:rotate"], wrongMaster],
    [["secret:rotate"], { ...env, GLANCE_MASTER_KEY: "short", GLANCE_MASTER_KEY_PREVIOUS: MASTER }],
    [["secret:seal"], { ...env, GLANCE_MASTER_KEY: MASTER.slice(-12) }, KEY],
    [["secret:seal", KEY], env, KEY],
    [["secret:seal", "--account", "main"], env, KEY],
    [["password:hash"], env, PASSWORD],
    [["password:hash"], env, PASSWORD.slice(-8)],
    [["explain", subscription]],
    [["explain", "--json", subscription]],
    [["explain", broken]],
    [["compare", csv]],
    [["compare", broken]],
    [["reconcile", "--url", "http://127.0.0.1:9"]],
    [["reconcile", "--url", `http://ann:${PASSWORD}@127.0.0.1:9`]],
    [["token:list"]],
    [["db:status"]],
    [["db:export"]],
    [["db:import", broken]],
    [["db:restore", broken]],
    [["db:status"], { ...env, DATABASE_PATH: "", DATABASE_URL: AWAY }],
    [["token:list"], { ...env, DATABASE_PATH: "", DATABASE_URL: AWAY }],
    [[KEY]],
    [["config:validate", `--${KEY}`]],
  ];
  const alone = jobs.filter(([, , input]) => input !== undefined);
  await inParallel(alone, async ([args, given = env, input]) => {
    const { text } = await runGlance(args, given, input);
    look.at(args.join(" "), text);
  });
  const others = jobs.filter(([, , input]) => input === undefined)
    .map(([args, given = env]) => ({ args, env: given }));
  for (const [index, { text }] of (await runGlanceJobs(others)).entries()) {
    assert.notEqual(text.trim(), "", others[index]!.args.join(" "));
    look.at(others[index]!.args.join(" "), text);
  }
  assert.deepEqual(look.hits, []);
});

/** Nobody listens there. */
const AWAY = `postgres://glance:${DATABASE_PASSWORD}@127.0.0.1:9/glance`;

const PAGES = [
  "/",
  "/money",
  "/retention",
  "/sources",
  "/definitions",
  "/audit",
  "/webhooks/status",
  "/explain/mrr",
  "/explain/customers",
  "/explain/new",
  "/explain/failed-payments",
  "/explain/renewals",
  "/explain/nothing-of-ours",
  "/connect",
];
const DATA = [
  "/health",
  "/health/ready",
  "/metrics",
  "/webhooks/status?format=json",
  "/api/openapi.json",
  ...ROUTES.filter(({ method, path }) => method === "GET" && path.startsWith("/api/v1/"))
    .map(({ path }) => `${path}?source=main`),
  "/api/v1/subscriptions?source=main&format=csv",
  "/api/v1/revenue?source=nowhere",
  "/api/v1/movements?from=never",
];

interface Visit {
  readonly url: string;
  readonly look: Look;
  readonly session: { readonly cookie: string };
}

/** An answer with its headers. */
async function textOf(response: Response): Promise<string> {
  const headers = [...response.headers].map((pair) => pair.join(": ")).join("\n");
  return `${response.status}\n${headers}\n\n${await response.text()}`;
}

async function ask(url: string, init: RequestInit = {}): Promise<string> {
  return textOf(await fetch(url, { redirect: "manual", ...init }));
}

async function lookEverywhere({ url, look, session }: Visit, state: string): Promise<void> {
  for (const path of PAGES) {
    const page = await ask(`${url}${path}`, { headers: session });
    look.at(`${path}, ${state}`, page, { mayName: true });
    look.at(`${path} for nobody, ${state}`, await ask(`${url}${path}`));
  }
  const widgets = (await ask(url, { headers: session })).matchAll(/data-widget="([^"]+)"/g);
  for (const [, id] of widgets) {
    const widget = await ask(`${url}/api/widgets/${id}`, { headers: session });
    look.at(`widget ${id}, ${state}`, widget, { mayName: true });
  }
  for (const path of DATA) {
    look.at(`${path}, ${state}`, await ask(`${url}${path}`, { headers: session }));
    look.at(`${path} for nobody, ${state}`, await ask(`${url}${path}`));
  }
}

/** Requests that are refused, each with a secret in it. */
async function sendWrong({ url, look, session }: Visit): Promise<void> {
  const signIn = (fields: Record<string, string>) =>
    ask(`${url}/api/authenticate`, { method: "POST", body: new URLSearchParams(fields) });
  look.at("a wrong password", await signIn({ username: "ann", password: TYPED }));
  look.at("a password as a name", await signIn({ username: TYPED, password: PASSWORD }));
  const customer = { object: "customer", id: "cus_1", ...PERSON };
  const body = eventBody({ type: "customer.updated", object: customer });
  for (const signature of ["", "t=1,v1=00", await signatureOf(body, `${WEBHOOK}x`), WEBHOOK]) {
    const headers = { "stripe-signature": signature };
    const answer = await ask(`${url}/webhooks/stripe`, { method: "POST", headers, body });
    look.at("a refused webhook", answer);
  }
  const headers = { "stripe-signature": await signatureOf(body, WEBHOOK) };
  for (const sent of [body, `{"email": "${PERSON.email}"`]) {
    const signed = { "stripe-signature": await signatureOf(sent, WEBHOOK) };
    look.at(
      "a webhook",
      await ask(`${url}/webhooks/stripe`, { method: "POST", headers: signed, body: sent }),
    );
  }
  look.at(
    "an unknown source",
    await ask(`${url}/webhooks/stripe/${KEY}`, { method: "POST", headers, body }),
  );
  for (const scheme of ["Bearer", "Basic", "Token"]) {
    for (const path of ["/api/v1/revenue", "/metrics"]) {
      const wrong = { authorization: `${scheme} ${KEY}` };
      look.at(`${scheme} at ${path}`, await ask(`${url}${path}`, { headers: wrong }));
    }
  }
  const elsewhere = rawRequest("GET", "/", { host: "elsewhere.example", ...session });
  look.at("another host", (await sendRaw(url, elsewhere)).body);
}

/** A key in the address is shown back to nobody but the one who typed it. */
async function sendInAddress({ url, session }: Visit): Promise<void> {
  for (const path of [`/${KEY}`, `/?key=${KEY}`, `/api/v1/revenue?source=${KEY}`]) {
    await ask(`${url}${path}`, { headers: session });
  }
}

async function visit(program: Running, look: Look): Promise<Visit> {
  const [, url] = await program.said(/"msg":"serving".*"url":"(http[^"]*)\/"/);
  const response = await fetch(`${url}/api/authenticate`, {
    method: "POST",
    body: new URLSearchParams({ username: "ann", password: PASSWORD }),
    redirect: "manual",
  });
  await response.body?.cancel();
  const cookie = response.headers.get("set-cookie")!.split(";")[0]!;
  look.plant("session", cookie.split("=")[1]!);
  return { url: url!, look, session: { cookie } };
}

/** Statuses with which Stripe refuses; after the last one a source asks no more. */
const REFUSALS = [400, 402, 404, 409, 429, 500, 503, 403, 401];

Deno.test("whatever Stripe refuses with, its words come neither to a page nor to the log", async () => {
  const look = createLook();
  for (const status of REFUSALS) {
    await using stripe = startTalkativeStripe(KEY, PERSON);
    stripe.fail(status);
    await using dashboard = await startDashboard({
      simulator: { ...createSimulator(), fetch },
      key: KEY,
      settings: (settings) => ({
        ...settings,
        accounts: settings.accounts.map((account) => ({ ...account, base: stripe.url })),
      }),
    });
    await until(() => stripe.refused() > 0 && dashboard.view.status.problem !== null);
    for (const path of [...PAGES, ...DATA.map((one) => one.replace("main", "default"))]) {
      look.at(`${path}, ${status}`, await ask(`${dashboard.url}${path}`));
    }
    look.at(`the log, ${status}`, dashboard.lines.join("\n"));
  }
  assert.deepEqual(look.hits, []);
});

Deno.test("a serving program tells nothing while Stripe fails, webhooks are forged and files break", async () => {
  const look = createLook();
  await using folder = await makeFolder();
  await using stripe = startTalkativeStripe(KEY, PERSON);
  const config = await configOf(stripe.url);
  await folder.write(config);
  const database = `${folder.path}/glance.db`;
  const env = envOf(folder, { DATABASE_PATH: database });
  const made = await runGlance(["token:create", "bi", "--scope", "read:dashboard"], env);
  const [token] = /glance_[0-9a-f]{72}/.exec(made.text)!;
  look.plant("token", token);
  await using program = startGlance(["serve"], env);
  const there = await visit(program, look);
  await program.said(/past rebuilt from invoices/);
  // The other account's key is not the one that this Stripe takes.
  await program.said(/Stripe rejects the key/);
  const home = await ask(there.url, { headers: there.session });
  assert.ok(home.includes(PERSON.email), "The canary is alive: a page that may name it does");
  const bearer = { authorization: `Bearer ${token}` };
  look.at(
    "answers to a token",
    await ask(`${there.url}/api/v1/subscriptions?source=main`, { headers: bearer }),
  );
  await sendWrong(there);
  await sendInAddress(there);
  await lookEverywhere(there, "all well");
  const before = stripe.refused();
  stripe.fail(401);
  const compared = await ask(`${there.url}/sources/compare`, {
    method: "POST",
    headers: { ...there.session, origin: there.url },
    body: new URLSearchParams({ source: "main" }),
  });
  look.at("comparing while Stripe refuses", compared);
  await until(() => stripe.refused() > before);
  await folder.write(
    config.replace("customer-label: email", `customer-label: ${KEY}\n    x: "${MASTER}`),
  );
  await program.said(/configuration not taken/);
  await lookEverywhere(there, "Stripe away, a fault in the configuration");
  await folder.write(config.replaceAll(KEY, OTHER_KEY).replace("ann:", "bob:"));
  await program.said(/configuration taken/);
  look.at("a session that ended", await ask(there.url, { headers: there.session }));
  look.at("db:export", (await runGlance(["db:export"], env)).text);
  look.at("db:status", (await runGlance(["db:status"], env)).text);
  look.at("db:backup", (await runGlance(["db:backup"], env)).text);
  const files = [...Deno.readDirSync(folder.path)].map(({ name }) => name)
    .filter((name) => name !== "glance.yml");
  assert.ok(files.some((name) => name.startsWith("glance.db.backup-")), files.join());
  for (const name of files) look.at(name, bytesOf(`${folder.path}/${name}`));
  assert.equal(await program.terminate(), 0);
  look.at("the file after the end", bytesOf(database));
  look.at("the log", program.text());
  assert.match(program.text(), /"msg":"request"/);
  assert.ok(look.looked() > 150, String(look.looked()));
  assert.deepEqual(look.hits, []);
});

Deno.test("a route that crashes on a text full of secrets shows none and logs none", async () => {
  const look = createLook();
  const company = createCompany({ seed: 8, customers: 5, now: Math.floor(Date.now() / 1000) });
  await using dashboard = await startLiveDashboard({
    simulator: createSimulator({ source: company.source }),
    pollSeconds: 600,
  });
  const all = `${KEY} ${OTHER_KEY} ${WEBHOOK} ${PERSON.email} ` +
    `postgres://glance:${DATABASE_PASSWORD}@db/x Bearer ${METRICS}`;
  const status = Object.getOwnPropertyDescriptor(dashboard.view, "status");
  Object.defineProperty(dashboard.view, "status", {
    configurable: true,
    get() {
      throw new Error(all, {
        cause: new TypeError(`${all} at https://x.example/?key=${PASSWORD}`),
      });
    },
  });
  for (const path of [...PAGES, ...DATA]) {
    look.at(path, await ask(`${dashboard.url}${path}`));
  }
  // As it was, so that the source can be ended.
  Object.defineProperty(dashboard.view, "status", { configurable: true, ...status });
  assert.ok(dashboard.lines.some((line) => line.includes("request failed")));
  look.at("the log", dashboard.lines.join("\n"));
  assert.deepEqual(look.hits, []);
});

const cluster = await clusterForFile();

/** Every row of every table, as text. */
async function dump(url: string): Promise<string> {
  const sql = postgres(url, { max: 1 });
  const tables = await sql`
    SELECT table_schema, table_name FROM information_schema.tables
    WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`;
  let text = "";
  for (const { table_schema, table_name } of tables) {
    const rows = await sql`SELECT t::text AS row FROM ${sql(table_schema)}.${sql(table_name)} t`;
    text += rows.map(({ row }) => `${table_name} ${row}\n`).join("");
  }
  await sql.end();
  return text;
}

postgresTest(
  cluster,
  "over PostgreSQL neither its rows nor its absence tell a secret",
  async (cluster) => {
    const look = createLook();
    const address = new URL(await cluster.create());
    await cluster.run(`CREATE ROLE canary LOGIN SUPERUSER PASSWORD '${DATABASE_PASSWORD}'`);
    address.username = "canary";
    const wrong = new URL(address);
    wrong.password = `${DATABASE_PASSWORD}x`;
    address.password = DATABASE_PASSWORD;
    await using folder = await makeFolder();
    await using stripe = startTalkativeStripe(KEY, PERSON);
    await folder.write(await configOf(stripe.url));
    const refused = await runGlance(["serve"], envOf(folder, { DATABASE_URL: wrong.href }));
    assert.equal(refused.code, 1);
    assert.match(refused.text, /PostgreSQL at/);
    look.at("a start that its database refuses", refused.text);
    {
      await using waiting = startGlance(["serve"], envOf(folder, { DATABASE_URL: AWAY }));
      await waiting.said(/PostgreSQL at/);
      assert.equal(await waiting.terminate(), 0);
      look.at("a start without its database", waiting.text());
    }
    await using program = startGlance(["serve"], envOf(folder, { DATABASE_URL: address.href }));
    const there = await visit(program, look);
    await program.said(/past rebuilt from invoices/);
    await sendWrong(there);
    await lookEverywhere(there, "all well");
    const rows = await dump(address.href);
    assert.ok(rows.length > 10_000, "The rows were read");
    look.at("the rows", rows);
    await cluster.crash();
    await until(async () =>
      !(await ask(`${there.url}/health`, { headers: there.session })).startsWith("200")
    );
    await sendWrong(there);
    await lookEverywhere(there, "the database away");
    await cluster.start();
    assert.equal(await program.terminate(), 0);
    look.at("the log", program.text());
    assert.deepEqual(look.hits, []);
  },
);
