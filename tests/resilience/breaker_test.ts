import assert from "node:assert/strict";
import fc from "fast-check";
import { type BreakerState, createBreaker, type Verdict } from "../../src/resilience/breaker.ts";
import { BreakerOpenError } from "../../src/resilience/errors.ts";

function setUp(options: { failuresMax?: number; openMs?: number; probesMax?: number } = {}) {
  let time = 0;
  const transitions: string[] = [];
  const breaker = createBreaker({
    clock: { steady: () => time },
    onTransition: (from, to) => transitions.push(`${from} → ${to}`),
    ...options,
  });
  const send = (verdict: Verdict) => breaker.enter().settle(verdict);
  const fail = (times: number) => {
    for (let i = 0; i < times; i++) send("failure");
  };
  return { breaker, transitions, send, fail, wait: (ms: number) => void (time += ms) };
}

Deno.test("the breaker opens with the fifth failure in a row, and no sooner", () => {
  const { breaker, fail, transitions } = setUp();
  fail(4);
  assert.deepEqual(breaker.state(), { kind: "closed", failures: 4 });
  fail(1);
  assert.deepEqual(breaker.state(), { kind: "open", until: 60_000 });
  assert.deepEqual(transitions, ["closed → open"]);
});

Deno.test("a success while closed forgets the failures before it", () => {
  const { breaker, fail, send } = setUp();
  fail(4);
  send("success");
  assert.deepEqual(breaker.state(), { kind: "closed", failures: 0 });
  fail(4);
  assert.equal(breaker.state().kind, "closed");
});

Deno.test("a neutral result neither adds a failure nor forgets any", () => {
  const { breaker, fail, send } = setUp();
  fail(4);
  send("neutral");
  assert.deepEqual(breaker.state(), { kind: "closed", failures: 4 });
});

Deno.test("failures of requests sent in parallel all count", () => {
  const { breaker } = setUp();
  const tickets = Array.from({ length: 5 }, () => breaker.enter());
  for (const ticket of tickets) ticket.settle("failure");
  assert.equal(breaker.state().kind, "open");
});

Deno.test("an open breaker fails fast and says when it will try again", () => {
  const { breaker, fail, wait } = setUp();
  fail(5);
  wait(59_999);
  assert.throws(
    () => breaker.enter(),
    (error) => error instanceof BreakerOpenError && error.retryAt === 60_000,
  );
});

Deno.test("a breaker is half-open 60 seconds after it opened", () => {
  const { breaker, fail, wait, transitions } = setUp();
  fail(5);
  wait(60_000);
  assert.deepEqual(breaker.state(), { kind: "half_open", probes: 0 });
  assert.deepEqual(transitions, ["closed → open", "open → half_open"]);
});

Deno.test("a half-open breaker lets two probes through, not everyone", () => {
  const { breaker, fail, wait } = setUp();
  fail(5);
  wait(60_000);
  breaker.enter();
  breaker.enter();
  assert.throws(
    () => breaker.enter(),
    (error) => error instanceof BreakerOpenError && error.retryAt === 61_000,
  );
});

Deno.test("the first probe to succeed closes the breaker", () => {
  const { breaker, fail, wait, send, transitions } = setUp();
  fail(5);
  wait(60_000);
  send("success");
  assert.deepEqual(breaker.state(), { kind: "closed", failures: 0 });
  assert.equal(transitions.at(-1), "half_open → closed");
});

Deno.test("the first probe to fail opens the breaker for another 60 seconds", () => {
  const { breaker, fail, wait, send } = setUp();
  fail(5);
  wait(70_000);
  send("failure");
  assert.deepEqual(breaker.state(), { kind: "open", until: 130_000 });
});

Deno.test("a neutral probe frees its place and decides nothing", () => {
  const { breaker, fail, wait } = setUp({ probesMax: 1 });
  fail(5);
  wait(60_000);
  breaker.enter().settle("neutral");
  assert.deepEqual(breaker.state(), { kind: "half_open", probes: 0 });
  breaker.enter();
});

