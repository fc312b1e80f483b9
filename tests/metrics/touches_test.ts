import assert from "node:assert/strict";
import fc from "fast-check";
import { createTouches } from "../../src/metrics/touches.ts";

Deno.test("what is told of a day grows exactly when a day before it changes", () => {
  fc.assert(fc.property(fc.array(fc.nat(9)), fc.nat(9), (days, next) => {
    const touches = createTouches();
    days.forEach(touches.note);
    const all = Array.from({ length: 12 }, (_, day) => day);
    const before = all.map((day) => touches.before(day));
    touches.note(next);
    assert.deepEqual(
      all.map((day) => touches.before(day) > before[day]!),
      all.map((day) => next < day),
    );
  }));
});
