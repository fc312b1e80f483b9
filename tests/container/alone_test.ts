/** The image run as deploy/compose/compose.yaml says. */
import assert from "node:assert/strict";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { freePort } from "../bench/child.ts";
import { eventually } from "../support/program.ts";
import type { Engine } from "./engine.ts";
import { containerTest, IMAGE, missing, openEngine, ROOT } from "./suite.ts";
import { HOST_NAME, makeCertificate, PASSWORD, serveToContainers, writeSecrets } from "./world.ts";

const engine: Engine | null = missing === null ? await openEngine() : null;
const folder = Deno.makeTempDirSync({ prefix: "glance-alone-" });
const NOW = Math.floor(Date.now() / 1000);

Deno.test.afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  Deno.removeSync(folder, { recursive: true });
});

containerTest("a live key without a sign-in is refused with what to write", async () => {
  const { code, output } = await engine!.tryDocker([
    ...["run", "--rm", "--env=STRIPE_SECRET_KEY=rk_live_canary", IMAGE],
  ]);
  assert.equal(code, 1);
  assert.doesNotMatch(output, /canary/);
});

/** Starts a container that was stopped, some times over; milliseconds until it was ready, median. */
async function startMs(id: string, url: string): Promise<number> {
  const took: number[] = [];
  for (let start = 0; start < 5; start++) {
    await engine!.docker(["stop", id]);
    await engine!.docker(["start", id]);
    const readyAt = await eventually(async () => {
      const response = await fetch(`${url}/health/ready`).catch(() => null);
      await response?.body?.cancel();
      return response?.ok ? Date.now() : null;
    }, (at) => at !== null);
    const startedAt = await engine!.docker(["inspect", "--format", "{{.State.StartedAt}}", id]);
    took.push(readyAt! - Temporal.Instant.from(startedAt).epochMilliseconds);
  }
  return took.sort((a, b) => a - b)[2]!;
}

/** The dashboard as compose runs it, over a simulator. */
async function compose(
  stripeUrl: string,
  { volumes = [], ...more }: { readonly volumes?: string[]; readonly mem_limit?: string } = {},
) {
  const port = freePort();
  const override = `${folder}/override.yaml`;
  Deno.writeTextFileSync(
    override,
    JSON.stringify({
      services: {
        app: {
          environment: { STRIPE_API_BASE: stripeUrl, DENO_CERT: "/etc/stripe.crt" },
          extra_hosts: [`${HOST_NAME}:host-gateway`],
          volumes: [`${folder}/${HOST_NAME}.crt:/etc/stripe.crt:ro`, ...volumes],
          ...more,
        },
      },
    }),
  );
  const files = ["-f", `${ROOT}deploy/compose/compose.yaml`, "-f", override];
  Deno.env.set("GLANCE_SECRETS", `${folder}/secrets`);
  Deno.env.set("GLANCE_PORT", String(port));
  const run = (...args: string[]) => engine!.docker(["compose", ...files, ...args]);
  await run("up", "--detach", "--wait", "--no-build");
  const id = await run("ps", "--quiet", "app");
  return {
    url: `http://127.0.0.1:${port}`,
    id,
    run,
    inspect: (format: string) => engine!.docker(["inspect", "--format", format, id]),
    [Symbol.asyncDispose]: async () => void await run("down", "--volumes", "--timeout=10"),
  };
}

async function signedIn(url: string): Promise<string> {
  const response = await fetch(`${url}/api/authenticate`, {
    method: "POST",
    body: new URLSearchParams({ username: "admin", password: PASSWORD }),
    redirect: "manual",
  });
  await response.body?.cancel();
  assert.equal(response.status, 303);
  return response.headers.get("set-cookie")!.split(";")[0]!;
}

/** The sources as the signed-in reader sees them, or `null` while nothing answers. */
async function sources(url: string, cookie: string) {
  try {
    const response = await fetch(`${url}/api/v1/sources`, { headers: { cookie } });
    return (await response.json()).data?.[0] ?? null;
  } catch {
    return null;
  }
}

