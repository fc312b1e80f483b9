import assert from "node:assert/strict";
import { secondsLeftOf } from "../../src/sync/backfill.ts";

Deno.test("how long a reading goes on is told up to a day; what is longer is a guess", () => {
  assert.equal(secondsLeftOf(1_000, 10), 100);
  assert.equal(secondsLeftOf(86_400, 1), 86_400);
  assert.equal(secondsLeftOf(86_401, 1), null);
  assert.equal(secondsLeftOf(10, 0), null);
});
