/** The last 30 days by the events, and what was seen live, recounted (metrics.md B.6 step 3). */
import assert from "node:assert/strict";
import { type PresetName, PRESETS } from "../../src/metrics/options.ts";
import { format, sum } from "../../src/metrics/rational.ts";
import { createCompany, createSimulator, type Simulator } from "../../src/simulator/mod.ts";
import type { SourceStore } from "../../src/store/port.ts";
import { DAY, figuresOf, follow, makeInfo, NOW } from "./harness.ts";

function worthAt(store: SourceStore, subscription: string, at: number): string {
  const running = store.segments(subscription)
    .filter(({ from, to }) => from <= at && (to === null || at < to));
  return format(sum(running.map(({ exact }) => exact)));
}

/** Everything that hangs on segments, to be compared. */
function segmentsOf(store: SourceStore, withQuality = true) {
  return [...store.standings()].map(({ sub }) => [
    sub.id,
    ...store.segments(sub.id).map(({ from, to, exact, quality }) =>
      `${from} ${to} ${format(exact)} ${withQuality ? quality : ""}`
    ),
  ]);
}

function sumOfReads({ stats }: Simulator): number {
  return Object.values(stats().byPath).flatMap((byStatus) => Object.values(byStatus))
    .reduce((total, count) => total + count, 0);
}

for (const seed of [1, 4]) {
  Deno.test(`within the last 30 days every change has its exact second (company ${seed})`, async () => {
    const company = createCompany({ now: NOW, customers: 200, seed });
    await using followed = follow({ simulator: createSimulator({ source: company.source }) });
    await followed.until(() => followed.store.status.historyDone, 3600);
    let changes = 0;
    for (const life of company.trueLives()) {
      for (const { at } of life.changes.filter((change) => change.at > NOW - 29 * DAY)) {
        for (const moment of [at - 1, at]) {
          assert.equal(
            worthAt(followed.store, life.subscription, moment),
            life.worthAt(moment),
            `${life.subscription} at ${moment}`,
          );
        }
        changes++;
      }
    }
    assert.ok(changes > 30, `there were ${changes} changes`);
  });
}

Deno.test("what events date is of quality event, what came after the start is live", async () => {
  const company = createCompany({ now: NOW, customers: 120, seed: 2 });
  await using followed = follow({ simulator: createSimulator({ source: company.source }) });
  const { store } = followed;
  await followed.until(() => store.status.historyDone, 3600);
  const begun = [...store.allSegments()].flat().filter(({ from }) => from > NOW - 29 * DAY);
  assert.ok(begun.some(({ quality }) => quality === "event"));
  assert.ok(begun.every(({ quality, from }) => quality === "event" || from >= NOW));
});

Deno.test("where events may not be read, the past comes from invoices alone", async () => {
  const company = createCompany({ now: NOW, customers: 200, seed: 2 });
  const simulator = createSimulator({ source: company.source, forbidden: ["events"] });
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.until(() => store.status.historyDone, 3600);
  assert.equal(store.status.permissions.events, "missing");
  assert.ok(![...store.allSegments()].flat().some(({ quality }) => quality === "event"));
});

Deno.test("where invoices may not be read, the last 30 days come from events all the same", async () => {
  const company = createCompany({ now: NOW, customers: 200, seed: 2 });
  const simulator = createSimulator({ source: company.source, forbidden: ["invoices"] });
  await using followed = follow({ simulator });
  const { store } = followed;
  await followed.until(() =>
    [...store.allSegments()].flat().some(({ quality }) => quality === "event")
  );
  assert.equal(store.status.permissions.invoices, "missing");
  for (const life of company.trueLives()) {
    for (const { at } of life.changes.filter((change) => change.at > NOW - 29 * DAY)) {
      assert.equal(worthAt(store, life.subscription, at), life.worthAt(at), life.subscription);
    }
  }
});

/** A company that has lived on for some hours since it was connected. */
async function livedOn(seed: number, preset: PresetName = "stripe") {
  const company = createCompany({ now: NOW, customers: 100, seed });
  const simulator = createSimulator({ source: company.source });
  const followed = follow({ simulator, preset });
  await followed.until(() => followed.store.status.historyDone, 3600);
  for (let step = 0; step < 40; step++) {
    await followed.clock.advance(10_000);
    company.step(followed.seconds());
  }
  await followed.poll();
  await followed.poll();
  return { company, simulator, followed };
}

Deno.test("recounted, the past is the same: what was seen live keeps its dates", async () => {
  const { company, simulator, followed } = await livedOn(3);
  await using _ = followed;
  const { store, ledger } = followed;
  const before = segmentsOf(store, false);
  const figures = figuresOf(store);
  const reads = sumOfReads(simulator);
  ledger.recount(makeInfo(), followed.seconds());
  assert.deepEqual(segmentsOf(store, false), before);
  assert.deepEqual(figuresOf(store), figures);
  assert.equal(sumOfReads(simulator), reads);
  for (const life of company.trueLives()) {
    for (const { at } of life.changes.filter((change) => change.at >= NOW)) {
      assert.equal(worthAt(store, life.subscription, at), life.worthAt(at), life.subscription);
    }
  }
});

Deno.test("recounted under another preset, the past is as if it had always been counted so", async () => {
  const { followed } = await livedOn(5);
  await using _ = followed;
  const { store, ledger } = followed;
  ledger.recount(makeInfo("chartmogul"), followed.seconds());
  const switched = segmentsOf(store, false);
  const other = await livedOn(5, "chartmogul");
  await using _other = other.followed;
  assert.equal(store.info.options, PRESETS.chartmogul);
  assert.deepEqual(switched, segmentsOf(other.followed.store, false));
});

Deno.test("there and back again, a recount leaves no trace", async () => {
  const { followed } = await livedOn(6);
  await using _ = followed;
  const { store, ledger } = followed;
  ledger.recount(makeInfo(), followed.seconds());
  const before = segmentsOf(store);
  ledger.recount(makeInfo("profitwell"), followed.seconds());
  ledger.recount(makeInfo("stripe", { timeZone: "America/New_York" }), followed.seconds());
  ledger.recount(makeInfo(), followed.seconds());
  assert.deepEqual(segmentsOf(store), before);
});

Deno.test("with 30 % of answers failing the past is the same: a page that failed is read again", async () => {
  const company = createCompany({ now: NOW, customers: 150, seed: 7 });
  await using plain = follow({ simulator: createSimulator({ source: company.source }) });
  await plain.until(() => plain.store.status.historyDone, 3600);
  await using faulty = follow({
    simulator: createSimulator({ source: company.source, faults: { rate: 0.3, seed: 3 } }),
    limits: { attemptTimeoutMs: 2000 },
  });
  await faulty.until(() => faulty.store.status.historyDone, 7200);
  const upToNow = (store: SourceStore) =>
    [...store.standings()].map(({ sub }) => [
      sub.id,
      ...[NOW - 400 * DAY, NOW - 100 * DAY, NOW - 20 * DAY, NOW - 1]
        .map((at) => worthAt(store, sub.id, at)),
    ]).sort();
  assert.deepEqual(upToNow(faulty.store), upToNow(plain.store));
});
