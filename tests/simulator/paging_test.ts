import assert from "node:assert/strict";
import fc from "fast-check";
import { createSimulator, makeSubscription } from "../../src/simulator/mod.ts";
import { ask, type Body, readAll } from "./support.ts";

/** Few seconds for many objects, so that ties are the rule. */
const createdTimes = fc.array(fc.integer({ min: 100, max: 106 }), { maxLength: 60 });

function filled(times: readonly number[]) {
  const subscriptions = times.map((created, index) =>
    makeSubscription({ id: `sub_${(index * 7919) % 1009}x${index}`, created })
  );
  return createSimulator({ objects: { subscriptions } });
}

function isInOrder(objects: readonly Body[]): boolean {
  return objects.every((object, index) => {
    const before = objects[index - 1];
    return !before || before["created"] > object["created"] ||
      before["created"] === object["created"] && before["id"] > object["id"];
  });
}

Deno.test("paging by any limit yields every object once, in order, through ties", async () => {
  await fc.assert(
    fc.asyncProperty(createdTimes, fc.integer({ min: 1, max: 100 }), async (times, limit) => {
      const all = await readAll(filled(times), "/v1/subscriptions", limit);
      assert.equal(all.length, times.length);
      assert.equal(new Set(all.map(({ id }) => id)).size, times.length);
      assert.ok(isInOrder(all));
    }),
    { numRuns: 40 },
  );
});

Deno.test("paging backwards by any limit yields what paging forwards does", async () => {
  await fc.assert(
    fc.asyncProperty(createdTimes, fc.integer({ min: 1, max: 20 }), async (times, limit) => {
      const simulator = filled(times);
      const forwards = await readAll(simulator, "/v1/subscriptions");
      const oldest = forwards.at(-1);
      if (!oldest) return;
      const backwards = [oldest];
      for (let more = true; more;) {
        const path = `/v1/subscriptions?limit=${limit}&ending_before=${backwards[0]!["id"]}`;
        const { body } = await ask(simulator, path);
        backwards.unshift(...body["data"]);
        more = body["has_more"];
      }
      assert.deepEqual(backwards.map(({ id }) => id), forwards.map(({ id }) => id));
    }),
    { numRuns: 40 },
  );
});

Deno.test("windows over created that touch hold every object once", async () => {
  await fc.assert(
    fc.asyncProperty(createdTimes, fc.integer({ min: 99, max: 107 }), async (times, cut) => {
      const simulator = filled(times);
      const older = await readAll(simulator, `/v1/subscriptions?created[lt]=${cut}`);
      const newer = await readAll(simulator, `/v1/subscriptions?created[gte]=${cut}`);
      assert.equal(older.length + newer.length, times.length);
      assert.ok(isInOrder([...newer, ...older]));
    }),
    { numRuns: 40 },
  );
});
