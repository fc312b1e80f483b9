/** Scrape configuration, rules and alerts: checked by Prometheus' own tools. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { createMetrics } from "../../src/observability/metrics.ts";
import { runTool, toolTest } from "../support/tool.ts";

const FOLDER = decodeURIComponent(new URL("../../deploy/prometheus", import.meta.url).pathname);
const read = (name: string) => Deno.readTextFileSync(`${FOLDER}/${name}`);

const PROMTOOL = { tool: "promtool", pack: "prometheus" };
const AMTOOL = { tool: "amtool", pack: "prometheus-alertmanager" };

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const RULES = (parse(read("rules.yml")) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  ({ rules }) => rules,
);
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
    .filter((line) => line.startsWith("#"))
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
    backupFailed: () => 0,
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

Deno.test("no secret stands in a file: each is a path", () => {
  for (const name of ["prometheus.yml", "alertmanager.yml"]) {
    assert.doesNotMatch(read(name), /hooks\.slack|password:|credentials:|api_url:/);
  }
});
