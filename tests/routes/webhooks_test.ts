/** Where webhooks come in, over real HTTP. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { Secret } from "../../src/security/secret.ts";
import { createSimulator, makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import { format } from "../../src/metrics/rational.ts";
import { openSqlite, type SqliteDatabase } from "../../src/store/sqlite/database.ts";
import { type Dashboard, startDashboard } from "../support/dashboard.ts";
import {
  eventBody,
  sendWebhook,
  signatureOf,
  thinBody,
  WEBHOOK_SECRET,
} from "../support/webhooks.ts";

const RUNS = Deno.env.get("LONG_TESTS_FULL") ? 10_000 : 1_000;
const MIB = 1024 * 1024;

function sub(amount: number) {
  const price = makePrice({ id: `price_${amount}`, unit_amount: amount });
  return makeSubscription({
    id: "sub_a",
    customer: "cus_a",
    lines: [makeItem({ id: "si_a", price })],
  });
}

/** The beginning of the answer to a body that is sent in chunks and does not end. */
async function endless({ hostname, port, pathname }: URL): Promise<string> {
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const write = async (text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  };
  await write(`POST ${pathname} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`);
  for (let sent = 0; sent <= MIB; sent += 65_536) {
    await write(`10000\r\n${"x".repeat(65_536)}\r\n`);
  }
  const answer = new Uint8Array(100);
  return new TextDecoder().decode(answer.subarray(0, await connection.read(answer) ?? 0));
}

/** A live dashboard that looks at the events itself only every ten minutes. */
async function live(
  secrets: readonly string[] = [WEBHOOK_SECRET],
  database: SqliteDatabase | null = null,
) {
  const simulator = createSimulator({ objects: { subscriptions: [sub(1000)] } });
  const dashboard = await startDashboard({
    simulator,
    pollSeconds: 600,
    ...(database ? { database } : {}),
    settings: (settings) => ({
      ...settings,
      accounts: settings.accounts.map((account) => ({
        ...account,
        webhookSecrets: secrets.map((secret) => new Secret(secret)),
      })),
    }),
  });
  await dashboard.until(({ status }) => status.phase === "live");
  return { dashboard, simulator, url: `${dashboard.url}/webhooks/stripe` };
}

