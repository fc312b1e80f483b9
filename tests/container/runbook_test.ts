/** The commands of deploy/README.md for the image and for compose, run as they stand there. */
import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { createCompany, createSimulator, SIMULATOR_KEY } from "../../src/simulator/mod.ts";
import { freePort } from "../bench/child.ts";
import { eventually } from "../support/program.ts";
import { documented } from "../support/runbook.ts";
import { containerTest, missing, openEngine, ROOT } from "./suite.ts";
import { HOST_NAME, makeCertificate, PASSWORD, serveToContainers } from "./world.ts";

const engine = missing === null ? await openEngine() : null;
const folder = Deno.makeTempDirSync({ prefix: "glance-runbook-" });

Deno.test.afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  Deno.removeSync(folder, { recursive: true });
});

/** What a command prints on the standard output, with the programs of the engine. */
async function said(command: string, cwd: string, env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-euc", command],
    cwd,
    // Other files of this process name other folders of secrets.
    clearEnv: true,
    env: { ...engine!.environment, ...env, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.equal(code, 0, `${command}: ${text}${new TextDecoder().decode(stderr)}`);
  return text.trim();
}

/** What the image is made of, in a folder whose compose file asks the simulator. */
async function project(stripeUrl: string): Promise<string> {
  const built = Deno.readTextFileSync(`${ROOT}.dockerignore`).split("\n")
    .filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  const files = ["Dockerfile", ".dockerignore", ...built, "deploy/compose"].join(" ");
  await said(`cp --recursive --parents --target-directory=${folder} ${files}`, ROOT);
  const path = `${folder}/deploy/compose/compose.yaml`;
  const file = parse(Deno.readTextFileSync(path));
  const { app } = file.services;
  Object.assign(app.environment, { STRIPE_API_BASE: stripeUrl, DENO_CERT: "/etc/stripe.crt" });
  app.extra_hosts = [`${HOST_NAME}:host-gateway`];
  app.volumes.push(`${folder}/${HOST_NAME}.crt:/etc/stripe.crt:ro`);
  Deno.writeTextFileSync(path, stringify(file));
  return `${folder}/deploy/compose`;
}

containerTest("the image and compose, by the commands of the document", async () => {
  const certificate = await makeCertificate(folder, HOST_NAME);
  const now = Math.floor(Date.now() / 1000);
  const { source } = createCompany({ seed: 5, customers: 60, now });
  await using stripe = serveToContainers(createSimulator({ source }), certificate);
  const cwd = await project(stripe.url);
  await said(documented("docker build -t"), folder);
  assert.match(
    await said(documented("docker run --rm businessglance"), folder),
    /^businessglance \d/,
  );

  const env = { GLANCE_PORT: String(freePort()) };
  const sh = (command: string) => said(command, cwd, env);
  Deno.writeTextFileSync(`${cwd}/password.txt`, PASSWORD);
  assert.equal(documented("cd deploy/compose"), "cd deploy/compose");
  await sh(documented("printf %s rk_live_… > secrets").replace("rk_live_…", SIMULATOR_KEY));
  await sh(documented("docker run --rm -i"));
  await sh(documented("docker compose -f compose.yaml up"));
  try {
    assert.match(await sh(documented("docker compose ps --all")), /\(healthy\)/);
    assert.match(await sh(documented("docker compose logs")), /"msg":"serving"/);
    assert.equal(await sh(documented("docker inspect")), "false 0");
    assert.match(await sh(documented("docker stats")), /businessglance-app-1/);
    const data = await sh(documented("docker volume inspect"));
    assert.ok(Deno.statSync(`${data}/glance.db`).isFile);
    assert.match(
      await sh(documented("docker compose run --rm app permissions")),
      /--allow-net=0\.0\.0\.0:8080,stripe\.test:\d+ .*--allow-write=\/data/,
    );
    const status = documented(
      "docker compose exec app /bin/deno run -A --cached-only main.ts db:status",
    );
    await eventually(() => sh(status), (text) => /^ {2}subscription: \d/m.test(text));
    assert.match(await sh(status.replace("db:status", "reconcile")), /none differs$/);
    assert.match(
      await sh(
        documented("docker compose exec app /bin/deno run -A --cached-only main.ts version"),
      ),
      /^businessglance \d/,
    );
    await sh(status.replace("db:status", "db:backup /data/kept"));
    await sh(documented("docker compose stop"));
    const restore = documented("docker compose run --rm app db:restore");
    assert.match(await sh(restore.replace("FILE", "/data/kept")), /glance\.db is \/data\/kept now/);
    await sh(documented("docker compose build --quiet"));
    await sh(documented("docker compose up --detach --wait"));
    assert.match(await sh(documented("docker compose ps --all")), /\(healthy\)/);
  } finally {
    await sh("docker compose down --volumes --timeout=10");
  }
});
