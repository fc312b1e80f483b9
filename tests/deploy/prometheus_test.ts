/** Scrape configuration, rules and alerts: checked by Prometheus' own tools. */
import assert from "node:assert/strict";
import { reconcile } from "../../src/cli/reconcile.ts";
import { createMetrics } from "../../src/observability/metrics.ts";
import { Secret } from "../../src/security/secret.ts";
import {
  createSimulator,
  makeItem,
  makePrice,
  makeSubscription,
  SIMULATOR_KEY,
} from "../../src/simulator/mod.ts";
import { settingsFrom, startLiveDashboard } from "../support/dashboard.ts";
import { readRules, startPrometheus } from "../support/prometheus.ts";
import { runTool, toolTest } from "../support/tool.ts";
import { until } from "../support/until.ts";

const FOLDER = decodeURIComponent(new URL("../../deploy/prometheus", import.meta.url).pathname);
const TOKEN = "a token of the tests";
const read = (name: string) => Deno.readTextFileSync(`${FOLDER}/${name}`);

const PROMTOOL = { tool: "promtool", pack: "prometheus" };
const AMTOOL = { tool: "amtool", pack: "prometheus-alertmanager" };

const RULES = readRules();
const ALERTS = RULES.filter(({ alert }) => alert !== undefined);

async function must(program: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runTool(program, args, { cwd: FOLDER });
  assert.equal(code, 0, stdout + stderr);
}

toolTest(PROMTOOL, "the scrape configuration and the rules are valid", async (program) => {
  await must(program, ["check", "config", "--syntax-only", "prometheus.yml"]);
  await must(program, ["check", "rules", "rules.yml"]);
});

toolTest(
  PROMTOOL,
  "each alert rings when it is meant to, and stays silent else",
  async (program) => {
    await must(program, ["test", "rules", "rules.test.yml"]);
  },
);

toolTest(AMTOOL, "alerts have receivers", async (program) => {
  await must(program, ["check-config", "alertmanager.yml"]);
});

Deno.test("every alert is tested both ways and leads to a runbook that is there", () => {
  const tests = read("rules.test.yml");
  const runbooks = Deno.readTextFileSync(`${FOLDER}/../README.md`).split("\n")
    .filter((line) => line.startsWith("## "))
    .map((line) =>
      line.replace(/^#+ /, "").toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-")
    );
  for (const { alert, annotations } of ALERTS) {
    assert.equal(tests.split(`alertname: ${alert}\n`).length - 1, 2, alert);
    const [file, anchor] = annotations!.runbook_url!.split("#");
    assert.equal(file, "deploy/README.md");
    assert.ok(runbooks.includes(anchor!), `${alert}: ${anchor}`);
  }
});

Deno.test("rules name only metrics that the program has", async () => {
  const metrics = createMetrics();
  metrics.watch({
    memoryAllocBytes: () => 1,
    breakerStates: () => ({ open: 0, closed: 1, half_open: 0 }),
    cacheHits: () => 1,
    cacheLookups: () => 1,
    backupAgeSeconds: () => 1,
    backupSizeBytes: () => 1,
    backupFailed: () => 0,
    syncLagSeconds: () => ({ eu: 1 }),
    sourcePhases: () => ({ eu: "live" }),
  });
  const known = [...(await metrics.registry.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) =>
    name!
  );
  for (const { expr } of RULES) {
    for (const [, name] of expr.matchAll(/\b(glance_\w+?)(?:_bucket|_count|_sum)?\b(?=[{[)\s])/g)) {
      assert.ok(known.includes(name!), `${name} is no metric: ${known.join(", ")}`);
    }
  }
});

/** What Stripe answers to a key that is none, and to one that may not read something. */
const REFUSALS = {
  401: { type: "invalid_request_error", message: "Invalid API Key provided" },
  403: {
    type: "invalid_request_error",
    message: "The provided key does not have the permission rak_subscription_read",
  },
};

/** A dashboard of two subscriptions, and a switch that has Stripe refuse its key. */
async function startServer(name: string) {
  const now = Math.floor(Date.now() / 1000);
  const of = (id: string, amount: number) => {
    const price = makePrice({ id: `price_${amount}`, unit_amount: amount });
    const lines = [makeItem({ id: `si_${id}`, price })];
    return makeSubscription({ id, created: now - 86_400, customer: `cus_${id}`, lines });
  };
  const simulator = createSimulator({
    objects: { subscriptions: [of("sub_a", 1000), of("sub_b", 2000)] },
  });
  let refusal: keyof typeof REFUSALS | null = null;
  const fetch: typeof simulator.fetch = (input, init) =>
    refusal === null
      ? simulator.fetch(input, init)
      : Promise.resolve(Response.json({ error: REFUSALS[refusal] }, { status: refusal }));
  const dashboard = await startLiveDashboard({
    simulator: { ...simulator, fetch },
    settings: (settings) => ({
      ...settings,
      accounts: settings.accounts.map((account) => ({ ...account, name })),
      metrics: { ...settings.metrics, token: new Secret(TOKEN) },
    }),
  });
  return {
    dashboard,
    /** Something that no event tells. */
    change: () => simulator.upsert("subscriptions", of("sub_a", 3000)),
    refuse: (status: keyof typeof REFUSALS) => void (refusal = status),
    [Symbol.asyncDispose]: () => dashboard[Symbol.asyncDispose](),
  };
}

toolTest(
  { tool: "prometheus", pack: "prometheus" },
  "a first difference from Stripe and a key that is refused ring, though each is said only once",
  async (program) => {
    await using server = await startServer("default");
    await using other = await startServer("us");
    const { dashboard } = server;
    const hosts = [server, other].map((one) => new URL(one.dashboard.url).host);
    await using prometheus = startPrometheus(program, hosts, TOKEN);
    const numbers = async (expr: string) =>
      (await prometheus.query(expr).catch(() => [])).map(({ value }) => Number(value[1]));
    const rings = (alert: string, source: string) => {
      const alerts = `ALERTS{alertname="${alert}",source="${source}",alertstate="firing"}`;
      return until(async () => (await numbers(alerts))[0] === 1);
    };

    await until(async () => (await numbers("sum(glance_source_phase{phase='live'})"))[0] === 2);
    assert.deepEqual(await numbers("glance_sync_drift_total"), [0, 0]);
    const all = "GlanceDrift|GlanceKeyRejected|GlancePermissionMissing";
    assert.deepEqual(await numbers(`ALERTS{alertname=~"${all}"}`), []);
    server.change();
    await reconcile({
      settings: await settingsFrom({ STRIPE_SECRET_KEY: SIMULATOR_KEY }),
      account: undefined,
      url: dashboard.url,
      nowMs: Date.now(),
      print: () => {},
    });
    await rings("GlanceDrift", "default");

    server.refuse(401);
    other.refuse(403);
    await rings("GlanceKeyRejected", "default");
    await rings("GlancePermissionMissing", "us");
    // Its figures grow old, as nothing more is heard of them.
    const lag = 'glance_sync_lag_seconds{source="default"}';
    const [before] = await numbers(lag);
    await until(async () => (await numbers(lag))[0]! > before! + 1);
  },
);

Deno.test("no secret stands in a file: each is a path", () => {
  for (const name of ["prometheus.yml", "alertmanager.yml"]) {
    assert.doesNotMatch(read(name), /hooks\.slack|password:|credentials:|api_url:/);
  }
});
