/** The manifests as kustomize puts them together: every field known, and the parts fit together. */
import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { loadConfig } from "../../config/load.ts";
import { hashPassword } from "../../src/security/password.ts";
import { Secret } from "../../src/security/secret.ts";
import { faultsOf, type Manifest, readManifests } from "../support/kubernetes.ts";
import { ROOT } from "../support/program.ts";
import { runTool, toolTest } from "../support/tool.ts";

const FOLDER = new URL("deploy/kubernetes/", ROOT);
const KUBECTL = { tool: "kubectl", pack: "kubernetes-client" };
const OVERLAYS = ["replicas", "single"];

async function built(kubectl: string, overlay: string): Promise<Manifest[]> {
  const path = decodeURIComponent(new URL(`overlays/${overlay}`, FOLDER).pathname);
  const { code, stdout, stderr } = await runTool(kubectl, ["kustomize", path]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "", "kustomize warns of what it will not know for long");
  return readManifests(stdout);
}

function find(all: readonly Manifest[], kind: string, name = "businessglance"): Manifest {
  const found = all.find((one) => one.kind === kind && one.metadata.name.startsWith(name));
  assert.ok(found, `there is a ${kind}`);
  return found;
}

interface Variable {
  readonly name: string;
  readonly value: string;
}
const nameOf = ({ name }: { readonly name: string }) => name;

const [example] = readManifests(Deno.readTextFileSync(new URL("secret.example.yaml", FOLDER)));

toolTest(
  KUBECTL,
  "kubernetes: every key is known and every value is of its kind",
  async (kubectl) => {
    const all = await Promise.all(OVERLAYS.map((overlay) => built(kubectl, overlay)));
    assert.equal(await faultsOf([...all.flat(), example!]), "");
    for (const { metadata } of all.flat()) assert.match(metadata.name, /^[a-z0-9][-a-z0-9]{0,62}$/);
  },
);

