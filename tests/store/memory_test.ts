import assert from "node:assert/strict";
import { createMemoryStore } from "../../src/store/memory.ts";
import { INFO, record, storeContract } from "./contract.ts";

storeContract("memory store", createMemoryStore);

Deno.test("memory store: two sources share nothing", () => {
  const one = createMemoryStore(INFO);
  const two = createMemoryStore({ ...INFO, livemode: true });
  record(one, {});
  one.setStatus({ phase: "live" });
  assert.equal(two.tally.customers(), 0);
  assert.equal(two.status.phase, "connecting");
});

Deno.test("memory store: objects that are not understood are kept up to 10,000, and those go on to be updated", () => {
  const store = createMemoryStore(INFO);
  for (let index = 0; index < 10_001; index++) {
    store.setUnreadable({ kind: "subscription", id: `sub_${index}`, problem: "first" });
  }
  assert.equal(store.unreadable().length, 10_000);
  store.setUnreadable({ kind: "subscription", id: "sub_7", problem: "second" });
  assert.equal(store.unreadable()[7]!.problem, "second");
});
