import assert from "node:assert/strict";
import Stripe from "stripe";
import {
  createSimulator,
  makeSubscription,
  serveSimulator,
  SIMULATOR_KEY,
} from "../../src/simulator/mod.ts";
import { AUTHORIZED } from "./support.ts";

function served() {
  const simulator = createSimulator({
    objects: { subscriptions: [makeSubscription({ id: "sub_1" })] },
  });
  const server = serveSimulator(simulator);
  return { simulator, server };
}

Deno.test("over HTTP the real SDK reads a list", async () => {
  const { server } = served();
  const stripe = new Stripe(SIMULATOR_KEY, {
    protocol: "http",
    host: server.hostname,
    port: server.port,
    httpClient: Stripe.createFetchHttpClient(),
    maxNetworkRetries: 0,
    telemetry: false,
  });
  const { data } = await stripe.subscriptions.list({ limit: 3 });
  assert.equal(data[0]!.id, "sub_1");
  await server.close();
});

Deno.test("over HTTP a reset and a cut body fail the reading, and the server goes on", async () => {
  const { simulator, server } = served();
  simulator.setFaults({
    script: (number) => number < 2 ? { kind: number ? "cut" : "reset" } : null,
  });
  for (let index = 0; index < 2; index++) {
    const attempt = fetch(`${server.url}/v1/account`, { headers: AUTHORIZED });
    await assert.rejects(attempt.then((response) => response.text()), TypeError);
  }
  const response = await fetch(`${server.url}/v1/account`, { headers: AUTHORIZED });
  assert.equal((await response.json()).object, "account");
  await server.close();
});

Deno.test("over HTTP a hanging request ends when the client gives up or the server closes", async () => {
  const { simulator, server } = served();
  const arrived: (() => void)[] = [];
  const arrivals = [0, 1].map(() => new Promise<void>((resolve) => arrived.push(resolve)));
  simulator.setFaults({
    script: (number) => {
      arrived[number]!();
      return { kind: "hang" };
    },
  });
  const giveUp = new AbortController();
  const left = fetch(`${server.url}/v1/account`, { headers: AUTHORIZED, signal: giveUp.signal });
  await arrivals[0];
  giveUp.abort();
  await assert.rejects(left, { name: "AbortError" });
  const pending = fetch(`${server.url}/v1/account`, { headers: AUTHORIZED });
  await arrivals[1];
  await server.close();
  const response = await pending.catch(() => null);
  await response?.body?.cancel();
  assert.notEqual(response?.status, 200);
});
