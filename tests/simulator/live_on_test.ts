import assert from "node:assert/strict";
import { createCompany, liveOn, type Step } from "../../src/simulator/mod.ts";

const NOW = 1_795_500_000;

/** A timer that goes off when told to. */
function manualTimer() {
  let waiting: { callback: () => void; ms: number } | null = null;
  return {
    schedule(callback: () => void, ms: number) {
      waiting = { callback, ms };
      return () => waiting = null;
    },
    waits: () => waiting?.ms ?? null,
    fire() {
      const { callback } = waiting!;
      waiting = null;
      callback();
    },
  };
}

Deno.test("liveOn() steps every six to eight seconds until stopped", () => {
  const company = createCompany({ customers: 50, now: NOW });
  const timer = manualTimer();
  const steps: Step[] = [];
  let now = NOW;
  const life = liveOn(company, {
    now: () => now,
    onStep: (step) => steps.push(step),
    schedule: timer.schedule,
  });
  for (let index = 0; index < 20; index++) {
    assert.ok(timer.waits()! >= 6_000 && timer.waits()! <= 8_000);
    now += 7;
    timer.fire();
  }
  assert.equal(steps.length, 20);
  assert.equal(steps.at(-1)!.at, NOW + 140);
  life.stop();
  assert.equal(timer.waits(), null);
});

Deno.test("liveOn() on the real timer leaves nothing behind when stopped", () => {
  const company = createCompany({ customers: 5, now: NOW });
  liveOn(company, { now: () => NOW }).stop();
});

Deno.test("liveOn() refuses an interval that is none", () => {
  const company = createCompany({ customers: 5, now: NOW });
  assert.throws(
    () => liveOn(company, { now: () => NOW, everyMs: [0, 5] }),
    new RangeError("Cannot live on as everyMs must be a range above 0: current value is 0 to 5"),
  );
});
