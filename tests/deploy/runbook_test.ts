/**
 * The commands of deploy/README.md, taken out of it and run as they stand there; only paths, ports
 * and keys are those of the test. A command that no test runs is a fault.
 */
import assert from "node:assert/strict";
import { sealSecret } from "../../src/cli/secrets.ts";
import {
  createCompany,
  createSimulator,
  serveSimulator,
  SIMULATOR_KEY,
} from "../../src/simulator/mod.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { freePort } from "../bench/child.ts";
import { clusterForFile, postgresTest } from "../support/postgres.ts";
import { eventually, ROOT } from "../support/program.ts";
import {
  blocksOf,
  COMMANDS,
  commandsOf,
  DOCUMENT,
  documented,
  MENTIONED,
  sectionOf,
} from "../support/runbook.ts";
import { HASH, PASSWORD } from "../support/signed_in.ts";
import { toolTest } from "../support/tool.ts";

/** Taken out when this file is loaded, so that what is not run below is told. */
const RUN = new Set<string>();
function run(start: string): string {
  const command = documented(start);
  RUN.add(command);
  return command;
}

const CHECKOUT = {
  validate: run("deno task glance config:validate"),
  diagnose: run("deno task glance diagnose"),
  setup: run("deno task glance webhook:setup"),
  traced: run("OTEL_DENO=true"),
  ready: run("curl -s -o /dev/null"),
  health: run('curl -s -H "Authorization: Bearer $GLANCE_TOKEN" http://127.0.0.1:8080/health'),
  status: run("deno task glance db:status"),
  disk: run("df -h data"),
  reconcile: run("deno task glance reconcile"),
  backup: run("deno task glance db:backup"),
  verify: run("deno task glance db:restore --verify"),
  restore: run("deno task glance db:restore data/"),
  exported: run("deno task glance db:export"),
  forget: run("deno task glance source:forget"),
  hash: run("deno task glance password:hash"),
  tokens: run("deno task glance token:list"),
  token: run("deno task glance token:create"),
  revoke: run("deno task glance token:revoke"),
  influx: run('curl -H "Authorization: Bearer $GLANCE_TOKEN"'),
  install: run("deno install --frozen"),
};
const scrape = 'curl -s -H "Authorization: Bearer $GLANCE_TOKEN" http://127.0.0.1:8080/metrics | ';
const SCRAPES = {
  phase: run(`${scrape}grep ^glance_source_phase`),
  breaker: run(`${scrape}grep -E 'circuit`),
  failed: run(`${scrape}grep -E '^glance_http`),
  slow: run(`${scrape}grep -E '^glance_(cache`),
};
const MASTER_KEY = [
  run("export GLANCE_MASTER_KEY_PREVIOUS="),
  run("export GLANCE_MASTER_KEY="),
  run("deno run -A main.ts secret:rotate --verify"),
  run("deno run -A main.ts secret:rotate"),
];
const KUSTOMIZE = run("kubectl kustomize");
const POSTGRES = {
  dump: run("pg_dump"),
  restore: run("pg_restore"),
  imported: run("deno task glance db:import"),
};

