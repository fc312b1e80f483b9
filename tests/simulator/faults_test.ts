import assert from "node:assert/strict";
import { createSimulator, type Fault, type FaultOptions } from "../../src/simulator/mod.ts";
import { AUTHORIZED } from "./support.ts";

const URL_ACCOUNT = "http://simulator/v1/account";

function failing(faults: FaultOptions, nowMs?: () => number) {
  const simulator = createSimulator({ faults, ...(nowMs ? { nowMs } : {}) });
  const get = (init: RequestInit = {}) =>
    simulator.fetch(URL_ACCOUNT, { headers: AUTHORIZED, ...init });
  return { simulator, get };
}

async function statusOf(response: Response): Promise<number> {
  await response.body?.cancel();
  return response.status;
}

Deno.test("a scripted rate limit is 429 with Retry-After and Stripe's reason", async () => {
  const { get } = failing({ script: [{ kind: "rate_limited", retryAfterSeconds: 3 }] });
  const response = await get();
  assert.equal(response.status, 429);
  assert.equal(response.headers.get("retry-after"), "3");
  assert.equal(response.headers.get("stripe-rate-limited-reason"), "global-rate");
  assert.equal((await response.json()).error.code, "rate_limit");
});

Deno.test("a script by array fails the requests it names and lets the others pass", async () => {
  const { get } = failing({ script: [null, { kind: "server_error" }] });
  const statuses = [];
  for (let index = 0; index < 3; index++) statuses.push(await statusOf(await get()));
  assert.deepEqual(statuses, [200, 500, 200]);
});

Deno.test("a script by function sees the number and the request", async () => {
  const seen: [number, string][] = [];
  const { get } = failing({
    script: (number, request) => {
      seen.push([number, new URL(request.url).pathname]);
      return null;
    },
  });
  await statusOf(await get());
  await statusOf(await get());
  assert.deepEqual(seen, [[0, "/v1/account"], [1, "/v1/account"]]);
});

Deno.test("a server error is JSON as Stripe's, a bad gateway is HTML", async () => {
  const { get } = failing({ script: [{ kind: "server_error" }, { kind: "bad_gateway" }] });
  const error = await get();
  assert.equal(error.status, 500);
  assert.equal((await error.json()).error.type, "api_error");
  const gateway = await get();
  assert.equal(gateway.status, 502);
  assert.equal(gateway.headers.get("content-type"), "text/html");
  assert.match(await gateway.text(), /^<html>/);
});

Deno.test("a reset connection rejects with TypeError", async () => {
  const { get } = failing({ script: [{ kind: "reset" }] });
  await assert.rejects(get(), TypeError);
});

Deno.test("a cut body starts and then fails", async () => {
  const { get } = failing({ script: [{ kind: "cut" }] });
  const response = await get();
  assert.equal(response.status, 200);
  await assert.rejects(response.text(), TypeError);
});

Deno.test("a hanging request ends only when its caller gives up", async () => {
  const { get, simulator } = failing({ script: [{ kind: "hang" }] });
  const giveUp = new AbortController();
  const pending = get({ signal: giveUp.signal });
  giveUp.abort(new Error("enough"));
  await assert.rejects(pending, /enough/);
  assert.deepEqual(simulator.stats().byPath, { "/v1/account": { 0: 1 } });
});

Deno.test("latency is waited for before every answer, with the caller's signal", async () => {
  const waits: number[] = [];
  const simulator = createSimulator({
    faults: { latencyMs: 200 },
    sleep: (ms, signal) => {
      waits.push(ms);
      signal.throwIfAborted();
      return Promise.resolve();
    },
  });
  await statusOf(await simulator.fetch(URL_ACCOUNT, { headers: AUTHORIZED }));
  await statusOf(await simulator.fetch(URL_ACCOUNT, { headers: AUTHORIZED }));
  assert.deepEqual(waits, [200, 200]);
});

Deno.test("latency on the real timer ends with the caller's abort", async () => {
  const { get } = failing({ latencyMs: 60_000 });
  const giveUp = new AbortController();
  const pending = get({ signal: giveUp.signal });
  giveUp.abort();
  await assert.rejects(pending, { name: "AbortError" });
});

Deno.test("the server's own limit lets a second's worth through and refuses the rest with 429", async () => {
  let now = 0;
  const { get } = failing({ requestsPerSecond: 3 }, () => now);
  const five = async () => {
    const statuses = [];
    for (let index = 0; index < 5; index++) statuses.push(await statusOf(await get()));
    return statuses;
  };
  assert.deepEqual(await five(), [200, 200, 200, 429, 429]);
  now = 1_000;
  assert.deepEqual(await five(), [200, 200, 200, 429, 429]);
});

Deno.test("a rate of faults is kept, repeatable by its seed", async () => {
  const run = async () => {
    const { get } = failing({ rate: 0.25, kinds: ["server_error", "bad_gateway"], seed: 5 });
    const statuses = [];
    for (let index = 0; index < 400; index++) statuses.push(await statusOf(await get()));
    return statuses;
  };
  const statuses = await run();
  assert.deepEqual(statuses, await run());
  const failed = statuses.filter((status) => status !== 200).length;
  assert.ok(failed > 70 && failed < 130, String(failed));
  assert.ok(statuses.includes(500) && statuses.includes(502));
});

Deno.test("faults can be set and lifted while running", async () => {
  const { simulator, get } = failing({});
  assert.equal(await statusOf(await get()), 200);
  simulator.setFaults({ rate: 1, kinds: ["server_error"] });
  assert.equal(await statusOf(await get()), 500);
  simulator.setFaults({});
  assert.equal(await statusOf(await get()), 200);
});

Deno.test("faults that cannot be are refused in a sentence", () => {
  assert.throws(
    () => createSimulator({ faults: { rate: 2 } }),
    new RangeError("Cannot set faults as rate must be from 0 to 1: current value is 2"),
  );
  assert.throws(() => createSimulator({ faults: { latencyMs: -1 } }), RangeError);
  assert.throws(() => createSimulator({ faults: { requestsPerSecond: 0 } }), RangeError);
});

Deno.test("stats() counts by path and status, methods, and the most at once", async () => {
  const hang: Fault = { kind: "hang" };
  const { simulator, get } = failing({ script: [null, hang, hang, null] });
  await statusOf(await get());
  const giveUp = new AbortController();
  const pending = [get({ signal: giveUp.signal }), get({ signal: giveUp.signal })];
  await statusOf(await get());
  giveUp.abort(new Error("enough"));
  await Promise.allSettled(pending);
  await statusOf(
    await simulator.fetch("http://simulator/v1/prices/price_x", { headers: AUTHORIZED }),
  );
  assert.deepEqual(simulator.stats(), {
    requests: 5,
    byPath: { "/v1/account": { 0: 2, 200: 2 }, "/v1/prices/:id": { 404: 1 } },
    methods: { GET: 5 },
    concurrencyMax: 3,
  });
});
