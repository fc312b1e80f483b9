/** What every database promises of the facts of a source. */
import assert from "node:assert/strict";
import { createDurableStore } from "../../src/store/durable.ts";
import type { Fact, FactKind, FactWriter, Snapshot } from "../../src/store/journal.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { INFO, record } from "./contract.ts";

export const OPTIONS = { exclusion: "", retentionDays: 1100, onFault: () => {} };

/** A source as a test sees it, whether the database answers at once or later. */
export interface KeptSource {
  readonly writer: FactWriter;
  facts(kind: FactKind): Promise<readonly Fact[]>;
  opening(): Promise<string | null>;
  snapshots(from: string, to: string): Promise<readonly Snapshot[]>;
  forget(): Promise<void>;
}

/** A database of its own for each rule. */
export interface KeptSources extends AsyncDisposable {
  source(name: string, mode: string): Promise<KeptSource>;
}

const product = (id: string, body: string | null = "{}"): Fact => ({ kind: "product", id, body });
const snapshot = (day: string, mrr: string): Snapshot => (
  { currency: "usd", day, mrr, customers: 1, movements: "{}" }
);

export function journalRules(
  name: string,
  open: () => Promise<KeptSources>,
  test: (name: string, run: () => Promise<void>) => void = Deno.test,
): void {
  function rule(
    sentence: string,
    run: (source: KeptSource, all: KeptSources) => Promise<void>,
  ): void {
    test(`${name}: ${sentence}`, async () => {
      await using all = await open();
      await run(await all.source("default", "test"), all);
    });
  }

  const idsOf = async (source: KeptSource, kind: FactKind) =>
    (await source.facts(kind)).map(({ id }) => id).sort();

  rule("nothing is written before publish, and all of it with it", async (source) => {
    const store = createDurableStore(createMemoryStore(INFO), source.writer, OPTIONS);
    record(store, { id: "sub_1" });
    record(store, { id: "sub_2" });
    assert.deepEqual(await idsOf(source, "subscription"), []);
    store.publish();
    await store.flushed();
    assert.deepEqual(await idsOf(source, "subscription"), ["sub_1", "sub_2"]);
    store.forget("sub_1");
    store.publish();
    await store.flushed();
    assert.deepEqual(await idsOf(source, "subscription"), ["sub_2"]);
  });

  rule("sources are apart by name and mode, and one is forgotten alone", async (test, all) => {
    const live = await all.source("default", "live");
    for (const { writer } of [test, live]) await writer.write([product("prod_1")], []);
    await test.forget();
    assert.deepEqual(await idsOf(test, "product"), []);
    assert.deepEqual(await idsOf(live, "product"), ["prod_1"]);
  });

  rule(
    "a fact is replaced by the next of its kind and id, and taken away by none",
    async (source) => {
      const { writer } = source;
      await writer.write([product("prod_1", '{"name":"A"}'), product("prod_2")], []);
      await writer.write([product("prod_1", '{"name":"B"}'), product("prod_2", null)], []);
      assert.deepEqual(await source.facts("product"), [product("prod_1", '{"name":"B"}')]);
    },
  );

  rule("an opening ends with any fact but of what the source is doing", async (source) => {
    const { writer } = source;
    await writer.write([product("prod_1")], []);
    assert.equal(await source.opening(), null);
    await writer.writeOpening('{"answers":{}}');
    await writer.write([{ kind: "status", id: "-", body: "{}" }], [snapshot("2026-10-01", "1")]);
    await writer.write([{ kind: "shown", id: "-", body: "{}" }], []);
    assert.equal(await source.opening(), '{"answers":{}}');
    await writer.write([{ kind: "status", id: "-", body: "{}" }, product("prod_2")], []);
    assert.equal(await source.opening(), null);
    await writer.writeOpening("second");
    assert.equal(await source.opening(), "second");
    await writer.write([product("prod_2", null)], []);
    assert.equal(await source.opening(), null, "a fact that is taken away is a change too");
  });

  rule("texts come back to the letter", async (source) => {
    const body = JSON.stringify({
      name: `Zoë's "plan" \\ {a,b} NULL \u0000 ☕ ${"x".repeat(70_000)}`,
    });
    await source.writer.write([product("prod_{,}\"'\\", body), product("NULL", "null")], []);
    assert.deepEqual(
      [...await source.facts("product")].sort((a, b) => a.id < b.id ? -1 : 1),
      [product("NULL", "null"), product("prod_{,}\"'\\", body)],
    );
  });

  rule("5,000 facts in one write are all there", async (source) => {
    const facts = Array.from({ length: 5_000 }, (_, index) => product(`prod_${index}`));
    await source.writer.write(facts, []);
    assert.equal((await source.facts("product")).length, 5_000);
  });

  rule("snapshots are read by days, the last written counts, and old ones go", async (source) => {
    const days = ["2026-10-01", "2026-10-02", "2026-10-03"];
    await source.writer.write([], days.map((day) => snapshot(day, "100")));
    await source.writer.write([], [snapshot("2026-10-02", "200/3")]);
    assert.deepEqual(
      await source.snapshots("2026-10-01", "2026-10-03"),
      [snapshot("2026-10-01", "100"), snapshot("2026-10-02", "200/3")],
    );
    await source.writer.forgetSnapshots("2026-10-03");
    assert.deepEqual(
      (await source.snapshots("2026-01-01", "2027-01-01")).map(({ day }) => day),
      ["2026-10-03"],
    );
  });
}
