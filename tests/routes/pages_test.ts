/** Pages, fragments, probes and assets over a real server. */
import assert from "node:assert/strict";
import { createCompany, createSimulator, makeSubscription } from "../../src/simulator/mod.ts";
import { Secret } from "../../src/security/secret.ts";
import { startDashboard, startLiveDashboard } from "../support/dashboard.ts";

const NOW = Math.floor(Date.now() / 1000);

function company(seed = 5) {
  return createSimulator({ source: createCompany({ seed, customers: 120, now: NOW }).source });
}

Deno.test("the dashboard is whole without script: every widget is in the page", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  const response = await dashboard.get("/");
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  const text = await response.text();
  const ids = [...text.matchAll(/data-widget="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(ids.length, 14);
  assert.ok(!/<script(?![^>]*src=)/.test(text), "no inline script");
  assert.ok(!/ style=|<style/.test(text), "no inline style");
});

Deno.test("a widget's fragment is what the page holds, with its own ETag", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company(), pollSeconds: 600 });
  const page = await (await dashboard.get("/")).text();
  const id = /data-widget="(main-\d+)"/.exec(page)![1];
  const fragment = await dashboard.get(`/api/widgets/${id}`);
  assert.ok(page.includes((await fragment.text()).trim()));
  const again = await dashboard.get(`/api/widgets/${id}`, {
    headers: { "if-none-match": fragment.headers.get("etag")! },
  });
  assert.equal(again.status, 304);
  const missing = await dashboard.get("/api/widgets/none");
  assert.equal(missing.status, 404);
  await missing.body?.cancel();
});

Deno.test("every link of the dashboard that opens a figure leads to rows", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  const page = await (await dashboard.get("/")).text();
  const links = new Set([...page.matchAll(/href="(\/explain\/[^"]+)"/g)].map(([, href]) => href!));
  assert.ok(links.size >= 8);
  for (const link of links) {
    if (link.startsWith("/explain/subscription/")) continue;
    const response = await dashboard.get(link.replaceAll("&amp;", "&"));
    assert.equal(response.status, 200, link);
    assert.match(await response.text(), /<table/, link);
  }
});

Deno.test("a subscription is explained step by step", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  const rows = await dashboard.json("/api/v1/subscriptions?limit=1") as unknown as {
    data: { subscription: string; mrrExact: string }[];
  };
  const [row] = rows.data;
  const text = await (await dashboard.get(`/explain/subscription/${row!.subscription}`)).text();
  assert.ok(text.includes(row!.subscription));
  assert.ok(text.includes(row!.mrrExact));
});

Deno.test("retention opens into the customers of its start, whose ends add up to it", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  for (const window of ["", "?window=month"]) {
    const text = await (await dashboard.get(`/explain/retention${window}`)).text();
    assert.match(text, /NRR \d+\.\d.%, GRR \d+\.\d.%/);
    assert.match(text, /\d+ customers at the start of \w+ \d{4}, with \$[\d,]+; at the end of/);
    assert.match(text, /pays more|pays less|left|same/);
  }
  const all = await (await dashboard.get("/explain/movements?period=12m")).text();
  assert.match(all, /All movements/);
});

Deno.test("another way of counting is compared cause by cause", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  const text = await (await dashboard.get("/definitions?as=chartmogul")).text();
  assert.match(text, /cancelled subscriptions count to the end of their period/);
  assert.match(text, /discounts for some months are subtracted/);
  const path = "/explain/difference?as=chartmogul&option=cancellation";
  assert.ok(text.includes(path.replaceAll("&", "&amp;")));
  const rows = await (await dashboard.get(path)).text();
  assert.match(rows, /Where cancelled subscriptions count to the end of their period/);
  assert.match(rows, /sub_/);
  const none = await dashboard.get("/explain/difference?as=chartmogul&option=nothing");
  assert.equal(none.status, 404);
  await none.body?.cancel();
});

