/** The dashboards of Grafana: by its own types, and every query on a Prometheus that scrapes us. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import manifest from "../../deno.json" with { type: "json" };
import { Secret } from "../../src/security/secret.ts";
import { createCompany, createEventTap, createSimulator } from "../../src/simulator/mod.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { startLiveDashboard } from "../support/dashboard.ts";
import type { PlainDashboard } from "../support/grafana.ts";
import { ROOT } from "../support/program.ts";
import { type Found, readRules, startPrometheus } from "../support/prometheus.ts";
import { runTool, toolTest } from "../support/tool.ts";
import { until } from "../support/until.ts";
import { sendWebhook, WEBHOOK_SECRET } from "../support/webhooks.ts";

const FOLDER = new URL("deploy/grafana/", ROOT);
const NOW = Math.floor(Date.now() / 1000);
const TOKEN = "a token of the tests";

const read = (path: string) => Deno.readTextFileSync(new URL(path, FOLDER));
const NAMES = ["operations", "business"] as const;
const dashboards = NAMES.map((name) =>
  JSON.parse(read(`dashboards/${name}.json`)) as PlainDashboard
);
const RULES = readRules();
const stack = parse(Deno.readTextFileSync(new URL("deploy/compose/stack.yaml", ROOT)));

type Panel = Extract<PlainDashboard["panels"][number], { readonly targets: unknown }>;
const panelsOf = ({ panels }: PlainDashboard) =>
  panels.filter((panel): panel is Panel => panel.type !== "row");

Deno.test("grafana: the dashboards fit the types of the Grafana that the stack runs", async () => {
  const version = /@([^@]+)$/.exec(manifest.imports["@grafana/schema"])?.[1];
  assert.equal(stack.services.grafana.image, `grafana/grafana:${version}`);
  const folder = Deno.makeTempDirSync();
  try {
    const files = NAMES.map((name) => {
      const types = new URL("tests/support/grafana.ts", ROOT);
      const text = `import type { PlainDashboard } from "${types}";\n` +
        `export const dashboard: PlainDashboard = ${read(`dashboards/${name}.json`)};\n`;
      Deno.writeTextFileSync(`${folder}/${name}.ts`, text);
      return `${folder}/${name}.ts`;
    });
    const config = decodeURIComponent(new URL("deno.json", ROOT).pathname);
    const { code, stderr } = await runTool(Deno.execPath(), [
      ...["check", "--quiet", "--config", config],
      ...files,
    ]);
    assert.equal(code, 0, stderr);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("grafana: panels have ids of their own and lie side by side within 24 columns", () => {
  for (const { title, panels } of dashboards) {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length, title);
    const cells = panels.flatMap(({ gridPos }) => {
      const { x, y, w, h } = gridPos!;
      assert.ok(x + w <= 24, title);
      return Array.from({ length: w * h }, (_, n) => `${x + n % w},${y + Math.floor(n / w)}`);
    });
    assert.equal(new Set(cells).size, cells.length, `${title}: panels overlap`);
  }
});

Deno.test("grafana: every panel says what it shows and in which unit", () => {
  for (const dashboard of dashboards) {
    for (const { title, description, fieldConfig } of panelsOf(dashboard)) {
      assert.match(description, /^[A-Z0-9].+\.$/, title);
      assert.ok(fieldConfig.defaults.unit, title);
    }
  }
});

Deno.test("grafana: amounts are in units of their currency, never in minor ones", () => {
  const [, business] = dashboards;
  for (const { title, targets } of panelsOf(business!)) {
    for (const { expr } of targets) {
      if (!expr.includes("_minor{")) continue;
      // A share is of two amounts of one currency.
      const isShare = title === "Growth of the month so far" ||
        title === "Lost in the month so far";
      assert.equal(
        /\/ .*max by \(source, currency\) \(glance_currency_minor_units/.test(expr),
        !isShare,
        title,
      );
    }
  }
});

/** An alert, the panel that shows what it looks at, and where both draw the line. */
const LINES = [
  ["GlanceFiguresBehind", "Figures behind Stripe", 1800],
  ["GlanceWebhookBacklog", "Events waiting", 500],
  ["GlanceWebhookBacklog", "Waiting and set aside", 500],
  ["GlanceErrors", "Errors", 0.05],
  ["GlanceSlow", "95 of 100 answers within", 0.5],
  ["GlanceSlow", "Time to answer", 0.5],
  ["GlanceCacheCold", "From the cache", 0.2],
  ["GlanceMemory", "Memory in use", 400 * 1024 * 1024],
  ["GlanceDatabaseSlow", "Queries of the database", 1],
  ["GlanceBackupOld", "Newest backup", 2 * 86_400],
] as const;

Deno.test("grafana: panels draw the line where the alert rings", () => {
  for (const [alert, title, value] of LINES) {
    const { expr } = RULES.find((rule) => rule.alert === alert)!;
    const [, ...factors] = /[<>] ([\d.]+)(?: \* (\d+))?(?: \* (\d+))?/.exec(expr)!;
    const product = factors.reduce((sum, factor) => sum * Number(factor ?? 1), 1);
    assert.equal(product, value, alert);
    const panels = panelsOf(dashboards[0]!).filter((panel) => panel.title === title);
    assert.ok(panels.length > 0, title);
    for (const { fieldConfig } of panels) {
      const steps = fieldConfig.defaults.thresholds!.steps;
      assert.ok(steps.some((step) => step.value === value), title);
    }
  }
});