/** Tests that take commands out of the document by themselves, by their first words. */
const ELSEWHERE = ["tests/container/runbook_test.ts", "tests/container/systemd_test.ts"].flatMap(
  (path) =>
    [...Deno.readTextFileSync(new URL(path, ROOT)).matchAll(/documented\(\s*["']([^"']+)["']/g)]
      .map(([, start]) => documented(start!)),
);
/** The one that installs by the whole block of a section. */
const [INSTALLATION] = blocksOf(sectionOf("systemd"));

const REPLACED = "tests/container/stack_test.ts takes these steps, with names and files of its own";

/** Commands that no test runs as they stand there, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  "docker compose -f stack.yaml up --detach --wait":
    "Grafana's image cannot be had; tests/container/stack_test.ts brings up all the others",
  "export GLANCE_VERSION=": REPLACED,
  "docker compose -f stack.yaml ps app": REPLACED,
  "docker compose -f stack.yaml up --detach --wait --no-deps": REPLACED,
  "until docker exec NEW": REPLACED,
  "docker compose -f stack.yaml kill": REPLACED,
  "docker stop OLD": REPLACED,
  "for tag in first second; do":
    "two builds more; tests/container/image_test.ts compares one more with the one that is there",
  "diff --recursive": "as above",
  "deno task audit": "asks a registry; tests/deploy/supply_test.ts reads answers of it",
  "podman play kube": "tests/container/kubernetes_test.ts runs it, with a manifest",
  "kubectl apply -f deploy/kubernetes/base/namespace.yaml": "needs a cluster",
  "kubectl apply -f secret.yaml": "needs a cluster",
  "kubectl apply -k": "needs a cluster",
  "kubectl -n businessglance rollout": "needs a cluster",
  "kubectl -n businessglance exec": "needs a cluster",
};

Deno.test("every command of the document is run by a test", () => {
  const known = [
    ...RUN,
    ...ELSEWHERE,
    ...commandsOf(INSTALLATION!),
    ...Object.keys(NOT_RUN).map(documented),
  ];
  assert.deepEqual(COMMANDS.filter((command) => !known.includes(command)), []);
  for (const words of MENTIONED) {
    assert.ok([...RUN].some((command) => command.includes(words)), words);
  }
});

/** A checkout in a folder of its own. */
function checkout(config: string) {
  const folder = Deno.makeTempDirSync({ prefix: "runbook-" });
  const files = ["main.ts", "deno.json", "deno.lock", "config", "src", "routes", "views"];
  for (const name of files) {
    // Read only, so that a link will do; data and configuration are the folder's own.
    Deno.symlinkSync(decodeURIComponent(new URL(name, ROOT).pathname), `${folder}/${name}`);
  }
  Deno.mkdirSync(`${folder}/data`);
  Deno.writeTextFileSync(`${folder}/glance.yml`, config);
  return { folder, [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }) };
}

type Env = Readonly<Record<string, string>>;

/** With this runtime itself: npm's command around it would not pass a signal on. */
const PATH = `${Deno.execPath().replace(/\/[^/]+$/, "")}:${Deno.env.get("PATH")}`;

function shell(script: string, cwd: string, env: Env): Deno.Command {
  return new Deno.Command("/bin/sh", {
    args: ["-euc", script],
    cwd,
    env: { NO_COLOR: "1", PATH, ...env },
    stdout: "piped",
    stderr: "piped",
  });
}

/** What a script prints on the standard output. @throws {Error} with both, when it fails. */
async function said(script: string, cwd: string, env: Env): Promise<string> {
  const { code, stdout, stderr } = await shell(script, cwd, env).output();
  const text = new TextDecoder().decode(stdout);
  if (code === 0) return text.trim();
  throw new Error(`${script} ended with ${code}: ${text}${new TextDecoder().decode(stderr)}`);
}

/** Starts the program by a command of the document; resolves once the document's look says 200. */
async function served(command: string, folder: string, env: Env, here: (text: string) => string) {
  const child = shell(`exec ${here(command).replace(/^((?:\w+=\S+ )*)/, "env $1")}`, folder, env)
    .spawn();
  // Read on, so that the program never waits for a reader.
  const printed = Promise.all([child.stdout, child.stderr].map((one) => new Response(one).text()));
  const ready = () => said(here(CHECKOUT.ready), folder, env).catch(() => "");
  await eventually(ready, (status) => status === "200");
  return {
    async stop() {
      child.kill("SIGTERM");
      await child.status;
      return (await printed).join("");
    },
  };
}

const CURL = { tool: "curl", pack: "curl" };
const USERS = `auth:\n  users:\n    admin:\n      password-hash: ${HASH}\n`;

