import assert from "node:assert/strict";
import fc from "fast-check";
import { createBucket } from "../../src/resilience/bucket.ts";
import { adaptiveLimit, fixedLimit } from "../../src/resilience/concurrency.ts";
import { QueueFullError } from "../../src/resilience/errors.ts";
import { createLimiter, type LimiterOptions, type Permit } from "../../src/resilience/limiter.ts";
import { createFakeClock } from "../support/fake_clock.ts";

function setUp(options: Partial<LimiterOptions> = {}) {
  const clock = createFakeClock();
  const limiter = createLimiter({
    clock,
    bucket: { capacity: 100, refillPerSecond: 10 },
    concurrency: fixedLimit(1_000),
    ...options,
  });
  const left: string[] = [];
  const permits: Permit[] = [];
  /** Queues a request; its name is noted with the time it left at. */
  function queue(name: string, endpoint = "/v1/a", signal?: AbortSignal): Promise<void> {
    return limiter.acquire(endpoint, signal).then((permit) => {
      left.push(`${name} ${clock.now()}`);
      permits.push(permit);
    });
  }
  return { clock, limiter, left, permits, queue };
}

Deno.test("a hundred requests leave at once, the next ones 100 ms apart", async () => {
  const { clock, left, queue } = setUp();
  for (let i = 1; i <= 103; i++) queue(`${i}`);
  await clock.settle();
  assert.equal(left.length, 100);
  await clock.advance(300);
  assert.deepEqual(left.slice(100), ["101 100", "102 200", "103 300"]);
  assert.equal(clock.pending(), 0);
});

Deno.test("a wait for less than a second is not cut down to none", async () => {
  const { clock, left, queue } = setUp({ bucket: { capacity: 1, refillPerSecond: 2 } });
  queue("first");
  queue("second");
  await clock.advance(499);
  assert.deepEqual(left, ["first 0"]);
  await clock.advance(1);
  assert.deepEqual(left, ["first 0", "second 500"]);
});

Deno.test("stats tell tokens, waiting and active requests and slots", async () => {
  const { clock, limiter, queue } = setUp({ bucket: { capacity: 3, refillPerSecond: 1 } });
  for (let i = 0; i < 5; i++) queue("x");
  await clock.settle();
  assert.deepEqual(limiter.stats(), { available: 0, waiting: 2, active: 3, limit: 1_000 });
  await clock.advance(4_000);
  assert.deepEqual(limiter.stats(), { available: 2, waiting: 0, active: 5, limit: 1_000 });
});

Deno.test("an aborted waiter leaves at once with the reason and without a token", async () => {
  const { clock, limiter, left, queue } = setUp({ bucket: { capacity: 1, refillPerSecond: 1 } });
  queue("first");
  const stop = new AbortController();
  const second = queue("second", "/v1/a", stop.signal);
  queue("third");
  stop.abort(new Error("no longer wanted"));
  await assert.rejects(second, { message: "no longer wanted" });
  assert.equal(limiter.stats().waiting, 1);
  await clock.advance(1_000);
  assert.deepEqual(left, ["first 0", "third 1000"]);
});

Deno.test("when the last waiter is aborted, no timer is left", async () => {
  const { clock, queue } = setUp({ bucket: { capacity: 1, refillPerSecond: 1 } });
  queue("first");
  const stop = new AbortController();
  const second = queue("second", "/v1/a", stop.signal);
  assert.equal(clock.pending(), 1);
  stop.abort();
  await assert.rejects(second, { name: "AbortError" });
  assert.equal(clock.pending(), 0);
});

Deno.test("an abort after a request has left the queue changes nothing there", async () => {
  const { clock, limiter, queue } = setUp();
  const stop = new AbortController();
  queue("1", "/v1/a", stop.signal);
  await clock.settle();
  stop.abort();
  assert.deepEqual(limiter.stats(), { available: 99, waiting: 0, active: 1, limit: 1_000 });
});

Deno.test("a request aborted beforehand is not queued", async () => {
  const { limiter } = setUp();
  await assert.rejects(limiter.acquire("/v1/a", AbortSignal.abort()), { name: "AbortError" });
  assert.equal(limiter.stats().available, 100);
});

Deno.test("a pause lets nothing through and takes the stored burst", async () => {
  const { clock, limiter, left, queue } = setUp();
  limiter.pause(2_000);
  for (let i = 1; i <= 3; i++) queue(`${i}`);
  await clock.advance(1_999);
  assert.deepEqual(left, []);
  await clock.advance(201);
  assert.deepEqual(left, ["1 2000", "2 2100", "3 2200"]);
});