for (const overlay of OVERLAYS) {
  toolTest(KUBECTL, `kubernetes: the parts of ${overlay} fit together`, async (kubectl) => {
    const all = await built(kubectl, overlay);
    const { spec: { selector, template } } = find(all, "Deployment");
    const [app] = template.spec.containers;
    assert.equal(app.image, `businessglance:${manifest.version}`);
    assert.deepEqual(template.metadata.labels, selector.matchLabels);
    assert.deepEqual(find(all, "Service").spec.selector, selector.matchLabels);
    assert.deepEqual(find(all, "ServiceMonitor").spec.selector.matchLabels, selector.matchLabels);
    assert.ok(
      all.every((one) => one.kind === "Namespace" || one.metadata.namespace === "businessglance"),
    );
    assert.ok(
      template.spec.volumes.some((one: Manifest) =>
        one.configMap?.name === find(all, "ConfigMap").metadata.name
      ),
    );
    assert.deepEqual(
      app.volumeMounts.map(nameOf).sort(),
      template.spec.volumes.map(nameOf).sort(),
    );
    const files = app.env.filter((one: Variable) => one.name.endsWith("_FILE"));
    for (const { value } of files) {
      assert.ok(Object.hasOwn(example!.stringData, value.replace("/run/secrets/", "")), value);
    }
    // The example is no part of what is applied.
    assert.ok(all.every(({ kind }) => kind !== "Secret"));
  });

  toolTest(KUBECTL, `kubernetes: ${overlay} meets the restricted profile`, async (kubectl) => {
    const all = await built(kubectl, overlay);
    const { template } = find(all, "Deployment").spec;
    const [app] = template.spec.containers;
    assert.deepEqual(app.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    const { runAsNonRoot, runAsUser, seccompProfile } = template.spec.securityContext;
    assert.deepEqual([runAsNonRoot, runAsUser, seccompProfile.type], [
      true,
      65_532,
      "RuntimeDefault",
    ]);
    assert.equal(
      find(all, "Namespace").metadata.labels?.["pod-security.kubernetes.io/enforce"],
      "restricted",
    );
    assert.equal(app.resources.requests.memory, "128Mi");
    assert.equal(app.resources.limits.memory, "384Mi");
    assert.equal(app.startupProbe.httpGet.path, "/health/live");
    assert.equal(app.livenessProbe.httpGet.path, "/health/live");
    assert.equal(app.readinessProbe.httpGet.path, "/health/ready");
  });

  toolTest(
    KUBECTL,
    `kubernetes: every port in ${overlay} is one of the next part`,
    async (kubectl) => {
      const all = await built(kubectl, overlay);
      const [app] = find(all, "Deployment").spec.template.spec.containers;
      assert.deepEqual(app.ports, [{ name: "http", containerPort: 8080 }]);
      for (const probe of [app.startupProbe, app.livenessProbe, app.readinessProbe]) {
        assert.equal(probe.httpGet.port, "http");
      }
      const service = find(all, "Service");
      assert.deepEqual(service.spec.ports, [{ name: "http", port: 80, targetPort: "http" }]);
      assert.equal(find(all, "ServiceMonitor").spec.endpoints[0].port, "http");
      assert.equal(find(all, "NetworkPolicy").spec.ingress[0].ports[0].port, 8080);
      for (const ingress of all.filter(({ kind }) => kind === "Ingress")) {
        for (const { backend } of ingress.spec.rules[0].http.paths) {
          assert.deepEqual(backend.service, {
            name: service.metadata.name,
            port: { name: "http" },
          });
        }
      }
    },
  );
}

toolTest(
  KUBECTL,
  "kubernetes: the stream alone is not held back by the ingress",
  async (kubectl) => {
    const [site, stream] = (await built(kubectl, "replicas")).filter(({ kind }) =>
      kind === "Ingress"
    );
    const pathsOf = (one: Manifest) =>
      one.spec.rules[0].http.paths.map(({ path, pathType }: Record<string, string>) =>
        `${pathType} ${path}`
      );
    assert.deepEqual(pathsOf(site!), ["Prefix /"]);
    assert.deepEqual(pathsOf(stream!), ["Exact /api/stream"]);
    const annotation = (one: Manifest, name: string) =>
      one.metadata.annotations![`nginx.ingress.kubernetes.io/${name}`];
    assert.equal(annotation(site!, "proxy-buffering"), "on");
    assert.equal(annotation(site!, "proxy-read-timeout"), undefined);
    assert.equal(annotation(stream!, "proxy-buffering"), "off");
    assert.equal(annotation(stream!, "proxy-read-timeout"), "3600");
    // Of one host, with one certificate.
    assert.deepEqual(stream!.spec.tls, site!.spec.tls);
    assert.equal(stream!.spec.rules[0].host, site!.spec.rules[0].host);
  },
);

toolTest(KUBECTL, "kubernetes: replicas are updated without one fewer", async (kubectl) => {
  const all = await built(kubectl, "replicas");
  const { replicas, strategy, template } = find(all, "Deployment").spec;
  assert.equal(replicas, 3);
  assert.deepEqual(strategy, {
    type: "RollingUpdate",
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
  });
  assert.equal(find(all, "PodDisruptionBudget").spec.minAvailable, 2);
  // Answers while proxies still send, then has longer than the 4 s that the program takes to end.
  const { terminationGracePeriodSeconds, containers: [app] } = template.spec;
  assert.equal(app.lifecycle?.preStop.sleep.seconds, 5);
  assert.ok(terminationGracePeriodSeconds > 5 + 4);
});

toolTest(KUBECTL, "kubernetes: two processes never have one SQLite file", async (kubectl) => {
  const all = await built(kubectl, "single");
  const { replicas, strategy, template } = find(all, "Deployment").spec;
  assert.equal(replicas, 1);
  assert.deepEqual(strategy, { type: "Recreate" });
  const { env } = template.spec.containers[0];
  assert.equal(env.find((one: Variable) => one.name === "DATABASE_PATH")?.value, "/data/glance.db");
  assert.ok(
    template.spec.volumes.some((one: Manifest) =>
      one.persistentVolumeClaim?.claimName === find(all, "PersistentVolumeClaim").metadata.name
    ),
  );
});

toolTest(
  KUBECTL,
  "kubernetes: the program takes environment and configuration",
  async (kubectl) => {
    const secrets: Record<string, string> = {
      admin_password_hash: await hashPassword(new Secret("correct horse battery")),
      metrics_token: "a-token-for-the-scrapes-of-this-test",
      postgres_password: "of-this-test-alone",
      stripe_secret_key: "rk_test_000000000000000000000000",
      stripe_webhook_secret: "whsec_0000000000000000000000000000",
    };
    for (const overlay of OVERLAYS) {
      const all = await built(kubectl, overlay);
      const { env } = find(all, "Deployment").spec.template.spec.containers[0];
      const variables = new Map<string, string>(
        env.map(({ name, value }: Variable) => [name, value]),
      );
      const { settings } = await loadConfig({
        env: (name) => variables.get(name),
        readFile(path) {
          const text = path === "/etc/glance/glance.yml"
            ? find(all, "ConfigMap").data["glance.yml"]
            : secrets[path.replace("/run/secrets/", "")];
          return text === undefined
            ? Promise.reject(new Deno.errors.NotFound(path))
            : Promise.resolve(text);
        },
      });
      assert.equal(settings.auth?.mode, "users");
      assert.equal(settings.databasePath, overlay === "single" ? "/data/glance.db" : null);
      assert.equal(
        settings.database?.host,
        overlay === "single" ? undefined : "postgres.databases.svc.cluster.local",
      );
    }
  },
);

Deno.test("kubernetes: a key that is not known, and a value of another kind, are faults", async () => {
  const service = (port: object) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "a" },
    spec: { ports: [{ port: 80, ...port }] },
  });
  const claim = (storage: string) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "a" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
  });
  const [types, quantity] = await Promise.all([
    faultsOf([service({ targetport: "http" }), service({ port: "80" })]),
    faultsOf([claim("2 GB")]),
  ]);
  assert.match(types, /'"targetport"' does not exist in type 'IServicePort'/);
  assert.match(types, /Type 'string' is not assignable to type 'number'/);
  assert.match(quantity, /requests\/storage must match format "quantity"/);
});
