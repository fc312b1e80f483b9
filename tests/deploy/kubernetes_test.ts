/** The manifests as kustomize puts them together: every field known, and the parts fit together. */
import assert from "node:assert/strict";
import { parse, parseAllDocuments } from "yaml";
import manifest from "../../deno.json" with { type: "json" };
import { loadConfig } from "../../config/load.ts";
import { hashPassword } from "../../src/security/password.ts";
import { Secret } from "../../src/security/secret.ts";
import { type Manifest, manifestSchema } from "../support/kubernetes.ts";
import { ROOT } from "../support/program.ts";
import { runTool, toolTest } from "../support/tool.ts";

const FOLDER = new URL("deploy/kubernetes/", ROOT);
const KUBECTL = { tool: "kubectl", pack: "kubernetes-client" };

async function built(kubectl: string, overlay: string): Promise<Manifest[]> {
  const path = decodeURIComponent(new URL(`overlays/${overlay}`, FOLDER).pathname);
  const { code, stdout, stderr } = await runTool(kubectl, ["kustomize", path]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "", "kustomize warns of what it will not know for long");
  return parseAllDocuments(stdout).map((one) => manifestSchema.parse(one.toJS()));
}

function find<K extends Manifest["kind"]>(all: readonly Manifest[], kind: K) {
  const found = all.find((one) => one.kind === kind);
  assert.ok(found, `there is a ${kind}`);
  return found as Extract<Manifest, { kind: K }>;
}

const example = () =>
  manifestSchema.parse(parse(Deno.readTextFileSync(new URL("secret.example.yaml", FOLDER))));

for (const overlay of ["replicas", "single"]) {
  toolTest(KUBECTL, `kubernetes: the parts of ${overlay} fit together`, async (kubectl) => {
    const all = await built(kubectl, overlay);
    const { spec: { selector, template } } = find(all, "Deployment");
    const [app] = template.spec.containers;
    assert.equal(app!.image, `businessglance:${manifest.version}`);
    assert.deepEqual(template.metadata.labels, selector.matchLabels);
    assert.deepEqual(find(all, "Service").spec.selector, selector.matchLabels);
    assert.deepEqual(find(all, "ServiceMonitor").spec.selector.matchLabels, selector.matchLabels);
    assert.ok(
      all.every((one) => one.kind === "Namespace" || one.metadata.namespace === "businessglance"),
    );
    assert.ok(
      template.spec.volumes.some((one) =>
        "configMap" in one && one.configMap.name === find(all, "ConfigMap").metadata.name
      ),
    );
    assert.deepEqual(
      app!.volumeMounts.map(({ name }) => name).sort(),
      template.spec.volumes.map(({ name }) => name).sort(),
    );
    const given = example();
    assert.ok(given.kind === "Secret");
    const files = app!.env.filter(({ name }) => name.endsWith("_FILE"));
    for (const { value } of files) {
      assert.ok(Object.hasOwn(given.stringData, value.replace("/run/secrets/", "")), value);
    }
    // The example is no part of what is applied.
    assert.ok(all.every(({ kind }) => kind !== "Secret"));
  });

  toolTest(KUBECTL, `kubernetes: ${overlay} meets the restricted profile`, async (kubectl) => {
    const all = await built(kubectl, overlay);
    const { template } = find(all, "Deployment").spec;
    const [app] = template.spec.containers;
    assert.deepEqual(app!.securityContext, {
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
    assert.equal(app!.resources.requests.memory, "128Mi");
    assert.equal(app!.resources.limits.memory, "256Mi");
    assert.equal(app!.startupProbe.httpGet.path, "/health/live");
    assert.equal(app!.livenessProbe.httpGet.path, "/health/live");
    assert.equal(app!.readinessProbe.httpGet.path, "/health/ready");
  });
}

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
  assert.equal(app!.lifecycle?.preStop.sleep.seconds, 5);
  assert.ok(terminationGracePeriodSeconds > 5 + 4);
});

toolTest(KUBECTL, "kubernetes: two processes never have one SQLite file", async (kubectl) => {
  const all = await built(kubectl, "single");
  const { replicas, strategy, template } = find(all, "Deployment").spec;
  assert.equal(replicas, 1);
  assert.deepEqual(strategy, { type: "Recreate" });
  const { env } = template.spec.containers[0]!;
  assert.equal(env.find(({ name }) => name === "DATABASE_PATH")?.value, "/data/glance.db");
  assert.ok(
    template.spec.volumes.some((one) =>
      "persistentVolumeClaim" in one &&
      one.persistentVolumeClaim.claimName === find(all, "PersistentVolumeClaim").metadata.name
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
    for (const overlay of ["replicas", "single"]) {
      const all = await built(kubectl, overlay);
      const { env } = find(all, "Deployment").spec.template.spec.containers[0]!;
      const variables = new Map(env.map(({ name, value }) => [name, value]));
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

Deno.test("kubernetes: an unknown key or a number as text is a fault", () => {
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "a" },
    spec: { ports: [{ name: "http", port: 80, targetPort: "http" }], selector: {} },
  };
  assert.equal(manifestSchema.safeParse(service).success, true);
  for (const change of [{ port: 0 }, { targetport: 1 }]) {
    const ports = [{ ...service.spec.ports[0], ...change }];
    const changed = { ...service, spec: { ...service.spec, ports } };
    assert.equal(manifestSchema.safeParse(changed).success, false);
  }
});
