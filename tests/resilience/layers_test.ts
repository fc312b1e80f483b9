/** The layers around one request: attempt, breaker as a fetch, deadline, GET only, endpoint. */
import assert from "node:assert/strict";
import { withAttempt } from "../../src/resilience/attempt.ts";
import { createBreaker } from "../../src/resilience/breaker.ts";
import { judgeOutcome, withBreaker } from "../../src/resilience/breaker_fetch.ts";
import { withDeadline } from "../../src/resilience/deadline.ts";
import { endpointOf } from "../../src/resilience/endpoint.ts";
import { AttemptError, DeadlineError } from "../../src/resilience/errors.ts";
import { getOnly } from "../../src/resilience/get_only.ts";
import type { FetchLike } from "../../src/resilience/types.ts";
import { createFakeClock } from "../support/fake_clock.ts";

const URL_A = "https://stripe.test/v1/prices";
const hang: FetchLike = () => new Promise(() => {});

function bodyOf(...parts: (string | Error | null)[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull(controller) {
      const part = parts.shift();
      if (part instanceof Error) controller.error(part);
      else if (part === undefined) controller.close();
      else if (part !== null) controller.enqueue(new TextEncoder().encode(part));
      else return new Promise(() => {});
    },
  });
}

Deno.test("an attempt gives the answer with its whole body, status and headers", async () => {
  const fetch = withAttempt({ clock: createFakeClock() })(() =>
    Promise.resolve(
      new Response(bodyOf("{", "}"), {
        status: 402,
        headers: { "request-id": "req_1", "content-length": "99" },
      }),
    )
  );
  const response = await fetch(URL_A);
  assert.equal(response.status, 402);
  assert.equal(response.headers.get("request-id"), "req_1");
  assert.equal(response.headers.get("content-length"), null);
  assert.equal(await response.text(), "{}");
});

Deno.test("an answer without a body stays one", async () => {
  const fetch = withAttempt({ clock: createFakeClock() })(() =>
    Promise.resolve(new Response(null, { status: 304 }))
  );
  assert.equal((await fetch(URL_A)).status, 304);
});

const failures: [name: string, next: FetchLike, kind: string][] = [
  ["a refused connection", () => Promise.reject(new TypeError("refused")), "network"],
  [
    "a body that breaks off",
    () => Promise.resolve(new Response(bodyOf("{", new TypeError("cut")))),
    "cut_body",
  ],
  ["a body past the limit", () => Promise.resolve(new Response("x".repeat(101))), "oversized_body"],
];
for (const [name, next, kind] of failures) {
  Deno.test(`${name} fails the attempt as ${kind}, and no timer is left`, async () => {
    const clock = createFakeClock();
    const results: unknown[] = [];
    const onResult = (_: unknown, result: unknown) => results.push(result);
    const fetch = withAttempt({ clock, bodyBytesMax: 100, onResult })(next);
    await assert.rejects(fetch(URL_A), (e) => e instanceof AttemptError && e.kind === kind);
    assert.deepEqual(results, [{ error: kind }]);
    assert.equal(clock.pending(), 0);
  });
}

const hangs: [name: string, next: FetchLike][] = [
  ["without an answer", hang],
  ["with a body that hangs", () => Promise.resolve(new Response(bodyOf("{", null)))],
];
for (const [name, next] of hangs) {
  Deno.test(`an attempt ${name} ends after 20 seconds as a time-out`, async () => {
    const clock = createFakeClock();
    let ended = "";
    withAttempt({ clock })(next)(URL_A).catch((error) => void (ended = error.kind));
    await clock.advance(19_999);
    assert.equal(ended, "");
    await clock.advance(1);
    assert.equal(ended, "timeout");
  });
}

Deno.test("a caller's abort ends the attempt with the signal's reason, in head and body", async () => {
  for (const [, next] of hangs) {
    const clock = createFakeClock();
    const stop = new AbortController();
    const results: unknown[] = [];
    const fetch = withAttempt({ clock, onResult: (_, result) => results.push(result) })(next);
    const outcome = fetch(URL_A, { signal: stop.signal });
    await clock.settle();
    stop.abort(new Error("stopped"));
    await assert.rejects(outcome, { message: "stopped" });
    assert.deepEqual(results, [{ error: "aborted" }]);
    assert.equal(clock.pending(), 0);
  }
});

Deno.test("an attempt aborted beforehand sends nothing", async () => {
  let sent = 0;
  const fetch = withAttempt({ clock: createFakeClock() })(() => {
    sent++;
    return Promise.resolve(new Response());
  });
  await assert.rejects(fetch(URL_A, { signal: AbortSignal.abort() }), { name: "AbortError" });
  assert.equal(sent, 0);
});

Deno.test("a body that is given up is cancelled, which frees its connection", async () => {
  const clock = createFakeClock();
  let cancelled = 0;
  const body = new ReadableStream({ cancel: () => void cancelled++ });
  const outcome = withAttempt({ clock })(() => Promise.resolve(new Response(body)))(URL_A);
  outcome.catch(() => {});
  await clock.advance(20_000);
  await assert.rejects(outcome, AttemptError);
  assert.equal(cancelled, 1);
});

Deno.test("only 5xx, time-outs and network errors are failures; 429 and aborts are neutral", () => {
  const ofStatus = (status: number) => judgeOutcome({ response: new Response(null, { status }) });
  assert.deepEqual([500, 502, 503, 599].map(ofStatus), Array(4).fill("failure"));
  assert.deepEqual([200, 304, 400, 401, 403, 404, 409].map(ofStatus), Array(7).fill("success"));
  assert.equal(ofStatus(429), "neutral");
  const ofError = (error: unknown) => judgeOutcome({ error });
  assert.equal(ofError(new AttemptError("timeout", "")), "failure");
  assert.equal(ofError(new AttemptError("network", "")), "failure");
  assert.equal(ofError(new AttemptError("cut_body", "")), "failure");
  assert.equal(ofError(new DOMException("", "AbortError")), "neutral");
});

