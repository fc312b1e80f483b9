/** What became of the events, as page and JSON, and another try. */
import assert from "node:assert/strict";
import { Secret } from "../../src/security/secret.ts";
import { createSimulator, makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import { startDashboard } from "../support/dashboard.ts";
import { eventBody, sendWebhook, WEBHOOK_SECRET } from "../support/webhooks.ts";

const SUB = makeSubscription({
  id: "sub_a",
  lines: [makeItem({ id: "si_a", price: makePrice({ id: "price_a", unit_amount: 1000 }) })],
});

async function live(secrets: readonly string[] = [WEBHOOK_SECRET]) {
  const simulator = createSimulator({ objects: { subscriptions: [SUB] } });
  const dashboard = await startDashboard({
    simulator,
    pollSeconds: 600,
    settings: (settings) => ({
      ...settings,
      accounts: settings.accounts.map((account) => ({
        ...account,
        webhookSecrets: secrets.map((secret) => new Secret(secret)),
      })),
    }),
  });
  await dashboard.until(({ status }) => status.phase === "live");
  return dashboard;
}

async function text(response: Response | Promise<Response>): Promise<string> {
  return await (await response).text();
}

Deno.test("the last events are told in the original's shape, with what it lacked", async () => {
  await using dashboard = await live();
  await sendWebhook(
    `${dashboard.url}/webhooks/stripe`,
    eventBody({
      id: "evt_1",
      type: "customer.subscription.updated",
      object: SUB,
      created: 1_795_521_600,
      previous: { status: "trialing", metadata: { name: "Ada" } },
    }),
  );
  await dashboard.until(({ inbox }) => inbox.recent()[0]?.state === "done");
  for (const path of ["/webhooks/status?format=json", "/api/stripe/webhook/events"]) {
    const body = await (await dashboard.get(path)).json();
    assert.equal(body.total_events, 1);
    const [{ received, processed, age_seconds, ...event }] = body.recent_events;
    assert.ok(Date.parse(processed) >= Date.parse(received));
    assert.ok(Number.isInteger(age_seconds));
    assert.deepEqual(event, {
      id: "evt_1",
      type: "customer.subscription.updated",
      source: "default",
      created: "2026-11-24T12:00:00.000Z",
      success: true,
      error: null,
      state: "done",
      via: "webhook",
      tries: 0,
      changed: { status: "trialing" },
    });
  }
  const page = await text(dashboard.get("/webhooks/status"));
  assert.match(page, /evt_1/);
  assert.doesNotMatch(page, /Ada/);
});

Deno.test("the page filters by state and by the beginning of a type", async () => {
  await using dashboard = await live();
  const url = `${dashboard.url}/webhooks/stripe`;
  await sendWebhook(
    url,
    eventBody({ id: "evt_sub", type: "customer.subscription.updated", object: SUB }),
  );
  await sendWebhook(
    url,
    eventBody({ id: "evt_odd", type: "flux.charged", object: { id: "flux_1" } }),
  );
  await dashboard.until(({ inbox }) => inbox.waiting().length === 0);
  const ids = async (query: string) => {
    const { recent_events } = await (await dashboard.get(`/webhooks/status?format=json${query}`))
      .json();
    return recent_events.map(({ id }: { id: string }) => id);
  };
  assert.deepEqual(await ids(""), ["evt_odd", "evt_sub"]);
  assert.deepEqual(await ids("&state=ignored"), ["evt_odd"]);
  assert.deepEqual(await ids("&type=customer."), ["evt_sub"]);
  assert.match(await text(dashboard.get("/webhooks/status?state=set_aside")), /No event here yet/);
});

Deno.test("an event that was set aside is seen, and tried again from its page alone", async () => {
  await using dashboard = await live();
  const body = eventBody({ id: "evt_bad", type: "customer.subscription.updated", object: {} });
  await sendWebhook(`${dashboard.url}/webhooks/stripe`, body);
  await dashboard.until(({ inbox }) => inbox.setAside().length === 1);
  const page = await text(dashboard.get("/webhooks/status"));
  assert.match(page, /data\.object\.id should be an id but is missing/);
  assert.match(page, /Try again/);
  assert.match(await text(dashboard.get("/sources")), /1 event could not be applied/);
  const form = () => new URLSearchParams({ source: "default", event: "evt_bad" });
  const post = (headers: HeadersInit, fields = form()) =>
    dashboard.get("/webhooks/retry", { method: "POST", body: fields, headers, redirect: "manual" });
  const foreign = await post({ "sec-fetch-site": "cross-site" });
  assert.equal(foreign.status, 403);
  await foreign.body?.cancel();
  const retried = await post({ "sec-fetch-site": "same-origin" });
  assert.deepEqual([retried.status, retried.headers.get("location")], [303, "/webhooks/status"]);
  await retried.body?.cancel();
  const unknown = await post({}, new URLSearchParams({ source: "default", event: "evt_none" }));
  assert.equal(unknown.status, 404);
  await unknown.body?.cancel();
});

Deno.test("what is wrong with the endpoint is said, with what to do", async () => {
  {
    await using dashboard = await live([]);
    assert.match(await text(dashboard.get("/sources")), /No webhook secret is configured/);
  }
  await using dashboard = await live();
  const url = `${dashboard.url}/webhooks/stripe`;
  assert.match(await text(dashboard.get("/webhooks/status")), /No webhook has come yet/);
  await sendWebhook(url, "{}", `t=${Math.floor(Date.now() / 1000)},v1=00`);
  assert.match(
    await text(dashboard.get("/webhooks/status")),
    /A webhook was refused at .*its signature is not of a configured secret/,
  );
  const old = eventBody({ type: "invoice.paid", object: { id: "in_1" }, apiVersion: "2024-06-20" });
  await sendWebhook(url, old);
  const page = await text(dashboard.get("/webhooks/status"));
  assert.match(
    page,
    /The webhook endpoint sends version 2024-06-20 and this program reads 2026-10-28/,
  );
  assert.doesNotMatch(page, /was refused|No webhook has come/);
});