Deno.test("what is not there is a page that says so, with the way back", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  for (const path of ["/nothing", "/explain/nothing", "/explain/subscription/sub_none", "/a/b/c"]) {
    const response = await dashboard.get(path);
    assert.equal(response.status, 404, path);
    assert.match(await response.text(), /No such page/);
  }
});

Deno.test("an empty account says so in words, and shows no zero in place of the unknown", async () => {
  await using dashboard = await startLiveDashboard({ simulator: createSimulator({}) });
  const text = await (await dashboard.get("/")).text();
  assert.match(text, /No paying subscriptions yet/);
  assert.match(text, /class="card page-card"/);
  assert.doesNotMatch(text, /class="widget |\$0|data-reason/);
});

Deno.test("columns behind a figure are named for what they hold, the exact fraction in its row", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  const headings = async (path: string) => {
    const text = await (await dashboard.get(`/explain/${path}`)).text();
    assert.match(text, /<summary title="Exact amount">/, path);
    return [...text.matchAll(/<th scope="col"[^>]*>(.*?)<\/th>/g)]
      .map(([, cell]) => cell!.replace(/<[^>]*>/g, ""));
  };
  const ids = ["Subscription", "Customer"];
  const exact = "Exact amount";
  assert.deepEqual(await headings("mrr"), [...ids, "Status", "Plan", "Quantity", "MRR", exact]);
  assert.deepEqual(await headings("new?period=12m"), [...ids, "Day", "Plan now", "Change", exact]);
  assert.deepEqual(await headings("retention"), [
    ...ids,
    "Since then",
    "MRR then → now",
    "Change",
    exact,
  ]);
});

Deno.test("an account with trials only says what they are worth", async () => {
  const simulator = createSimulator({
    objects: {
      subscriptions: ["a", "b", "c"].map((id) =>
        makeSubscription({
          id: `sub_${id}`,
          status: "trialing",
          trial_start: NOW - 86_400,
          trial_end: NOW + 86_400,
          created: NOW - 86_400,
        })
      ),
    },
  });
  await using dashboard = await startLiveDashboard({ simulator });
  const text = await (await dashboard.get("/")).text();
  assert.match(text, /No paying subscriptions yet; 3 trials, \$30 if they convert/);
});

Deno.test("before the first load there are skeletons and no figure, and it is not ready", async () => {
  const simulator = company();
  simulator.setFaults({ script: () => ({ kind: "hang" }) });
  await using dashboard = await startDashboard({ simulator });
  const text = await (await dashboard.get("/")).text();
  assert.match(text, /Connecting to Stripe/);
  assert.ok(!/\$\d/.test(text), "no amount is shown");
  const ready = await dashboard.get("/health/ready");
  assert.deepEqual([ready.status, await ready.text()], [503, "unavailable\n"]);
  const live = await dashboard.get("/health/live");
  assert.deepEqual([live.status, await live.text()], [200, "ok\n"]);
});

Deno.test("Stripe away: figures stay, marked stale since; it heals by itself", async () => {
  const simulator = company();
  await using dashboard = await startLiveDashboard({
    simulator,
    limits: { retry: { retriesMax: 0 }, breaker: { failuresMax: 2, openMs: 100 } },
  });
  const before: Record<string, unknown> = await dashboard.json("/api/v1/revenue");
  simulator.setFaults({ rate: 1, kinds: ["server_error", "bad_gateway"] });
  await dashboard.until(({ status }) => status.staleSince !== null);
  const text = await (await dashboard.get("/")).text();
  assert.match(text, /stale since/);
  assert.equal(text.match(/data-banner="stripe_away"/g)?.length, 1);
  assert.equal(text.match(/Figures are from /g)?.length, 1);
  assert.doesNotMatch(text, /class="(dot|notice)|freshness live/);
  const body: Record<string, unknown> = await dashboard.json("/api/v1/revenue");
  assert.equal(body.state, "stale");
  assert.deepEqual(body.currencies, before.currencies);
  const ready = await dashboard.get("/health/ready");
  assert.equal(ready.status, 200);
  await ready.body?.cancel();
  simulator.setFaults({});
  await dashboard.until(({ status }) => status.staleSince === null);
  assert.ok(!/stale since/.test(await (await dashboard.get("/")).text()));
});

Deno.test("health has the original's shape", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  for (const path of ["/health", "/api/health"]) {
    const report: Record<string, unknown> = await dashboard.json(path);
    assert.equal(report.status, "healthy");
    assert.deepEqual(Object.keys(report.checks as object), ["database", "memory", "stripe_pool"]);
  }
  const alias = await dashboard.get("/api/healthz");
  assert.equal(alias.status, 200);
  await alias.body?.cancel();
});

