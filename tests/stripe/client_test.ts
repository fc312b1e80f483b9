import assert from "node:assert/strict";
import {
  createSimulator,
  type Fault,
  makeSubscription,
  type Simulator,
  SIMULATOR_KEY,
  type SimulatorOptions,
} from "../../src/simulator/mod.ts";
import { type ClientOptions, createStripeClient } from "../../src/stripe/client.ts";
import { StripeFault } from "../../src/stripe/fault.ts";
import { createClientPool } from "../../src/stripe/pool.ts";
import { idIn } from "../../src/stripe/shape.ts";
import { createFakeClock } from "../support/fake_clock.ts";

/** A clock on which every wait is over at once. */
function hurriedClock(): ClientOptions["clock"] {
  let now = 0;
  return {
    now: () => now,
    steady: () => now,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      // An attempt's time-out is a wait too, but one that is not to be over.
      if (ms >= 20_000) {
        return new Promise((_, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
      }
      now += ms;
      return Promise.resolve();
    },
  };
}

function clientOf(fetch: ClientOptions["fetch"], given: Partial<ClientOptions> = {}) {
  return createStripeClient({
    key: SIMULATOR_KEY,
    base: "https://stripe.example",
    fetch,
    clock: hurriedClock(),
    random: () => 0.5,
    ...given,
  });
}

function simulated(options: SimulatorOptions = {}, given: Partial<ClientOptions> = {}) {
  const simulator = createSimulator(options);
  const client = clientOf(simulator.fetch, given);
  return { simulator, client };
}

async function faultOf(run: Promise<unknown>): Promise<StripeFault> {
  const error = await run.then(() => null, (error) => error);
  assert.ok(error instanceof StripeFault, String(error));
  return error;
}

Deno.test("a list is a page of objects and whether more follow", async () => {
  const subscriptions = ["sub_1", "sub_2", "sub_3"].map((id) => makeSubscription({ id }));
  const { client, simulator } = simulated({ objects: { subscriptions } });
  const page = await client.list("/v1/subscriptions", { limit: 2 });
  assert.deepEqual([page.data.map(idIn), page.hasMore], [["sub_3", "sub_2"], true]);
  const rest = await client.list("/v1/subscriptions", { limit: 2, starting_after: "sub_2" });
  assert.deepEqual([rest.data.map(idIn), rest.hasMore], [["sub_1"], false]);
  assert.deepEqual(simulator.stats().methods, { GET: 2 });
  assert.equal(client.reads(), 2);
  client.stop();
});

Deno.test("requests carry key, version and query as Stripe wants them", async () => {
  const seen: Request[] = [];
  const simulator = createSimulator();
  const client = clientOf((input, init) => {
    seen.push(new Request(input, init));
    return simulator.fetch(input, init);
  }, { account: "acct_1" });
  await client.list("/v1/subscriptions", {
    expand: ["data.discounts.source.coupon", "data.items.data.discounts"],
    "created[gte]": 5,
    status: "all",
  });
  const [request] = seen;
  const url = new URL(request!.url);
  assert.equal(url.origin + url.pathname, "https://stripe.example/v1/subscriptions");
  assert.deepEqual([...url.searchParams], [
    ["expand[]", "data.discounts.source.coupon"],
    ["expand[]", "data.items.data.discounts"],
    ["created[gte]", "5"],
    ["status", "all"],
  ]);
  assert.equal(request!.method, "GET");
  assert.equal(request!.headers.get("authorization"), `Bearer ${SIMULATOR_KEY}`);
  assert.equal(request!.headers.get("stripe-version"), "2026-10-28.endive");
  assert.equal(request!.headers.get("stripe-context"), "acct_1");
  assert.equal(request!.headers.get("idempotency-key"), null);
  assert.equal(request!.headers.get("x-stripe-client-telemetry"), null);
  client.stop();
});

Deno.test("each answer that is an error has its kind and a sentence that says what to do", async () => {
  const key = await faultOf(simulated({ key: "rk_test_other" }).client.list("/v1/prices"));
  assert.deepEqual([key.kind, key.passing, key.message], [
    "key_rejected",
    false,
    "Stripe rejects the key: it may have been rolled, deleted or cut. " +
    "Create a restricted key and put it in place of the old one",
  ]);
  const permission = await faultOf(simulated({ forbidden: ["prices"] }).client.list("/v1/prices"));
  assert.deepEqual([permission.kind, permission.passing, permission.message], [
    "permission_missing",
    false,
    "The key may not read prices: add the permission rak_plan_read to the key at https://dashboard.stripe.com/apikeys",
  ]);
  const missing = await faultOf(simulated().client.retrieve("/v1/prices/price_secret"));
  assert.deepEqual([missing.kind, missing.message], [
    "not_found",
    "Stripe knows no such object in prices (HTTP 404)",
  ]);
  const bad = await faultOf(simulated().client.list("/v1/subscriptions", { canceled_at: 5 }));
  assert.deepEqual([bad.kind, bad.passing, bad.message], [
    "bad_request",
    false,
    "Stripe refuses the request to subscriptions for its parameter canceled_at",
  ]);
});

const always = (fault: Fault) => simulated({ faults: { script: () => fault } });

Deno.test("what passes by itself is tried four times and then told", async () => {
  const cases: [Fault, string, string][] = [
    [{ kind: "rate_limited" }, "rate_limited", "Stripe asks for fewer requests: waiting"],
    [
      { kind: "server_error" },
      "unavailable",
      "Stripe is not answering (HTTP 500)",
    ],
    [{ kind: "bad_gateway" }, "unavailable", "Stripe is not answering prices as it should"],
    [
      { kind: "reset" },
      "unreachable",
      "Stripe cannot be reached at stripe.example: check the network, a proxy, or STRIPE_API_BASE",
    ],
  ];
  for (const [fault, kind, message] of cases) {
    const { client, simulator } = always(fault);
    const told = await faultOf(client.list("/v1/prices"));
    assert.deepEqual([told.kind, told.passing, told.message], [kind, true, message], fault.kind);
    assert.equal(simulator.stats().requests, 4, fault.kind);
    client.stop();
  }
});

Deno.test("401, 403, 404 and 400 are asked once", async () => {
  const cases: [SimulatorOptions, string][] = [
    [{ key: "rk_test_other" }, "/v1/prices"],
    [{ forbidden: ["prices"] }, "/v1/prices"],
    [{}, "/v1/prices/price_x"],
    [{}, "/v1/prices?starting_after=price_x"],
  ];
  for (const [options, path] of cases) {
    const { client, simulator } = simulated(options);
    await faultOf(client.retrieve(path));
    assert.equal(simulator.stats().requests, 1, path);
    assert.equal(client.breaker(), "closed");
    client.stop();
  }
});

Deno.test("a failure that passes is not seen by the caller", async () => {
  for (const kind of ["rate_limited", "server_error", "bad_gateway", "reset", "cut"] as const) {
    const { client } = simulated({ faults: { script: [{ kind }] } });
    assert.deepEqual(await client.list("/v1/prices"), { data: [], hasMore: false }, kind);
    client.stop();
  }
});

Deno.test("an open breaker answers at once, and says so", async () => {
  const { client, simulator } = always({ kind: "server_error" });
  await faultOf(client.list("/v1/prices"));
  await faultOf(client.list("/v1/prices"));
  assert.equal(client.breaker(), "open");
  const { requests } = simulator.stats();
  const told = await faultOf(client.list("/v1/prices"));
  assert.deepEqual([told.kind, told.message], [
    "unavailable",
    "Stripe is not answering (HTTP 500)",
  ]);
  assert.equal(simulator.stats().requests, requests);
});

Deno.test("what MRR does not need has a breaker of its own", async () => {
  const { fetch } = createSimulator();
  const client = clientOf((input, init) =>
    String(input instanceof Request ? input.url : input).includes("/v1/prices")
      ? fetch(input as URL, init)
      : Promise.resolve(new Response("{}", { status: 500 }))
  );
  for (const path of ["/v1/balance", "/v1/coupons", "/v1/payouts", "/v1/customers"]) {
    await faultOf(client.retrieve(path).then(() => client.list(path)));
  }
  assert.deepEqual([client.breaker("optional"), client.breaker()], ["open", "closed"]);
  assert.deepEqual(await client.list("/v1/prices"), { data: [], hasMore: false });
});

Deno.test("no message holds any part of the key", async () => {
  const key = "rk_test_51CanaryKey9876";
  const options: [SimulatorOptions, string][] = [
    [{ key: "rk_test_other" }, "/v1/prices"],
    [{ key, forbidden: ["prices"] }, "/v1/prices"],
    [{ key, faults: { script: () => ({ kind: "reset" }) } }, "/v1/prices"],
  ];
  for (const [each, path] of options) {
    const { client } = simulated(each, { key });
    const fault = await faultOf(client.list(path));
    const told = `${fault.message} ${fault.stack} ${JSON.stringify(fault)} ${Deno.inspect(fault)}`;
    assert.ok(!told.includes("Canary") && !told.includes("9876"), told);
    client.stop();
  }
});

Deno.test("stop() ends what is running and refuses what comes", async () => {
  const { client, simulator } = always({ kind: "hang" });
  const hanging = faultOf(client.list("/v1/prices"));
  while (simulator.stats().requests === 0) await new Promise((done) => setTimeout(done, 0));
  client.stop();
  assert.deepEqual([(await hanging).kind, (await hanging).message], [
    "stopped",
    "The source is stopped",
  ]);
  assert.equal((await faultOf(client.list("/v1/prices"))).kind, "stopped");
  assert.equal(simulator.stats().requests, 1);
});

function poolOptions(simulator: Simulator, given: Partial<ClientOptions> = {}): ClientOptions {
  return {
    key: SIMULATOR_KEY,
    base: "https://stripe.example",
    fetch: simulator.fetch,
    clock: createFakeClock(),
    random: () => 0.5,
    ...given,
  };
}

Deno.test("the pool has one client for a key, host and account, and reuses it", async () => {
  const pool = createClientPool();
  const simulator = createSimulator();
  const first = await pool.client(poolOptions(simulator));
  const again = await pool.client(poolOptions(simulator));
  assert.equal(first.client, again.client);
  assert.equal(first.id, again.id);
  const others = await Promise.all([
    pool.client(poolOptions(simulator, { key: `${SIMULATOR_KEY}_2` })),
    pool.client(poolOptions(simulator, { base: "https://other.example" })),
    pool.client(poolOptions(simulator, { account: "acct_2" })),
  ]);
  assert.equal(new Set([first, ...others].map(({ client }) => client)).size, 4);
  assert.equal(pool.size(), 4);
  assert.deepEqual(pool.states(), { closed: 4, open: 0, half_open: 0 });
});

Deno.test("a client's name in logs is short, holds nothing of the key and differs between processes", async () => {
  const simulator = createSimulator();
  const [one, two] = await Promise.all([
    createClientPool().client(poolOptions(simulator)),
    createClientPool().client(poolOptions(simulator)),
  ]);
  assert.match(one.id, /^[0-9a-f]{12}$/);
  assert.notEqual(one.id, two.id);
});

Deno.test("keepOnly() stops and drops the clients that are no longer in use", async () => {
  const pool = createClientPool();
  const simulator = createSimulator();
  const kept = await pool.client(poolOptions(simulator));
  const dropped = await pool.client(poolOptions(simulator, { account: "acct_2" }));
  pool.keepOnly(new Set([kept.id]));
  assert.equal(pool.size(), 1);
  assert.equal((await faultOf(dropped.client.list("/v1/prices"))).kind, "stopped");
  assert.notEqual(
    (await pool.client(poolOptions(simulator, { account: "acct_2" }))).client,
    dropped.client,
  );
});

Deno.test("the pool takes short keys and refuses what is no key", async () => {
  const pool = createClientPool();
  const simulator = createSimulator();
  await pool.client(poolOptions(simulator, { key: "rk_test_x" }));
  await assert.rejects(pool.client(poolOptions(simulator, { key: "x" })), TypeError);
});