Deno.test("grafana: what an alert looks at is on the dashboard of operations", () => {
  const recorded = new Map(RULES.map(({ record, expr }) => [record, expr]));
  const shown = panelsOf(dashboards[0]!).flatMap(({ targets }) => targets)
    .map(({ expr }) => expr + [...recorded].filter(([name]) => name && expr.includes(name)).join())
    .join("\n");
  for (const { alert, expr } of RULES) {
    if (alert === undefined) continue;
    for (const [name] of expr.matchAll(/\b(glance[_:]\w+(:\w+)*|up)\b(?=[{[\s)])/g)) {
      assert.ok(shown.includes(name), `${alert}: ${name}`);
    }
  }
});

Deno.test("grafana: what is provisioned is where the stack mounts it, under the panels' name", () => {
  const { datasources: [source] } = parse(read("provisioning/datasources/prometheus.yaml"));
  for (const dashboard of dashboards) {
    for (const { title, datasource, targets } of panelsOf(dashboard)) {
      for (const named of [datasource, ...targets.map((target) => target.datasource)]) {
        assert.deepEqual(named, { type: source.type, uid: source.uid }, title);
      }
    }
  }
  const { host, port } = new URL(source.url);
  assert.ok(stack.services[host.split(":")[0]!], `${host} is a service`);
  assert.equal(port, "9090");
  const { providers: [provider] } = parse(read("provisioning/dashboards/businessglance.yaml"));
  const mounts: string[] = stack.services.grafana.volumes;
  assert.ok(mounts.includes(`../grafana/dashboards:${provider.options.path}:ro`));
  assert.ok(mounts.includes("../grafana/provisioning:/etc/grafana/provisioning:ro"));
});

/** A dashboard with everything that has a metric: a file, backups, webhooks, rates, a token. */
async function startServer() {
  const folder = Deno.makeTempDirSync();
  const database = openSqlite(`${folder}/glance.db`);
  const company = createCompany({ seed: 7, customers: 60, now: NOW });
  const dashboard = await startLiveDashboard({
    simulator: createSimulator({ source: company.source }),
    database,
    backups: () => ({
      newestAt: () => Date.now() - 60_000,
      newestBytes: () => 4096,
      failed: () => false,
    }),
    settings: (settings) => ({
      ...settings,
      accounts: settings.accounts.map((account) => ({
        ...account,
        webhookSecrets: [new Secret(WEBHOOK_SECRET)],
      })),
      metrics: { enabled: true, token: new Secret(TOKEN), public: false, business: true },
      figures: {
        ...settings.figures,
        reporting: {
          currency: "usd",
          rates: Object.fromEntries(
            ["eur", "gbp", "jpy", "cad", "aud"].map((one) => [one, { n: 11n, d: 10n }]),
          ),
        },
      },
    }),
  });
  const tap = createEventTap(company.source);
  const stream = await dashboard.get("/api/stream");
  return {
    host: new URL(dashboard.url).host,
    /** A page is asked for, something happens at Stripe, and someone forges a webhook. */
    async live() {
      await (await dashboard.get("/")).body?.cancel();
      const [refused] = await sendWebhook(`${dashboard.url}/webhooks/stripe`, "{}", "t=1,v1=00");
      assert.equal(refused, 400);
      company.step(Math.floor(Date.now() / 1000));
      for (const event of tap()) {
        const [status] = await sendWebhook(
          `${dashboard.url}/webhooks/stripe`,
          JSON.stringify(event),
        );
        assert.equal(status, 200);
      }
    },
    async [Symbol.asyncDispose]() {
      await stream.body?.cancel();
      await dashboard[Symbol.asyncDispose]();
      database[Symbol.dispose]();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

/** A query as Grafana sends it for all sources, over as much time as there is. */
function filledIn(expr: string): string {
  return expr.replaceAll(/\$(source|currency)\b/g, ".*").replaceAll("$__rate_interval", "1m");
}

/** Whether there is a number to draw: a quantile of nothing is none. */
const hasNumber = (found: readonly Found[]) =>
  found.some(({ value: [, text] }) => Number.isFinite(Number(text)));

toolTest(
  { tool: "prometheus", pack: "prometheus" },
  "grafana: every query is answered with a number by a Prometheus that scrapes a live server",
  async (path) => {
    await using server = await startServer();
    await using prometheus = startPrometheus(path, [server.host], TOKEN);
    const queries = dashboards.flatMap((dashboard) =>
      panelsOf(dashboard).flatMap(({ title, targets }) =>
        targets.map(({ expr }) => ({ title: `${dashboard.title}, ${title}`, expr }))
      )
    );
    let waiting = queries;
    const look = async () => {
      await server.live();
      const found = await Promise.all(
        waiting.map(({ expr }) => prometheus.query(filledIn(expr)).catch(unlessFault)),
      );
      waiting = waiting.filter((_, index) => !hasNumber(found[index]!));
      return waiting.length === 0;
    };
    await until(look, 20).catch(() => {});
    assert.deepEqual(waiting, [], "nothing to draw");
    // Marks are of alerts that ring: a query that Prometheus understands, and here of none.
    for (const { annotations } of dashboards) {
      for (const { target } of annotations.list) await prometheus.query(target.expr);
    }
    // Behind "or vector(0)" a name that is wrong would not be seen.
    const known = new Set(
      (await prometheus.query('count by (__name__) ({job="businessglance"})'))
        .map(({ metric }) => metric["__name__"]!),
    );
    for (const { title, expr } of queries) {
      for (const [name] of expr.matchAll(/\bglance_\w+/g)) {
        assert.ok(known.has(name), `${title}: ${name}`);
      }
    }
  },
);

/** It does not listen yet; what it says of a query is a fault of that. */
function unlessFault(error: unknown): readonly Found[] {
  if (error instanceof TypeError) return [];
  throw error;
}