Deno.test("metrics keep the original's names and add Stripe's and HTTP histograms", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  await (await dashboard.get("/")).body?.cancel();
  const text = await (await dashboard.get("/metrics")).text();
  for (
    const name of [
      "glance_uptime_seconds",
      "glance_memory_alloc_bytes",
      "glance_stripe_clients_total 1",
      'glance_stripe_circuit_breaker_state{state="closed"} 1',
      "glance_cache_hits",
      "glance_cache_total",
      "glance_stripe_request_duration_seconds_bucket",
      "glance_stripe_limiter_wait_seconds_bucket",
      "glance_http_request_duration_seconds_bucket",
      'glance_http_requests_total{route="/{page}",method="GET",status="200"}',
    ]
  ) assert.ok(text.includes(name), name);
});

Deno.test("metrics are for this machine or the bearer of the token, not for a proxy", async () => {
  await using dashboard = await startLiveDashboard({
    simulator: company(),
    settings: (settings) => ({
      ...settings,
      metrics: { ...settings.metrics, token: new Secret("metrics-token") },
    }),
  });
  const status = async (headers: Record<string, string>) => {
    const response = await dashboard.get("/metrics", { headers });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await status({}), 200);
  assert.equal(await status({ "x-forwarded-for": "203.0.113.9" }), 403);
  assert.equal(
    await status({ "x-forwarded-for": "203.0.113.9", authorization: "Bearer metrics-tokem" }),
    403,
  );
  assert.equal(
    await status({ "x-forwarded-for": "203.0.113.9", authorization: "Bearer metrics-token" }),
    200,
  );
});

Deno.test("assets are named by their content, kept for ever, and compressed", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  const page = await (await dashboard.get("/")).text();
  for (const [, href] of page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)) {
    const response = await dashboard.get(href!, { headers: { "accept-encoding": "gzip" } });
    await response.body?.cancel();
    assert.equal(response.status, 200, href);
    assert.equal(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
  }
  const manifest = await dashboard.get("/manifest.json");
  assert.equal((await manifest.json()).name, "BusinessGlance");
});

Deno.test("every answer forbids what pages do not need", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  for (const path of ["/", "/nothing", "/api/v1/revenue", "/api/v1/none", "/health/live"]) {
    const response = await dashboard.get(path);
    await response.body?.cancel();
    assert.match(response.headers.get("content-security-policy")!, /default-src 'self'/, path);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  }
});

Deno.test("customers' names and addresses are in no answer and no log line", async () => {
  await using dashboard = await startLiveDashboard({ simulator: company() });
  const texts = await Promise.all(
    ["/", "/explain/mrr", "/api/v1/subscriptions?limit=500", "/metrics", "/sources"].map(
      async (path) => (await dashboard.get(path)).text(),
    ),
  );
  for (const text of [...texts, ...dashboard.lines]) {
    assert.ok(!/@[\w-]+\.example/.test(text), "an e-mail address is shown");
  }
});

Deno.test("only GET is ever sent to Stripe", async () => {
  const simulator = company();
  await using dashboard = await startLiveDashboard({ simulator });
  await dashboard.until(({ status }) => status.lastReconcileAt !== null);
  assert.deepEqual(Object.keys(simulator.stats().methods), ["GET"]);
});
