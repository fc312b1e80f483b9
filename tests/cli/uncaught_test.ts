import assert from "node:assert/strict";
import { createLimitedLog } from "../../src/observability/limited_log.ts";
import { outliveUncaught } from "../../src/cli/uncaught.ts";

function heard() {
  const lines: [string, unknown][] = [];
  const write = (msg: string, fields?: { readonly error?: unknown }) =>
    void lines.push([msg, (fields?.error as Error).message]);
  return { lines, log: createLimitedLog({ log: { warn: write, error: write }, now: () => 0 }) };
}

Deno.test("a rejection and an error that nobody handles are logged and end nothing", () => {
  const { lines, log } = heard();
  const end = outliveUncaught(log);
  const rejection = new PromiseRejectionEvent("unhandledrejection", {
    cancelable: true,
    promise: Promise.resolve(),
    reason: new Error("a page that nobody waited for"),
  });
  dispatchEvent(rejection);
  const error = new ErrorEvent("error", {
    cancelable: true,
    error: new Error("a timer that failed"),
  });
  dispatchEvent(error);
  end();
  assert.deepEqual([rejection.defaultPrevented, error.defaultPrevented], [true, true]);
  assert.deepEqual(lines, [
    ["unhandled rejection", "a page that nobody waited for"],
    ["uncaught error", "a timer that failed"],
  ]);
});

Deno.test("a flood of them is ten lines", () => {
  const { lines, log } = heard();
  const end = outliveUncaught(log);
  for (let n = 0; n < 100; n++) {
    dispatchEvent(new ErrorEvent("error", { cancelable: true, error: new Error(`no. ${n}`) }));
  }
  end();
  assert.equal(lines.length, 10);
});