toolTest(
  CURL,
  "a checkout: looked at, started, asked, compared, backed up, restored, read anew",
  async () => {
    const now = Math.floor(Date.now() / 1000);
    const { source } = createCompany({ seed: 5, customers: 30, now });
    const stripe = serveSimulator(createSimulator({ source }));
    using project = checkout(USERS);
    const collected = new Set<string>();
    let points = "";
    const collector = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        const { pathname } = new URL(request.url);
        collected.add(pathname);
        if (pathname === "/write") points += await request.text();
        return new Response("");
      },
    );
    const port = freePort();
    const here = (text: string) =>
      text.replaceAll(":8080", `:${port}`).replace(/:(4318|8086)/, `:${collector.addr.port}`);
    const env: Record<string, string> = {
      STRIPE_API_BASE: stripe.url,
      STRIPE_SECRET_KEY: SIMULATOR_KEY,
      DATABASE_PATH: "data/glance.db",
      PORT: String(port),
    };
    const sh = (command: string) => said(here(command), project.folder, env);

    assert.match(
      await sh(CHECKOUT.validate),
      /^glance\.yml is valid: .* accounts: default \(test\)$/,
    );
    assert.match(
      await sh(CHECKOUT.diagnose),
      /^Permissions: everything that is needed is granted$/m,
    );
    assert.match(await sh(CHECKOUT.setup), /^ {4}customer\.subscription\.updated$/m);
    const first = await served(CHECKOUT.traced, project.folder, env, here);

    const [token] = (await sh(CHECKOUT.token)).split("\n");
    env["GLANCE_TOKEN"] = token!;
    assert.match(await sh(CHECKOUT.health), /"status":"(healthy|degraded)"/);
    await eventually(() => sh(SCRAPES.phase), (text) => /phase="live"[^\n]* 1$/m.test(text));
    assert.match(await sh(SCRAPES.breaker), /state="closed"[^\n]*\} 1$/m);
    assert.match(await sh(SCRAPES.slow), /^glance_sync_done\{/m);
    // Nothing failed: grep finds nothing, which is its exit code 1.
    assert.equal(await sh(`${SCRAPES.failed} || test $? = 1`), "");
    assert.match(await sh(CHECKOUT.reconcile), /none differs$/);
    await sh(CHECKOUT.token.replace("reports", "reports-old"));
    assert.match(await sh(CHECKOUT.tokens), /reports-old/);
    assert.match(await sh(CHECKOUT.revoke), /reports-old/);

    await sh(CHECKOUT.influx);
    assert.match(points, /^glance_mrr,currency=/m);

    assert.match(await sh(CHECKOUT.backup), /whole$/);
    const status = await sh(CHECKOUT.status);
    assert.match(status, /^Every page is whole$/m);
    const [, backup] = /^Newest backup: (\S+),/m.exec(status)!;
    const named = (command: string) => command.replace(/data\/glance\.db\.backup-\S+/, backup!);
    assert.match(await sh(named(CHECKOUT.verify)), /whole, can be restored$/);
    assert.match(await sh(CHECKOUT.disk), /%/);
    await sh(CHECKOUT.exported);
    // Refused while the program has it.
    await assert.rejects(() => sh(named(CHECKOUT.restore)));
    await assert.rejects(() => sh(CHECKOUT.forget));
    assert.match(await first.stop(), /"msg":"stopping"/);
    assert.ok(collected.has("/v1/traces"), [...collected].join());

    assert.match(await sh(named(CHECKOUT.restore)), /what was there before is /);
    assert.match(await sh(CHECKOUT.forget), /^default \(test\) is forgotten/);
    const second = await served(
      CHECKOUT.traced.replace(/^(\w+=\S+ )+/, ""),
      project.folder,
      env,
      here,
    );
    await eventually(() => sh(SCRAPES.phase), (text) => /phase="live"[^\n]* 1$/m.test(text));
    assert.match(await sh(CHECKOUT.reconcile), /none differs$/);
    await second.stop();
    await collector.shutdown();
    await stripe.close();
  },
);

Deno.test("a password is hashed, and secrets are sealed under a new master key", async () => {
  const old = await said("deno run -A main.ts secret:make", decodeURIComponent(ROOT.pathname), {});
  const sealed = await sealSecret(SIMULATOR_KEY, undefined, "default", old);
  using project = checkout(`accounts:\n  default:\n    stripe-api-key: ${sealed}\n`);
  Deno.writeTextFileSync(`${project.folder}/password.txt`, PASSWORD);
  assert.match(await said(CHECKOUT.hash, project.folder, {}), /^pbkdf2/);
  const [previous, fresh, look, rotate] = MASTER_KEY;
  const text = await said(
    [previous, fresh, look, rotate, look].join("\n"),
    project.folder,
    { GLANCE_MASTER_KEY: old },
  );
  assert.deepEqual(text.split("\n").filter((line) => line.startsWith("accounts.")), [
    "accounts.default.stripe-api-key would be sealed anew",
    "accounts.default.stripe-api-key is sealed anew",
    "accounts.default.stripe-api-key is sealed under this master key already",
  ]);
  assert.ok(!Deno.readTextFileSync(`${project.folder}/glance.yml`).includes(sealed));
});

