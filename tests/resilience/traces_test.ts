/** Many short random lives of a breaker in front of a limiter; the seed is in every message. */
import assert from "node:assert/strict";
import { createBreaker, type Ticket } from "../../src/resilience/breaker.ts";
import { fixedLimit } from "../../src/resilience/concurrency.ts";
import { BreakerOpenError } from "../../src/resilience/errors.ts";
import { createLimiter, type Permit } from "../../src/resilience/limiter.ts";
import { createFakeClock } from "../support/fake_clock.ts";

const TRACES = 100_000;
const STEPS = 16;

/** mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 4294967296 * below);
  };
}

/** Enough for an acquire to be granted or withdrawn and noted. */
async function microtasks(): Promise<void> {
  for (let i = 0; i < 4; i++) await null;
}

async function live(seed: number): Promise<void> {
  const random = randomOf(seed);
  const [capacity, rate, slots] = [1 + random(3), 1 + random(20), 1 + random(4)];
  const [failuresMax, probesMax] = [1 + random(3), 1 + random(2)];
  const clock = createFakeClock({ settle: microtasks });
  let era = 0;
  const breaker = createBreaker({
    clock,
    failuresMax,
    probesMax,
    openMs: 500,
    onTransition: () => era++,
  });
  const limiter = createLimiter({
    clock,
    bucket: { capacity, refillPerSecond: rate },
    concurrency: fixedLimit(slots),
  });
  const sent: { at: number; order: number }[] = [];
  const flying: { ticket: Ticket; permit: Permit; era: number }[] = [];
  const queued = new Map<number, { stop: AbortController; era: number }>();
  let asked = 0;

  function ask(): void {
    const stop = new AbortController();
    let ticket: Ticket;
    try {
      ticket = breaker.enter((error) => stop.abort(error));
    } catch (error) {
      assert.ok(error instanceof BreakerOpenError, `seed ${seed}`);
      assert.notEqual(breaker.state().kind, "closed", `seed ${seed}: refused while closed`);
      return;
    }
    const order = asked++;
    const mine = { stop, era };
    queued.set(order, mine);
    limiter.acquire("", stop.signal).then((permit) => {
      queued.delete(order);
      ticket.started();
      sent.push({ at: clock.now(), order });
      flying.push({ ticket, permit, era: mine.era });
    }, () => {
      queued.delete(order);
      ticket.settle("neutral");
    });
  }

  function answer(): void {
    const [one] = flying.splice(random(flying.length), 1);
    if (!one) return;
    const before = breaker.state();
    const late = one.era !== era;
    one.ticket.settle((["success", "failure", "failure", "neutral"] as const)[random(4)]!);
    if (late) assert.deepEqual(breaker.state(), before, `seed ${seed}: a late result counted`);
    one.permit.release(true);
  }

  for (let step = 0; step < STEPS; step++) {
    const dice = random(10);
    if (dice < 5) ask();
    else if (dice < 7) answer();
    else if (dice < 8) [...queued.values()][random(queued.size)]?.stop.abort();
    else await clock.advance(random(600));
    await microtasks();
    const state = breaker.state();
    const stats = limiter.stats();
    assert.ok(stats.active <= slots, `seed ${seed}: more under way than slots`);
    assert.equal(stats.active, flying.length, `seed ${seed}`);
    assert.equal(stats.waiting, queued.size, `seed ${seed}`);
    if (state.kind === "open") {
      assert.equal(queued.size, 0, `seed ${seed}: the queue outlived the opening`);
    }
    if (state.kind === "half_open") {
      const probes = [...queued.values(), ...flying].filter((one) => one.era === era).length;
      assert.equal(state.probes, probes, `seed ${seed}`);
      assert.ok(probes <= probesMax, `seed ${seed}: too many probes`);
    }
  }
  for (let to = 0; to < sent.length; to++) {
    for (let from = 0; from <= to; from++) {
      const most = capacity + rate * (sent[to]!.at - sent[from]!.at) / 1_000 + 1e-6;
      assert.ok(to - from + 1 <= most, `seed ${seed}: more requests than capacity + rate × t`);
    }
    if (to > 0) assert.ok(sent[to]!.order > sent[to - 1]!.order, `seed ${seed}: not FIFO`);
  }
  for (const { stop } of queued.values()) stop.abort();
  await microtasks();
  assert.equal(clock.pending(), 0, `seed ${seed}: a timer was left behind`);
}

Deno.test("100,000 random traces of breaker and limiter break no invariant", async () => {
  for (let seed = 1; seed <= TRACES; seed++) await live(seed);
});
