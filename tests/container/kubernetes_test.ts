/** The manifests of the overlay `single`, run as a pod by podman. */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { passwordHash } from "../../src/cli/secrets.ts";
import { createCompany, createSimulator, SIMULATOR_KEY } from "../../src/simulator/mod.ts";
import { freePort } from "../bench/child.ts";
import { type Manifest, readManifests } from "../support/kubernetes.ts";
import { eventually } from "../support/program.ts";
import { rawRequest, sendRaw } from "../support/raw_http.ts";
import { runTool } from "../support/tool.ts";
import { openPodman, type Podman, podmanMissing } from "./podman.ts";
import { containerTest, IMAGE, missing, openEngine, ROOT } from "./suite.ts";
import { HOST_NAME, makeCertificate, PASSWORD, serveToContainers } from "./world.ts";

const FOLDER = `${ROOT}deploy/kubernetes`;
const MIB = 1024 * 1024;
const METRICS_TOKEN = "a-token-for-the-scrapes-of-this-test";
/** What base/glance.yml says for the address that people come by. */
const SITE = "glance.example";

/** What the example of a secret asks for, filled in. */
async function filledIn(): Promise<Readonly<Record<string, string>>> {
  const [example] = readManifests(Deno.readTextFileSync(`${FOLDER}/secret.example.yaml`));
  const values = {
    admin_password_hash: await passwordHash(PASSWORD),
    metrics_token: METRICS_TOKEN,
    postgres_password: "",
    stripe_secret_key: SIMULATOR_KEY,
    stripe_webhook_secret: "whsec_0000000000000000000000000000",
  };
  assert.deepEqual(Object.keys(example!.stringData).sort(), Object.keys(values).sort());
  return values;
}

/** The image and Stripe under the names that they have here; a port of this machine is not 8080. */
function adapted(deployment: Manifest, stripeUrl: string, gateway: string): Manifest {
  const copy = structuredClone(deployment);
  const { spec } = copy.spec.template;
  const [app] = spec.containers;
  app.image = `localhost/${app.image}`;
  app.ports[0].hostPort = freePort();
  app.env.push(
    { name: "STRIPE_API_BASE", value: stripeUrl },
    { name: "DENO_CERT", value: "/etc/stripe/stripe.crt" },
  );
  app.volumeMounts.push({ name: "stripe", mountPath: "/etc/stripe" });
  spec.volumes.push({ name: "stripe", configMap: { name: "stripe" } });
  spec.hostAliases = [{ ip: gateway, hostnames: [HOST_NAME] }];
  // What it is without: podman 4.3 fails on a secret that does not say it.
  for (const { secret } of spec.volumes) if (secret) secret.optional = false;
  return copy;
}

/** The overlay with its secret, running; the image comes from an engine that is then done with. */
async function play(host: Podman, stripe: { readonly url: string }, certificate: string) {
  {
    await using engine = await openEngine();
    await host.take(engine, IMAGE);
  }
  const built = await runTool("kubectl", ["kustomize", `${FOLDER}/overlays/single`]);
  assert.equal(built.code, 0, built.stderr);
  // Put in by hand: of one that is played, podman 4.3 gives the pod the Base64.
  const values = JSON.stringify({ data: await filledIn() });
  await host.podman(["secret", "create", "businessglance", "-"], values);
  const objects = [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "stripe" },
      data: { "stripe.crt": certificate },
    },
    ...readManifests(built.stdout).map((one) =>
      one.kind === "Deployment" ? adapted(one, stripe.url, host.gateway) : one
    ),
  ];
  const text = objects.map((one) => stringify(one)).join("---\n");
  await host.podman(["play", "kube", `--network=${host.network}`, "-"], text);
  const pod = "businessglance-pod-0";
  const container = `${pod}-app`;
  const inspect = (format: string, of = container) =>
    host.podman(["inspect", "--format", format, of]);
  async function address(): Promise<string> {
    const infra = await host.podman(["pod", "inspect", "--format", "{{.InfraContainerID}}", pod]);
    const ip = await inspect("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", infra);
    return `http://${ip}:8080`;
  }
  let url = await address();
  return {
    inspect,
    stop: () => host.podman(["stop", "--time=15", container]),
    /** Starts it again, at another address. */
    async start(): Promise<void> {
      await host.podman(["start", container]);
      url = await address();
    },
    /** As the kubelet asks: by the pod's own address. */
    async probe(path: string): Promise<number> {
      const response = await fetch(`${url}${path}`);
      await response.body?.cancel();
      return response.status;
    },
    /** As the ingress asks: by the name of the site, for somebody who came by TLS. */
    ask: (method: string, path: string, headers: Record<string, string> = {}, body = "") =>
      sendRaw(
        url,
        rawRequest(method, path, {
          host: SITE,
          "x-forwarded-for": "203.0.113.7",
          "x-forwarded-proto": "https",
          "content-length": String(body.length),
          ...headers,
        }) + body,
      ),
  };
}

