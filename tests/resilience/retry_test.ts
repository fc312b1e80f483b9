import assert from "node:assert/strict";
import fc from "fast-check";
import { AttemptError, BreakerOpenError } from "../../src/resilience/errors.ts";
import { isRetryable, type RetryOptions, withRetry } from "../../src/resilience/retry.ts";
import { retryAfterMs } from "../../src/resilience/retry_after.ts";
import type { GuardedInit } from "../../src/resilience/types.ts";
import { createFakeClock } from "../support/fake_clock.ts";

type Answer = number | Error | { status: number; headers: Record<string, string> };

/** Calls a server that gives these answers in turn, the last for ever; notes when it was called. */
function call(answers: readonly Answer[], init?: GuardedInit, options?: Partial<RetryOptions>) {
  const clock = createFakeClock();
  const calls: number[] = [];
  const fetch = withRetry({ clock, random: () => 0, ...options })(() => {
    const answer = answers[Math.min(calls.push(clock.now()), answers.length) - 1]!;
    if (answer instanceof Error) return Promise.reject(answer);
    const { status, headers } = typeof answer === "number"
      ? { status: answer, headers: {} }
      : answer;
    return Promise.resolve(new Response(null, { status, headers }));
  });
  return { clock, calls, outcome: fetch("https://stripe.test/v1/prices", init) };
}

const network = new AttemptError("network", "reset");

Deno.test("three retries follow after 1, 2 and 4 seconds, then the last answer is given", async () => {
  const { clock, calls, outcome } = call([500, 502, 503, 504, 200]);
  await clock.advance(60_000);
  assert.deepEqual(calls, [0, 1_000, 3_000, 7_000]);
  assert.equal((await outcome).status, 504);
});

Deno.test("a quarter of a delay at most is added at random", async () => {
  const { clock, calls, outcome } = call([500], {}, { random: () => 0.8 });
  await clock.advance(60_000);
  assert.deepEqual(calls, [0, 1_200, 3_600, 8_400]);
  await outcome;
});

Deno.test("after a success nothing more is sent", async () => {
  const { clock, calls, outcome } = call([network, 200]);
  await clock.advance(60_000);
  assert.deepEqual(calls, [0, 1_000]);
  assert.equal((await outcome).status, 200);
});

for (const status of [409, 429, 500, 502, 503, 504]) {
  Deno.test(`a ${status} is retried`, async () => {
    const { clock, calls, outcome } = call([status, 200]);
    await clock.advance(1_000);
    assert.equal(calls.length, 2);
    assert.equal((await outcome).status, 200);
  });
}

for (const status of [400, 401, 402, 403, 404]) {
  Deno.test(`a ${status} is never retried, whatever Stripe-Should-Retry says`, async () => {
    const headers = { "stripe-should-retry": "true" };
    const { calls, outcome } = call([{ status, headers }]);
    assert.equal((await outcome).status, status);
    assert.equal(calls.length, 1);
  });
}

for (const kind of ["timeout", "network", "cut_body"] as const) {
  Deno.test(`an attempt that failed by ${kind} is retried`, async () => {
    const { clock, calls, outcome } = call([new AttemptError(kind, "x"), 200]);
    await clock.advance(1_000);
    assert.equal(calls.length, 2);
    assert.equal((await outcome).status, 200);
  });
}

Deno.test("an open breaker, an oversized body and a fault of our own are not retried", async () => {
  const errors = [
    new BreakerOpenError(5),
    new AttemptError("oversized_body", "x"),
    new TypeError("bug"),
  ];
  for (const error of errors) {
    const { calls, outcome } = call([error, 200]);
    await assert.rejects(outcome, error);
    assert.equal(calls.length, 1);
  }
});

Deno.test("Stripe-Should-Retry: false ends the retries of a 500", async () => {
  const { calls, outcome } = call([{ status: 500, headers: { "stripe-should-retry": "false" } }]);
  assert.equal((await outcome).status, 500);
  assert.equal(calls.length, 1);
});