Deno.test("a shorter pause does not end a longer one", async () => {
  const { clock, limiter, left, queue } = setUp();
  limiter.pause(2_000);
  limiter.pause(100);
  queue("x");
  await clock.advance(5_000);
  assert.deepEqual(left, ["x 2000"]);
});

Deno.test("an endpoint without tokens does not hold up another", async () => {
  const { clock, left, queue } = setUp({ endpointBucket: { capacity: 1, refillPerSecond: 1 } });
  queue("a1", "/v1/a");
  queue("a2", "/v1/a");
  queue("b1", "/v1/b");
  await clock.advance(1_000);
  assert.deepEqual(left, ["a1 0", "b1 0", "a2 1000"]);
});

Deno.test("of endpoints that both have tokens, the one that waits longest goes next", async () => {
  const { clock, left, queue } = setUp({
    bucket: { capacity: 1, refillPerSecond: 1 },
    endpointBucket: { capacity: 9, refillPerSecond: 9 },
  });
  queue("a1", "/v1/a");
  queue("b2", "/v1/b");
  queue("a3", "/v1/a");
  await clock.advance(2_000);
  assert.deepEqual(left, ["a1 0", "b2 1000", "a3 2000"]);
});

Deno.test("only answered requests tell the adaptive limit how long the server takes", async () => {
  const { clock, limiter, permits, queue } = setUp({
    concurrency: adaptiveLimit({ ratePerSecond: 10 }),
  });
  queue("1");
  queue("2");
  await clock.advance(1_000);
  permits[0]!.release(true);
  await clock.advance(19_000);
  permits[1]!.release(false);
  assert.equal(limiter.stats().limit, 10);
});

Deno.test("a waiter takes a token of both buckets or of none", async () => {
  const { clock, limiter, left, queue } = setUp({
    bucket: { capacity: 2, refillPerSecond: 1 },
    endpointBucket: { capacity: 1, refillPerSecond: 0.1 },
  });
  queue("a1", "/v1/a");
  queue("a2", "/v1/a");
  await clock.settle();
  assert.equal(limiter.stats().available, 1);
  queue("b1", "/v1/b");
  await clock.advance(10_000);
  assert.deepEqual(left, ["a1 0", "b1 0", "a2 10000"]);
});

Deno.test("a pause of one endpoint leaves the others alone", async () => {
  const { clock, limiter, left, queue } = setUp({
    endpointBucket: { capacity: 5, refillPerSecond: 1 },
  });
  limiter.pause(1_000, "/v1/a");
  queue("a", "/v1/a");
  queue("b", "/v1/b");
  await clock.advance(1_000);
  assert.deepEqual(left, ["b 0", "a 1000"]);
});

Deno.test("no more requests are under way than there are slots, and order is kept", async () => {
  const { clock, left, permits, queue } = setUp({ concurrency: fixedLimit(2) });
  for (const name of ["1", "2", "3", "4"]) queue(name);
  await clock.settle();
  assert.deepEqual(left, ["1 0", "2 0"]);
  permits[0]!.release(true);
  permits[0]!.release(true); // a second release frees nothing
  await clock.settle();
  assert.deepEqual(left, ["1 0", "2 0", "3 0"]);
});

Deno.test("no token is taken ahead of a slot, to leave later in a forbidden burst", async () => {
  const { clock, limiter, left, permits, queue } = setUp({
    bucket: { capacity: 2, refillPerSecond: 1 },
    concurrency: fixedLimit(1),
  });
  for (let i = 1; i <= 10; i++) queue(`${i}`);
  await clock.advance(60_000);
  assert.equal(limiter.stats().available, 2);
  for (let i = 0; i < 5; i++) {
    permits[i]?.release(true);
    await clock.settle();
  }
  assert.deepEqual(left, ["1 0", "2 60000", "3 60000"]);
});

Deno.test("a full queue refuses the next request", async () => {
  const { limiter, queue } = setUp({
    bucket: { capacity: 1, refillPerSecond: 1 },
    waitingMax: 1,
  });
  const stop = new AbortController();
  queue("1");
  const waiting = queue("2", "/v1/a", stop.signal);
  await assert.rejects(limiter.acquire("/v1/a"), QueueFullError);
  stop.abort();
  await assert.rejects(waiting);
});

