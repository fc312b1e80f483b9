/** What is published and not yet durable: one write at a time, nothing lost, each fact once. */
import assert from "node:assert/strict";
import { type Fact, LeaseLostError, StorageError } from "../../src/store/journal.ts";
import { createWriteQueue } from "../../src/store/write_queue.ts";
import { createFakeClock, turn } from "../support/fake_clock.ts";

const fact = (id: string, body = "1"): Fact => ({ kind: "product", id, body });
const changes = (...facts: Fact[]) => ({ facts, snapshots: [], events: [], forgetBefore: null });

/** A database whose writes end when the test says so. */
function slow() {
  const writes: { ids: string[]; end: () => void; fail: (error: Error) => void }[] = [];
  const problems: (string | null)[] = [];
  const clock = createFakeClock();
  const queue = createWriteQueue({
    write(facts) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const ids = facts.map(({ id, body }) => `${id}=${body}`);
      writes.push({ ids, end: resolve, fail: reject });
      return promise;
    },
    forgetSnapshots: () => Promise.resolve(),
    writeOpening: () => Promise.resolve(),
  }, { onProblem: (problem) => problems.push(problem?.message ?? null), sleep: clock.sleep });
  return { queue, writes, problems, clock };
}

Deno.test("one write is under way at a time; what is put meanwhile goes with the next, once", async () => {
  const { queue, writes } = slow();
  queue.put(changes(fact("a")));
  queue.put(changes(fact("b", "1")));
  queue.put(changes(fact("b", "2"), fact("c")));
  assert.deepEqual(writes.map(({ ids }) => ids), [["a=1"]]);
  writes[0]!.end();
  await turn();
  assert.deepEqual(writes.map(({ ids }) => ids), [["a=1"], ["b=2", "c=1"]]);
});

Deno.test("flushed() resolves when what was put before is durable, not what comes after", async () => {
  const { queue, writes } = slow();
  await queue.flushed();
  let flushed = false;
  queue.put(changes(fact("a")));
  queue.flushed().then(() => flushed = true);
  await turn();
  assert.equal(flushed, false);
  queue.put(changes(fact("b")));
  writes[0]!.end();
  await turn();
  assert.equal(flushed, true);
  assert.equal(writes.length, 2);
});

Deno.test("a write that fails is made again after 250, 500, 1000 ms, with what came since", async () => {
  const { queue, writes, problems, clock } = slow();
  queue.put(changes(fact("a"), fact("b")));
  writes[0]!.fail(new StorageError("away"));
  await turn();
  queue.put(changes(fact("b", "2")));
  assert.equal(writes.length, 1, "nothing is written before the wait is over");
  await clock.advance(250);
  assert.deepEqual(writes[1]!.ids, ["a=1", "b=2"]);
  writes[1]!.fail(new StorageError("away"));
  await turn();
  await clock.advance(499);
  assert.equal(writes.length, 2);
  await clock.advance(1);
  writes[2]!.end();
  await turn();
  assert.deepEqual(problems, ["away", "away", null]);
  await queue.flushed();
});

Deno.test("a queue whose lease is lost, or that is closed, writes nothing more and says so", async () => {
  const { queue, writes, clock } = slow();
  queue.put(changes(fact("a")));
  const flushed = assert.rejects(queue.flushed(), LeaseLostError);
  writes[0]!.fail(new LeaseLostError("Another replica keeps this source now"));
  await flushed;
  queue.put(changes(fact("b")));
  await clock.advance(60_000);
  assert.equal(writes.length, 1);
  await assert.rejects(queue.flushed(), /no longer written/);
});
