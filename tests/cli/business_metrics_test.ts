/** The figures as gauges over /metrics: what they say, and to whom. */
import assert from "node:assert/strict";
import type { Settings } from "../../config/settings.ts";
import { createBusinessMetrics } from "../../src/cli/business_metrics.ts";
import { makeApiToken, type Scope } from "../../src/security/api_token.ts";
import { Secret } from "../../src/security/secret.ts";
import { createSimulator, makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import type { SourceView } from "../../src/store/port.ts";
import { NO_INPUTS } from "../../src/widgets/inputs.ts";
import { type Dashboard, startLiveDashboard } from "../support/dashboard.ts";
import { rawRequest, sendRaw } from "../support/raw_http.ts";
import { usersAuth } from "../support/signed_in.ts";

const DAY = 86_400;
const NOW = Math.floor(Date.now() / 1000);
const MONTHS_AGO = NOW - 100 * DAY;
const TOKEN = "a token of the tests";

function subscription(
  id: string,
  { currency, amount, ...more }: {
    readonly currency: string;
    readonly amount: number;
    readonly customer: string;
    readonly status?: "past_due";
  },
) {
  const price = makePrice({
    id: `price_${id}`,
    currency,
    unit_amount: amount,
    recurring: {
      interval: "year",
      interval_count: 1,
      meter: null,
      trial_period_days: null,
      usage_type: "licensed",
    },
  });
  return makeSubscription({
    id,
    currency,
    created: MONTHS_AGO,
    start_date: MONTHS_AGO,
    billing_cycle_anchor: MONTHS_AGO,
    lines: [makeItem({ id: `si_${id}`, price })],
    ...more,
  });
}

/** 12,005 cents a year are 1000.41… a month; 100,000 yen a year are 8,333.33…; ann pays in both. */
function dashboardOf(change: (settings: Settings) => Settings): Promise<Dashboard> {
  const subscriptions = [
    subscription("sub_1", { customer: "cus_ann", currency: "usd", amount: 12_005 }),
    subscription("sub_2", { customer: "cus_ann", currency: "jpy", amount: 100_000 }),
    subscription("sub_3", {
      customer: "cus_bob",
      currency: "usd",
      amount: 24_000,
      status: "past_due",
    }),
  ];
  return startLiveDashboard({
    simulator: createSimulator({ objects: { subscriptions } }),
    settings: change,
    pollSeconds: 600,
  });
}

function withBusiness(settings: Settings): Settings {
  return { ...settings, metrics: { ...settings.metrics, business: true } };
}

/** The lines of a scrape that tell a figure. */
async function figuresIn(dashboard: Dashboard, headers: HeadersInit = {}): Promise<string[]> {
  const response = await dashboard.get("/metrics", { headers });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.match(text, /^glance_uptime_seconds /m);
  return text.split("\n").filter((line) =>
    /^glance_(\w*mrr|arr|customer|subscriptions|currency|figures)/.test(line)
  );
}

Deno.test("no figure is among the metrics unless it is asked for", async () => {
  await using dashboard = await dashboardOf((settings) => settings);
  assert.deepEqual(await figuresIn(dashboard), []);
});

Deno.test("each figure is a gauge by source and currency, rounded once", async () => {
  await using dashboard = await dashboardOf(withBusiness);
  const lines = await figuresIn(dashboard);
  for (
    const line of [
      // 1000.41… + 2000, and 8,333.33…
      'glance_mrr_minor{source="default",currency="usd"} 3000',
      'glance_mrr_minor{source="default",currency="jpy"} 8333',
      // 36,005 and 100,000 exactly: not twelve times what was rounded.
      'glance_arr_minor{source="default",currency="usd"} 36005',
      'glance_arr_minor{source="default",currency="jpy"} 100000',
      'glance_past_due_mrr_minor{source="default",currency="usd"} 2000',
      'glance_trialing_mrr_minor{source="default",currency="usd"} 0',
      'glance_currency_minor_units{source="default",currency="usd"} 100',
      'glance_currency_minor_units{source="default",currency="jpy"} 1',
      // Each once, though ann pays in two currencies.
      'glance_customers{source="default"} 2',
      'glance_subscriptions{source="default",status="active"} 2',
      'glance_subscriptions{source="default",status="past_due"} 1',
      // All came 100 days ago.
      'glance_mrr_movement_minor{source="default",currency="usd",kind="new"} 0',
      'glance_customer_movement{source="default",kind="churn"} 0',
      'glance_figures_stale{source="default"} 0',
      'glance_figures_incomplete{source="default"} 0',
    ]
  ) assert.ok(lines.includes(line), `${line}:\n${lines.join("\n")}`);
});

Deno.test("the converted whole is one more gauge, where there is a reporting currency", async () => {
  await using dashboard = await dashboardOf((settings) => ({
    ...withBusiness(settings),
    figures: {
      ...settings.figures,
      // One yen is a cent: 3000.41… + 8,333.33… are 11,333.75.
      reporting: { currency: "usd", rates: { jpy: { n: 1n, d: 100n } } },
    },
  }));
  const lines = await figuresIn(dashboard);
  assert.ok(
    lines.includes('glance_reporting_mrr_minor{source="default",currency="usd"} 11334'),
    lines.join("\n"),
  );
});

Deno.test("figures are told to whoever may see revenue, not to all who may read metrics", async () => {
  const made = async (scopes: readonly Scope[]) => {
    const { token, hash } = await makeApiToken();
    return { token, row: { name: scopes.join(), hash, scopes, expires: Date.now() + DAY * 1000 } };
  };
  const one = await made(["read:metrics"]);
  const both = await made(["read:metrics", "read:dashboard"]);
  await using dashboard = await dashboardOf((settings) => ({
    ...settings,
    auth: usersAuth({ ada: "admin" }, [one.row, both.row]),
    metrics: { enabled: true, token: new Secret(TOKEN), public: true, business: true },
  }));
  const seen = async (token: string | null) => {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    return (await figuresIn(dashboard, headers)).length > 0;
  };
  // From this machine, and open to everyone: metrics alone, as a sign-in is asked for elsewhere.
  assert.equal(await seen(null), false);
  assert.equal(await seen("another token"), false);
  assert.equal(await seen(one.token), false);
  assert.equal(await seen(both.token), true);
  assert.equal(await seen(TOKEN), true);
});

/** Figures in a scrape under a host name; `null` where metrics are refused. */
async function figuresUnder(
  { url }: Dashboard,
  host: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number | null> {
  const { status, body } = await sendRaw(url, rawRequest("GET", "/metrics", { host, ...headers }));
  if (status === 403) return null;
  assert.equal(status, 200, body);
  return body.split("\n").filter((line) => /^glance_\w*mrr/.test(line)).length;
}

Deno.test("under a name that somebody points at this machine there is no figure, and no metric either", async () => {
  for (const hosts of [new Set<string>(), new Set(["glance.example"]), null]) {
    await using dashboard = await dashboardOf((settings) => ({
      ...withBusiness(settings),
      server: { ...settings.server, hosts },
    }));
    for (
      const host of ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "glance.eu"]
    ) {
      assert.equal(await figuresUnder(dashboard, host), null, host);
    }
    for (const host of ["localhost:8080", "127.0.0.1", "[::1]", ...hosts ?? []]) {
      assert.ok((await figuresUnder(dashboard, host))! > 0, host);
    }
  }
});

Deno.test("METRICS_TOKEN reads metrics under any name, and figures under ours", async () => {
  await using dashboard = await dashboardOf((settings) => ({
    ...settings,
    server: { ...settings.server, hosts: new Set(["glance.example"]) },
    metrics: { enabled: true, token: new Secret(TOKEN), public: false, business: true },
  }));
  const headers = { authorization: `Bearer ${TOKEN}` };
  assert.equal(await figuresUnder(dashboard, "app", headers), 0);
  assert.ok((await figuresUnder(dashboard, "glance.example", headers))! > 0);
  const { body } = await sendRaw(
    dashboard.url,
    rawRequest("GET", "/metrics", { host: "app", ...headers }),
  );
  assert.match(body, /^# Figures are left out .*server\.allowed-hosts/m);
});

Deno.test("a figure that is not known is left out, never 0", async () => {
  const errors: string[] = [];
  const textOf = (view: unknown) =>
    createBusinessMetrics({
      views: () => new Map([["eu", view as SourceView]]),
      inputs: () => NO_INPUTS,
      now: () => NOW,
      onError: (metric) => void errors.push(metric),
    }).text();
  const samples = (text: string) => text.split("\n").filter((line) => /^glance/.test(line));
  assert.deepEqual(samples(await textOf({ status: { asOf: null } })), []);
  await using dashboard = await dashboardOf(withBusiness);
  const { view } = dashboard;
  const status = { ...view.status, identityProblem: "the parts do not lead to the end" };
  const lines = samples(
    await textOf({ ...view, info: view.info, calendar: view.calendar, tally: view.tally, status }),
  );
  assert.ok(lines.includes('glance_mrr_minor{source="eu",currency="usd"} 3000'), lines.join("\n"));
  assert.doesNotMatch(lines.join("\n"), /_movement/);
  assert.deepEqual(errors, []);
});