Deno.test("a failure from before the opening does not reopen a half-open breaker", () => {
  const { breaker, fail, wait } = setUp();
  const late = breaker.enter();
  fail(5);
  wait(60_000);
  breaker.enter();
  late.settle("failure");
  assert.deepEqual(breaker.state(), { kind: "half_open", probes: 1 });
});

Deno.test("a success from before the opening does not close a half-open breaker", () => {
  const { breaker, fail, wait } = setUp();
  const late = breaker.enter();
  fail(5);
  wait(60_000);
  breaker.enter();
  late.settle("success");
  assert.deepEqual(breaker.state(), { kind: "half_open", probes: 1 });
});

Deno.test("the second probe's failure does not count against a breaker the first has closed", () => {
  const { breaker, fail, wait } = setUp({ failuresMax: 1 });
  fail(1);
  wait(60_000);
  const [first, second] = [breaker.enter(), breaker.enter()];
  first.settle("success");
  second.settle("failure");
  assert.deepEqual(breaker.state(), { kind: "closed", failures: 0 });
});

Deno.test("a ticket counts once, however often it is settled", () => {
  const { breaker } = setUp();
  const ticket = breaker.enter();
  for (let i = 0; i < 5; i++) ticket.settle("failure");
  assert.deepEqual(breaker.state(), { kind: "closed", failures: 1 });
});

Deno.test("an opening breaker withdraws what still queues, once, and leaves what was sent", () => {
  const { breaker, fail, wait } = setUp();
  const withdrawn: string[] = [];
  breaker.enter(() => withdrawn.push("queued"));
  breaker.enter(() => withdrawn.push("sent")).started();
  breaker.enter(() => withdrawn.push("answered")).settle("success");
  fail(5);
  assert.deepEqual(withdrawn, ["queued"]);
  wait(60_000);
  fail(1);
  assert.deepEqual(withdrawn, ["queued"]);
});

Deno.test("options out of range are refused with the rule and the value", () => {
  assert.throws(() => setUp({ failuresMax: 0 }), {
    name: "RangeError",
    message: "Cannot create circuit breaker as failuresMax must be >= 1: current value is 0",
  });
  assert.throws(() => setUp({ openMs: 0 }), RangeError);
  assert.throws(() => setUp({ openMs: NaN }), RangeError);
  assert.throws(() => setUp({ probesMax: 1.5 }), RangeError);
});

const step = fc.oneof(
  fc.record({ kind: fc.constant("enter" as const) }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 80 }) }),
  fc.record({
    kind: fc.constant("settle" as const),
    which: fc.nat(20),
    verdict: fc.constantFrom<Verdict[]>("success", "failure", "failure", "neutral"),
  }),
);

Deno.test("in any trace, results of an earlier era change nothing and probes keep to the limit", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      (steps, failuresMax, probesMax) => {
        const { breaker, wait, transitions } = setUp({ failuresMax, probesMax, openMs: 50 });
        const out: { settle(verdict: Verdict): void; era: number }[] = [];
        for (const one of steps) {
          const before: BreakerState = breaker.state();
          const era = transitions.length;
          if (one.kind === "wait") wait(one.ms);
          else if (one.kind === "enter") {
            try {
              out.push(Object.assign(breaker.enter(), { era }));
              assert.notEqual(before.kind, "open");
            } catch (error) {
              assert.ok(error instanceof BreakerOpenError);
              assert.notEqual(before.kind, "closed");
            }
          } else if (out.length > 0) {
            const [ticket] = out.splice(one.which % out.length, 1);
            ticket!.settle(one.verdict);
            if (ticket!.era !== era) assert.deepEqual(breaker.state(), before);
          }
          const state = breaker.state();
          if (state.kind !== "half_open") continue;
          const probes = out.filter((ticket) => ticket.era === transitions.length).length;
          assert.equal(state.probes, probes);
          assert.ok(probes <= probesMax);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
