/** All layers together; faults of the original's client that must not come back. */
import assert from "node:assert/strict";
import { withAttempt } from "../../src/resilience/attempt.ts";
import { systemClock } from "../../src/resilience/clock.ts";
import { BreakerOpenError } from "../../src/resilience/errors.ts";
import {
  createResilientFetch,
  type ResilienceEvent,
  type ResilientFetchOptions,
} from "../../src/resilience/resilient_fetch.ts";
import { createFakeClock } from "../support/fake_clock.ts";

function setUp(respond: (call: number) => Response, options: Partial<ResilientFetchOptions> = {}) {
  const clock = createFakeClock();
  const calls: number[] = [];
  const events: ResilienceEvent[] = [];
  const resilient = createResilientFetch({
    clock,
    random: () => 0,
    fetch: () => Promise.resolve(respond(calls.push(clock.now()))),
    onEvent: (event) => events.push(event),
    ...options,
  });
  const get = (path = "/v1/prices") => resilient.fetch(`https://stripe.test${path}`);
  return { clock, calls, events, resilient, get };
}

const status = (code: number) => () => new Response(null, { status: code });

Deno.test("every step of a request is told, without query or id", async () => {
  const { clock, events, get } = setUp((call) =>
    new Response("{}", { status: call === 1 ? 503 : 200 })
  );
  const outcome = get("/v1/subscriptions/sub_1?expand[]=customer");
  await clock.advance(1_000);
  assert.equal(await (await outcome).text(), "{}");
  const endpoint = "/v1/subscriptions/:id";
  assert.deepEqual(events, [
    { kind: "limiter_wait", endpoint, waitMs: 0 },
    { kind: "attempt", endpoint, result: { status: 503 }, durationMs: 0 },
    { kind: "retry", endpoint, retry: 1, waitMs: 1_000, cause: { status: 503 } },
    { kind: "limiter_wait", endpoint, waitMs: 0 },
    { kind: "attempt", endpoint, result: { status: 200 }, durationMs: 0 },
  ]);
});

Deno.test("two failing requests open the breaker, after which nothing is sent", async () => {
  const { clock, calls, events, resilient, get } = setUp(status(500));
  const outcomes = Promise.allSettled([get(), get()]);
  await clock.advance(50_000);
  const [first, second] = await outcomes;
  assert.deepEqual(calls, [0, 0, 1_000, 1_000, 3_000]);
  for (const outcome of [first, second]) {
    assert.ok(outcome.status === "rejected" && outcome.reason instanceof BreakerOpenError);
  }
  assert.equal(resilient.breakerState().kind, "open");
  assert.deepEqual(events.filter(({ kind }) => kind === "breaker"), [
    { kind: "breaker", of: "main", from: "closed", to: "open" },
  ]);
  const sent = calls.length;
  await clock.advance(2_000);
  await assert.rejects(get(), BreakerOpenError);
  assert.equal(calls.length, sent);
});

Deno.test("requests queued when the breaker opens fail at once instead of being sent", async () => {
  const { clock, calls, get } = setUp(status(500), {
    concurrency: 1,
    breaker: { failuresMax: 1 },
    retry: { retriesMax: 0 },
  });
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => get()));
  // The failed request frees its slot before its verdict is in, so one more may slip out.
  assert.equal(outcomes.filter(({ status }) => status === "rejected").length, 48);
  assert.deepEqual([calls.length, clock.pending()], [2, 0]);
});

Deno.test("every page costs a token, not every listing", async () => {
  const { resilient, get } = setUp(status(200));
  for (let page = 0; page < 7; page++) await get();
  assert.equal(resilient.limiterStats().available, 93);
});

Deno.test("a 429 pauses every request of the source for its Retry-After", async () => {
  const { clock, calls, get } = setUp((call) =>
    call === 1
      ? new Response(null, { status: 429, headers: { "retry-after": "3" } })
      : new Response("{}")
  );
  const first = get();
  await clock.settle();
  const second = get("/v1/customers");
  await clock.advance(10_000);
  assert.deepEqual(calls, [0, 3_000, 3_100]);
  assert.equal((await first).status, 200);
  assert.equal((await second).status, 200);
});

Deno.test("a 429 for one endpoint pauses that endpoint alone where it has a bucket", async () => {
  const headers = { "retry-after": "3", "stripe-rate-limited-reason": "endpoint-rate" };
  const { clock, calls, get } = setUp(
    (call) => call === 1 ? new Response(null, { status: 429, headers }) : new Response("{}"),
    { endpointBucket: { capacity: 25, refillPerSecond: 25 } },
  );
  const first = get();
  await clock.settle();
  assert.equal((await get("/v1/customers")).status, 200);
  assert.deepEqual(calls, [0, 0]);
  await clock.advance(3_000);
  assert.equal((await first).status, 200);
});

Deno.test("a 404 is answered once: not every error is retried", async () => {
  const { calls, get } = setUp(status(404));
  assert.equal((await get()).status, 404);
  assert.equal(calls.length, 1);
});

Deno.test("the time-out of an attempt starts once it has its token and slot", async () => {
  const { clock, resilient, get, calls } = setUp(status(200), {
    bucket: { capacity: 1, refillPerSecond: 0.02 },
    attemptTimeoutMs: 1_000,
  });
  await get();
  const second = get();
  await clock.advance(49_999);
  assert.equal(resilient.limiterStats().waiting, 1);
  await clock.advance(1);
  assert.equal((await second).status, 200);
  assert.deepEqual(calls, [0, 50_000]);
});

