/** The wall clock is set while the program runs: NTP, a person, a suspended machine. */
import assert from "node:assert/strict";
import { createStepDetector } from "../../src/resilience/clock_steps.ts";
import { systemClock } from "../../src/resilience/clock.ts";
import { Secret } from "../../src/security/secret.ts";
import { createSimulator, makeItem, makePrice, makeSubscription } from "../../src/simulator/mod.ts";
import type { Clock } from "../../src/stripe/client.ts";
import { startDashboard } from "../support/dashboard.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { until } from "../support/until.ts";
import { eventBody, sendWebhook, signatureOf, WEBHOOK_SECRET } from "../support/webhooks.ts";

const HOUR = 3_600_000;

/** The machine's clock with a wall that a test sets. Short waits are fifty times as fast, a poll of
 * ten minutes does not come. */
function settable(): Clock & { step(ms: number): void } {
  const system = systemClock();
  let offset = 0;
  return {
    now: () => system.now() + offset,
    steady: system.steady,
    sleep: (ms, signal) => system.sleep(ms < 60_000 ? ms / 50 : ms, signal),
    step: (ms) => void (offset += ms),
  };
}

function sub(amount: number) {
  const price = makePrice({ id: `price_${amount}`, unit_amount: amount });
  return makeSubscription({
    id: "sub_a",
    customer: "cus_a",
    lines: [makeItem({ id: "si_a", price })],
  });
}

Deno.test("the machine's wall clock is read anew each time, durations are not", () => {
  const clock = systemClock();
  const real = Date.now;
  const before = clock.steady();
  try {
    Date.now = () => real() + HOUR;
    assert.ok(clock.now() - real() > HOUR - 60_000);
    assert.ok(clock.steady() - before < 60_000);
  } finally {
    Date.now = real;
  }
});

Deno.test("two seconds are no step; more are one, forward and back", () => {
  const clock = createFakeClock();
  const steppedBy = createStepDetector(clock);
  clock.step(2000);
  assert.equal(steppedBy(), 0);
  clock.step(1);
  assert.deepEqual([steppedBy(), steppedBy()], [2001, 0]);
  clock.step(-HOUR);
  assert.deepEqual([steppedBy(), steppedBy()], [-HOUR, 0]);
});

Deno.test("webhooks are taken and figures have today's date after a step forward and back", async () => {
  const clock = settable();
  const simulator = createSimulator({ objects: { subscriptions: [sub(1000)] } });
  await using dashboard = await startDashboard({
    simulator,
    clock,
    pollSeconds: 600,
    settings: (settings) => ({
      ...settings,
      accounts: settings.accounts.map((account) => ({
        ...account,
        webhookSecrets: [new Secret(WEBHOOK_SECRET)],
      })),
    }),
  });
  await dashboard.until(({ status }) => status.phase === "live");
  const seconds = () => Math.floor(clock.now() / 1000);
  const steps = async () =>
    /^glance_clock_steps_total (\d+)$/m.exec(await (await dashboard.get("/metrics")).text())?.[1];
  const send = async () => {
    const body = eventBody({
      type: "customer.subscription.updated",
      object: sub(2000),
      created: seconds(),
    });
    const signature = await signatureOf(body, WEBHOOK_SECRET, seconds());
    return await sendWebhook(`${dashboard.url}/webhooks/stripe`, body, signature);
  };
  const isToday = () => Math.abs(seconds() - (dashboard.view.status.asOf ?? 0)) < 60;
  assert.equal(await steps(), "0");
  for (const [count, ms] of [["1", 30 * HOUR], ["2", -30 * HOUR]] as const) {
    clock.step(ms);
    await until(async () => await steps() === count);
    await until(isToday);
    assert.deepEqual(await send(), [200, { received: true }]);
    assert.equal(dashboard.view.status.staleSince, null);
  }
  assert.equal(dashboard.lines.filter((line) => line.includes("wall clock stepped")).length, 2);
});
