/** deploy/compose/stack.yaml as it stands: two dashboards over PostgreSQL behind nginx, watched. */
import assert from "node:assert/strict";
import { createCompany, createEventTap, createSimulator } from "../../src/simulator/mod.ts";
import { freePort } from "../bench/child.ts";
import { eventually } from "../support/program.ts";
import { signatureOf, WEBHOOK_SECRET } from "../support/webhooks.ts";
import { containerTest, missing, openEngine, ROOT } from "./suite.ts";
import { HOST_NAME, makeCertificate, PASSWORD, serveToContainers, writeSecrets } from "./world.ts";

const engine = missing === null ? await openEngine() : null;
const folder = Deno.makeTempDirSync({ prefix: "glance-stack-" });
const NOW = Math.floor(Date.now() / 1000);
/** All but Grafana, of which there is no package to make a stand-in from. */
const SERVICES = ["app", "postgres", "nginx", "prometheus", "alertmanager"];

Deno.test.afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  Deno.removeSync(folder, { recursive: true });
});

/** The files of deploy/prometheus, in seconds where they say minutes. */
function quickened(receiver: string): string {
  const to = `${folder}/prometheus`;
  Deno.mkdirSync(to, { recursive: true });
  for (const name of ["prometheus.yml", "rules.yml", "alertmanager.yml"]) {
    const text = Deno.readTextFileSync(`${ROOT}deploy/prometheus/${name}`)
      .replaceAll("_interval: 15s", "_interval: 1s")
      .replaceAll("refresh_interval: 5s", "refresh_interval: 1s")
      .replaceAll("[30m:15s]", "[30m:1s]")
      .replaceAll("for: 1m", "for: 2s")
      .replaceAll("group_wait: 30s", "group_wait: 0s")
      .replace("receiver: slack\n  group_by", "receiver: test\n  group_by")
      .replace("- receiver: slack\n      group_wait", "- receiver: test\n      group_wait")
      .replace(
        "receivers:\n",
        `receivers:\n  - name: test\n    webhook_configs:\n      - url: ${receiver}\n        http_config: { tls_config: { insecure_skip_verify: true } }\n`,
      );
    Deno.writeTextFileSync(`${to}/${name}`, text);
  }
  return to;
}

