/** The narrowest permissions: enough to serve a configuration, and nothing else is asked for. */
import assert from "node:assert/strict";
import { diagnose, needsOf, permissionFlags } from "../../src/cli/permissions.ts";
import {
  createCompany,
  createSimulator,
  serveSimulator,
  SIMULATOR_KEY,
} from "../../src/simulator/mod.ts";
import { freePort } from "../bench/child.ts";
import { ioOf } from "../config/support.ts";
import { clusterForFile, postgresTest } from "../support/postgres.ts";
import { eventually, ROOT, startProgram } from "../support/program.ts";

const cluster = await clusterForFile();
const KEY = "rk_test_1";
const VIEWS = decodeURIComponent(new URL("views", ROOT).pathname);

const CONFIG = `
server: { host: 0.0.0.0, port: 9000, assets-path: /srv/assets }
theme: { custom-css-file: own.css }
accounts:
  eu: { stripe-api-key: "\${EU_KEY}" }
  own: { stripe-api-key: "\${secret:own}", api-base: "http://127.0.0.1:12111" }
`;

Deno.test("hosts, variables and paths are those of the configuration", async () => {
  const { permissions } = await needsOf(ioOf({
    configPath: "etc/glance.yml",
    env: { EU_KEY: KEY, DATABASE_URL: "postgres://u:p@db.example:6543/glance" },
    files: { "etc/glance.yml": CONFIG, "/run/secrets/own": KEY },
  }));
  assert.deepEqual(permissions.net, [
    "0.0.0.0:9000",
    "127.0.0.1:12111",
    "api.stripe.com:443",
    "db.example:6543",
  ]);
  assert.ok(permissions.env.includes("EU_KEY") && permissions.env.includes("DATABASE_URL"));
  assert.ok(!permissions.env.includes("PATH"));
  assert.deepEqual(
    permissions.read,
    [
      "/run/secrets/own",
      "/srv/assets",
      VIEWS,
      "etc",
      "etc/glance.yml",
      "own.css",
    ].sort(),
  );
  assert.deepEqual(permissions.write, []);
});

Deno.test("flags grant what is named and no kind as a whole", async () => {
  const { permissions } = await needsOf(ioOf({ env: { DATABASE_PATH: "data/glance.db" } }));
  const flags = permissionFlags(permissions);
  assert.ok(flags.includes("--no-prompt"));
  assert.ok(flags.includes("--allow-net=127.0.0.1:8080"));
  assert.ok(flags.includes(`--allow-read=${VIEWS},data,glance.yml`));
  assert.ok(flags.includes("--allow-write=data"));
  assert.ok(flags.slice(1).every((flag) => /^--allow-(net|env|read|write)=.+/.test(flag)));
  assert.throws(
    () => permissionFlags({ ...permissions, read: ["a,b"] }),
    /with a comma: rename a,b/,
  );
});

Deno.test("diagnose names what is missing, and what is granted beyond need", async () => {
  const needs = await needsOf(ioOf({ env: { STRIPE_SECRET_KEY: KEY } }));
  const all = diagnose(needs, () => "granted");
  assert.ok(all.includes("Granted and never used: run, ffi, sys"));
  assert.ok(
    all.includes("Granted as a whole, where glance permissions names less: net, env, read, write"),
  );
  const narrow = (one: Deno.PermissionDescriptor) =>
    "host" in one || "variable" in one || "path" in one ? "granted" : "prompt";
  assert.equal(
    diagnose(needs, narrow).at(-1),
    "Permissions: everything that is needed is granted",
  );
  assert.throws(
    () => diagnose(needs, (one) => one.name === "net" ? "prompt" : "granted"),
    /Missing permissions: net 127\.0\.0\.1:8080, net api\.stripe\.com:443\. Start with/,
  );
  assert.ok(!all.join("\n").includes(KEY));
});

/** Serves a configuration in a process that has the printed permissions and no other. */
async function checkServing(storage: (folder: string) => Record<string, string>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  const now = Math.floor(Date.now() / 1000);
  const { source } = createCompany({ seed: 3, customers: 20, now });
  const stripe = serveSimulator(createSimulator({ source }));
  const config = `${folder}/glance.yml`;
  Deno.writeTextFileSync(config, "branding: { app-name: First }\n");
  const env: Record<string, string> = {
    STRIPE_SECRET_KEY: SIMULATOR_KEY,
    STRIPE_API_BASE: stripe.url,
    GLANCE_CONFIG: config,
    HOST: "127.0.0.1",
    PORT: String(freePort()),
    ...storage(folder),
  };
  const { permissions } = await needsOf({
    env: (name) => env[name],
    readFile: (path) => Deno.readTextFile(path),
  });
  try {
    await using program = await startProgram("serve", env, Deno.execPath(), {
      only: permissionFlags(permissions),
    });
    const page = async () => await (await fetch(program.url)).text();
    await eventually(page, (text) => text.includes("First") && text.includes("MRR"));
    Deno.writeTextFileSync(config, "branding: { app-name: Second }\n");
    await eventually(page, (text) => text.includes("Second"));
    assert.ok(!program.lines.some((line) => /NotCapable|Requires .* access/.test(line)));
  } finally {
    await stripe.close();
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("with exactly these permissions the program serves, keeps in SQLite and follows its file", () =>
  checkServing((folder) => ({ DATABASE_PATH: `${folder}/data/glance.db` })));

postgresTest(cluster, "with exactly these permissions it keeps in PostgreSQL", async () => {
  const url = await cluster!.create();
  await checkServing(() => ({ DATABASE_URL: url }));
});
