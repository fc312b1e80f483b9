/**
 * deploy/compose/stack.yaml brought up as it stands, with what stands around it in the tests.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { freePort } from "../bench/child.ts";
import { WEBHOOK_SECRET } from "../support/webhooks.ts";
import type { Engine } from "./engine.ts";
import { ROOT } from "./suite.ts";
import { HOST_NAME, makeCertificate, PASSWORD, serveToContainers, writeSecrets } from "./world.ts";

/** All but Grafana, of which there is no package to make a stand-in from. */
const SERVICES = ["app", "postgres", "nginx", "prometheus", "alertmanager"];

/** The files of deploy/prometheus, in seconds where they say minutes. */
function quickened(folder: string, receiver: string): string {
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

/** Brings the stack up, over a simulator of Stripe and a receiver of alerts. */
export async function startStack(engine: Engine, folder: string) {
  const certificate = await makeCertificate(folder, HOST_NAME);
  const now = Math.floor(Date.now() / 1000);
  const company = createCompany({ seed: 5, customers: 200, now });
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
  const prometheus = quickened(folder, `${receiver.url}/`);
  const hosts = { extra_hosts: [`${HOST_NAME}:host-gateway`] };
  Deno.writeTextFileSync(
    `${folder}/override.yaml`,
    JSON.stringify({
      services: {
        app: {
          ...hosts,
          // Every three seconds in place of every ten: less to wait for.
          healthcheck: { interval: "3s" },
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
  const run = (...args: string[]) => engine.docker(["compose", ...files, ...args]);
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

export type Stack = Awaited<ReturnType<typeof startStack>>;

/** Signs in through nginx; the cookie to send. */
export async function signIn({ get }: Stack): Promise<string> {
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
