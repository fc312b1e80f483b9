import assert from "node:assert/strict";
import {
  type Check,
  createHealth,
  formatDuration,
  formatUptime,
  type HealthOptions,
} from "../../src/observability/health.ts";
import {
  databaseCheck,
  memoryCheck,
  stripePoolCheck,
} from "../../src/observability/health_checks.ts";
import { createFakeClock } from "../support/fake_clock.ts";

const MIB = 1_024 * 1_024;
const START = Date.UTC(2026, 10, 24, 10, 0, 0);
const healthy: Check = () => ({ status: "healthy", message: "fine" });

function setUp(checks: Record<string, Check>, options: Partial<HealthOptions> = {}) {
  const clock = createFakeClock({ start: START });
  const errors: string[] = [];
  const health = createHealth({
    version: "1.2.3",
    clock,
    checks,
    onError: (check, error) => errors.push(`${check}: ${(error as Error).message}`),
    ...options,
  });
  return { clock, health, errors };
}

Deno.test("the report has the original's shape, with durations as text", async () => {
  const { clock, health } = setUp({
    database: async () => {
      await clock.sleep(2);
      return await databaseCheck(() => Promise.resolve({ revenue: 10, customer: 20 }))(
        new AbortController().signal,
      );
    },
    memory: memoryCheck(() => ({ allocBytes: 85 * MIB, sysBytes: 120 * MIB })),
    stripe_pool: stripePoolCheck(() => ({
      clients: 2,
      circuits: { closed: 2, open: 0, half_open: 0 },
    })),
  });
  await clock.advance(87_330_000 - 2);
  const report = health.report();
  await clock.advance(2);
  assert.deepEqual(await report, {
    status: "healthy",
    timestamp: "2026-11-25T10:15:30.000Z",
    uptime: "24h15m30s",
    version: "1.2.3",
    checks: {
      database: {
        status: "healthy",
        message: "Store answers",
        details: { revenue_metrics_count: 10, customer_metrics_count: 20 },
        duration: "2ms",
      },
      memory: {
        status: "healthy",
        message: "Memory within limits",
        details: { alloc_mb: 85, sys_mb: 120 },
        duration: "0ms",
      },
      stripe_pool: {
        status: "healthy",
        message: "Stripe answers",
        details: { total_clients: 2, circuit_states: { closed: 2, open: 0, half_open: 0 } },
        duration: "0ms",
      },
    },
  });
});

Deno.test("the worst check decides", async () => {
  const of = (status: "healthy" | "degraded" | "unhealthy"): Check => () => ({
    status,
    message: "",
  });
  const worst = async (checks: Record<string, Check>) =>
    (await setUp(checks).health.report()).status;
  assert.equal(await worst({}), "healthy");
  assert.equal(await worst({ a: healthy, b: of("degraded") }), "degraded");
  assert.equal(await worst({ a: of("unhealthy"), b: of("degraded"), c: healthy }), "unhealthy");
});

Deno.test("checks run side by side, each with its time limit", async () => {
  const signals: AbortSignal[] = [];
  const hang: Check = (signal) => {
    signals.push(signal);
    return new Promise(() => {});
  };
  const { clock, health } = setUp({ a: hang, b: hang, c: healthy });
  const report = health.report();
  await clock.advance(2_000);
  const { status, checks } = await report;
  assert.equal(status, "unhealthy");
  assert.deepEqual(checks.a, {
    status: "unhealthy",
    message: "No answer within 2s",
    details: {},
    duration: "2s",
  });
  assert.equal(checks.b!.duration, "2s");
  assert.deepEqual(checks.c!.duration, "0ms");
  assert.ok(signals.every((signal) => signal.aborted));
  assert.equal(clock.pending(), 0);
});

Deno.test("a check that throws is unhealthy; the cause goes to the log, not into the report", async () => {
  const { health, errors, clock } = setUp({
    a: () => {
      throw new Error("password=hunter2");
    },
    b: () => Promise.reject(new Error("10.0.0.1 refused")),
    c: healthy,
  });
  const report = await health.report();
  assert.equal(report.status, "unhealthy");
  assert.equal(report.checks.a!.message, "The check failed");
  assert.equal(report.checks.c!.status, "healthy");
  assert.doesNotMatch(JSON.stringify(report), /hunter2|10\.0\.0\.1/);
  assert.deepEqual(errors, ["a: password=hunter2", "b: 10.0.0.1 refused"]);
  assert.equal(clock.pending(), 0);
});

Deno.test("callers at the same time share one run", async () => {
  let runs = 0;
  const { health } = setUp({
    a: () => {
      runs++;
      return { status: "healthy", message: "" };
    },
  });
  const [first, second] = await Promise.all([health.report(), health.report()]);
  assert.equal(first, second);
  await health.report();
  assert.equal(runs, 2);
});

Deno.test("memory is degraded above 512 MB and unhealthy above 1,024 MB", async () => {
  const signal = new AbortController().signal;
  const statusAt = async (allocBytes: number) =>
    (await memoryCheck(() => ({ allocBytes, sysBytes: 0 }))(signal)).status;
  assert.equal(await statusAt(512 * MIB), "healthy");
  assert.equal(await statusAt(512 * MIB + 1), "degraded");
  assert.equal(await statusAt(1_024 * MIB), "degraded");
  assert.equal(await statusAt(1_024 * MIB + 1), "unhealthy");
});

Deno.test("a breaker that is not closed degrades, and does not take the service down", async () => {
  const signal = new AbortController().signal;
  for (
    const circuits of [{ closed: 1, open: 1, half_open: 0 }, { closed: 1, open: 0, half_open: 1 }]
  ) {
    const check = stripePoolCheck(() => ({ clients: 2, circuits }));
    assert.equal((await check(signal)).status, "degraded");
  }
});

Deno.test("an account that does not follow Stripe degrades", async () => {
  const circuits = { closed: 2, open: 0, half_open: 0 };
  const of = (behind: number) => stripePoolCheck(() => ({ clients: 2, circuits, behind }));
  const { signal } = new AbortController();
  assert.equal((await of(0)(signal)).status, "healthy");
  assert.deepEqual(
    [(await of(1)(signal)).status, (await of(1)(signal)).message],
    ["degraded", "1 account does not follow Stripe: the sources page says why"],
  );
});

Deno.test("durations are text in the unit that fits", () => {
  assert.deepEqual([0, 2.4, 999, 1_000, 1_540].map(formatDuration), [
    "0ms",
    "2ms",
    "999ms",
    "1s",
    "1.5s",
  ]);
});

Deno.test("an uptime is hours, minutes and seconds, without empty ones in front", () => {
  assert.deepEqual([0, 59_999, 60_000, 3_600_000, 87_330_000].map(formatUptime), [
    "0s",
    "59s",
    "1m0s",
    "1h0m0s",
    "24h15m30s",
  ]);
});

Deno.test("a time limit out of range is refused", () => {
  assert.throws(() => setUp({}, { timeoutMs: 0 }), {
    name: "RangeError",
    message: "Cannot create health report as timeoutMs must be > 0: current value is 0",
  });
});
