import assert from "node:assert/strict";
import prom from "prom-client";
import { type Family, renderFamily } from "../../src/observability/exposition.ts";
import { createHttpMetrics } from "../../src/observability/http_metrics.ts";
import {
  createCounter,
  createGauge,
  createHistogram,
} from "../../src/observability/instruments.ts";
import { createMetrics } from "../../src/observability/metrics.ts";
import { createRegistry } from "../../src/observability/registry.ts";

async function textOf(...families: readonly Family[]): Promise<string> {
  const registry = createRegistry((_, error) => assert.fail(String(error)));
  for (const family of families) registry.register(family);
  return await registry.text();
}

/** The lines of a text that are about one name. */
function linesOf(text: string, name: string): string[] {
  return text.split("\n").filter((line) => line.replace(/^# (HELP|TYPE) /, "").startsWith(name));
}

Deno.test("a counter is HELP, TYPE and one line for each combination of labels", async () => {
  const counter = createCounter({ name: "a_total", help: "All a.", labels: ["x", "y"] });
  counter.inc(["1", "2"]);
  counter.inc(["1", "2"], 2.5);
  counter.inc(["3"]);
  assert.equal(
    await textOf(counter),
    '# HELP a_total All a.\n# TYPE a_total counter\na_total{x="1",y="2"} 3.5\na_total{x="3",y=""} 1\n',
  );
});

Deno.test("a counter never falls", async () => {
  const counter = createCounter({ name: "a_total", help: "a" });
  counter.inc([], 2);
  counter.inc([], -1);
  counter.inc([], NaN);
  assert.match(await textOf(counter), /^a_total 2$/m);
});

Deno.test("a metric without labels is there from the start, with 0", async () => {
  assert.match(await textOf(createCounter({ name: "a_total", help: "a" })), /^a_total 0$/m);
  assert.match(await textOf(createGauge({ name: "a", help: "a" })), /^a 0$/m);
});

Deno.test("backslash, quote and line end are escaped in labels, the first and last in help", () => {
  assert.equal(
    renderFamily({ name: "a", help: 'b\\c\n"d"', type: "gauge" }, [
      { labels: { x: 'b\\c\n"d"' }, value: 1 },
    ]),
    '# HELP a b\\\\c\\n"d"\n# TYPE a gauge\na{x="b\\\\c\\n\\"d\\""} 1\n',
  );
});

Deno.test("infinity and not-a-number are written as Prometheus reads them", () => {
  const text = renderFamily({ name: "a", help: "b", type: "gauge" }, [
    { value: Infinity },
    { value: -Infinity },
    { value: NaN },
    { value: 1e21 },
  ]);
  assert.deepEqual(text.trimEnd().split("\n").slice(2), ["a +Inf", "a -Inf", "a NaN", "a 1e+21"]);
});

Deno.test("a histogram's buckets add up, end with +Inf, and hold their bound", async () => {
  const histogram = createHistogram({ name: "h", help: "h", bounds: [0.5, 1, 2.5] });
  for (const value of [0.25, 0.5, 0.75, 2.5, 9]) histogram.observe(value);
  assert.equal(
    await textOf(histogram),
    [
      "# HELP h h",
      "# TYPE h histogram",
      'h_bucket{le="0.5"} 2',
      'h_bucket{le="1"} 3',
      'h_bucket{le="2.5"} 4',
      'h_bucket{le="+Inf"} 5',
      "h_sum 13",
      "h_count 5",
      "",
    ].join("\n"),
  );
});

Deno.test("the exposition says what prom-client would say", async () => {
  const name = "x_seconds";
  const theirs = new prom.Registry();
  const registers = [theirs];
  const [labels, buckets] = [["a"], [0.1, 1, 10]];
  const counter = new prom.Counter({
    name: "x_total",
    help: "c\nd",
    labelNames: labels,
    registers,
  });
  const gauge = new prom.Gauge({ name: "x", help: "g", registers });
  const histogram = new prom.Histogram({ name, help: "h", labelNames: labels, buckets, registers });
  const ours = {
    counter: createCounter({ name: "x_total", help: "c\nd", labels }),
    gauge: createGauge({ name: "x", help: "g" }),
    histogram: createHistogram({ name, help: "h", labels, bounds: buckets }),
  };
  for (const [index, a] of ['q"', "b\\", "n\n", "ü"].entries()) {
    counter.inc({ a }, index + 0.5);
    ours.counter.inc([a], index + 0.5);
    histogram.observe({ a }, index * 5);
    ours.histogram.observe(index * 5, [a]);
  }
  gauge.set(-1.25);
  ours.gauge.set(-1.25);
  const normal = (text: string) =>
    text.split("\n").filter((line) => line !== "")
      // prom-client puts `le` first; the order of labels has no meaning.
      .map((line) => line.replace(/\{(le="[^"]*"),(.*)\}/, "{$2,$1}"));
  assert.deepEqual(
    normal(await textOf(ours.counter, ours.gauge, ours.histogram)),
    normal(await theirs.metrics()),
  );
});

Deno.test("series beyond a thousand are added up under other", async () => {
  const counter = createCounter({ name: "a_total", help: "a", labels: ["x"] });
  for (let i = 0; i < 1_500; i++) counter.inc([`${i}`]);
  const lines = (await textOf(counter)).trimEnd().split("\n").slice(2);
  assert.equal(lines.length, 1_001);
  assert.equal(lines.at(-1), 'a_total{x="other"} 500');
});

Deno.test("malformed names, falling bounds and taken names are refused", () => {
  assert.throws(() => createCounter({ name: "a-b", help: "" }), TypeError);
  assert.throws(() => createCounter({ name: "a", help: "", labels: ["b c"] }), TypeError);
  assert.throws(() => createHistogram({ name: "a", help: "", labels: ["le"], bounds: [] }), {
    name: "TypeError",
    message: "Cannot create metric a as a label's name is malformed: le",
  });
  assert.throws(() => createHistogram({ name: "a", help: "", bounds: [1, 1] }), RangeError);
  const registry = createRegistry(() => {});
  registry.register(createGauge({ name: "a", help: "" }));
  assert.throws(() => registry.register(createGauge({ name: "a", help: "" })), TypeError);
});

Deno.test("requests are counted by route, method and status, and timed by route", async () => {
  const http = createHttpMetrics();
  http.record("/", "GET", 200, 0.0004);
  http.record("/", "GET", 200, 0.004);
  http.record("/", "GET", 304, 0.0001);
  http.record("/", "BREW", 405, 0.0001);
  http.record("/", "STIR", 405, 0.0001);
  const text = await textOf(...http.families);
  assert.deepEqual(linesOf(text, "glance_http_requests_total").slice(2), [
    'glance_http_requests_total{route="/",method="GET",status="200"} 2',
    'glance_http_requests_total{route="/",method="GET",status="304"} 1',
    'glance_http_requests_total{route="/",method="OTHER",status="405"} 2',
  ]);
  assert.match(text, /_bucket\{route="\/",le="0.0005"\} 4$/m);
  assert.match(text, /_bucket\{route="\/",le="0.005"\} 5$/m);
  assert.match(text, /_count\{route="\/"\} 5$/m);
});

Deno.test("routes beyond two hundred are added up, and odd statuses count as 0", async () => {
  const http = createHttpMetrics();
  for (let i = 0; i < 250; i++) http.record(`/${i}`, "GET", 999, 0);
  const lines = linesOf(await textOf(...http.families), "glance_http_requests_total").slice(2);
  assert.equal(lines.length, 201);
  assert.equal(
    lines.at(-1),
    'glance_http_requests_total{route="other",method="GET",status="0"} 50',
  );
});

Deno.test("every name of the original is there, with its labels", async () => {
  const metrics = createMetrics();
  metrics.watch({
    uptimeSeconds: () => 90,
    memoryAllocBytes: () => 1_024,
    stripeClients: () => 3,
    breakerStates: () => ({ closed: 2, open: 1, half_open: 0 }),
    dbRecords: () => Promise.resolve({ revenue: 10, customer: 20 }),
    dbSizeBytes: () => Promise.resolve(4_096),
    cacheHits: () => 8,
    cacheLookups: () => 9,
  });
  const lines = (await metrics.registry.text()).split("\n");
  for (
    const line of [
      "glance_uptime_seconds 90",
      "glance_memory_alloc_bytes 1024",
      "glance_stripe_clients_total 3",
      'glance_stripe_circuit_breaker_state{state="closed"} 2',
      'glance_stripe_circuit_breaker_state{state="open"} 1',
      'glance_stripe_circuit_breaker_state{state="half_open"} 0',
      'glance_db_records_total{table="revenue"} 10',
      'glance_db_records_total{table="customer"} 20',
      "glance_db_size_bytes 4096",
      "glance_cache_hits 8",
      "glance_cache_total 9",
    ]
  ) assert.ok(lines.includes(line), line);
});

Deno.test("what is recorded of Stripe, webhooks and sync is exposed", async () => {
  const metrics = createMetrics();
  metrics.recordStripeRequest("/v1/prices", 200, 0.25);
  metrics.recordStripeRequest("/v1/prices", "timeout", 20);
  metrics.recordLimiterWait(0.05);
  metrics.countRetry();
  metrics.webhooks.recordAccepted(true, 1.5);
  metrics.setSync("acct_1", { done: 50, estimated: 100 });
  metrics.setSync("acct_1", { done: 60, lastSuccessSeconds: 1_700_000_000 });
  metrics.countDrift("acct_1", 2);
  metrics.setUnresolved("acct_1", 4);
  const lines = (await metrics.registry.text()).split("\n");
  for (
    const line of [
      'glance_stripe_requests_total{endpoint="/v1/prices",status="200"} 1',
      'glance_stripe_requests_total{endpoint="/v1/prices",status="timeout"} 1',
      'glance_stripe_request_duration_seconds_bucket{endpoint="/v1/prices",le="0.3"} 1',
      'glance_stripe_request_duration_seconds_sum{endpoint="/v1/prices"} 20.25',
      'glance_stripe_limiter_wait_seconds_bucket{le="0.1"} 1',
      "glance_stripe_retries_total 1",
      "glance_webhook_age_seconds_count 1",
      'glance_sync_done{source="acct_1"} 60',
      'glance_sync_estimated{source="acct_1"} 100',
      'glance_sync_last_success_timestamp_seconds{source="acct_1"} 1700000000',
      'glance_sync_drift_total{source="acct_1"} 2',
      'glance_unresolved_subscriptions{source="acct_1"} 4',
    ]
  ) assert.ok(lines.includes(line), line);
});

Deno.test("what a source is doing and how old its figures are is read when scraped", async () => {
  const metrics = createMetrics();
  let lag = 3;
  metrics.watch({
    syncLagSeconds: () => ({ acct_1: lag }),
    sourcePhases: () => ({ acct_1: "live", acct_2: "key_rejected" }),
  });
  assert.deepEqual(linesOf(await metrics.registry.text(), "glance_source_phase").slice(2), [
    'glance_source_phase{source="acct_1",phase="live"} 1',
    'glance_source_phase{source="acct_2",phase="key_rejected"} 1',
  ]);
  lag = 7200;
  assert.match(await metrics.registry.text(), /^glance_sync_lag_seconds\{source="acct_1"\} 7200$/m);
});

Deno.test("what is counted of a source begins at 0: a rule sees no first step without it", async () => {
  const metrics = createMetrics();
  metrics.beginSource("acct_1");
  const shown = async () => {
    const text = await metrics.registry.text();
    return ["drift", "violations"].map((word) =>
      new RegExp(`^glance_\\w+_${word}_total\\{source="acct_1"\\} (\\d+)$`, "m").exec(text)?.[1]
    );
  };
  assert.deepEqual(await shown(), ["0", "0"]);
  metrics.countDrift("acct_1", 2);
  metrics.beginSource("acct_1");
  assert.deepEqual(await shown(), ["2", "0"]);
});

Deno.test("a source that cannot be read is left out and reported; the others are still there", async () => {
  const failed: string[] = [];
  const metrics = createMetrics((name, error) => failed.push(`${name}: ${error}`));
  metrics.watch({
    uptimeSeconds: () => 5,
    dbSizeBytes: () => Promise.reject("database away"),
    memoryAllocBytes: () => {
      throw "no";
    },
  });
  const text = await metrics.registry.text();
  assert.match(text, /^glance_uptime_seconds 5$/m);
  assert.doesNotMatch(text, /glance_db_size_bytes|glance_memory_alloc_bytes/);
  assert.deepEqual(failed.toSorted(), [
    "glance_db_size_bytes: database away",
    "glance_memory_alloc_bytes: no",
  ]);
});
