/** Spans as a collector receives them: over OTLP, from the program as a process of its own. */
import assert from "node:assert/strict";
import {
  createSimulator,
  makeItem,
  makePrice,
  makeSubscription,
  serveSimulator,
} from "../../src/simulator/mod.ts";
import { HASH, PASSWORD } from "../support/signed_in.ts";
import { startGlance } from "../support/glance.ts";
import { until } from "../support/until.ts";
import { eventBody, sendWebhook, WEBHOOK_SECRET } from "../support/webhooks.ts";

const KEY = "rk_test_TracedKeyQ7mZx4vB";

interface Sent {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly {
    readonly key: string;
    readonly value: Readonly<Record<string, string | number>>;
  }[];
}

interface Traces {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly spans: readonly Sent[];
    }[];
  }[];
}

interface Span extends Sent {
  /** Who made it: `deno`, or this program. */
  readonly scope: string;
}

/** Takes spans as JSON, and keeps the words of everything that was sent. */
function startCollector() {
  const spans: Span[] = [];
  let text = "";
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const body = await request.text();
    text += body;
    if (new URL(request.url).pathname === "/v1/traces") {
      const { resourceSpans }: Traces = JSON.parse(body);
      const scopes = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
      spans.push(
        ...scopes.flatMap((one) => one.spans.map((span) => ({ ...span, scope: one.scope.name }))),
      );
    }
    return Response.json({});
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    spans,
    text: () => text,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function attributesOf({ attributes }: Span): Record<string, string | number> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]!]));
}

/** The names of a span and of those that it lies in, inmost first. */
function within(spans: readonly Span[], span: Span): string[] {
  const parent = spans.find(({ spanId, traceId }) =>
    spanId === span.parentSpanId && traceId === span.traceId
  );
  return [span.name, ...parent ? within(spans, parent) : []];
}

/** The configuration of a user who signs in, and a database to look at. */
async function worldOf(base: string) {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(
    `${folder}/glance.yml`,
    `auth: { users: { ann: { role: admin, password-hash: "${HASH}" } } }\n` +
      `server: { host: 127.0.0.1, port: 0 }\n` +
      `accounts: { main: { stripe-api-key: ${KEY}, api-base: "${base}", ` +
      `webhook-secrets: [${WEBHOOK_SECRET}] } }\n`,
  );
  return {
    env: { GLANCE_CONFIG: `${folder}/glance.yml`, DATABASE_PATH: `${folder}/glance.db` },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function oneSubscription(status: "active" | "past_due") {
  const price = makePrice({ id: "price_traced" });
  return makeSubscription({
    id: "sub_traced",
    customer: "cus_traced",
    status,
    lines: [makeItem({ id: "si_traced", price })],
  });
}

Deno.test("a collector receives requests, Stripe's calls, events and queries as spans, and no key", async () => {
  const simulator = createSimulator({
    key: KEY,
    objects: { subscriptions: [oneSubscription("active")] },
  });
  const stripe = serveSimulator(simulator);
  {
    await using collector = startCollector();
    await using world = await worldOf(stripe.url);
    await using program = startGlance(["serve"], {
      ...world.env,
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "50",
    });
    const [, url] = await program.said(/"msg":"serving".*"url":"(http[^"]*)\/"/);
    await program.said(/past rebuilt from invoices/);
    const body = new URLSearchParams({ username: "ann", password: PASSWORD });
    const answer = await fetch(`${url}/api/authenticate`, {
      method: "POST",
      body,
      redirect: "manual",
    });
    await answer.body?.cancel();
    simulator.upsert("subscriptions", oneSubscription("past_due"));
    const event = {
      type: "customer.subscription.updated",
      object: oneSubscription("past_due"),
    };
    assert.equal((await sendWebhook(`${url}/webhooks/stripe`, eventBody(event)))[0], 200);
    const { spans } = collector;
    await until(() => spans.some(({ name }) => name === "event applied"));
    assert.equal(await program.terminate(), 0);

    const find = (name: string) => spans.filter((span) => span.name === name);
    // The span that Deno makes of a request is named by its route.
    const [webhook] = find("POST /webhooks/stripe");
    assert.equal(webhook!.scope, "deno");
    assert.equal(attributesOf(webhook!)["http.route"], "/webhooks/stripe");
    assert.equal(find("POST /api/authenticate").length, 1);
    // What the event led to lies in one another, down to the request that Deno itself sent.
    const [call] = find("stripe GET /v1/subscriptions/:id");
    assert.deepEqual(within(spans, call!), ["stripe GET /v1/subscriptions/:id", "object fetch"]);
    assert.deepEqual(attributesOf(call!), {
      "server.address": "127.0.0.1",
      "http.request.method": "GET",
      "url.template": "/v1/subscriptions/:id",
    });
    const sent = spans.find(({ parentSpanId }) => parentSpanId === call!.spanId)!;
    assert.deepEqual([sent.name, sent.scope], ["GET", "deno"]);
    const [applied] = find("event applied");
    assert.deepEqual(within(spans, applied!), ["event applied", "events apply"]);
    assert.deepEqual(attributesOf(applied!), {
      "glance.event": "customer.subscription.updated",
      "glance.source": "main",
    });
    // A query lies in what asked for it.
    const queries = spans.filter(({ name }) => name.startsWith("database "));
    const outer = new Set(queries.map((query) => within(spans, query)[1]));
    assert.ok(outer.has("POST /webhooks/stripe") && outer.has("events apply"));
    assert.deepEqual(
      new Set(queries.map((query) => attributesOf(query)["db.system.name"])),
      new Set(["sqlite"]),
    );
    // Ours tell nothing of a customer; no span at all tells a secret.
    const own = JSON.stringify(spans.filter(({ scope }) => scope === "businessglance"));
    assert.doesNotMatch(own, /traced/);
    for (const secret of [KEY, WEBHOOK_SECRET, PASSWORD, HASH]) {
      assert.ok(!collector.text().includes(secret));
    }
  }
  await stripe.close();
});