Deno.test("any number of 4xx leaves the breaker closed", async () => {
  const breaker = createBreaker({ clock: createFakeClock() });
  const fetch = withBreaker(breaker)(() => Promise.resolve(new Response(null, { status: 401 })));
  for (let i = 0; i < 20; i++) await fetch(URL_A);
  assert.deepEqual(breaker.state(), { kind: "closed", failures: 0 });
});

Deno.test("a caller's abort counts as nothing and frees its probe", async () => {
  const clock = createFakeClock();
  const breaker = createBreaker({ clock, failuresMax: 1, probesMax: 1 });
  breaker.enter().settle("failure");
  await clock.advance(60_000);
  const stop = new AbortController();
  const fetch = withBreaker(breaker)(withAttempt({ clock })(hang));
  const probe = fetch(URL_A, { signal: stop.signal });
  await clock.settle();
  assert.deepEqual(breaker.state(), { kind: "half_open", probes: 1 });
  stop.abort(new Error("stopped"));
  await assert.rejects(probe, { message: "stopped" });
  assert.deepEqual(breaker.state(), { kind: "half_open", probes: 0 });
});

Deno.test("a connection that breaks because the caller left is no failure", async () => {
  const breaker = createBreaker({ clock: createFakeClock() });
  const stop = new AbortController();
  const fetch = withBreaker(breaker)(() => {
    stop.abort();
    return Promise.reject(new AttemptError("network", "closed"));
  });
  await assert.rejects(fetch(URL_A, { signal: stop.signal }), AttemptError);
  assert.deepEqual(breaker.state(), { kind: "closed", failures: 0 });
});

Deno.test("the caller says what counts as a failure", async () => {
  const breaker = createBreaker({ clock: createFakeClock() });
  const fetch = withBreaker(breaker, () => "failure")(() => Promise.resolve(new Response("fine")));
  await fetch(URL_A);
  assert.deepEqual(breaker.state(), { kind: "closed", failures: 1 });
});

Deno.test("a deadline aborts what is under way, and tells the layers below", async () => {
  const clock = createFakeClock({ start: 500 });
  const seen: unknown[] = [];
  const below: FetchLike = (_, init) => {
    seen.push(init?.deadline);
    return new Promise((_, reject) =>
      init!.signal!.addEventListener("abort", () => reject(init!.signal!.reason))
    );
  };
  const fetch = withDeadline({ clock, totalMs: 5_000 })(below);
  const errors: unknown[] = [];
  fetch(URL_A).catch((reason) => errors.push(reason));
  await clock.advance(4_999);
  assert.equal(errors.length, 0);
  await clock.advance(1);
  assert.ok(errors[0] instanceof DeadlineError);
  assert.deepEqual(seen, [5_500]);
});

Deno.test("the sooner of the caller's deadline and the total time counts", async () => {
  const clock = createFakeClock();
  const seen: unknown[] = [];
  const fetch = withDeadline({ clock, totalMs: 5_000 })((_, init) => {
    seen.push(init?.deadline);
    return Promise.resolve(new Response());
  });
  await fetch(URL_A, { deadline: 1_000 });
  await fetch(URL_A, { deadline: 9_000 });
  assert.deepEqual(seen, [1_000, 5_000]);
  assert.equal(clock.pending(), 0);
});

Deno.test("a deadline that has passed sends nothing", async () => {
  const clock = createFakeClock({ start: 1_000 });
  const fetch = withDeadline({ clock })(() => assert.fail("sent"));
  await assert.rejects(fetch(URL_A, { deadline: 1_000 }), DeadlineError);
});

for (const method of ["POST", "DELETE", "put", "HEAD"]) {
  Deno.test(`${method} is refused before anything is sent`, async () => {
    const fetch = getOnly(() => assert.fail("sent"));
    await assert.rejects(fetch(URL_A, { method }), TypeError);
    await assert.rejects(fetch(new Request(URL_A, { method })), TypeError);
  });
}

Deno.test("GET passes, named or not", async () => {
  const fetch = getOnly(() => Promise.resolve(new Response("passed")));
  for (const init of [undefined, {}, { method: "GET" }, { method: "get" }]) {
    assert.equal(await (await fetch(URL_A, init)).text(), "passed");
  }
});

const endpoints: Record<string, string> = {
  "/v1/subscriptions?limit=100&starting_after=sub_9": "/v1/subscriptions",
  "/v1/subscriptions/sub_1Abc": "/v1/subscriptions/:id",
  "/v1/subscriptions/search?query=x": "/v1/subscriptions/search",
  "/v1/coupons/black-friday": "/v1/coupons/:id",
  "/v1/invoices/in_1/lines": "/v1/invoices/:id/lines",
  "/v1/customers/cus_1/subscriptions/sub_1": "/v1/customers/:id/subscriptions/:id",
  "/v1/billing/meters/mtr_1/event_summaries": "/v1/billing/meters/:id/event_summaries",
  "/v1/events": "/v1/events",
  "/": "/",
};
for (const [path, endpoint] of Object.entries(endpoints)) {
  Deno.test(`the endpoint of ${path} is ${endpoint}`, () => {
    assert.equal(endpointOf(`https://stripe.test${path}`), endpoint);
    assert.equal(endpointOf(new URL(`https://stripe.test${path}`)), endpoint);
    assert.equal(endpointOf(new Request(`https://stripe.test${path}`)), endpoint);
  });
}