async function startStack() {
  const certificate = await makeCertificate(folder, HOST_NAME);
  const company = createCompany({ seed: 5, customers: 200, now: NOW });
  const simulator = createSimulator({ source: company.source });
  const stripe = serveToContainers(simulator, certificate);
  const alerts: { alertname: string; instance?: string }[] = [];
  const receiver = serveToContainers({
    async answer(request) {
      const { alerts: sent } = await request.json();
      alerts.push(...sent.map(({ labels }: { labels: { alertname: string } }) => labels));
      return new Response();
    },
  }, certificate);
  const site = await makeCertificate(folder, "glance.test");
  await writeSecrets(`${folder}/secrets`, {
    alert_receiver: "https://alerts.invalid/",
    metrics_token: "a token of the tests",
    postgres_password: "a password of the tests",
    stripe_webhook_secret: WEBHOOK_SECRET,
    grafana_password: "unused",
    tls_certificate: site.cert,
    tls_key: site.key,
  });
  const port = freePort();
  const prometheus = quickened(`${receiver.url}/`);
  const hosts = { extra_hosts: [`${HOST_NAME}:host-gateway`] };
  Deno.writeTextFileSync(
    `${folder}/override.yaml`,
    JSON.stringify({
      services: {
        app: {
          ...hosts,
          environment: { STRIPE_API_BASE: stripe.url, DENO_CERT: "/etc/stripe.crt" },
          volumes: [`${folder}/${HOST_NAME}.crt:/etc/stripe.crt:ro`],
        },
        prometheus: { volumes: [`${prometheus}:/etc/prometheus:ro`] },
        alertmanager: { ...hosts, volumes: [`${prometheus}:/etc/alertmanager:ro`] },
      },
    }),
  );
  Deno.env.set("GLANCE_SECRETS", `${folder}/secrets`);
  Deno.env.set("GLANCE_HTTPS_PORT", String(port));
  const files = ["-f", `${ROOT}deploy/compose/stack.yaml`, "-f", `${folder}/override.yaml`];
  const run = (...args: string[]) => engine!.docker(["compose", ...files, ...args]);
  const client = Deno.createHttpClient({ caCerts: [site.cert], poolMaxIdlePerHost: 16 });
  await run("up", "--detach", "--wait", "--no-build", ...SERVICES);
  return {
    company,
    alerts,
    run,
    port,
    ids: async () => (await run("ps", "--quiet", "app")).split("\n"),
    get: (path: string, init: RequestInit = {}) =>
      fetch(`https://127.0.0.1:${port}${path}`, { redirect: "manual", ...init, client }),
    async [Symbol.asyncDispose]() {
      client.close();
      await run("down", "--volumes", "--timeout=10");
      await stripe[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

type Stack = Awaited<ReturnType<typeof startStack>>;

async function signIn({ get }: Stack): Promise<string> {
  const response = await get("/api/authenticate", {
    method: "POST",
    body: new URLSearchParams({ username: "admin", password: PASSWORD }),
  });
  await response.body?.cancel();
  assert.equal(response.status, 303);
  const [cookie = ""] = response.headers.get("set-cookie")!.split(";");
  assert.match(cookie, /^__Host-session=/);
  return cookie;
}

/** Sends webhooks of what happens, each until one dashboard has taken it in; returns how many. */
async function sendWebhooks({ company, get }: Stack, rounds: number): Promise<number> {
  const tap = createEventTap(company.source);
  let acknowledged = 0;
  for (let round = 0; round < rounds; round++) {
    company.step(Math.floor(Date.now() / 1000));
    for (const event of tap()) {
      const body = JSON.stringify(event);
      const headers = {
        "content-type": "application/json",
        "stripe-signature": await signatureOf(body, WEBHOOK_SECRET),
      };
      for (let taken = false; !taken;) {
        const response = await get("/webhooks/stripe", { method: "POST", headers, body })
          .catch(() => null);
        await response?.body?.cancel();
        taken = response?.status === 200;
      }
      acknowledged++;
    }
  }
  return acknowledged;
}

/** Asks on and on until it is told to end; the answers that were none. */
function ask({ get }: Stack, cookie: string) {
  let isOver = false;
  let answered = 0;
  const failed: unknown[] = [];
  async function work(): Promise<void> {
    while (!isOver) {
      try {
        const response = await get("/", { headers: { cookie } });
        await response.body?.cancel();
        if (response.status === 200) answered++;
        else failed.push(response.status);
      } catch (error) {
        failed.push(String(error));
      }
    }
  }
  const workers = [work(), work(), work(), work()];
  return {
    async end() {
      isOver = true;
      await Promise.all(workers);
      return { answered, failed };
    },
  };
}

async function mrrOf({ get }: Stack, cookie: string) {
  const response = await get("/api/v1/revenue", { headers: { cookie } });
  if (!response.ok) return await response.body?.cancel(), null;
  return await response.json();
}

containerTest(
  "the whole stack: pages, stream, webhooks, a dashboard stopped and one killed, alerts",
  async () => {
    await using stack = await startStack();
    const { get, run, alerts, company } = stack;

    // Through nginx: sign-in, page, stream; nothing of the inside.
    const cookie = await signIn(stack);
    await eventually(() => mrrOf(stack, cookie), (answer) => answer !== null);
    const page = await get("/", { headers: { cookie } });
    assert.equal(page.status, 200);
    assert.match(page.headers.get("strict-transport-security")!, /max-age=31536000/);
    assert.match(await page.text(), /MRR/);
    for (const path of ["/metrics", "/health/ready"]) {
      const { status, body } = await get(path);
      await body?.cancel();
      assert.equal(status, 403, path);
    }
    const stream = await get("/api/stream", { headers: { cookie } });
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    assert.match((await reader.read()).value ?? "", /data:|event:|:/);
    await reader.cancel();

    // Prometheus sees both dashboards.
    const query = async (expression: string) => {
      const answer = await run(
        ...["exec", "-T", "prometheus", "promtool", "query", "instant"],
        ...["http://127.0.0.1:9090", expression],
      );
      return answer.split("\n").filter((line) => line !== "");
    };
    await eventually(() => query('up{job="businessglance"} == 1'), (lines) => lines.length === 2);

    // One stopped, as a rolling update does, while readers ask and webhooks come: none is lost.
    const [first, second] = await stack.ids();
    const readers = ask(stack, cookie);
    const sending = sendWebhooks(stack, 8);
    await engine!.docker(["stop", first!]);
    const stopped = await engine!.docker(["inspect", "--format", "{{.State.ExitCode}}", first!]);
    assert.equal(stopped, "0");
    const acknowledged = await sending;
    const { answered, failed } = await readers.end();
    assert.ok(answered > 50 && acknowledged > 0, `${answered} pages, ${acknowledged} webhooks`);
    assert.deepEqual(failed, []);
    await eventually(async () => {
      // Waits for the network, so that the alert is received meanwhile.
      await query("ALERTS");
      return alerts.some(({ alertname }) => alertname === "GlanceReplicaMissing");
    }, (rings) => rings);

    // The other one killed: it comes back, and every event that was acknowledged has its effect.
    await engine!.docker(["start", first!]);
    await eventually(
      () => engine!.docker(["inspect", "--format", "{{.State.Health.Status}}", first!]),
      (status) => status === "healthy",
    );
    const killing = ask(stack, cookie);
    const more = sendWebhooks(stack, 8);
    Deno.kill(
      Number(await engine!.docker(["inspect", "--format", "{{.State.Pid}}", second!])),
      "SIGKILL",
    );
    await more;
    const during = await killing.end();
    assert.ok(during.answered > 50);
    // As the company's books have it, to the last digit.
    const shown = async () => {
      const { currencies = {} } = await mrrOf(stack, cookie) ?? {};
      const rows = Object.entries(currencies as Record<string, { mrrExact: string }>);
      return JSON.stringify(rows.map(([currency, { mrrExact }]) => [currency, mrrExact]).sort());
    };
    const kept = () => {
      const rows = Object.entries(company.books(company.now()).mrr);
      return JSON.stringify(rows.map(([currency, { exact }]) => [currency, exact]).sort());
    };
    await eventually(shown, (text) => text === kept());
  },
);
