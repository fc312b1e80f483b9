/** The examples for log collectors name fields that the log has. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { createCompany, createSimulator } from "../../src/simulator/mod.ts";
import { type Dashboard, startLiveDashboard } from "../support/dashboard.ts";
import { ROOT } from "../support/program.ts";
import { eventBody, sendWebhook } from "../support/webhooks.ts";

const read = (name: string) => Deno.readTextFile(new URL(`deploy/logs/${name}`, ROOT));

/** A dashboard that has something to say of each kind. */
async function linesOf(): Promise<readonly string[]> {
  const now = Math.floor(Date.now() / 1000);
  const { source } = createCompany({ seed: 5, customers: 20, now });
  const simulator = createSimulator({ source });
  await using dashboard: Dashboard = await startLiveDashboard({ simulator });
  await (await dashboard.get("/")).body?.cancel();
  await (await dashboard.get("/api/v1/revenue?format=csv")).body?.cancel();
  await sendWebhook(`${dashboard.url}/webhooks/stripe`, eventBody({ type: "x", object: {} }), "v1");
  const compared = { method: "POST", headers: { origin: dashboard.url } };
  await (await dashboard.get("/sources/compare", compared)).body?.cancel();
  simulator.setFaults({ rate: 1, kinds: ["server_error"] });
  await dashboard.until(({ status }) => status.staleSince !== null);
  return dashboard.lines;
}

const lines = (await linesOf()).map((line): Record<string, unknown> => JSON.parse(line));
const names = new Set(lines.flatMap((line) => Object.keys(line)));

Deno.test("a field of the log is of one type, so that an index can take every line", () => {
  const types = new Map<string, Set<string>>();
  for (const line of lines) {
    for (const [name, value] of Object.entries(line)) {
      if (value === null) continue;
      const type = Array.isArray(value) ? "list" : typeof value;
      types.set(name, (types.get(name) ?? new Set()).add(type));
    }
  }
  const several = [...types].filter(([, of]) => of.size > 1).map(([name]) => name);
  assert.deepEqual(several, []);
  assert.deepEqual(types.get("duration"), new Set(["number"]));
  assert.ok(types.size > 12, [...types.keys()].join());
});

Deno.test("Vector's example reads time and labels from fields that lines have", async () => {
  const text = await read("vector.yaml");
  const { sources, transforms, sinks } = parse(text);
  assert.deepEqual(transforms.lines.inputs, Object.keys(sources));
  assert.deepEqual(sinks.loki.inputs, Object.keys(transforms));
  const labels = Object.values<string>(sinks.loki.labels)
    .flatMap((label) => [...label.matchAll(/\{\{ (\w+) \}\}/g)].map(([, name]) => name!));
  const parsed = [...transforms.lines.source.matchAll(/[(]\.(\w+)/g)]
    .map(([, name]: RegExpMatchArray) => name!).filter((name) => name !== "message");
  assert.deepEqual([...labels, ...new Set(parsed)], ["level", "source", "time"]);
  for (const name of [...labels, ...parsed]) assert.ok(names.has(name), name);
});

Deno.test("Promtail's example reads time and labels from fields that lines have", async () => {
  const { scrape_configs: [{ pipeline_stages }] } = parse(await read("promtail.yml"));
  assert.deepEqual(pipeline_stages, [
    { json: { expressions: { time: "time", level: "level", source: "source" } } },
    // What Go calls a time such as 2026-11-25T04:10:22.017Z.
    { timestamp: { source: "time", format: "RFC3339Nano" } },
    { labels: { level: "level", source: "source" } },
  ]);
  for (const name of ["time", "level", "source"]) assert.ok(names.has(name), name);
  for (const { time } of lines) {
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
  }
});

Deno.test("a label has few values, as every combination is a stream of its own in Loki", () => {
  const valuesOf = (name: string) => new Set(lines.map((line) => line[name]));
  const levels = ["debug", "info", "warn", "error"];
  for (const level of valuesOf("level")) assert.ok(levels.includes(String(level)), String(level));
  // Of the one account, and of what concerns none.
  assert.deepEqual(valuesOf("source"), new Set([undefined, "default"]));
});

Deno.test("Filebeat's example renames fields that lines have, and reads times as they are written", async () => {
  const config = parse(await read("filebeat.yml"));
  const [{ timestamp }, { rename }] = config.processors;
  const target = config["filebeat.inputs"][0].parsers[0].ndjson.target;
  const used = [timestamp.field, ...rename.fields.map(({ from }: { from: string }) => from)];
  for (const field of used) {
    const [prefix, name] = field.split(".");
    assert.equal(prefix, target);
    assert.ok(names.has(name), field);
  }
  // Go's reference time stands for the layout: each digit for a digit.
  const layout = timestamp.layouts[0].replace(/\d/g, "0");
  for (const { time } of lines) assert.equal(String(time).replace(/\d/g, "0"), layout);
});
