/** `glance reconcile` and the button: everything is compared with Stripe on demand. */
import assert from "node:assert/strict";
import { reconcile } from "../../src/cli/reconcile.ts";
import { operatorKey } from "../../src/security/operator_key.ts";
import { Secret } from "../../src/security/secret.ts";
import {
  createSimulator,
  makeItem,
  makePrice,
  makeSubscription,
  type Simulator,
  SIMULATOR_KEY,
} from "../../src/simulator/mod.ts";
import { signatureFor } from "../../src/stripe/webhook.ts";
import {
  type Dashboard,
  settingsFrom,
  startDashboard,
  startLiveDashboard,
} from "../support/dashboard.ts";

function sub(id: string, amount = 1000) {
  const price = makePrice({ id: `price_${amount}`, unit_amount: amount });
  const lines = [makeItem({ id: `si_${id}`, price })];
  const created = Math.floor(Date.now() / 1000) - 86_400;
  return makeSubscription({ id, created, customer: `cus_${id}`, lines });
}

const twoSubscriptions = () =>
  createSimulator({ objects: { subscriptions: [sub("sub_a"), sub("sub_b")] } });

/** What the command prints about a dashboard. */
async function printed({ url }: { url: string }, account?: string): Promise<string[]> {
  const lines: string[] = [];
  await reconcile({
    settings: await settingsFrom({ STRIPE_SECRET_KEY: SIMULATOR_KEY }),
    account,
    url,
    nowMs: Date.now(),
    print: (line) => void lines.push(line.replace(/in [\d.]+ s/, "in … s")),
  });
  return lines;
}

const start = (simulator: Simulator) => startLiveDashboard({ simulator, pollSeconds: 600 });

function send({ url }: Dashboard, body: string, signature: string | null) {
  return fetch(`${url}/operator/reconcile`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      ...(signature === null ? {} : { "glance-signature": signature }),
    },
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);
const seconds = () => Math.floor(Date.now() / 1000);

Deno.test("the command names what no event told, repairs it, and then finds nothing more", async () => {
  const simulator = twoSubscriptions();
  await using dashboard = await start(simulator);
  assert.deepEqual(await printed(dashboard), [
    "default: 2 subscriptions compared in … s: none differs",
  ]);
  simulator.upsert("subscriptions", sub("sub_a", 3000));
  assert.deepEqual(await printed(dashboard), [
    "default: 2 subscriptions compared in … s: 1 differed and was repaired: sub_a",
  ]);
  assert.deepEqual(await printed(dashboard), [
    "default: 2 subscriptions compared in … s: none differs",
  ]);
  assert.equal(dashboard.view.status.drift, 1);
});

Deno.test("the button compares, and the page tells what was found", async () => {
  const simulator = twoSubscriptions();
  await using dashboard = await start(simulator);
  simulator.upsert("subscriptions", sub("sub_b", 5000));
  const before = await (await dashboard.get("/sources")).text();
  assert.match(before, /none yet: it runs every night at three/);
  assert.match(
    before,
    /<form method="post" action="\/sources\/compare"[^>]*><input[^>]*value="default"/,
  );
  const form = { method: "POST", body: new URLSearchParams({ source: "default" }) };
  const answer = await dashboard.get("/sources/compare", { ...form, redirect: "manual" });
  assert.deepEqual([answer.status, answer.headers.get("location")], [303, "/sources"]);
  await answer.body?.cancel();
  await dashboard.until(({ status }) => status.compared !== null && !status.comparing);
  assert.match(await (await dashboard.get("/sources")).text(), /2 subscriptions, 1 repaired/);
  const unknown = await dashboard.get("/sources/compare", {
    method: "POST",
    body: new URLSearchParams({ source: "other" }),
  });
  assert.deepEqual([unknown.status, await unknown.text()], [404, "There is no such source"]);
});

