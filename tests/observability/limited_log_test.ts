/** Lines that a sender can cause without end. */
import assert from "node:assert/strict";
import { createLimitedLog } from "../../src/observability/limited_log.ts";
import type { LogFields } from "../../src/observability/log.ts";

type Line = readonly [level: string, msg: string, fields: LogFields | undefined];

function limited(linesMax: number) {
  let at = 0;
  const lines: Line[] = [];
  const log = createLimitedLog({
    log: {
      warn: (msg, fields) => void lines.push(["warn", msg, fields]),
      error: (msg, fields) => void lines.push(["error", msg, fields]),
    },
    now: () => at,
    linesMax,
  });
  return { lines, log, pass: (ms: number) => void (at += ms) };
}

Deno.test("of one message so many lines are written in a minute; then how many were left out", () => {
  const { lines, log, pass } = limited(2);
  for (let nth = 0; nth < 1_000; nth++) log.warn("webhook refused", { nth });
  log.error("request failed");
  assert.deepEqual(lines, [
    ["warn", "webhook refused", { nth: 0 }],
    ["warn", "webhook refused", { nth: 1 }],
    ["error", "request failed", undefined],
  ]);
  pass(59_999);
  log.flush();
  assert.equal(lines.length, 3);
  pass(1);
  log.flush();
  log.flush();
  assert.deepEqual(lines.slice(3), [["warn", "webhook refused", { leftOut: 998, seconds: 60 }]]);
  log.warn("webhook refused", { nth: 1_000 });
  assert.deepEqual(lines[4], ["warn", "webhook refused", { nth: 1_000 }]);
});

Deno.test("the next line of any message says what was left out before it", () => {
  const { lines, log, pass } = limited(1);
  for (let nth = 0; nth < 3; nth++) log.error("request failed", { nth });
  pass(60_000);
  log.warn("webhook refused");
  assert.deepEqual(lines.slice(1), [
    ["error", "request failed", { leftOut: 2, seconds: 60 }],
    ["warn", "webhook refused", undefined],
  ]);
});

Deno.test("what stayed below the limit is not counted", () => {
  const { lines, log, pass } = limited(1);
  log.warn("webhook refused");
  pass(60_000);
  log.flush();
  assert.equal(lines.length, 1);
});

Deno.test("a limit below one line is refused", () => {
  assert.throws(() => limited(0), RangeError);
});