type Pod = Awaited<ReturnType<typeof play>>;

async function signIn({ ask }: Pod): Promise<string> {
  const body = String(new URLSearchParams({ username: "admin", password: PASSWORD }));
  const answer = await ask("POST", "/api/authenticate", {
    "content-type": "application/x-www-form-urlencoded",
    "sec-fetch-site": "same-origin",
  }, body);
  assert.equal(answer.status, 303);
  return answer.headers.get("set-cookie")!.split(";")[0]!;
}

async function untilRead({ ask }: Pod, cookie: string) {
  return await eventually(
    async () => JSON.parse((await ask("GET", "/api/v1/sources", { cookie })).body).data?.[0],
    (one) => one?.phase === "live" && one.historyDone === true,
  );
}

/** Bytes that the kernel lets a process's group have; by either version of its groups. */
function memoryLimit(pid: string): number {
  const groups = Deno.readTextFileSync(`/proc/${pid}/cgroup`);
  const [, first] = /^\d+:memory:(\S+)$/m.exec(groups) ?? [];
  const [, second] = /^0::(\S+)$/m.exec(groups) ?? [];
  const file = first
    ? `/sys/fs/cgroup/memory${first}/memory.limit_in_bytes`
    : `/sys/fs/cgroup${second}/memory.max`;
  return Number(Deno.readTextFileSync(file));
}

async function untilReady({ probe }: Pod): Promise<void> {
  await eventually(() => probe("/health/ready").catch(() => 0), (status) => status === 200);
}

containerTest(
  "kubernetes: the pod of `single` serves, keeps its data, and is confined as its manifest says",
  async () => {
    const folder = Deno.makeTempDirSync({ prefix: "glance-kubernetes-" });
    const certificate = await makeCertificate(folder, HOST_NAME);
    Deno.removeSync(folder, { recursive: true });
    const now = Math.floor(Date.now() / 1000);
    const company = createCompany({ seed: 5, customers: 300, now });
    await using stripe = serveToContainers(
      createSimulator({ source: company.source }),
      certificate,
    );
    await using host = await openPodman();
    const pod = await play(host, stripe, certificate.cert);

    // The probes of the manifest.
    await untilReady(pod);
    assert.equal(await pod.probe("/health/live"), 200);

    // Closed without a sign-in; the secrets are read by user 65532.
    const closed = await pod.ask("GET", "/");
    assert.deepEqual([closed.status, closed.headers.get("location")], [303, "/login"]);
    const cookie = await signIn(pod);
    const { account } = await untilRead(pod, cookie);
    assert.equal(account, company.source.account.id);
    assert.match((await pod.ask("GET", "/", { cookie })).body, /MRR/);
    const authorization = `Bearer ${METRICS_TOKEN}`;
    assert.match((await pod.ask("GET", "/metrics", { authorization })).body, /^glance_/m);
    assert.equal((await pod.ask("GET", "/metrics")).status, 403);

    // As the kernel has it: nobody, no capabilities, no way to gain any, filtered system calls.
    const pid = await pod.inspect("{{.State.Pid}}");
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const fact = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, "m").exec(status)![1];
    assert.deepEqual(
      ["Uid", "Gid", "CapEff", "CapBnd", "NoNewPrivs", "Seccomp"].map(fact),
      ["65532", "65532", "0000000000000000", "0000000000000000", "1", "2"],
    );
    const mounts = new Map(
      Deno.readTextFileSync(`/proc/${pid}/mountinfo`).split("\n").map((line) => line.split(" "))
        .map(([, , , , at, options]) => [at, options?.split(",")[0]]),
    );
    assert.deepEqual(
      ["/", "/etc/glance", "/run/secrets", "/data"].map((path) => mounts.get(path)),
      ["ro", "ro", "ro", "rw"],
    );
    assert.equal(memoryLimit(pid), 384 * MIB);

    // Ended as a kubelet ends it, and started again on the same volume.
    const home = await host.podman([
      ...["volume", "inspect", "--format", "{{.Mountpoint}}", "businessglance-data"],
    ]);
    assert.equal(Deno.statSync(`${home}/glance.db`).uid, 65_532);
    const stoppedAt = performance.now();
    await pod.stop();
    assert.ok(performance.now() - stoppedAt < 15_000);
    assert.equal(await pod.inspect("{{.State.ExitCode}} {{.State.OOMKilled}}"), "0 false");
    await pod.start();
    await untilReady(pod);
    assert.equal((await untilRead(pod, cookie)).account, account);
  },
  missing ?? podmanMissing(),
);