Deno.test("a button on another site's page compares nothing", async () => {
  await using dashboard = await start(twoSubscriptions());
  const answer = await dashboard.get("/sources/compare", {
    method: "POST",
    headers: { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" },
    body: new URLSearchParams({ source: "default" }),
  });
  assert.equal(answer.status, 403);
  await answer.body?.cancel();
  assert.equal(dashboard.view.status.compared, null);
});

Deno.test("only who knows the account's key may ask, for this source, in this minute", async () => {
  await using dashboard = await start(twoSubscriptions());
  const body = JSON.stringify({ source: "default" });
  const key = operatorKey(new Secret(SIMULATOR_KEY));
  const wrong = operatorKey(new Secret("rk_test_of_another"));
  const cases: readonly (readonly [signature: string | null, status: number, error: string])[] = [
    [null, 401, "signature_missing"],
    [await signatureFor(wrong, bytes(body), seconds()), 401, "signature_invalid"],
    [
      await signatureFor(new Secret(SIMULATOR_KEY), bytes(body), seconds()),
      401,
      "signature_invalid",
    ],
    [await signatureFor(key, bytes(`${body} `), seconds()), 401, "signature_invalid"],
    [await signatureFor(key, bytes(body), seconds() - 62), 401, "signature_expired"],
    [await signatureFor(key, bytes(body), seconds() + 62), 401, "signature_expired"],
  ];
  for (const [signature, status, error] of cases) {
    const answer = await send(dashboard, body, signature);
    assert.deepEqual([answer.status, await answer.json()], [status, { error }]);
  }
  const form = await fetch(`${dashboard.url}/operator/reconcile`, { method: "POST", body });
  assert.deepEqual([form.status, await form.json()], [415, { error: "Send application/json" }]);
  assert.equal(dashboard.view.status.compared, null);
});

Deno.test("a request about an account answers alike whether there is one of its name or not", async () => {
  await using dashboard = await start(twoSubscriptions());
  const key = operatorKey(new Secret("rk_test_of_another"));
  for (const name of ["default", "other", "__proto__", "constructor", ""]) {
    const body = JSON.stringify({ source: name });
    const signatures = [
      [null, "signature_missing"],
      ["nonsense", "signature_invalid"],
      [await signatureFor(key, bytes(body), seconds()), "signature_invalid"],
      [await signatureFor(key, bytes(body), seconds() - 62), "signature_expired"],
    ] as const;
    for (const [signature, error] of signatures) {
      const answer = await send(dashboard, body, signature);
      assert.deepEqual([answer.status, await answer.json()], [401, { error }], name);
    }
  }
});

Deno.test("an account that is still being read is not compared, and the command says so", async () => {
  const simulator = twoSubscriptions();
  simulator.setFaults({ rate: 1, kinds: ["server_error"], seed: 1 });
  await using dashboard = await startDashboard({ simulator });
  await assert.rejects(printed(dashboard), {
    name: "TypeError",
    message: "default was not compared: The account is still being read for the first time",
  });
});

Deno.test("a command that finds no program, or no account, says what to do", async () => {
  await assert.rejects(printed({ url: "http://127.0.0.1:9" }), {
    name: "TypeError",
    message:
      "No BusinessGlance answers at http://127.0.0.1:9: start it, or say where it runs with --url",
  });
  await assert.rejects(printed({ url: "http://127.0.0.1:9" }, "eu"), {
    name: "TypeError",
    message: "There is no account eu: known are default",
  });
});

Deno.test("where the program runs may be under a path, as base-url is", async () => {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    asked.push(new URL(url).pathname);
    return Response.json({ subscriptions: 0, drifted: [], seconds: 0 });
  });
  const settings = await settingsFrom({ STRIPE_SECRET_KEY: SIMULATOR_KEY });
  await reconcile({
    settings,
    account: undefined,
    url: `http://127.0.0.1:${server.addr.port}/glance/`,
    nowMs: 0,
    print: () => {},
  });
  await server.shutdown();
  assert.deepEqual(asked, ["/glance/operator/reconcile"]);
});