Deno.test("the adaptive limit is rate times latency, between 4 and 64", () => {
  const latencies = (rate: number, ms: number) => {
    const limit = adaptiveLimit({ ratePerSecond: rate });
    limit.observe(ms);
    return limit.current();
  };
  assert.equal(adaptiveLimit({ ratePerSecond: 100 }).current(), 4);
  assert.equal(latencies(10, 200), 4);
  assert.equal(latencies(100, 200), 20);
  assert.equal(latencies(25, 201), 6);
  assert.equal(latencies(100, 5_000), 64);
});

Deno.test("the adaptive limit follows slower answers at once and quicker ones slowly", () => {
  const limit = adaptiveLimit({ ratePerSecond: 100 });
  limit.observe(100);
  limit.observe(600);
  assert.equal(limit.current(), 60);
  limit.observe(100);
  assert.equal(limit.current(), 58);
  for (let answer = 0; answer < 100; answer++) limit.observe(100);
  assert.equal(limit.current(), 11);
});

Deno.test("buckets and limits out of range are refused with the rule and the value", () => {
  assert.throws(() => createBucket({ capacity: 0, refillPerSecond: 1 }, 0), {
    name: "RangeError",
    message: "Cannot create bucket as capacity must be >= 1: current value is 0",
  });
  assert.throws(() => createBucket({ capacity: 1, refillPerSecond: 0 }, 0), RangeError);
  assert.throws(
    () => setUp({ endpointBucket: { capacity: 1, refillPerSecond: Infinity } }),
    RangeError,
  );
  assert.throws(() => fixedLimit(0), RangeError);
  assert.throws(() => adaptiveLimit({ ratePerSecond: 1, min: 8, max: 4 }), RangeError);
  assert.throws(() => setUp({ waitingMax: 0 }), RangeError);
});

const step = fc.oneof(
  fc.record({ kind: fc.constant("ask" as const), endpoint: fc.nat(2) }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(700) }),
  fc.record({ kind: fc.constant("abort" as const), which: fc.nat(30) }),
  fc.record({ kind: fc.constant("release" as const), which: fc.nat(30) }),
  fc.record({ kind: fc.constant("pause" as const), ms: fc.nat(400) }),
);

Deno.test("in any trace no window sees more than capacity + rate × t, and each endpoint is FIFO", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 80 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 6 }),
      async (steps, capacity, rate, slots) => {
        const { clock, limiter } = setUp({
          bucket: { capacity, refillPerSecond: rate },
          endpointBucket: { capacity: 2, refillPerSecond: 5 },
          concurrency: fixedLimit(slots),
        });
        const grants: { at: number; endpoint: string; order: number }[] = [];
        const permits: Permit[] = [];
        const stops: AbortController[] = [];
        let asked = 0;
        for (const one of steps) {
          if (one.kind === "wait") await clock.advance(one.ms);
          else if (one.kind === "pause") limiter.pause(one.ms);
          else if (one.kind === "abort") stops[one.which]?.abort();
          else if (one.kind === "release") permits.splice(one.which, 1)[0]?.release(true);
          else {
            const [endpoint, order, stop] = [`/v1/${one.endpoint}`, asked++, new AbortController()];
            stops.push(stop);
            limiter.acquire(endpoint, stop.signal).then(
              (permit) => {
                grants.push({ at: clock.now(), endpoint, order });
                permits.push(permit);
              },
              () => {},
            );
          }
          await clock.settle();
          assert.ok(limiter.stats().active <= slots);
        }
        assertWindows(grants.map(({ at }) => at), capacity, rate);
        for (const endpoint of ["/v1/0", "/v1/1", "/v1/2"]) {
          const lane = grants.filter((grant) => grant.endpoint === endpoint);
          assertWindows(lane.map(({ at }) => at), 2, 5);
          const orders = lane.map(({ order }) => order);
          assert.deepEqual(orders, orders.toSorted((a, b) => a - b));
        }
      },
    ),
    { numRuns: 300 },
  );
});

function assertWindows(times: readonly number[], capacity: number, rate: number): void {
  for (let from = 0; from < times.length; from++) {
    for (let to = from; to < times.length; to++) {
      const seconds = (times[to]! - times[from]!) / 1_000;
      assert.ok(to - from + 1 <= capacity + rate * seconds + 1e-6);
    }
  }
}