containerTest(
  "compose: healthy, read-only, without capabilities; killed it comes back with its data",
  async () => {
    await writeSecrets(`${folder}/secrets`);
    const certificate = await makeCertificate(folder, HOST_NAME);
    const company = createCompany({ seed: 5, customers: 300, now: NOW });
    const simulator = createSimulator({ source: company.source });
    await using stripe = serveToContainers(simulator, certificate);
    await using app = await compose(stripe.url);
    assert.equal(
      await app.inspect("{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.Config.User}}"),
      "true [ALL] 65532:65532",
    );
    const cookie = await signedIn(app.url);
    await eventually(() => sources(app.url, cookie), (one) => one?.historyDone === true);
    const closed = await fetch(`${app.url}/api/v1/revenue`);
    assert.equal(closed.status, 401);
    await closed.body?.cancel();

    const pid = Number(await app.inspect("{{.State.Pid}}"));
    Deno.kill(pid, "SIGKILL");
    await eventually(
      () => app.inspect("{{.RestartCount}} {{.State.Running}}"),
      (text) => text === "1 true",
    );
    // The past is not read again: it was kept, and so was the session.
    const before = company.source.account.id;
    const again = await eventually(() => sources(app.url, cookie), (one) => one?.phase === "live");
    assert.equal(again.historyDone, true);
    assert.equal(again.account, before);

    // Printed, as it is the machine's as much as the image's.
    console.log(`ready ${await startMs(app.id, app.url)} ms after the start, its data there`);
    await app.run("stop");
    assert.equal(await app.inspect("{{.State.ExitCode}} {{.State.OOMKilled}}"), "0 false");
  },
);

containerTest("the demo runs read-only, without capabilities", async () => {
  const port = freePort();
  const id = await engine!.docker([
    ...["run", "--detach", "--read-only", "--cap-drop=ALL", `--publish=127.0.0.1:${port}:8080`],
    ...[IMAGE, "demo"],
  ]);
  const url = `http://127.0.0.1:${port}`;
  console.log(`the demo is ready ${await startMs(id, url)} ms after the start`);
  assert.match(await (await fetch(url)).text(), /MRR/);
  await engine!.docker(["rm", "--force", id]);
});

/** Reads a container's log on until a line of it is the one that is waited for. */
async function loggedBy(id: string, wanted: RegExp): Promise<void> {
  await using following = new Deno.Command("/usr/bin/docker", {
    args: ["logs", "--follow", id],
    env: engine!.environment,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // What ends a program is on its error output: a panic, or nothing where the kernel killed it.
  let errors = "";
  const told = (async () => {
    for await (const text of following.stderr.pipeThrough(new TextDecoderStream())) {
      errors = (errors + text).slice(-5_000);
    }
  })();
  let seen = "";
  for await (const text of following.stdout.pipeThrough(new TextDecoderStream())) {
    seen = (seen + text).slice(-20_000);
    if (wanted.test(seen)) return;
  }
  await told;
  const state = await engine!.docker(["inspect", "--format", "{{json .State}}", id]);
  throw new Error(
    `The container ended before it logged ${wanted}:\n${seen}\n${errors}\n${state}`,
  );
}

/** As the compose file has it, and a rate that lets the test end. */
function hurriedConfig(): string {
  const path = `${folder}/glance.yml`;
  const text = Deno.readTextFileSync(`${ROOT}deploy/compose/glance/glance.yml`);
  Deno.writeTextFileSync(
    path,
    `${text}
accounts:
  default:
    stripe-api-key: \${secret:stripe_secret_key}
    limits: { rate: 100, burst: 100 }
`,
  );
  return path;
}

containerTest("20,000 subscriptions and their past are read within 384 MB", async () => {
  await writeSecrets(`${folder}/secrets`);
  const certificate = await makeCertificate(folder, HOST_NAME);
  const company = createCompany({ seed: 6, customers: 19_500, months: 12, now: NOW });
  const simulator = createSimulator({ source: company.source });
  await using stripe = serveToContainers(simulator, certificate);
  const volumes = [`${hurriedConfig()}:/etc/glance/glance.yml:ro`];
  await using app = await compose(stripe.url, { mem_limit: "384m", volumes });
  const startedAt = performance.now();
  await loggedBy(app.id, /"msg":"past rebuilt from invoices"/);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const [, read] = /"subscriptions":(\d+)/.exec(await app.run("logs", "app")) ?? [];
  assert.ok(Number(read) >= 20_000, `${read} subscriptions`);
  assert.equal(await app.inspect("{{.State.OOMKilled}} {{.RestartCount}}"), "false 0");
  console.log(`${read} subscriptions and a year of their invoices in 384 MB: ${seconds} s`);
});