const cluster = await clusterForFile();

postgresTest(
  cluster,
  "PostgreSQL: an export is taken in, dumped and restored",
  async ({ create }) => {
    using project = checkout("");
    {
      using database = openSqlite(`${project.folder}/data/glance.db`);
      database.journal("default", "test").write(
        [{ kind: "product", id: "prod_1", body: '{"id":"prod_1","name":"Team"}' }],
        [],
        [],
      );
    }
    await said(CHECKOUT.exported, project.folder, { DATABASE_PATH: "data/glance.db" });
    const env = { DATABASE_URL: await create() };
    const sh = (command: string) => said(command, project.folder, env);
    assert.match(await sh(POSTGRES.imported), /^1 facts/);
    assert.match(await sh(CHECKOUT.status), /^ {2}product: 1$/m);
    await sh(POSTGRES.dump);
    await sh(CHECKOUT.forget);
    assert.doesNotMatch(await sh(CHECKOUT.status), /product/);
    await sh(POSTGRES.restore);
    assert.match(await sh(CHECKOUT.status), /^ {2}product: 1$/m);
  },
);

toolTest(
  { tool: "kubectl", pack: "kubernetes-client" },
  "kustomize tells what will be applied",
  async () => {
    const text = await said(KUSTOMIZE, decodeURIComponent(ROOT.pathname), {});
    assert.match(text, /^kind: Deployment$/m);
  },
);

/** The runbooks: what is between these headings. */
const RUNBOOKS = DOCUMENT.slice(
  DOCUMENT.indexOf("## A dashboard does not answer"),
  DOCUMENT.indexOf("## systemd"),
);

Deno.test("a runbook says how to see it, why, what to do, and when it is over", () => {
  const headings = [...RUNBOOKS.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading!);
  assert.ok(headings.length >= 14);
  const works = ["Rotate keys", "Restore from a backup", "Upgrade, and roll back"];
  for (const heading of headings) {
    const text = sectionOf(heading);
    const marks = works.includes(heading) ? [] : ["See it.", "Why.", "Now."];
    for (const mark of marks) assert.ok(text.includes(`**${mark}**`), `${heading}: ${mark}`);
    assert.ok(text.includes("**Over** "), `${heading}: Over`);
  }
});

/** The text of every source file. */
function* sources(folder: URL): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else yield Deno.readTextFileSync(new URL(name, folder));
  }
}
const SOURCE = ["src/", "routes/", "views/"].flatMap((
  name,
) => [...sources(new URL(name, ROOT))]).join("\n");

Deno.test("metrics in the document and in Prometheus' files are ones that the program has", () => {
  const folder = new URL("deploy/prometheus/", ROOT);
  const texts = [DOCUMENT, ...sources(folder)].join("\n");
  const known = new Set([...SOURCE.matchAll(/"(glance_\w+)"/g)].map(([, name]) => name!));
  for (const figure of ["mrr"]) known.add(`glance_${figure}_minor`);
  const named = new Set(
    [...texts.matchAll(/\bglance_[a-z_]*[a-z]\b/g)].map(([name]) =>
      name.replace(/_(bucket|count|sum)$/, "")
    ),
  );
  assert.ok(named.size > 15);
  assert.deepEqual([...named].filter((name) => !known.has(name)), []);
});

Deno.test("what the runbooks quote is said by the program, or is a heading", () => {
  const prose = RUNBOOKS.replaceAll(/^```[\s\S]*?^```$/gm, "").replaceAll(/`[^`]*`/g, "");
  const quoted = [...prose.matchAll(/"([^"]+)"/g)].map(([, text]) => text!.replaceAll(/\s+/g, " "));
  assert.ok(quoted.length > 20);
  const unknown = quoted.filter((text) =>
    !SOURCE.includes(text) && !DOCUMENT.includes(`\n## ${text}\n`)
  );
  assert.deepEqual(unknown, []);
});

Deno.test("alerts that the runbooks name are ones that ring", () => {
  const rules = Deno.readTextFileSync(new URL("deploy/prometheus/rules.yml", ROOT));
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!);
  const named = new Set([...RUNBOOKS.matchAll(/\bGlance[A-Z]\w+/g)].map(([name]) => name));
  assert.deepEqual([...named].toSorted(), alerts.toSorted());
});