Deno.test("a caller that leaves the queue is neither a failure nor a spent token", async () => {
  const { clock, resilient, get } = setUp(status(200), {
    bucket: { capacity: 1, refillPerSecond: 1 },
  });
  await get();
  const stop = new AbortController();
  const outcome = resilient.fetch("https://stripe.test/v1/prices", { signal: stop.signal });
  await clock.settle();
  stop.abort(new Error("left"));
  await assert.rejects(outcome, { message: "left" });
  await clock.advance(1_000);
  assert.deepEqual(resilient.limiterStats(), { available: 1, waiting: 0, active: 0, limit: 4 });
  assert.deepEqual(resilient.breakerState(), { kind: "closed", failures: 0 });
});

Deno.test("a 429 stops the queue for a minute at most, whatever its Retry-After", async () => {
  const headers = { "retry-after": "86400" };
  const { clock, calls, get } = setUp(
    (call) => call === 1 ? new Response(null, { status: 429, headers }) : new Response("{}"),
  );
  assert.equal((await get()).status, 429);
  const second = get();
  await clock.advance(60_000);
  assert.equal((await second).status, 200);
  assert.deepEqual(calls, [0, 60_000]);
});

Deno.test("a caller that left beforehand costs nothing, with a deadline or without", async () => {
  for (const options of [{}, { totalMs: 1_000 }]) {
    const { calls, resilient } = setUp(status(200), options);
    const left = { signal: AbortSignal.abort(new Error("left")) };
    await assert.rejects(resilient.fetch("https://stripe.test/", left), { message: "left" });
    assert.deepEqual([calls.length, resilient.limiterStats().available], [0, 100]);
  }
});

Deno.test("nothing is left on a signal that outlives its requests", async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: unknown[]) => {
    listeners++;
    Reflect.apply(addEventListener, signal, args);
  };
  signal.removeEventListener = (...args: unknown[]) => {
    listeners--;
    Reflect.apply(removeEventListener, signal, args);
  };
  const { clock, resilient } = setUp((call) =>
    new Response("{}", { status: call === 1 ? 500 : 200 })
  );
  for (const init of [{ signal }, { signal, deadline: 90_000 }]) {
    const outcome = resilient.fetch("https://stripe.test/v1/prices", init);
    await clock.advance(2_000);
    assert.equal((await outcome).status, 200);
  }
  await withAttempt({ clock })(() => Promise.resolve(new Response()))("https://stripe.test/", {
    signal,
  });
  assert.equal(listeners, 0);
});

Deno.test("options are checked through all layers", () => {
  const bad: Partial<ResilientFetchOptions>[] = [
    { bucket: { capacity: 0, refillPerSecond: 1 } },
    { endpointBucket: { capacity: 1, refillPerSecond: -1 } },
    { concurrency: 0 },
    { waitingMax: 0 },
    { breaker: { failuresMax: 0 } },
    { retry: { retriesMax: -1 } },
    { attemptTimeoutMs: 0 },
    { bodyBytesMax: 0 },
    { totalMs: 0 },
  ];
  for (const options of bad) assert.throws(() => setUp(status(200), options), RangeError);
});

type Behaviour = (request: string) => Uint8Array | null;
const text = (value: string) => new TextEncoder().encode(value);
const OK = text('HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{"ok":true}');

/** A server over raw sockets whose first answer misbehaves; `null` answers nothing. */
async function serveBadly(first: Behaviour | "reset", use: (url: string) => Promise<void>) {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  let connections = 0;
  const open = new Set<Deno.Conn>();
  const serving = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      const bad = connections++ === 0;
      const buffer = new Uint8Array(4_096);
      const size = await connection.read(buffer);
      if (bad && first === "reset") {
        connection.close();
        open.delete(connection);
        continue;
      }
      const request = new TextDecoder().decode(buffer.subarray(0, size ?? 0));
      const answer = bad ? (first as Behaviour)(request) : OK;
      if (answer === null) continue;
      await connection.write(answer);
      connection.close();
      open.delete(connection);
    }
  })();
  try {
    await use(`http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/v1/prices`);
    assert.equal(connections, 2);
  } finally {
    for (const connection of open) connection.close();
    listener.close();
    await serving.catch(() => {});
  }
}

const misbehaviours: [name: string, first: Behaviour | "reset", cause: unknown][] = [
  ["closes without an answer", "reset", { error: "network" }],
  ["hangs", () => null, { error: "timeout" }],
  [
    "cuts the body",
    () => text("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"),
    { error: "cut_body" },
  ],
  [
    "cuts a chunked body",
    () => text("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"),
    { error: "cut_body" },
  ],
  [
    "answers 502 in HTML",
    () =>
      text(
        "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 11\r\nconnection: close\r\n\r\n<h1>Bad</h1",
      ),
    { status: 502 },
  ],
];
for (const [name, first, cause] of misbehaviours) {
  Deno.test(`over a real socket, a server that ${name} is asked again`, async () => {
    const causes: unknown[] = [];
    const { fetch: resilient } = createResilientFetch({
      fetch,
      clock: systemClock(),
      random: () => 0,
      retry: { delayMs: 5 },
      attemptTimeoutMs: 500,
      onEvent: (event) => event.kind === "retry" && causes.push(event.cause),
    });
    await serveBadly(first, async (url) => {
      const response = await resilient(url);
      assert.deepEqual(await response.json(), { ok: true });
    });
    assert.deepEqual(causes, [cause]);
  });
}