Deno.test("Stripe-Should-Retry: true has a 422 retried", () => {
  const headers = { "stripe-should-retry": "true" };
  assert.equal(isRetryable({ response: new Response(null, { status: 422, headers }) }), true);
  assert.equal(isRetryable({ response: new Response(null, { status: 422 }) }), false);
  assert.equal(isRetryable({ response: new Response(null, { status: 200, headers }) }), false);
});

Deno.test("Retry-After takes the place of the delay", async () => {
  const { clock, calls, outcome } = call([{ status: 429, headers: { "retry-after": "7" } }, 200]);
  await clock.advance(60_000);
  assert.deepEqual(calls, [0, 7_000]);
  await outcome;
});

Deno.test("a Retry-After of more than a minute is not waited for", async () => {
  const { calls, outcome } = call([{ status: 503, headers: { "retry-after": "61" } }]);
  assert.equal((await outcome).status, 503);
  assert.equal(calls.length, 1);
});

Deno.test("Retry-After is read as seconds, or as a date against the answer's own Date", () => {
  const read = (headers: Record<string, string>) =>
    retryAfterMs(new Headers(headers), Date.parse("2026-11-24T10:00:00Z"));
  assert.equal(read({}), null);
  assert.equal(read({ "retry-after": "soon" }), null);
  assert.equal(read({ "retry-after": "-1" }), null);
  assert.equal(read({ "retry-after": "0" }), 0);
  assert.equal(read({ "retry-after": "2" }), 2_000);
  const date = "Tue, 24 Nov 2026 10:00:30 GMT";
  assert.equal(read({ "retry-after": date }), 30_000);
  assert.equal(read({ "retry-after": date, "date": "Tue, 24 Nov 2026 10:00:20 GMT" }), 10_000);
  assert.equal(read({ "retry-after": "Tue, 24 Nov 2026 09:00:00 GMT" }), 0);
});

Deno.test("when the next wait would pass the deadline, it gives up at once with the last answer", async () => {
  const { clock, calls, outcome } = call([500], { deadline: 2_999 });
  await clock.advance(1_000);
  assert.equal((await outcome).status, 500);
  assert.equal(clock.now(), 1_000);
  assert.deepEqual(calls, [0, 1_000]);
});

Deno.test("when the next wait would pass the deadline, it gives up at once with the last error", async () => {
  const { outcome } = call([network], { deadline: 1_000 });
  await assert.rejects(outcome, network);
});

Deno.test("an abort while waiting rejects at once with the signal's reason", async () => {
  const stop = new AbortController();
  const { clock, calls, outcome } = call([500], { signal: stop.signal });
  await clock.advance(500);
  stop.abort(new Error("stopped"));
  await assert.rejects(outcome, { message: "stopped" });
  assert.equal(clock.now(), 500);
  assert.deepEqual([calls.length, clock.pending()], [1, 0]);
});

Deno.test("retries out of range are refused with the rule and the value", () => {
  const make = (options: Partial<RetryOptions>) => () =>
    withRetry({ clock: createFakeClock(), random: () => 0, ...options });
  assert.throws(make({ retriesMax: -1 }), {
    name: "RangeError",
    message: "Cannot set retries as retriesMax must be >= 0: current value is -1",
  });
  assert.throws(make({ delayMs: 0 }), RangeError);
  assert.throws(make({ jitter: 1.5 }), RangeError);
  assert.throws(make({ waitMsMax: Infinity }), RangeError);
});

const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.constantFrom<Answer[]>(200, 404, 409, 429, 500, 503, network),
  fc.record({
    status: fc.constantFrom(429, 503),
    headers: fc.record({ "retry-after": fc.nat(90).map(String) }),
  }),
);

Deno.test("whatever is answered, nothing is sent at or past the deadline, nor more than 4 times", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(answer, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 20_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (answers, deadline, random) => {
        const { clock, calls, outcome } = call(answers, { deadline }, { random: () => random });
        outcome.catch(() => {});
        await clock.advance(deadline - 1);
        assert.equal(clock.pending(), 0);
        await outcome.catch(() => {});
        assert.ok(calls.every((at) => at < deadline));
        assert.ok(calls.length <= 4);
      },
    ),
    { numRuns: 500 },
  );
});
