/** Errors outside of every route, and what of them is logged. */
import assert from "node:assert/strict";
import { createApp } from "../../routes/app.ts";
import type { ServerDeps } from "../../routes/deps.ts";
import { SECURITY_HEADERS } from "../../routes/headers.ts";
import { createLogger } from "../../src/observability/log.ts";
import { createSimulator } from "../../src/simulator/mod.ts";
import { depsOf } from "../bench/programs/filled_store.ts";
import { settingsFrom, startDashboard } from "../support/dashboard.ts";
import { sendWebhook } from "../support/webhooks.ts";

const BROKEN = "the settings cannot be read";

/** The whole interface around settings that throw, each time they are read by the guard. */
async function broken() {
  const settings = await settingsFrom({ STRIPE_SECRET_KEY: "rk_test_simulator" });
  const lines: string[] = [];
  let at = Date.UTC(2026, 10, 24);
  const deps: ServerDeps = {
    ...await depsOf(null as never, settings, at / 1000),
    now: () => at,
    log: createLogger({
      level: "info",
      format: "json",
      now: () => at,
      write: (line) => void lines.push(line),
    }),
    live: () => ({
      fault: null,
      sources: new Map(),
      settings: {
        ...settings,
        get auth(): null {
          throw new TypeError(BROKEN);
        },
      },
    }),
  };
  const handle = createApp(deps);
  return {
    deps,
    lines,
    get: (path: string) => handle(new Request(`http://localhost${path}`), "127.0.0.1"),
    pass: (ms: number) => void (at += ms),
    [Symbol.dispose]: deps.broadcaster.close,
  };
}

Deno.test("an error outside of every route is a 500 with the security headers, counted and logged once", async () => {
  using app = await broken();
  const page = await app.get("/explain/mrr");
  const json = await app.get("/api/v1/revenue");
  for (const response of [page, json]) {
    assert.equal(response.status, 500);
    for (const [name, value] of SECURITY_HEADERS) {
      assert.equal(response.headers.get(name), value, name);
    }
  }
  assert.equal(await page.text(), "Something went wrong here: the log says what.\n");
  assert.equal((await json.json()).code, "internal");
  assert.match(
    await app.deps.metrics.registry.text(),
    /^glance_http_requests_total\{route="\/explain\/\{figure\}",method="GET",status="500"\} 1$/m,
  );
  assert.equal(app.lines.length, 2);
  const [line] = app.lines.map((text) => JSON.parse(text));
  assert.deepEqual([line.level, line.msg, line.path, line.error.message], [
    "error",
    "request failed",
    "/explain/{figure}",
    BROKEN,
  ]);
});

Deno.test("1,000 such errors are ten lines, and one that counts the others", async () => {
  using app = await broken();
  for (let nth = 0; nth < 1_000; nth++) await app.get("/");
  assert.equal(app.lines.length, 10);
  app.pass(60_000);
  await app.get("/");
  const { msg, leftOut, seconds } = JSON.parse(app.lines[10]!);
  assert.deepEqual({ msg, leftOut, seconds }, { msg: "request failed", leftOut: 990, seconds: 60 });
});

Deno.test("100 refused webhooks are ten lines", async () => {
  await using dashboard = await startDashboard({ simulator: createSimulator({ objects: {} }) });
  for (let nth = 0; nth < 100; nth++) {
    const [status] = await sendWebhook(
      `${dashboard.url}/webhooks/stripe/x${nth}`,
      "{}",
      "t=1,v1=0",
    );
    assert.equal(status, 400);
  }
  const told = dashboard.lines.filter((line) => line.includes('"msg":"webhook refused"'));
  assert.equal(told.length, 10);
});
