/** The Telegraf example asks for what is answered, and an InfluxDB keeps what it is sent. */
import assert from "node:assert/strict";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { startLiveDashboard } from "../support/dashboard.ts";
import { type InfluxDb, startInfluxDb } from "../support/influxdb.ts";
import { ROOT } from "../support/program.ts";
import { toolTest } from "../support/tool.ts";

Deno.test("the address in the Telegraf example is answered in the format that it reads", async () => {
  const text = await Deno.readTextFile(new URL("deploy/timeseries/telegraf.conf", ROOT));
  const address = new URL(/urls = \["(http[^"]+\/api\/v1\/[^"]+)"\]/.exec(text)![1]!);
  assert.match(text, /data_format = "influx"/);
  await using dashboard = await startLiveDashboard({ simulator: createSimulator({}) });
  const response = await dashboard.get(`${address.pathname}${address.search}`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type")!, /^text\/plain/);
  await response.body?.cancel();
});

const KINDS = ["new", "reactivation", "expansion", "contraction", "churn"];

/** A row of `/api/v1/movements`; each kind is an amount of its own name, and one ending in Exact. */
interface Day {
  readonly period: string;
  readonly currency: string;
  readonly customers: Readonly<Record<string, number>>;
  readonly [amount: string]: unknown;
}

/** What the export has of a day: measurement, kind, currency, time, then its fields. */
function rowsOf(day: Day): string[] {
  const { period, currency, customers } = day;
  const at = Date.parse(`${period}T00:00:00Z`) / 1000;
  return [
    `glance_mrr  ${currency} ${at} ${day["end"]} ${day["endExact"]}`,
    `glance_customers  ${currency} ${at} ${customers["end"]}`,
    ...KINDS.map((kind) =>
      `glance_movements ${kind} ${currency} ${at} ${day[kind]} ${day[`${kind}Exact`]} ` +
      `${customers[kind]}`
    ),
  ];
}

/** The same of what an InfluxDB has; what is a word of InfluxQL stands in quotes. */
async function kept(influx: InfluxDb): Promise<string[]> {
  const fields = {
    glance_mrr: 'minor, "exact"',
    glance_customers: "customers",
    glance_movements: 'minor, "exact", customers',
  };
  const found = await Promise.all(
    Object.entries(fields).map(([name, columns]) =>
      influx.query(`SELECT ${columns} FROM ${name} GROUP BY kind, currency, source, "view"`)
    ),
  );
  return found.flat().flatMap(({ name, tags, values }) => {
    assert.deepEqual([tags!.source, tags!.view], ["default", "native"]);
    return values.map((row) => `${name} ${tags!.kind} ${tags!.currency} ${row.join(" ")}`);
  });
}

toolTest(
  { tool: "influxd", pack: "influxdb" },
  "an InfluxDB has every point of the export, to the last digit; sent again it has no more",
  async (path) => {
    const now = Math.floor(Date.now() / 1000);
    const { source } = createCompany({ seed: 5, customers: 60, months: 6, now });
    await using dashboard = await startLiveDashboard({ simulator: createSimulator({ source }) });
    await using influx = await startInfluxDb(path);
    const lines = await (await dashboard.get("/api/v1/export?format=influx")).text();
    await influx.write(lines);
    const rows = await kept(influx);
    assert.equal(rows.length, lines.trimEnd().split("\n").length);
    assert.ok(rows.length > 2000, `${rows.length} points`);

    const answer = await dashboard.get("/api/v1/movements?interval=day");
    const { data: days }: { readonly data: readonly Day[] } = await answer.json();
    assert.deepEqual(rows.sort(), days.flatMap(rowsOf).sort());
    assert.ok(new Set(days.map(({ currency }) => currency)).size > 1, "several currencies");

    // A figure that was restated is written over the one before; the others stay.
    const changed = lines.replace(/ minor=\d+i/, " minor=9007199254740991i");
    await influx.write(changed);
    const after = await kept(influx);
    assert.equal(after.length, rows.length);
    const before = new Set(rows);
    const [other, ...more] = after.filter((row) => !before.has(row));
    assert.match(other!, /^glance_mrr .* 9007199254740991 /);
    assert.deepEqual(more, []);
  },
);
