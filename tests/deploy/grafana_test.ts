/** The dashboards of Grafana: their shape, and every query on a Prometheus that scrapes a server. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import * as z from "zod";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { freePort } from "../bench/child.ts";
import { type Dashboard, startLiveDashboard } from "../support/dashboard.ts";
import { eventually, ROOT } from "../support/program.ts";
import { toolTest } from "../support/tool.ts";

const FOLDER = new URL("deploy/grafana/", ROOT);
const NOW = Math.floor(Date.now() / 1000);

const datasource = z.strictObject({
  type: z.literal("prometheus"),
  uid: z.literal("glance-prometheus"),
});

/** The parts of Grafana's dashboard model that are used; it ignores what it does not know. */
const dashboardSchema = z.strictObject({
  uid: z.string().max(40),
  title: z.string(),
  tags: z.array(z.string()),
  editable: z.literal(false),
  graphTooltip: z.int().min(0).max(2),
  refresh: z.string(),
  schemaVersion: z.int().min(36),
  version: z.int(),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  timezone: z.enum(["browser", "utc"]),
  templating: z.strictObject({ list: z.array(z.never()) }),
  annotations: z.strictObject({ list: z.array(z.never()) }),
  panels: z.array(z.strictObject({
    id: z.int().min(1),
    type: z.enum(["timeseries", "stat"]),
    title: z.string().min(1),
    description: z.string().optional(),
    datasource,
    gridPos: z.strictObject({ x: z.int(), y: z.int(), w: z.int().min(1), h: z.int().min(1) }),
    fieldConfig: z.strictObject({
      defaults: z.strictObject({
        unit: z.enum(["short", "s", "bytes", "reqps", "percentunit"]),
        min: z.number().optional(),
      }),
      overrides: z.array(z.never()),
    }),
    options: z.record(z.string(), z.unknown()),
    targets: z.array(z.strictObject({
      refId: z.string().regex(/^[A-Z]$/),
      datasource,
      expr: z.string().min(1),
      legendFormat: z.string(),
    })).min(1),
  })).min(1),
});

const read = (path: string) => Deno.readTextFileSync(new URL(path, FOLDER));
const dashboards = ["operations", "business"].map((name) =>
  dashboardSchema.parse(JSON.parse(read(`dashboards/${name}.json`)))
);

Deno.test("grafana: panels have ids of their own and lie side by side within 24 columns", () => {
  for (const { title, panels } of dashboards) {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length, title);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      assert.ok(x + w <= 24, title);
      return Array.from({ length: w * h }, (_, n) => `${x + n % w},${y + Math.floor(n / w)}`);
    });
    assert.equal(new Set(cells).size, cells.length, `${title}: panels overlap`);
  }
});

Deno.test("grafana: the provisioned source is the one that the panels name", () => {
  const { datasources: [source] } = parse(read("provisioning/datasources/prometheus.yaml"));
  assert.deepEqual({ type: source.type, uid: source.uid }, {
    type: "prometheus",
    uid: "glance-prometheus",
  });
  const { providers: [provider] } = parse(read("provisioning/dashboards/businessglance.yaml"));
  assert.equal(provider.options.path, "/var/lib/grafana/dashboards");
});

function startServer(): Promise<Dashboard> {
  const { source } = createCompany({ seed: 7, customers: 60, now: NOW });
  return startLiveDashboard({
    simulator: createSimulator({ source }),
    settings: (settings) => ({ ...settings, metrics: { ...settings.metrics, business: true } }),
  });
}

/** A Prometheus that scrapes a server each second. */
async function startPrometheus(path: string, target: string) {
  const folder = await Deno.makeTempDir({ prefix: "prometheus-" });
  const port = freePort();
  await Deno.writeTextFile(
    `${folder}/prometheus.yml`,
    JSON.stringify({
      global: { scrape_interval: "500ms", scrape_timeout: "500ms" },
      scrape_configs: [{ job_name: "businessglance", static_configs: [{ targets: [target] }] }],
    }),
  );
  const child = new Deno.Command(path, {
    args: [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async query(expr: string) {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expr)}`;
      const answer = await (await fetch(url)).json();
      assert.equal(answer.status, "success", `${expr}: ${answer.error}`);
      return answer.data.result as { value: [number, string] }[];
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

toolTest(
  { tool: "prometheus", pack: "prometheus" },
  "grafana: every query of the dashboards is answered by a Prometheus that scrapes a server",
  async (path) => {
    await using server = await startServer();
    await (await server.get("/")).text();
    const exposed = new Set(
      [...(await (await server.get("/metrics")).text()).matchAll(/^# TYPE (\S+)/gm)].map((
        [, name],
      ) => name!),
    );
    // Of servers that make backups alone.
    exposed.add("glance_backup_age_seconds");
    await using prometheus = await startPrometheus(path, new URL(server.url).host);
    // A rate needs two scrapes, the second with the first counted.
    await eventually(
      () => prometheus.query("sum(rate(glance_http_requests_total[5m]))").catch(() => []),
      (found) => found.length > 0,
    );
    for (const { title, panels } of dashboards) {
      for (const { title: panel, targets } of panels) {
        for (const { expr } of targets) {
          // A name that is wrong would be hidden behind "or vector(0)".
          for (const [name] of expr.matchAll(/glance_\w+/g)) {
            assert.ok(exposed.has(name.replace(/_(bucket|sum|count)$/, "")), `${panel}: ${name}`);
          }
          const found = await prometheus.query(expr);
          assert.ok(found.length > 0, `${title}, ${panel}: nothing for ${expr}`);
        }
      }
    }
  },
);