function temporaryDatabase(): { readonly path: string } & Disposable {
  const folder = Deno.makeTempDirSync();
  return {
    path: `${folder}/glance.db`,
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

const changed = (amount: number, id?: string) =>
  eventBody({ type: "customer.subscription.updated", object: sub(amount), ...(id ? { id } : {}) });

const mrr = (view: Dashboard["view"]) => format(view.tally.total("usd", "mrr"));

const TAKEN = [200, { received: true }];

Deno.test("a webhook changes the figures at once, by the object as it is at Stripe", async () => {
  const { dashboard, simulator, url } = await live();
  await using _ = dashboard;
  simulator.upsert("subscriptions", sub(3000));
  assert.deepEqual(await sendWebhook(url, changed(2000)), TAKEN);
  await dashboard.until((view) => mrr(view) === "3000");
});

Deno.test("each address takes webhooks; one that names a source only its own", async () => {
  const { dashboard, url } = await live();
  await using _ = dashboard;
  for (const path of ["/webhooks/stripe/default", "/api/stripe/webhook"]) {
    const response = await sendWebhook(dashboard.url + path, changed(1000));
    assert.deepEqual(response, TAKEN);
  }
  const other = await sendWebhook(`${url}/other`, changed(1000));
  assert.deepEqual(other, [400, { error: "signature_invalid" }]);
});

Deno.test("an address answers alike whether there is an account of its name or not", async () => {
  const body = changed(1000);
  const signatures = [
    null,
    "",
    "t=1,v1=00",
    "nonsense",
    await signatureOf(body, "whsec_another"),
    (await signatureOf(body)).replace(/t=\d+/, "t=1700000000"),
  ];
  const { dashboard: without, url: urlWithout } = await live([]);
  const { dashboard, url } = await live();
  await using _ = dashboard;
  await using __ = without;
  for (const signature of signatures) {
    const headers: HeadersInit = signature === null ? {} : { "stripe-signature": signature };
    const ask = async (address: string) => {
      const response = await fetch(address, { method: "POST", body, headers });
      const kept = [...response.headers].filter(([name]) => name !== "date");
      return [response.status, kept, await response.text()];
    };
    const known = await ask(`${url}/default`);
    assert.equal(known[0], 400);
    assert.deepEqual(await ask(`${url}/other`), known);
    // An account without a webhook secret is no exception.
    assert.deepEqual(await ask(`${urlWithout}/default`), known);
    assert.deepEqual(await ask(`${urlWithout}/other`), known);
  }
  // The log has the reason.
  assert.ok(dashboard.lines.some((line) => line.includes('"reason":"source_unknown"')));
});

Deno.test("the same event twice is acknowledged twice and fetched once", async () => {
  const { dashboard, simulator, url } = await live();
  await using _ = dashboard;
  simulator.upsert("subscriptions", sub(3000));
  const body = changed(3000, "evt_twice");
  assert.deepEqual(await sendWebhook(url, body), TAKEN);
  await dashboard.until((view) => mrr(view) === "3000");
  assert.deepEqual(await sendWebhook(url, body), TAKEN);
  assert.deepEqual(simulator.stats().byPath["/v1/subscriptions/:id"], { 200: 1 });
  const metrics = await (await dashboard.get("/metrics")).text();
  assert.match(metrics, /^glance_webhooks_received_total 2$/m);
  assert.match(metrics, /^glance_webhooks_duplicate_total 1$/m);
});

Deno.test("a type that no figure needs is acknowledged and logged", async () => {
  const { dashboard, url } = await live();
  await using _ = dashboard;
  const body = eventBody({
    type: "flux_capacitor.charged",
    object: { id: "flux_1", object: "flux" },
  });
  assert.deepEqual(await sendWebhook(url, body), TAKEN);
  await dashboard.until((view) => view.inbox.recent()[0]?.state === "ignored");
  assert.ok(dashboard.lines.some((line) => line.includes("flux_capacitor.charged")));
});

Deno.test("what is refused is told by a code and nothing else", async () => {
  const { dashboard, url } = await live();
  await using _ = dashboard;
  const body = changed(5000);
  const now = Math.floor(Date.now() / 1000);
  const cases: [string, string, number, string][] = [
    [body, await signatureOf(body, "whsec_another"), 400, "signature_invalid"],
    [body, "t=1,v1=00", 400, "signature_expired"],
    [body, await signatureOf(body, WEBHOOK_SECRET, now - 310), 400, "signature_expired"],
    [body, await signatureOf(body, WEBHOOK_SECRET, now + 310), 400, "signature_expired"],
    ["not json", await signatureOf("not json"), 400, "body_malformed"],
    ["[]", await signatureOf("[]"), 400, "body_malformed"],
  ];
  for (const [sent, signature, status, error] of cases) {
    assert.deepEqual(await sendWebhook(url, sent, signature), [status, { error }]);
  }
  assert.deepEqual(await sendWebhook(url, body, ""), [400, { error: "signature_missing" }]);
  assert.equal(dashboard.view.inbox.total(), 0);
  assert.match(
    await (await dashboard.get("/metrics")).text(),
    /^glance_webhooks_rejected_total\{reason="signature_expired"\} 3$/m,
  );
});

Deno.test("a signed event of another account or mode is acknowledged, counted and not kept", async () => {
  const { dashboard, url } = await live();
  await using _ = dashboard;
  const inLive = eventBody({ type: "invoice.paid", object: { id: "in_1" }, livemode: true });
  const other = eventBody({ type: "invoice.paid", object: { id: "in_1" }, account: "acct_other" });
  const thin = thinBody({ related: ["subscription", "sub_a"], context: "acct_other" });
  for (
    const [body, ignored] of [
      [inLive, "livemode_mismatch"],
      [other, "account_mismatch"],
      [thin, "account_mismatch"],
    ] as const
  ) assert.deepEqual(await sendWebhook(url, body), [200, { received: true, ignored }]);
  const page = await (await dashboard.get("/webhooks/status")).text();
  assert.match(page, /A webhook had no effect at .*: it was of another account/);
  const unsigned = await sendWebhook(url, other, await signatureOf(other, "whsec_another"));
  assert.deepEqual(unsigned, [400, { error: "signature_invalid" }]);
  assert.equal(dashboard.view.inbox.total(), 0);
  const metrics = await (await dashboard.get("/metrics")).text();
  assert.match(metrics, /^glance_webhooks_ignored_total\{reason="livemode_mismatch"\} 1$/m);
  assert.match(metrics, /^glance_webhooks_ignored_total\{reason="account_mismatch"\} 2$/m);
});

Deno.test("a ping is acknowledged, counted, and shown as not needed", async () => {
  const { dashboard, url } = await live();
  await using _ = dashboard;
  const ping = thinBody({
    type: "v2.core.event_destination.ping",
    related: ["v2.core.event_destination", "ed_test_1"],
  });
  assert.deepEqual(await sendWebhook(url, ping), TAKEN);
  await dashboard.until((view) => view.inbox.recent()[0]?.state === "ignored");
  const metrics = await (await dashboard.get("/metrics")).text();
  assert.match(metrics, /^glance_webhooks_ignored_total\{reason="type_not_read"\} 1$/m);
});

Deno.test("a thin event of our account has its object read again", async () => {
  const { dashboard, simulator, url } = await live();
  await using _ = dashboard;
  for (const [type, amount] of [["updated", 3000], ["item_price_changed", 4000]] as const) {
    simulator.upsert("subscriptions", sub(amount));
    const body = thinBody({
      type: `v1.customer.subscription.${type}`,
      related: ["subscription", "sub_a"],
    });
    assert.deepEqual(await sendWebhook(url, body), TAKEN);
    await dashboard.until((view) => mrr(view) === String(amount));
  }
  assert.equal(dashboard.view.inbox.recent()[1]!.event.type, "customer.subscription.updated");
});

Deno.test("a browser at the address of the webhooks is told what it is for", async () => {
  const { dashboard } = await live();
  await using _ = dashboard;
  for (const path of ["/webhooks/stripe", "/webhooks/stripe/default"]) {
    const response = await dashboard.get(path);
    assert.deepEqual([response.status, response.headers.get("allow")], [405, "POST"]);
    assert.match(await response.text(), /Stripe sends webhooks to this address by POST/);
  }
});

Deno.test("an event that cannot be stored is answered with 503, so that Stripe sends it again", async () => {
  using disk = temporaryDatabase();
  using database = openSqlite(disk.path);
  const { dashboard, url } = await live([WEBHOOK_SECRET], database);
  await using _ = dashboard;
  using other = new DatabaseSync(disk.path);
  other.exec("ALTER TABLE inbox RENAME TO gone");
  const answer = await sendWebhook(url, changed(2000));
  other.exec("ALTER TABLE gone RENAME TO inbox");
  assert.deepEqual(answer, [503, { error: "store_unavailable" }]);
  assert.match(
    await (await dashboard.get("/metrics")).text(),
    /^glance_webhooks_rejected_total\{reason="store_unavailable"\} 1$/m,
  );
});

Deno.test("a body of a mebibyte is read, and not a byte more", async () => {
  const { dashboard, url } = await live();
  await using _ = dashboard;
  const fill = (length: number) => {
    const body = changed(1000);
    return body.slice(0, -1) + `,"x":"${"x".repeat(length - body.length - 7)}"}`;
  };
  const fits = fill(MIB);
  assert.equal(new TextEncoder().encode(fits).length, MIB);
  assert.deepEqual(await sendWebhook(url, fits), TAKEN);
  const long = await sendWebhook(url, fill(MIB + 1));
  assert.deepEqual(long, [413, { error: "body_too_large" }]);
  assert.match(await endless(new URL(url)), /^HTTP\/1\.1 413 /);
});

Deno.test("while secrets rotate both are taken", async () => {
  const { dashboard, url } = await live([WEBHOOK_SECRET, "whsec_the_next"]);
  await using _ = dashboard;
  const body = changed(1000);
  for (const secret of [WEBHOOK_SECRET, "whsec_the_next"]) {
    assert.deepEqual(await sendWebhook(url, body, await signatureOf(body, secret)), TAKEN);
  }
});

Deno.test("without a secret nothing is taken in", async () => {
  const { dashboard, url } = await live([]);
  await using _ = dashboard;
  const response = await sendWebhook(url, changed(2000));
  assert.deepEqual(response, [400, { error: "secret_missing" }]);
});

Deno.test(`of ${RUNS} forged requests none is taken in`, async () => {
  const { dashboard, url } = await live();
  await using _ = dashboard;
  const body = changed(9000);
  const good = await signatureOf(body);
  const signature = good.split("v1=")[1]!;
  const printable = fc.string({ unit: "grapheme-ascii" });
  const bodies = fc.oneof(
    fc.json(),
    fc.string(),
    fc.uint8Array({ maxLength: 4096 }),
    fc.constant(body),
  );
  const headers = fc.oneof(
    printable,
    fc.array(fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), maxLength: 64 }), {
      maxLength: 9,
    })
      .map((all) => [`t=${Math.floor(Date.now() / 1000)}`, ...all.map((v) => `v1=${v}`)].join()),
    fc.integer({ min: -400, max: 400 }).filter((off) => off !== 0)
      .map((off) => `t=${Number(good.slice(2, 12)) + off},v1=${signature}`),
  );
  await fc.assert(
    fc.asyncProperty(bodies, headers, async (sent, header) => {
      const forged = typeof sent === "string" ? sent : new Uint8Array(sent);
      const [status, answer] = await sendWebhook(url, forged, header.trim());
      assert.equal(status, 400);
      assert.match((answer as { error: string }).error, /^signature_(missing|invalid|expired)$/);
    }),
    { numRuns: RUNS },
  );
  assert.equal(dashboard.view.inbox.total(), 0);
});
